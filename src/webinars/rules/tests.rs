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

fn had(occasion: Occasion, starts_at: Instant, at: &str) -> Had {
    Had { occasion, starts_at, at: day(at), number: 0 }
}

#[test]
fn letters_are_due_seven_days_one_day_and_one_hour_before_each_once() {
    use Occasion::{Day, Hour, Week};
    let start = at("13:00:00");
    let due = |now: &str, occasions: &[Occasion]| {
        let had: Vec<Had> = occasions.iter().map(|occasion| had(*occasion, start, now)).collect();
        letter_due(day(now), start, &had)
    };
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
    let hour = had(Occasion::Hour, start, "2026-04-22T12:40:00-04:00");
    assert_eq!(letter_due(day("2026-04-19T09:00:00-04:00"), start, &[]), Some(Occasion::Week));
    assert_eq!(letter_due(day("2026-04-22T12:40:00-04:00"), start, &[]), Some(Occasion::Hour));
    assert_eq!(letter_due(day("2026-04-22T12:45:00-04:00"), start, &[hour]), None);
}

#[test]
fn the_letter_about_a_move_stands_for_the_one_that_is_due_then_and_later_ones_follow() {
    let (start, later) = (at("13:00:00"), at("15:00:00"));
    let moved_at = "2026-04-21T14:00:00-04:00";
    let before = [had(Occasion::Week, start, "2026-04-15T13:00:00-04:00"), had(Occasion::Day, start, "2026-04-21T13:00:00-04:00")];
    // 25 hours before the new start the letter of the week is the one in force.
    assert_eq!(letter_due(day(moved_at), later, &before), Some(Occasion::Week));
    let told = [before[0], before[1], had(Occasion::Moved, later, moved_at)];
    assert_eq!(letter_due(day(moved_at), later, &told), None);
    assert_eq!(letter_due(day("2026-04-21T15:00:00-04:00"), later, &told), Some(Occasion::Day));
    let followed = [told[0], told[1], told[2], had(Occasion::Day, later, "2026-04-21T15:00:00-04:00")];
    assert_eq!(letter_due(day("2026-04-21T15:05:00-04:00"), later, &followed), None);
    // Moved far ahead, none is due until a week before; then all come again.
    let far = day("2026-05-22T13:00:00-04:00");
    let told = [before[0], before[1], had(Occasion::Moved, far, moved_at)];
    assert_eq!(letter_due(day(moved_at), far, &told), None);
    assert_eq!(letter_due(day("2026-05-15T13:00:00-04:00"), far, &told), Some(Occasion::Week));
    // Moved so that an hour is left: the one letter about that is enough.
    let soon = day("2026-04-21T14:50:00-04:00");
    assert_eq!(letter_due(day("2026-04-21T14:05:00-04:00"), soon, &[before[0], had(Occasion::Moved, soon, moved_at)]), None);
}

#[test]
fn a_replaced_link_does_not_stand_for_a_letter_that_is_due() {
    let start = at("13:00:00");
    let had = [had(Occasion::Week, start, "2026-04-15T13:00:00-04:00"), had(Occasion::Again, start, "2026-04-16T13:00:00-04:00")];
    assert_eq!(letter_due(day("2026-04-18T13:00:00-04:00"), start, &had), None);
    assert_eq!(letter_due(day("2026-04-21T13:00:00-04:00"), start, &had), Some(Occasion::Day));
}

#[test]
fn of_several_registrations_the_paid_one_speaks_then_the_widest_then_the_oldest() {
    assert_eq!(speaks(&[(false, 1), (true, 1)]), 1);
    assert_eq!(speaks(&[(true, 1), (false, 5), (true, 3)]), 2);
    assert_eq!(speaks(&[(false, 2), (false, 2)]), 0);
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
