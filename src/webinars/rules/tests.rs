//! The decisions about webinars, sentence by sentence.

use super::*;

fn at(time: &str) -> Instant {
    Instant::parse(&format!("2026-04-22T{time}-04:00")).unwrap()
}

fn day(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn facts(now: &str) -> Facts {
    Facts {
        now: at(now),
        starts_at: at("13:00:00"),
        ends_at: at("14:00:00"),
        is_session_canceled: false,
        registration: Status::Confirmed,
        is_theirs: true,
        is_link_replaced: false,
        has_platform: true,
    }
}

#[test]
fn a_webinar_opens_fifteen_minutes_before_its_start_and_closes_with_its_end() {
    let opens_at = at("12:45:00");
    for (now, answer) in [
        ("08:00:00", Err(Refusal::TooEarly { opens_at })),
        ("12:44:59", Err(Refusal::TooEarly { opens_at })),
        ("12:45:00", Ok(())),
        ("13:30:00", Ok(())),
        ("13:59:59", Ok(())),
        ("14:00:00", Err(Refusal::Over)),
    ] {
        assert_eq!(may_join(&facts(now)), answer, "{now}");
    }
}

#[test]
fn a_link_opens_nothing_when_it_was_replaced_or_its_registration_does_not_stand() {
    let open = facts("13:00:00");
    assert_eq!(may_join(&Facts { is_link_replaced: true, ..open }), Err(Refusal::LinkReplaced));
    assert_eq!(may_join(&Facts { registration: Status::Canceled, ..open }), Err(Refusal::RegistrationEnded));
    assert_eq!(may_join(&Facts { registration: Status::Pending, ..open }), Err(Refusal::RegistrationEnded));
    assert_eq!(may_join(&Facts { is_theirs: false, ..open }), Err(Refusal::NotTheirs));
    assert_eq!(may_join(&Facts { is_session_canceled: true, ..open }), Err(Refusal::SessionCanceled));
    assert_eq!(may_join(&Facts { has_platform: false, ..open }), Err(Refusal::NoPlatform));
    // Whoever holds a dead link learns nothing of the webinar.
    assert_eq!(may_join(&Facts { is_link_replaced: true, is_session_canceled: true, ..facts("15:00:00") }), Err(Refusal::LinkReplaced));
}

#[test]
fn letters_are_due_seven_days_one_day_and_one_hour_before_each_once() {
    use Occasion::{Day, Hour, Week};
    let start = at("13:00:00");
    let due = |now: &str, had: &[Occasion]| letter_due(day(now), start, &had.iter().map(|occasion| (*occasion, start)).collect::<Vec<_>>());
    assert_eq!(due("2026-04-15T12:59:59-04:00", &[]), None);
    assert_eq!(due("2026-04-15T13:00:00-04:00", &[]), Some(Week));
    assert_eq!(due("2026-04-18T13:00:00-04:00", &[Week]), None);
    assert_eq!(due("2026-04-21T13:00:00-04:00", &[Week]), Some(Day));
    assert_eq!(due("2026-04-22T11:00:00-04:00", &[Week, Day]), None);
    assert_eq!(due("2026-04-22T12:00:00-04:00", &[Week, Day]), Some(Hour));
    assert_eq!(due("2026-04-22T12:30:00-04:00", &[Week, Day, Hour]), None);
    assert_eq!(due("2026-04-22T13:00:00-04:00", &[]), None);
}

#[test]
fn who_registers_late_gets_the_letter_of_that_time_alone() {
    let start = at("13:00:00");
    assert_eq!(letter_due(day("2026-04-19T09:00:00-04:00"), start, &[]), Some(Occasion::Week));
    assert_eq!(letter_due(day("2026-04-22T12:40:00-04:00"), start, &[]), Some(Occasion::Hour));
    assert_eq!(letter_due(day("2026-04-22T12:45:00-04:00"), start, &[(Occasion::Hour, start)]), None);
}

#[test]
fn a_moved_webinar_is_told_again_for_its_new_start_and_back_again() {
    let (start, later) = (at("13:00:00"), at("15:00:00"));
    let now = day("2026-04-21T14:00:00-04:00");
    let had = [(Occasion::Week, start), (Occasion::Day, start)];
    assert!(is_moved(later, &had) && !is_moved(start, &had) && !is_moved(start, &[]));
    // 25 hours before the new start the letter of the week is the one in force.
    assert_eq!(letter_due(now, later, &had), Some(Occasion::Week));
    let had = [had[0], had[1], (Occasion::Week, later)];
    assert_eq!(letter_due(now, later, &had), None);
    assert_eq!(letter_due(now, start, &had), Some(Occasion::Day));
}

#[test]
fn a_replaced_link_does_not_stand_for_a_letter_that_is_due() {
    let start = at("13:00:00");
    let had = [(Occasion::Week, start), (Occasion::Again, start)];
    assert_eq!(letter_due(day("2026-04-18T13:00:00-04:00"), start, &had), None);
    assert_eq!(letter_due(day("2026-04-21T13:00:00-04:00"), start, &had), Some(Occasion::Day));
}

#[test]
fn the_time_left_is_told_in_two_units_and_never_too_much() {
    let words = |now: &str| left_words(at("12:45:00"), day(now));
    assert_eq!(words("2026-04-18T10:00:00-04:00"), "in 4 days 2 hours");
    assert_eq!(words("2026-04-21T12:45:00-04:00"), "in 1 day");
    assert_eq!(words("2026-04-22T09:44:00-04:00"), "in 3 hours 1 minute");
    assert_eq!(words("2026-04-22T12:31:10-04:00"), "in 13 minutes");
    assert_eq!(words("2026-04-22T12:44:10-04:00"), "in less than a minute");
}

#[test]
fn a_waiting_page_comes_again_at_the_opening_and_rarely_before() {
    let again = |now: &str| look_again_after(at("12:45:00"), at(now));
    assert_eq!([again("08:00:00"), again("12:00:00"), again("12:44:00"), again("12:44:59")], [600, 60, 61, 2]);
}

#[test]
fn a_start_is_told_in_the_zones_of_most_people() {
    let zone = Tz::America__New_York;
    assert_eq!(elsewhere(at("13:00:00"), zone), ["12:00 PM Central", "11:00 AM Mountain", "10:00 AM Pacific"]);
    assert_eq!(in_zone(at("21:00:00"), zone, Tz::Europe__Berlin), "Thu 23 Apr 2026, 3:00 AM Berlin time");
    assert_eq!(begins_words(at("13:00:00"), at("12:00:00"), zone), "today at 1:00 PM Eastern");
    assert_eq!(begins_words(at("13:00:00"), day("2026-04-21T13:00:00-04:00"), zone), "tomorrow at 1:00 PM Eastern");
    assert_eq!(begins_words(at("13:00:00"), day("2026-04-15T13:00:00-04:00"), zone), "on Wed 22 Apr 2026 at 1:00 PM Eastern");
}

#[test]
fn a_platforms_address_is_https_and_signs_nobody_in() {
    assert_eq!(platform_address(" https://zoom.example/j/812?pwd=x ").as_deref(), Ok("https://zoom.example/j/812?pwd=x"));
    for bad in ["", "zoom.example/j/1", "http://zoom.example/j/1", "javascript:alert(1)", "https://me:secret@zoom.example/", "https://"] {
        assert!(platform_address(bad).is_err(), "{bad}");
    }
}
