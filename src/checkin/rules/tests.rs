//! The table of cases: one line a situation, with the answer the door gives.

use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(&format!("2026-03-09T{text}:00-07:00")).unwrap()
}

/// A door of an open session on Monday, 9:30 to 11:30.
fn door() -> Place {
    Place {
        kind: Kind::SessionDoor,
        in_only: true,
        event_name: "Patient Safety Congress".to_owned(),
        zone: Tz::America__Los_Angeles,
        sitting: Some(Sitting { title: "Opening".to_owned(), needs_seat: false, choosing_ends_at: at("10:30"), is_canceled: false }),
        windows: vec![(at("09:30"), at("11:30"))],
        refuses_unpaid: false,
        pickups: Vec::new(),
    }
}

fn seated_door() -> Place {
    Place {
        sitting: Some(Sitting { title: "B1".to_owned(), needs_seat: true, choosing_ends_at: at("10:30"), is_canceled: false }),
        ..door()
    }
}

fn pickup() -> Place {
    Place { kind: Kind::BadgePickup, sitting: None, ..door() }
}

fn reception() -> Place {
    Place { kind: Kind::SpecialEvent, sitting: None, ..door() }
}

fn strict(place: Place) -> Place {
    Place { refuses_unpaid: true, ..place }
}

fn two_way(place: Place) -> Place {
    Place { in_only: false, ..place }
}

fn holder() -> Holder {
    Holder { is_revoked: false, status: Status::Confirmed, owes: false, is_covered: true, seat: None, free_seats: None, here_since: None }
}

fn owing() -> Holder {
    Holder { owes: true, ..holder() }
}

fn enrolled() -> Holder {
    Holder { seat: Some(Seat::Enrolled), ..holder() }
}

fn waiting() -> Holder {
    Holder { seat: Some(Seat::Waitlisted), ..holder() }
}

fn here(holder: Holder) -> Holder {
    Holder { here_since: Some(at("10:00")), ..holder }
}

fn with_free(seats: i64) -> Holder {
    Holder { free_seats: Some(seats), ..holder() }
}

fn uncovered() -> Holder {
    Holder { is_covered: false, ..holder() }
}

fn asked(direction: Direction, time: &str) -> Asked {
    Asked { direction, at: at(time), is_overridden: false }
}

fn ask(place: &Place, holder: Holder) -> Decision {
    decide(place, &Seen::Badge(holder), &asked(Direction::In, "10:30"))
}

#[test]
fn every_situation_at_a_door_has_its_answer() {
    use Outcome as O;
    use Tone::{No, Wait, Yes};
    let revoked = Holder { is_revoked: true, ..enrolled() };
    let canceled = Holder { status: Status::Canceled, ..enrolled() };
    let pending = Holder { status: Status::Pending, ..holder() };
    let table: Vec<(&str, Place, Holder, Outcome, Tone, &str, bool)> = vec![
        ("an open session, covered", door(), holder(), O::Admitted, Yes, "ADMIT", true),
        ("an open session, not covered", door(), uncovered(), O::NotEnrolled, No, "NOT ON LIST", false),
        ("an open session, bought as an extra", door(), Holder { is_covered: false, ..enrolled() }, O::Admitted, Yes, "ADMIT", true),
        ("a seat is needed and there", seated_door(), enrolled(), O::Admitted, Yes, "ADMIT", true),
        ("a seat is needed, waitlisted", seated_door(), waiting(), O::Waitlisted, Wait, "WAITING", false),
        ("a seat is needed, none taken, some free", seated_door(), with_free(3), O::NotEnrolled, No, "NOT ON LIST", false),
        ("a seat is needed, none free", seated_door(), with_free(0), O::Full, No, "FULL", false),
        ("a seat is needed, overfull since the capacity was lowered", seated_door(), with_free(-2), O::Full, No, "FULL", false),
        ("a paid workshop, not bought", seated_door(), uncovered(), O::NotEnrolled, No, "NOT ON LIST", false),
        ("a second scan at an in-only door", seated_door(), here(enrolled()), O::AlreadyIn, Yes, "WELCOME BACK", true),
        ("a second scan where people scan out", two_way(seated_door()), here(enrolled()), O::AlreadyIn, Wait, "ALREADY IN", true),
        ("unpaid, let in", door(), owing(), O::Unpaid, Wait, "ADMIT", true),
        ("unpaid, refused", strict(door()), owing(), O::Unpaid, No, "UNPAID", false),
        ("unpaid and inside", door(), here(owing()), O::AlreadyIn, Yes, "WELCOME BACK", true),
        (
            "unpaid and not enrolled: the seat comes first",
            seated_door(),
            Holder { owes: true, ..with_free(1) },
            O::NotEnrolled,
            No,
            "NOT ON LIST",
            false,
        ),
        ("a replaced badge", seated_door(), revoked, O::Revoked, No, "OLD BADGE", false),
        ("a canceled registration", seated_door(), canceled, O::Canceled, No, "CANCELED", false),
        ("a registration that waits for approval", pickup(), pending, O::NotEnrolled, No, "NOT ON LIST", false),
        ("a badge is picked up", pickup(), holder(), O::Admitted, Yes, "HAND OVER", true),
        ("a badge is picked up again", pickup(), here(holder()), O::AlreadyIn, Wait, "PICKED UP", false),
        ("a badge is picked up unpaid", pickup(), owing(), O::Unpaid, Wait, "HAND OVER", true),
        ("a badge is picked up unpaid where that is refused", strict(pickup()), owing(), O::Unpaid, No, "UNPAID", false),
        ("a reception without a session", reception(), uncovered(), O::Admitted, Yes, "ADMIT", true),
        ("a reception again", reception(), here(holder()), O::AlreadyIn, Yes, "WELCOME BACK", true),
    ];
    for (case, place, holder, outcome, tone, word, lets_pass) in table {
        let told = ask(&place, holder);
        assert_eq!((told.outcome, told.tone, told.word, told.lets_pass), (outcome, tone, word, lets_pass), "{case}: {told:?}");
        assert!(told.message.ends_with('.') && told.message.len() > 6, "{case}");
    }
}

#[test]
fn forged_damaged_foreign_and_missing_codes_each_have_their_own_message() {
    let told: Vec<Decision> = [Seen::Forged, Seen::Damaged, Seen::Foreign, Seen::Missing]
        .iter()
        .map(|seen| decide(&door(), seen, &asked(Direction::In, "10:30")))
        .collect();
    assert!(told.iter().all(|told| told.outcome == Outcome::Unknown && told.tone == Tone::No && !told.lets_pass));
    let messages: std::collections::BTreeSet<&str> = told.iter().map(|told| told.message.as_str()).collect();
    assert_eq!(messages.len(), 4);
    let other = decide(&door(), &Seen::OtherEvent, &asked(Direction::In, "10:30"));
    assert_eq!(other.outcome, Outcome::WrongEvent);
    assert!(other.message.contains("Patient Safety Congress"));
}

#[test]
fn outside_its_times_a_door_says_when_it_opens_or_closed() {
    let early = decide(&door(), &Seen::Badge(holder()), &asked(Direction::In, "09:29"));
    assert_eq!((early.outcome, early.tone), (Outcome::OutsideWindow, Tone::Wait));
    assert_eq!(early.message, "This opens Mon 9 Mar 2026, 9:30 AM Pacific. Ask the person to come back then.");
    assert_eq!(decide(&door(), &Seen::Badge(holder()), &asked(Direction::In, "09:30")).outcome, Outcome::Admitted);
    let late = decide(&door(), &Seen::Badge(holder()), &asked(Direction::In, "11:30"));
    assert_eq!(late.message, "This closed Mon 9 Mar 2026, 11:30 AM Pacific. Send the person to the registration desk.");
    let always = Place { windows: Vec::new(), ..door() };
    assert_eq!(decide(&always, &Seen::Badge(holder()), &asked(Direction::In, "03:00")).outcome, Outcome::Admitted);
}

#[test]
fn a_closed_pick_up_names_the_place_that_is_open() {
    let desk = |place: &str, opens: &str, closes: &str, audience: &str| Pickup {
        place: place.to_owned(),
        opens_at: at(opens),
        closes_at: at(closes),
        audience: audience.to_owned(),
    };
    let pickups = vec![desk("Foyer", "07:00", "09:00", "Workshops"), desk("Hall A", "12:00", "18:00", "")];
    let place = Place { pickups, ..pickup() };
    let told = |time| decide(&place, &Seen::Badge(holder()), &asked(Direction::In, time)).message;
    assert!(told("08:00").ends_with("Badges are given out at Foyer (Workshops) until 9:00 AM."), "{}", told("08:00"));
    assert!(told("11:45").ends_with("Badges are given out at Hall A from Mon 9 Mar 2026, 12:00 PM Pacific."), "{}", told("11:45"));
}

#[test]
fn free_seats_are_told_with_what_can_still_be_done() {
    let told = |time, seats| decide(&seated_door(), &Seen::Badge(with_free(seats)), &asked(Direction::In, time)).message;
    assert!(told("10:29", 3).contains("3 seats are free: choosing one on a phone"));
    assert!(told("10:30", 1).contains("One seat is free, but choosing has ended"));
}

#[test]
fn a_canceled_session_lets_nobody_in() {
    let place = Place {
        sitting: Some(Sitting { title: "B1".to_owned(), needs_seat: true, choosing_ends_at: at("10:30"), is_canceled: true }),
        ..door()
    };
    let told = ask(&place, enrolled());
    assert_eq!(told.outcome, Outcome::OutsideWindow);
    assert!(told.message.contains("canceled"));
}

#[test]
fn an_override_opens_the_door_but_makes_no_badge_valid() {
    let over = |place: &Place, seen: Seen| decide(place, &seen, &Asked { is_overridden: true, ..asked(Direction::In, "10:30") });
    for refused in [with_free(0), with_free(4), waiting(), uncovered()] {
        let told = over(&seated_door(), Seen::Badge(refused));
        assert_eq!((told.outcome, told.lets_pass, told.mark), (Outcome::Admitted, true, Some(Direction::In)));
    }
    assert_eq!(over(&strict(door()), Seen::Badge(owing())).outcome, Outcome::Admitted);
    let early = decide(&door(), &Seen::Badge(holder()), &Asked { is_overridden: true, ..asked(Direction::In, "08:00") });
    assert_eq!(early.outcome, Outcome::Admitted);
    for (seen, outcome) in [
        (Seen::Badge(Holder { status: Status::Canceled, ..holder() }), Outcome::Canceled),
        (Seen::Badge(Holder { is_revoked: true, ..holder() }), Outcome::Revoked),
        (Seen::OtherEvent, Outcome::WrongEvent),
        (Seen::Forged, Outcome::Unknown),
    ] {
        let told = over(&door(), seen);
        assert_eq!((told.outcome, told.lets_pass), (outcome, false));
    }
}

#[test]
fn the_way_out_is_refused_to_nobody_who_is_ours() {
    let late_and_unpaid = here(owing());
    let told = decide(&strict(two_way(seated_door())), &Seen::Badge(late_and_unpaid), &asked(Direction::Out, "13:00"));
    assert_eq!((told.outcome, told.word, told.mark), (Outcome::Admitted, "OUT", Some(Direction::Out)));
    let unseen = decide(&two_way(seated_door()), &Seen::Badge(enrolled()), &asked(Direction::Out, "11:00"));
    assert!(unseen.message.contains("No scan on the way in"));
    let canceled = Holder { status: Status::Canceled, ..here(enrolled()) };
    assert_eq!(decide(&two_way(seated_door()), &Seen::Badge(canceled), &asked(Direction::Out, "11:00")).mark, Some(Direction::Out));
}

#[test]
fn presence_is_marked_when_somebody_comes_into_a_session_and_only_then() {
    let mark = |place: &Place, holder: Holder| ask(place, holder).mark;
    assert_eq!(mark(&door(), holder()), Some(Direction::In));
    assert_eq!(mark(&door(), owing()), Some(Direction::In));
    for unmarked in [mark(&pickup(), holder()), mark(&reception(), holder()), mark(&door(), here(holder())), mark(&strict(door()), owing())]
    {
        assert_eq!(unmarked, None);
    }
    let earlier = decide(&door(), &Seen::Badge(here(holder())), &asked(Direction::In, "09:45"));
    assert_eq!((earlier.outcome, earlier.mark), (Outcome::AlreadyIn, Some(Direction::In)));
}

#[test]
fn a_clock_that_is_a_day_off_does_not_move_the_scan() {
    let now = at("10:30");
    let day = Duration::days(1);
    assert_eq!(time_of_scan(None, 0, now, false), (now, None));
    assert_eq!(time_of_scan(Some(at("10:20")), 0, now, false), (at("10:20"), None));
    assert_eq!(time_of_scan(Some(at("10:20")), 300_000, now, false), (at("10:25"), None));
    assert_eq!(time_of_scan(Some(at("10:31")), 0, now, false), (now, None));
    for (sent, offline) in [(now.plus(day), false), (now.plus(day), true), (now.minus(day), false)] {
        let (kept, doubt) = time_of_scan(Some(sent), 0, now, offline);
        assert_eq!(kept, now);
        assert!(doubt.is_some());
    }
    let (kept, doubt) = time_of_scan(Some(now.minus(day)), 0, now, true);
    assert_eq!(kept, now.minus(day));
    assert!(doubt.is_some());
    assert_eq!(time_of_scan(Some(now.minus(day)), 86_400_000, now, false), (now, None));
}
