//! The decisions about reports, sentence by sentence, and unions by property.

use proptest::prelude::*;

use super::stamps::stamp;
use super::*;

const ZONE: Tz = Tz::America__New_York;

fn at(minute: i64) -> Instant {
    Instant::parse("2026-04-22T13:00:00-04:00").unwrap().plus(Duration::minutes(minute))
}

fn session() -> (Instant, Instant) {
    (at(0), at(60))
}

fn row(name: &str, email: &str, from: i64, to: i64) -> Row {
    let exact = |minute: i64| Stamp::Exact(at(minute));
    Row {
        line: 1,
        meeting: 0,
        name: name.to_owned(),
        email: email.to_owned(),
        part: Part::Attendee,
        join: exact(from),
        leave: exact(to),
        total: None,
    }
}

fn minutes(rows: &[Row]) -> Vec<(String, i64)> {
    let (people, _) = gather(rows, Order::MonthFirst, ZONE, session());
    people.iter().map(|one| (one.name.clone(), one.minutes(session()))).collect()
}

#[test]
fn minutes_are_the_union_of_a_persons_joins_clipped_to_the_session() {
    let rejoins = [row("Ana", "ana@example.org", -10, 20), row("Ana", "ANA@example.org ", 30, 50), row("Ana", "ana@example.org", 45, 90)];
    assert_eq!(minutes(&rejoins), [("Ana".to_owned(), 50)]);
    let two_devices = [row("Ana", "ana@example.org", 0, 40), row("Ana (phone)", "ana@example.org", 10, 30)];
    assert_eq!(minutes(&two_devices), [("Ana".to_owned(), 40)]);
    let guests = [row("Ana Maria Lopez", "", 0, 20), row("Ana María  López", "", 30, 40), row("Brian", "", 0, 60)];
    assert_eq!(minutes(&guests), [("Ana Maria Lopez".to_owned(), 30), ("Brian".to_owned(), 60)]);
}

#[test]
fn a_program_that_takes_notes_is_never_the_person_whose_email_it_has() {
    let (ada, bot) = (row("Ada", "ada@example.org", 0, 20), row("Ada's Notetaker (Otter.ai)", "ada@example.org", 0, 60));
    let ours = [known("r1", "Ada Okonkwo", "ada@example.org")];
    for rows in [[ada.clone(), bot.clone()], [bot, ada]] {
        let (people, _) = gather(&rows, Order::MonthFirst, ZONE, session());
        let mut told: Vec<_> =
            people.iter().map(|one| (one.part, one.minutes(session()), matched(one, &by_email(&ours), None).0)).collect();
        told.sort_by_key(|(_, minutes, _)| *minutes);
        assert_eq!(told, [(Part::Attendee, 20, Standing::ByEmail), (Part::Bot, 60, Standing::LeftOut)]);
        assert_ne!(people[0].identity, people[1].identity);
    }
}

#[test]
fn guests_whose_names_may_be_anybodys_stay_apart_and_who_comes_back_is_one() {
    let of = |rows: &[(&str, i64, i64)]| -> Vec<i64> {
        let rows: Vec<Row> = rows.iter().map(|(name, from, to)| row(name, "", *from, *to)).collect();
        minutes(&rows).into_iter().map(|(_, minutes)| minutes).collect()
    };
    assert_eq!(of(&[("iPhone", 0, 10), ("iPhone", 20, 40)]), [10, 20]);
    assert_eq!(of(&[("15550001234", 0, 10), ("15550001234", 0, 10)]), [10, 10]);
    assert_eq!(of(&[("Ana Lopez", 0, 20), ("ana lópez", 20, 30), ("Ana Lopez", 40, 60)]), [50]);
    // Two at once: which of them came back later, nobody knows.
    assert_eq!(of(&[("Ana Lopez", 0, 20), ("Ana Lopez", 10, 30), ("Ana Lopez", 40, 60)]), [20, 20, 20]);
    let identities =
        |rows: &[Row]| -> Vec<String> { gather(rows, Order::MonthFirst, ZONE, session()).0.into_iter().map(|one| one.identity).collect() };
    let (early, late) = (row("iPad", "", 0, 10), row("iPad", "", 20, 30));
    let both = identities(&[early.clone(), late.clone()]);
    assert_eq!(identities(&[Row { leave: Stamp::Exact(at(50)), ..late }, early]), [both[1].clone(), both[0].clone()]);
    assert!(both.iter().all(|identity| identity::is_of_one_row(identity)));
}

#[test]
fn a_total_proves_what_must_lie_in_the_session_and_no_more() {
    // 70 of 75 minutes, of which 60 are the session's: 55 of them at least.
    assert_eq!((proven(70, 75, 60), proven(75, 75, 60), proven(10, 75, 60), proven(30, 40, 40)), (55, 60, 0, 30));
    let total = |minutes| Row { total: Some(minutes), ..row("Ana", "ana@example.org", -5, 70) };
    assert_eq!(minutes(&[total(70)]), [("Ana".to_owned(), 55)]);
    assert_eq!(minutes(&[total(75)]), [("Ana".to_owned(), 60)]);
    // The same name twice may have been there twice at once: the longer counts.
    assert_eq!(minutes(&[total(70), total(40)]), [("Ana".to_owned(), 55)]);
    let (people, _) = gather(&[total(70)], Order::MonthFirst, ZONE, session());
    assert!(people[0].is_at_least());
}

#[test]
fn a_row_whose_times_do_not_fit_is_said_by_its_line() {
    let backwards = Row { line: 7, ..row("Ana", "", 30, 10) };
    let endless = Row { line: 8, ..row("Bo", "", 0, 60 * 72) };
    let skipped = Row { line: 9, join: stamp("03/08/2026 02:30:00 AM").unwrap(), ..row("Cy", "", 0, 10) };
    let (people, unread) = gather(&[backwards, endless, skipped, row("Di", "", 0, 5)], Order::MonthFirst, ZONE, session());
    assert_eq!((people.len(), unread.iter().map(|(line, _)| *line).collect::<Vec<_>>()), (1, vec![7, 8, 9]));
}

#[test]
fn dates_are_read_the_way_that_fits_the_session() {
    let written = |from: &str, to: &str| Row { join: stamp(from).unwrap(), leave: stamp(to).unwrap(), ..row("Ana", "", 0, 0) };
    let session = (Instant::parse("2026-05-04T13:00:00-04:00").unwrap(), Instant::parse("2026-05-04T14:00:00-04:00").unwrap());
    assert_eq!(order_of(&[written("05/04/2026 01:00 PM", "05/04/2026 02:00 PM")], ZONE, session), Order::MonthFirst);
    assert_eq!(order_of(&[written("04/05/2026 13:00", "04/05/2026 14:00")], ZONE, session), Order::DayFirst);
}

#[test]
fn another_zone_is_offered_where_much_more_of_the_report_fits() {
    let written = |from: &str, to: &str| Row { join: stamp(from).unwrap(), leave: stamp(to).unwrap(), ..row("Ana", "", 0, 0) };
    let zones = [Tz::America__New_York, Tz::America__Chicago, Tz::UTC];
    let central = [written("04/22/2026 11:50:00 AM", "04/22/2026 01:05:00 PM")];
    assert_eq!(better_zone(&central, ZONE, &zones, session()), Some(Tz::America__Chicago));
    assert_eq!(better_zone(&central, Tz::America__Chicago, &zones, session()), None);
    let utc = [written("04/22/2026 05:00:00 PM", "04/22/2026 06:00:00 PM")];
    assert_eq!(better_zone(&utc, ZONE, &zones, session()), Some(Tz::UTC));
}

#[test]
fn of_several_meetings_the_one_that_lies_in_the_session_most_is_meant() {
    let of = |meeting: usize, from: i64, to: i64| Row { meeting, ..row("Ana", "ana@example.org", from, to) };
    let meant = |rows: &[Row]| meeting_of(rows, Order::MonthFirst, ZONE, session());
    assert_eq!(meant(&[of(0, -120, -60), of(1, -5, 20), of(1, 30, 65), of(2, 55, 120)]), 1);
    assert_eq!(meant(&[of(0, 0, 60), of(1, 0, 60), of(1, 10, 20)]), 1);
    assert_eq!(meant(&[of(0, 0, 60), of(1, 0, 60)]), 0);
    // The times of joining and leaving lie around it, whoever was there when.
    assert_eq!(meant(&[of(0, 0, 2), of(0, 50, 60), of(1, 0, 40), of(1, 0, 40)]), 0);
    assert_eq!(meant(&[]), 0);
}

fn known(id: &str, name: &str, email: &str) -> Known {
    Known {
        registration: RegistrationId::from(id.to_owned()),
        person: PersonId::from(id.to_owned()),
        code: id.to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        covers: true,
    }
}

fn somebody(name: &str, email: &str) -> Somebody {
    gather(&[row(name, email, 0, 60)], Order::MonthFirst, ZONE, session()).0.remove(0)
}

fn by_email(all: &[Known]) -> ByEmail<'_> {
    let mut map = ByEmail::new();
    for one in all {
        map.entry(one.email.as_str()).or_default().push(one);
    }
    map
}

#[test]
fn people_are_matched_by_email_and_everybody_doubtful_waits_for_staff() {
    let ours = [
        known("r1", "Ana Lopez", "ana@example.org"),
        known("r2", "Bo Chen", "desk@example.org"),
        known("r3", "Cy Dahl", "desk@example.org"),
    ];
    let find = |name: &str, email: &str| matched(&somebody(name, email), &by_email(&ours), None);
    let of = |standing, id: &str| (standing, Some(RegistrationId::from(id.to_owned())));
    assert_eq!(find("iPad", "Ana@Example.org"), of(Standing::ByEmail, "r1"));
    // Two of ours share an address: the name decides.
    assert_eq!(find("Bo Chen", "desk@example.org"), of(Standing::ByEmail, "r2"));
    assert_eq!(find("Front desk", "desk@example.org"), (Standing::Waiting, None));
    // A name alone is never enough.
    assert_eq!(find("Ana Lopez", ""), (Standing::Waiting, None));
    assert_eq!(find("Ana Lopez", "ana@home.example"), (Standing::Waiting, None));
    assert_eq!(find("Ana's Notetaker (Otter.ai)", "ana@example.org"), (Standing::LeftOut, None));
    let not_theirs = [Known { covers: false, ..known("r4", "Di Eck", "di@example.org") }];
    assert_eq!(matched(&somebody("Di Eck", "di@example.org"), &by_email(&not_theirs), None), (Standing::Waiting, None));
}

#[test]
fn what_staff_decided_comes_before_everything_else() {
    let ours = [known("r1", "Ana Lopez", "ana@example.org")];
    let other = Some(RegistrationId::from("r9".to_owned()));
    assert_eq!(matched(&somebody("Ana", "ana@example.org"), &by_email(&ours), Some(&other)), (Standing::ByStaff, other.clone()));
    assert_eq!(matched(&somebody("Ana", "ana@example.org"), &by_email(&ours), Some(&None)), (Standing::LeftOut, None));
}

#[test]
fn hosts_and_panelists_who_are_not_registered_are_left_out() {
    let ours = [known("r1", "Ana Lopez", "ana@example.org")];
    for part in [Part::Host, Part::Panelist] {
        let host = Somebody { part, ..somebody("Host Person", "host@example.org") };
        assert_eq!(matched(&host, &by_email(&ours), None), (Standing::LeftOut, None));
        let registered = Somebody { part, ..somebody("Ana", "ana@example.org") };
        assert_eq!(matched(&registered, &by_email(&ours), None).0, Standing::ByEmail);
    }
}

proptest! {
    #[test]
    fn joins_put_together_cover_the_same_minutes_in_whatever_order_they_come(
        stays in prop::collection::vec((-90i64..150, 0i64..90), 0..12)
    ) {
        let rows: Vec<Row> = stays.iter().map(|(from, length)| row("Ana", "ana@example.org", *from, from + length)).collect();
        let told = minutes(&rows).first().map_or(0, |(_, minutes)| *minutes);
        let there = |minute: &i64| stays.iter().any(|(from, length)| (*from..from + length).contains(minute));
        let counted = i64::try_from((0..60).filter(there).count()).unwrap();
        prop_assert_eq!(told, counted);
        let backwards: Vec<Row> = rows.iter().rev().cloned().collect();
        prop_assert_eq!(minutes(&backwards), minutes(&rows));
        let twice: Vec<Row> = rows.iter().chain(&rows).cloned().collect();
        prop_assert_eq!(minutes(&twice), minutes(&rows), "a device more counts nothing more");
    }

    #[test]
    fn a_total_never_proves_more_than_it_is_or_fits(total in 0i64..300, window in 0i64..300, inside in 0i64..300) {
        let inside = inside.min(window);
        let proven = proven(total.min(window), window, inside);
        prop_assert!((0..=inside).contains(&proven) && proven <= total);
    }
}
