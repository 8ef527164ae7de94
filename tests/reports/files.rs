//! The files: what stands in them when others' readers open them, who is left out, and that every one is on record.

use lanyard::audit;
use lanyard::db::Kind;
use lanyard::staff::Role;
use serde_json::Value;

use super::{BIRTHDAY, LICENSE, REPORTS, a, a_reported, earns, education, export, tells};
use crate::checkin::{ask, badge, body};
use crate::on_both;
use crate::support::app::tell;
use crate::support::builders::{a_congress, registrations};
use crate::support::sheets::{rows, texts};
use crate::support::visitor::Answer;

const NAMES: [(&str, &str); 4] =
    [("=HYPERLINK(\"http://evil\")", "王小明"), ("@SUM(A1)", "أحمد"), ("+1", "Zoë “Z”, Łukasz"), ("-2+3", "𠮷野家")];

#[track_caller]
fn is_named(answer: &Answer, name: &str) {
    assert_eq!(answer.header("content-disposition"), Some(format!("attachment; filename=\"{name}\"").as_str()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

on_both! {
    async fn the_file_for_pars_has_the_rows_of_its_template_and_tells_later_what_changed(app) {
        let event = a_reported(app, a_congress());
        let ada = a(app, &event, NAMES[0], "physician");
        let bare = a(app, &event, ("Bare", "Bones"), "physician");
        let nurse = a(app, &event, ("Nora", "Nurse"), "nurse");
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &ada, "ama", &[("B1", 75)]);
        earns(app, &event, &bare, "ama", &[("K1", 100)]);
        earns(app, &event, &nurse, "ancc", &[("K1", 100)]);
        tells(app, &ada, &[&LICENSE[..], &BIRTHDAY].concat());
        let staff = education(app, &event).await;
        let page = format!("{REPORTS}/pars");
        staff.open(&page).await.expect(200).says("Bare Bones").says("Month and day of birth, license number and state, specialty").says("Left out")
            .says("Reported without it").says_nothing_of("Nora");
        let made = export(&staff, &page, &[("format", "xlsx")]).await.expect(200);
        is_named(&made, "pars-congress-2026-2026-03-11.xlsx");
        let told = texts(&made.body, "xlsx");
        assert!(told[0][0].starts_with("Learner report"), "{told:?}");
        assert_eq!(told[1][..9], ["Record Action", "ACCME Activity ID", "Completion Date", "First Name", "Last Name", "Date of Birth", "Licensing State", "Licensing ID or NPI", "Number of CME Credits"]);
        assert_eq!(told[2][..9], ["Add", "202600001", "2026-03-09", NAMES[0].0, NAMES[0].1, "03/09", "FL", "ME12345", "0.75"]);
        assert_eq!(told.len(), 3, "{told:?}");
        // The same again would be a second credit.
        export(&staff, &page, &[("format", "xlsx")]).await.expect(303);
        staff.open(&page).await.says("There is nothing to export");
        earns(app, &event, &ada, "ama", &[("K1", 100)]);
        let made = export(&staff, &page, &[("format", "json")]).await.expect(200);
        let told: Value = serde_json::from_slice(&made.body).expect("JSON");
        let items = told["ACCMELearnerReports"]["ActivityReports"]["ActivityReport"].as_array().expect("items").clone();
        let brief = |item: &Value| (item["XtensibleInfo"]["LearnerRecordAction"].clone(), item["Activity"]["Module"]["CreditCertificate"][0]["CreditReceived"]["numberOfCredits"].clone());
        assert_eq!(items.iter().map(brief).collect::<Vec<_>>(), [("delete".into(), 0.75.into()), ("add".into(), 1.75.into())]);
        assert_eq!((&items[1]["Member"]["Name"]["FamilyName"], &items[1]["Activity"]["ProviderOrganization"]), (&"王小明".into(), &"0001234".into()));
        let again = export(&staff, &page, &[("format", "xlsx"), ("everything", "yes"), ("only", "MONDAY")]).await.expect(200);
        assert_eq!(texts(&again.body, "xlsx").len(), 3);
    }

    async fn the_roster_for_ce_broker_is_a_legacy_workbook_that_others_read(app) {
        let event = a_reported(app, a_congress());
        let (nora, part) = (a(app, &event, ("Nora", "Nurse"), "nurse"), a(app, &event, ("Pia", "Part"), "nurse"));
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &nora, "ancc", &[("K1", 100), ("B1", 100)]);
        earns(app, &event, &part, "ancc", &[("K1", 100)]);
        for who in [&nora, &part] {
            let licenses = [("license_state_1", "FL"), ("license_profession_1", "RN"), ("license_number_1", "RN9000"), ("license_state_2", "GA"), ("license_profession_2", "RN"), ("license_number_2", "RN777")];
            tells(app, who, &licenses);
        }
        let staff = education(app, &event).await;
        let page = format!("{REPORTS}/ce-broker");
        staff.open(&page).await.expect(200).says("CE Broker’s number of the provider is missing");
        export(&staff, &page, &[("format", "xls")]).await.expect(303);
        staff.open(&format!("{REPORTS}/settings")).await.expect(200);
        let wrong = [("ce_broker_provider", "50-12x"), ("ce_broker_states", "FL, Florida"), ("courses", "TUESDAY 1"), ("acknowledged_on", "2027-01-01")];
        staff.submit("/settings", &wrong).await.expect(422).says("at most nine digits").says("“FLORIDA” is no state").says("There is no activity TUESDAY").says("This day is not over yet");
        staff.submit("/settings", &[("ce_broker_provider", "50-1234"), ("ce_broker_states", "fl"), ("courses", ""), ("acknowledged_on", "")]).await.expect(303);
        // Who earned a part needs its subject area, or all would be taken as earned.
        staff.open(&page).await.says("Pia Part").says("Subject area of the activity").says_nothing_of("Nora");
        let made = export(&staff, &page, &[("format", "xls")]).await.expect(200);
        is_named(&made, "ce-broker-congress-2026-2026-03-11.xls");
        assert_eq!(made.header("content-type"), Some("application/vnd.ms-excel"));
        assert_eq!(texts(&made.body, "xls"), [["1234", "", "MONDAY", "", "RN9000", "2026-03-09", "State=FL", "Profession=RN"]]);
        staff.open(&format!("{REPORTS}/settings")).await.expect(200);
        staff.submit("/settings", &[("ce_broker_provider", "1234"), ("ce_broker_states", "FL GA"), ("courses", "MONDAY 20-777 PS1")]).await.expect(303);
        let made = export(&staff, &page, &[("format", "xls")]).await.expect(200);
        let told = texts(&made.body, "xls");
        // Nora's second license is new now, her first was told; Pia's part has its hours.
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0][..8], ["1234", "777", "", "", "RN777", "2026-03-09", "State=GA", "Profession=RN"]);
        assert_eq!(told[1][4..10], ["RN9000", "2026-03-09", "State=FL", "Profession=RN", "PS1", "1.0"]);
    }

    async fn attendance_is_exported_by_session_with_how_it_is_known_and_no_name_becomes_a_formula(app) {
        let event = a_reported(app, a_congress());
        let people: Vec<_> = NAMES.iter().map(|name| a(app, &event, *name, "nurse")).collect();
        let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        for (who, out) in [(&people[0], false), (&people[1], true)] {
            for (time, direction) in [("10:38", "in"), ("11:08", "out")].into_iter().take(if out { 2 } else { 1 }) {
                app.set_clock(&format!("2026-03-09T{time}:00-07:00"));
                let mut scan = body("door-B1", &badge(app, who));
                scan["direction"] = direction.into();
                ask(&door, scan).await;
            }
        }
        app.set_clock("2026-03-10T20:00:00-07:00");
        earns(app, &event, &people[2], "attendance", &[("B1", 100)]);
        let staff = education(app, &event).await;
        let made = export(&staff, REPORTS, &[("format", "csv"), ("only", "B1")]).await.expect(200);
        is_named(&made, "attendance-congress-2026-2026-03-10.csv");
        let text = String::from_utf8(made.body.clone()).expect("UTF-8");
        assert!(text.starts_with("\u{FEFF}session,title,day,registration,name,"), "{text}");
        let mut file = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
        let told: Vec<Vec<String>> = file.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
        let known = |given: &str| told.iter().find(|row| row[5] == given).map(|row| (row[10].as_str(), row[11].as_str()));
        assert_eq!(known("'=HYPERLINK(\"http://evil\")"), Some(("52", "scanned in, end assumed")), "{told:?}");
        assert_eq!((known("'@SUM(A1)"), known("'+1")), (Some(("30", "scanned")), Some(("60", "attested by the attendee"))));
        assert_eq!(told.len(), 3, "who was not seen is not in it: {told:?}");
        let made = export(&staff, REPORTS, &[("format", "xlsx")]).await.expect(200);
        let told = rows(&made.body, "xlsx");
        let row = told.iter().find(|row| row[5] == NAMES[0].0).expect("the name as it is, and no formula");
        assert_eq!((&row[2], &row[6], &row[10]), (&"2026-03-09".into(), &NAMES[0].1.into(), &52.into()));
    }

    async fn education_staff_filter_search_and_export_the_whole_event(app) {
        let event = a_reported(app, a_congress());
        let (done, open, late) = (a(app, &event, ("Dora", "Done"), "nurse"), a(app, &event, ("Olga", "Open"), "nurse"), a(app, &event, ("Lea", "Late"), "nurse"));
        a(app, &event, ("Anna", "Absent"), "nurse");
        let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        app.set_clock("2026-03-09T10:30:00-07:00");
        ask(&door, body("door-B1", &badge(app, &open))).await;
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &done, "ancc", &[("B1", 100)]);
        let staff = education(app, &event).await;
        let page = "/staff/events/congress-2026/credits/people";
        staff.open(page).await.expect(200).says("Everybody who attended (2)").says("Evaluated, not claimed (1)").says("Claimed something (1)").says("Past the deadline (0)");
        staff.open(&format!("{page}?show=unclaimed")).await.says("Olga Open").says_nothing_of("Dora").says("1–1 of 1");
        app.set_clock("2026-04-18T00:00:00-07:00");
        let (own, of) = (event.clone(), late.clone());
        app.must(move |tx| lanyard::credits::deadlines::ask(tx, &own, &of, "I was ill"));
        let staff = app.as_staff(Role::Education).await;
        staff.open(&format!("{page}?show=late")).await.says("Past the deadline (1)").says("Olga Open").says_nothing_of("Dora");
        let made = export(&staff, &format!("{page}?show=late"), &[("format", "csv")]).await.expect(200);
        is_named(&made, "people-congress-2026-2026-04-18.csv");
        let text = String::from_utf8(made.body.clone()).expect("UTF-8");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("Olga,Open") && text.contains("Not claimed,yes"), "{text}");
        let made = export(&staff, &format!("{page}?q=dora"), &[("format", "xlsx")]).await.expect(200);
        assert_eq!(texts(&made.body, "xlsx")[1][1..3], ["Dora", "Done"]);
    }

    async fn every_export_is_on_record_and_only_education_staff_make_one(app) {
        let event = a_reported(app, a_congress());
        let ada = a(app, &event, ("Ada", "Able"), "physician");
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &ada, "ama", &[("B1", 100)]);
        let staff = education(app, &event).await;
        export(&staff, REPORTS, &[("format", "csv"), ("only", "")]).await.expect(200);
        staff.open(REPORTS).await.expect(200).says("Attendance (csv)").says("1 row").says("Sam education");
        let entries = app.look(|db| audit::of_event(db, &event.id, 20));
        let entry = entries.iter().find(|entry| entry.action == "report.exported").expect("an entry");
        assert!(entry.facts.contains("\"rows\":1") && !entry.facts.contains("Able"), "{}", entry.facts);
        let auditor = app.as_staff_of(Role::Auditor, Some(event.id.clone())).await;
        auditor.open(REPORTS).await.expect(200);
        auditor.post(&format!("{REPORTS}/attendance/exports"), &[]).await.expect(403);
        auditor.post(&format!("{REPORTS}/pars/letters"), &[]).await.expect(403);
        app.as_staff(Role::Registrar).await.get(REPORTS).await.expect(403);
        staff.get(&format!("{REPORTS}/attendance")).await.expect(404);
        staff.open(REPORTS).await;
        staff.post(&format!("{REPORTS}/nonsense/exports"), &[]).await.expect(404);
        // A format that the report does not have is its usual one.
        let made = staff.post(&format!("{REPORTS}/attendance/exports"), &[("format", "json")]).await.expect(200);
        is_named(&made, "attendance-congress-2026-2026-03-11.xlsx");
    }
}

#[test]
fn more_people_than_are_read_at_once_stand_in_a_file_each_once() {
    tell(Kind::Sqlite, async |app| {
        let event = a_reported(app, a_congress().but("registration_types", "general", "capacity = 2000"));
        let people = registrations(app, &event, 520);
        app.set_clock("2026-03-11T09:00:00-07:00");
        for who in &people {
            earns(app, &event, who, "ancc", &[("K1", 100)]);
            tells(app, who, &[("license_state_1", "FL"), ("license_profession_1", "RN"), ("license_number_1", &who.code)]);
        }
        let staff = education(app, &event).await;
        staff.open(&format!("{REPORTS}/settings")).await;
        staff.submit("/settings", &[("ce_broker_provider", "1234"), ("courses", "MONDAY - PS1")]).await.expect(303);
        let made = export(&staff, &format!("{REPORTS}/ce-broker"), &[("format", "xls")]).await.expect(200);
        let mut told: Vec<String> = texts(&made.body, "xls").into_iter().map(|row| row[4].clone()).collect();
        told.sort();
        let mut codes: Vec<String> = people.iter().map(|who| who.code.clone()).collect();
        codes.sort();
        assert_eq!(told, codes);
        let made = export(&staff, "/staff/events/congress-2026/credits/people", &[("format", "xlsx")]).await.expect(200);
        assert_eq!(texts(&made.body, "xlsx").len(), 521);
    });
}
