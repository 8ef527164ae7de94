//! The tables behind the decisions about reports.

use super::progress::{Cycle, GOALS, Progress};
use super::rows::{self, Evidence};
use super::*;
use crate::sheets::Cell;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn activity(id: &str) -> ActivityId {
    ActivityId::from(id.to_owned())
}

fn earned(id: &str, code: Code, hundredths: i64) -> Earned {
    Earned { activity: activity(id), code, hundredths, completed_at: at("2026-03-10T23:30:00-07:00") }
}

fn license(state: &str, profession: &str) -> License {
    License { state: state.to_owned(), profession: profession.to_owned(), number: format!("{profession}12345") }
}

fn learner(earned: Vec<Earned>) -> Learner {
    Learner {
        registration: RegistrationId::from("r".to_owned()),
        person: PersonId::from("p".to_owned()),
        code: "REG-7K3M9P".to_owned(),
        given_name: "=Zoë".to_owned(),
        family_name: "王".to_owned(),
        profession: "physician".to_owned(),
        licenses: vec![license("FL", "MD")],
        npi: String::new(),
        specialty: "Surgery".to_owned(),
        identity: Identity { nabp_id: Some("123456".to_owned()), birth_day: BirthDay::read("3", "9") },
        earned,
        reported: BTreeMap::new(),
    }
}

fn setting() -> Setting {
    let whole = Activity {
        code: "MONDAY".to_owned(),
        title: "The congress".to_owned(),
        pars_id: "202600001".to_owned(),
        uan: "0999-9999-26-101-L05-P".to_owned(),
        maximum: 300,
        ends_on: day("2026-03-10"),
        ..Activity::default()
    };
    Setting {
        provider: "Quay Institute".to_owned(),
        accme_number: "0001234".to_owned(),
        acpe_number: "0999".to_owned(),
        ce_broker_provider: "12345".to_owned(),
        ce_broker_states: Vec::new(),
        activities: [(activity("a"), whole.clone()), (activity("b"), Activity { pars_id: String::new(), code: "B".to_owned(), ..whole })]
            .into(),
    }
}

const ZONE: chrono_tz::Tz = chrono_tz::Tz::America__Los_Angeles;

fn texts(cells: &[Cell]) -> Vec<String> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        Cell::Hundredths(hundredths) => format!("{hundredths}/100"),
        Cell::Day(day) => day.to_string(),
    };
    cells.iter().map(text).collect()
}

#[test]
fn who_lacks_what_a_report_needs_is_known_by_name_of_the_thing() {
    let bare = |code| Learner {
        licenses: Vec::new(),
        specialty: String::new(),
        identity: Identity::default(),
        ..learner(vec![earned("a", code, 300)])
    };
    for (kind, code, expected) in [
        (Kind::Pars, Code::Ama, vec![Lack::BirthDay, Lack::License, Lack::Specialty]),
        (Kind::CeBroker, Code::Ancc, vec![Lack::License]),
        (Kind::CpeMonitor, Code::Acpe, vec![Lack::NabpId, Lack::BirthDay]),
        // Whom a report does not concern lacks nothing for it.
        (Kind::Pars, Code::Ancc, vec![]),
        (Kind::CpeMonitor, Code::Ama, vec![]),
        (Kind::CeBroker, Code::Attendance, vec![]),
    ] {
        assert_eq!(lacks(kind, &bare(code), &setting()), expected, "{kind} {code}");
        assert!(told(kind, &bare(code), &setting(), true).is_empty(), "{kind} {code}");
    }
    let with_npi = Learner { npi: "1234567893".to_owned(), identity: learner(Vec::new()).identity, ..bare(Code::Ama) };
    assert_eq!(lacks(Kind::Pars, &with_npi, &setting()), [Lack::Specialty], "an NPI stands for the license");
    assert_eq!(told(Kind::Pars, &with_npi, &setting(), false).len(), 1, "a missing specialty holds nothing up");
}

#[test]
fn a_file_tells_what_is_new_or_changed_since_the_last_one() {
    for (told, now, expected) in [
        (None, Some(175), vec![(Action::Add, 175)]),
        (Some(175), Some(175), vec![]),
        (Some(175), Some(300), vec![(Action::Delete, 175), (Action::Add, 300)]),
        (Some(175), None, vec![(Action::Delete, 175)]),
        (None, None, vec![]),
    ] {
        assert_eq!(changes(told, now), expected, "{told:?} {now:?}");
    }
    let mut changed = learner(vec![earned("a", Code::Ama, 300)]);
    let key = |kind, activity, target: &str| (kind, activity, target.to_owned());
    changed.reported.insert(key(Kind::Pars, activity("a"), ""), Some(175));
    changed.reported.insert(key(Kind::CeBroker, activity("a"), "FL MD"), Some(175));
    let actions = |kind, everything| told(kind, &changed, &setting(), everything).iter().map(|one| one.action).collect::<Vec<_>>();
    assert_eq!(actions(Kind::Pars, false), [Action::Delete, Action::Add]);
    assert_eq!(actions(Kind::Pars, true), [Action::Add]);
    // A posted roster cannot be edited: staff are told.
    assert_eq!((actions(Kind::CeBroker, false), to_correct(Kind::CeBroker, &changed)), (vec![], 1));
    assert_eq!(to_correct(Kind::Pars, &changed), 0);
}

#[test]
fn an_activity_that_the_accreditor_does_not_know_is_not_told_of() {
    let both = learner(vec![earned("a", Code::Ama, 300), earned("b", Code::Ama, 300)]);
    let told = told(Kind::Pars, &both, &setting(), false);
    assert_eq!(told.iter().map(|one| one.activity.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(setting().lacks(Kind::Pars), ["Activity B has no PARS id."]);
}

#[test]
fn a_row_of_pars_has_the_columns_of_its_template() {
    let ada = learner(vec![earned("a", Code::Ama, 175)]);
    let told = told(Kind::Pars, &ada, &setting(), false);
    let row = texts(&rows::pars(&ada, &told[0], &setting(), ZONE));
    assert_eq!(row, ["Add", "202600001", "2026-03-10", "=Zoë", "王", "03/09", "FL", "MD12345", "175/100"]);
    assert_eq!(rows::PARS_COLUMNS[8], "Number of CME Credits");
    let item = rows::pars_json(&ada, &told[0], &setting(), ZONE);
    assert_eq!(item["Member"]["PersonalInfo"]["BirthDate"], "03-09");
    let module = &item["Activity"]["Module"];
    // With its offset: without one it would be taken as US Central, which is the next day already.
    assert_eq!(
        (module["ModuleName"]["moduleID"].as_str(), module["CompletedDateTime"].as_str()),
        (Some("202600001"), Some("2026-03-10T23:30:00-07:00"))
    );
    let certificate = &module["CreditCertificate"][0];
    assert_eq!(certificate["CreditReceived"]["numberOfCredits"], 1.75);
    assert_eq!(
        (certificate["UniqueID"]["domain"].as_str(), certificate["CreditID"].as_str()),
        (Some("FL"), Some("ccid:0001234:REG-7K3M9P-MONDAY"))
    );
    assert_eq!(item["XtensibleInfo"]["LearnerRecordAction"], "add");
}

#[test]
fn a_row_of_ce_broker_stands_by_position_and_part_of_the_credit_has_its_subject_area() {
    let mut setting = setting();
    let nurse = learner(vec![earned("a", Code::Ancc, 300), earned("a", Code::Ipce, 250), earned("a", Code::Attendance, 300)]);
    let all = told(Kind::CeBroker, &nurse, &setting, false);
    assert_eq!(all.len(), 1);
    let expected = ["12345", "", "MONDAY", "", "MD12345", "2026-03-10", "State=FL", "Profession=MD"];
    assert_eq!(texts(&rows::ce_broker(&all[0], &setting, ZONE)), expected);
    // Without a subject area part of the credit would be taken as all of it, so it is held back.
    let part = learner(vec![earned("a", Code::Ancc, 175)]);
    assert_eq!((lacks(Kind::CeBroker, &part, &setting), told(Kind::CeBroker, &part, &setting, false)), (vec![Lack::SubjectArea], vec![]));
    let known = setting.activities.get_mut(&activity("a")).unwrap();
    (known.subject_area, known.course) = ("PS1".to_owned(), "777".to_owned());
    let row = rows::ce_broker(&told(Kind::CeBroker, &part, &setting, false)[0], &setting, ZONE);
    assert_eq!(texts(&row)[1..3], ["777", ""]);
    assert_eq!(texts(&row)[8..], ["PS1", "175/100"]);
}

#[test]
fn ce_broker_is_told_of_each_license_in_the_states_that_take_it() {
    let mut setting = setting();
    let two = Learner { licenses: vec![license("FL", "RN"), license("CA", "RN")], ..learner(vec![earned("a", Code::Ancc, 300)]) };
    assert_eq!(told(Kind::CeBroker, &two, &setting, false).len(), 2);
    setting.ce_broker_states = vec!["FL".to_owned()];
    let states: Vec<String> = told(Kind::CeBroker, &two, &setting, false).iter().map(Told::target).collect();
    assert_eq!(states, ["FL RN"]);
    setting.ce_broker_states = vec!["GA".to_owned()];
    assert!(told(Kind::CeBroker, &two, &setting, false).is_empty() && lacks(Kind::CeBroker, &two, &setting).is_empty());
}

#[test]
fn a_row_of_cpe_monitor_knows_the_person_by_profile_and_birthday_alone() {
    let one = learner(vec![earned("a", Code::Acpe, 100)]);
    let told = told(Kind::CpeMonitor, &one, &setting(), false);
    let row = texts(&rows::cpe_monitor(&one, &told[0], &setting(), ZONE));
    assert_eq!(row, ["0999", "123456", "0309", "0999-9999-26-101-L05-P", "2026-03-10", "I"]);
}

#[test]
fn details_are_erased_half_a_year_after_reporting_is_over() {
    for (acknowledged, expected) in [(None, "2026-11-09"), (Some("2026-05-20"), "2026-11-20"), (Some("2026-04-30"), "2026-10-30")] {
        assert_eq!(erase_on(day("2026-03-10"), acknowledged.map(day)), day(expected), "{acknowledged:?}");
    }
}

#[test]
fn what_people_type_is_checked_before_it_is_kept() {
    for (month, of, fits) in [
        ("2", "29", true),
        ("02", "30", false),
        ("13", "1", false),
        ("4", "31", false),
        ("12", "31", true),
        ("", "1", false),
        ("x", "1", false),
        ("-1", "1", false),
    ] {
        assert_eq!(BirthDay::read(month, of).is_some(), fits, "{month}/{of}");
    }
    for (npi, fits) in [
        ("1234567893", true),
        ("1234567890", false),
        ("123456789", false),
        ("12345678931", false),
        ("１２３４５６７８９３", false),
        ("", false),
    ] {
        assert_eq!(is_npi(npi), fits, "{npi}");
    }
    for (id, fits) in [("123456", true), ("1234567", true), ("1234", false), ("12345x", false), ("", false)] {
        assert_eq!(is_nabp_id(id), fits, "{id}");
    }
    assert!(is_state("FL") && is_state("PR") && !is_state("F") && !is_state("fl") && !is_state("L A"));
}

#[test]
fn a_file_is_named_by_report_event_and_day() {
    assert_eq!(file_name(Kind::CeBroker, "congress-2026", day("2026-04-20"), Format::Xls), "ce-broker-congress-2026-2026-04-20.xls");
    assert_eq!(file_name(Kind::Pars, "a\"b/../c", day("2026-04-20"), Format::Json), "pars-abc-2026-04-20.json");
}

#[test]
fn evidence_is_named_by_what_counts() {
    for (marks, corrected, assumed, staff, expected) in [
        (true, false, false, false, Evidence::Scanned),
        (true, false, true, false, Evidence::EndAssumed),
        (true, true, true, false, Evidence::Corrected),
        (false, false, false, false, Evidence::Attested),
        (false, false, false, true, Evidence::AttestedByStaff),
    ] {
        assert_eq!(rows::evidence(marks, corrected, assumed, staff), expected);
    }
}

#[test]
fn a_cycle_ends_with_the_month_for_cpps_and_with_the_year_for_cphq_unless_one_is_named() {
    let [cpps, cphq] = GOALS;
    let cycle = |from: &str, until: &str| Cycle { from: day(from), until: day(until) };
    assert_eq!(cpps.cycle(None, day("2026-04-20")), cycle("2023-05-01", "2026-04-30"));
    assert_eq!(cpps.cycle(None, day("2026-12-31")), cycle("2024-01-01", "2026-12-31"));
    assert_eq!(cphq.cycle(None, day("2026-04-20")), cycle("2025-01-01", "2026-12-31"));
    assert_eq!(cpps.cycle(Some(day("2024-02-29")), day("2026-04-20")), cycle("2024-02-29", "2027-02-27"));
    assert_eq!(cphq.cycle(Some(day("2026-01-01")), day("2026-04-20")), cycle("2026-01-01", "2027-12-31"));
}

#[test]
fn hours_count_toward_their_own_certification_and_within_its_cycle_alone() {
    let [cpps, _] = GOALS;
    let cycle = cpps.cycle(None, day("2026-04-20"));
    let credit = [
        (Code::Cpps, day("2023-04-30"), &1_000),
        (Code::Cpps, day("2023-05-01"), &1_000),
        (Code::Cpps, day("2026-03-10"), &1_250),
        (Code::Cphq, day("2026-03-10"), &900),
    ];
    let progress = Progress::of(cpps, cycle, credit);
    assert_eq!((progress.hundredths, progress.missing(), progress.thousandths()), (2_250, 2_250, 500));
    let done = Progress { hundredths: 9_000, ..progress };
    assert_eq!((done.missing(), done.thousandths()), (0, 1000));
}
