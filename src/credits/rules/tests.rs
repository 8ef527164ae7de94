//! Tables of minutes and credit, refusals, deadlines; and that no history awards too much.

use proptest::prelude::*;

use super::*;
use crate::clock::Instant;

fn at(minute: i64) -> Instant {
    Instant::parse("2026-03-09T09:00:00-07:00").unwrap().plus(chrono::Duration::minutes(minute))
}

fn terms(code: Code) -> Terms {
    code.known().terms
}

#[test]
fn minutes_become_credit_to_the_nearest_quarter_and_never_below_the_minimum() {
    for (minutes, credit) in [(0, 0), (7, 0), (8, 25), (22, 25), (23, 50), (52, 75), (53, 100), (60, 100), (104, 175), (420, 700)] {
        assert_eq!(terms(Code::Ama).credit(minutes), credit, "{minutes} minutes");
    }
    for (minutes, credit) in [(50, 83), (60, 100), (59, 98), (480, 800)] {
        assert_eq!(terms(Code::Ancc).credit(minutes), credit, "{minutes} minutes");
    }
    let fifty = Terms { unit_minutes: 50, ..terms(Code::Ancc) };
    assert_eq!(fifty.credit(60), 120);
}

#[test]
fn a_session_counts_by_the_rule_of_its_credit_type() {
    let (ama, ancc, acpe) = (terms(Code::Ama), terms(Code::Ancc), terms(Code::Acpe));
    for (attended, by_ama, by_ancc, by_acpe) in
        [(0, 0, 0, 0), (47, 47, 0, 0), (48, 48, 60, 0), (59, 59, 60, 0), (60, 60, 60, 60), (75, 60, 60, 60)]
    {
        let counted = (ama.counted(attended, 60), ancc.counted(attended, 60), acpe.counted(attended, 60));
        assert_eq!(counted, (by_ama, by_ancc, by_acpe), "{attended} of 60");
    }
    assert_eq!((ama.needed(60), ancc.needed(60), ancc.needed(45), acpe.needed(60)), (None, Some(48), Some(36), Some(60)));
}

#[test]
fn missed_minutes_within_the_grace_are_forgiven() {
    let with_grace = |code| Terms { grace_minutes: 5, ..terms(code) };
    assert_eq!((with_grace(Code::Ama).counted(55, 60), with_grace(Code::Ama).counted(54, 60)), (60, 54));
    assert_eq!(with_grace(Code::Ama).counted(0, 4), 0, "who was not there missed all of it");
    assert_eq!((with_grace(Code::Acpe).counted(55, 60), with_grace(Code::Acpe).counted(54, 60)), (60, 0));
    assert_eq!((with_grace(Code::Ancc).counted(43, 60), with_grace(Code::Ancc).counted(42, 60)), (60, 0));
}

#[test]
fn credit_is_rounded_once_on_the_total_of_the_activity() {
    let ama = terms(Code::Ama);
    assert_eq!(ama.earned(&[(52, 60), (52, 60)], 1000), 175);
    assert_eq!(ama.credit(52) * 2, 150, "rounding each would lose a quarter");
    assert_eq!(ama.earned(&[(60, 60), (60, 60)], 150), 150, "the designated maximum");
    assert_eq!(terms(Code::Acpe).earned(&[(60, 60), (0, 60)], 200), 0, "all or nothing");
}

#[test]
fn credit_is_read_and_written_in_hundredths() {
    for (text, hundredths) in [("1", Some(100)), ("0.5", Some(50)), ("1.75", Some(175)), (" 12.00 ", Some(1200)), ("0", Some(0))] {
        assert_eq!(parse_hundredths(text), hundredths, "{text}");
    }
    for wrong in ["", "-1", "1.234", "one", ".5", "1,5", "99999", "1e2", "NaN"] {
        assert_eq!(parse_hundredths(wrong), None, "{wrong}");
    }
    assert_eq!((hundredths_words(175), hundredths_words(5)), ("1.75".to_owned(), "0.05".to_owned()));
}

#[test]
fn claims_close_with_the_last_day_in_the_events_zone() {
    let day = "2026-04-17".parse().unwrap();
    let closes = claims_close_at(day, Tz::America__Los_Angeles);
    assert_eq!(closes, Instant::parse("2026-04-18T00:00:00-07:00").unwrap());
    let later = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert_eq!(closing_day(Some(day), [later("2026-04-30"), later("2026-04-20")]), Some(later("2026-04-30")));
    assert_eq!(closing_day(Some(day), [later("2026-04-01")]), Some(day), "an extension never shortens");
    assert_eq!(closing_day(None, [later("2026-04-01")]), None);
}

#[test]
fn an_extension_past_sixty_days_is_too_late_for_pharmacy() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert!(!is_past_pharmacy_clock(day("2026-05-09"), day("2026-03-10")));
    assert!(is_past_pharmacy_clock(day("2026-05-10"), day("2026-03-10")));
}

fn line(code: &str, start: i64, minutes: i64, attended: Option<i64>, asked: i64, activity: &ActivityId) -> Line {
    let session = SessionId::from(code.to_owned());
    Line {
        content: session.clone(),
        session,
        code: code.to_owned(),
        title: code.to_owned(),
        starts_at: at(start),
        ends_at: at(start + minutes),
        asked,
        attended,
        is_presenter: false,
        evaluation_missing: false,
        designated: Some((activity.clone(), minutes)),
    }
}

fn refusal(lines: &[Line], earlier: &[Earlier], activity: &ActivityId, maximum: i64) -> &'static str {
    let sessions = lines.iter().map(|line| (line.session.clone(), line.designated.as_ref().map_or(0, |of| of.1))).collect();
    let activities = [Designated { activity: activity.clone(), title: "All".to_owned(), maximum, sessions }];
    let facts = Facts {
        code: Code::Ama,
        is_active: true,
        is_served: true,
        terms: terms(Code::Ama),
        now: at(100_000),
        lines,
        earlier,
        activities: &activities,
    };
    judge(&facts).err().map_or("", |refusal| refusal.code())
}

#[test]
fn what_may_not_be_claimed_is_refused_with_its_reason() {
    let activity = ActivityId::new();
    let b1 = line("B1", 90, 60, Some(60), 100, &activity);
    let b2 = line("B2", 90, 60, Some(60), 100, &activity);
    let k1 = line("K1", 0, 60, Some(60), 100, &activity);
    let alone = |line: &Line| refusal(std::slice::from_ref(line), &[], &activity, 1200);
    assert_eq!(alone(&b1), "");
    assert_eq!(refusal(&[k1.clone(), b1.clone()], &[], &activity, 1200), "", "one after the other");
    assert_eq!(refusal(&[b1.clone(), b2.clone()], &[], &activity, 1200), "credits.overlap");
    assert_eq!(refusal(&[b1.clone(), b1.clone()], &[], &activity, 1200), "credits.already_claimed");
    let repeat = Line { content: k1.session.clone(), ..b1.clone() };
    assert_eq!(refusal(&[k1.clone(), repeat], &[], &activity, 1200), "credits.repeated");
    assert_eq!(alone(&Line { attended: None, ..b1.clone() }), "credits.not_attended");
    assert_eq!(alone(&Line { attended: Some(0), ..b1.clone() }), "credits.not_attended");
    assert_eq!(alone(&Line { designated: None, ..b1.clone() }), "credits.not_designated");
    assert_eq!(alone(&Line { is_presenter: true, ..b1.clone() }), "credits.presented");
    assert_eq!(alone(&Line { evaluation_missing: true, ..b1.clone() }), "credits.evaluation_missing");
    assert_eq!(alone(&Line { ends_at: at(200_000), ..b1.clone() }), "credits.not_over");
    assert_eq!(alone(&Line { asked: 125, ..b1.clone() }), "credits.above_maximum");
    assert_eq!(alone(&Line { attended: Some(52), ..b1.clone() }), "credits.above_maximum", "52 minutes are 0.75");
    assert_eq!(alone(&Line { asked: 30, ..b1.clone() }), "credits.wrong_increment");
    assert_eq!(alone(&Line { asked: 0, ..b1.clone() }), "credits.wrong_increment");
    assert_eq!(refusal(&[k1.clone(), b1.clone()], &[], &activity, 150), "credits.above_maximum");
    let earlier = earlier_of(&b2, &activity, 60);
    assert_eq!(refusal(std::slice::from_ref(&b1), &[earlier], &activity, 1200), "credits.overlap", "claimed before");
}

fn earlier_of(line: &Line, activity: &ActivityId, minutes: i64) -> Earlier {
    Earlier {
        session: line.session.clone(),
        code: line.code.clone(),
        title: line.title.clone(),
        starts_at: line.starts_at,
        ends_at: line.ends_at,
        content: line.content.clone(),
        activity: activity.clone(),
        is_same_type: true,
        minutes,
        hundredths: line.asked,
    }
}

proptest! {
    /// Whatever is claimed in whatever order, what was awarded is within the maximum and within the participation.
    #[test]
    fn no_history_of_claims_awards_more_than_was_designated_or_attended(
        sessions in prop::collection::vec((0i64..8, prop::option::of(0i64..=60)), 1..8),
        claims in prop::collection::vec((0usize..8, 0i64..6), 0..16),
        maximum in 1i64..20,
        method in 0usize..3,
    ) {
        let activity = ActivityId::new();
        let terms = Terms { method: Method::ALL[method], ..terms(Code::Ama) };
        let all: Vec<Line> =
            sessions.iter().enumerate().map(|(index, (slot, attended))| line(&format!("S{index}"), slot * 60, 60, *attended, 0, &activity)).collect();
        let designated = Designated {
            activity: activity.clone(), title: "All".to_owned(), maximum: maximum * 25,
            sessions: all.iter().map(|line| (line.session.clone(), 60)).collect(),
        };
        let mut earlier: Vec<Earlier> = Vec::new();
        for (index, quarters) in claims {
            let Some(wanted) = all.get(index % all.len()) else { continue };
            let wanted = [Line { asked: quarters * 25, ..wanted.clone() }];
            let facts = Facts {
                code: Code::Ama, is_active: true, is_served: true, terms, now: at(100_000),
                lines: &wanted, earlier: &earlier, activities: std::slice::from_ref(&designated),
            };
            if judge(&facts).is_ok() {
                let counted = terms.counted(wanted[0].attended.unwrap_or_default(), 60);
                earlier.push(earlier_of(&wanted[0], &activity, counted));
            }
        }
        let awarded: i64 = earlier.iter().map(|line| line.hundredths).sum();
        let minutes: i64 = earlier.iter().map(|line| line.minutes).sum();
        prop_assert!(awarded <= maximum * 25);
        prop_assert!(awarded <= terms.credit(minutes));
        prop_assert!(earlier.iter().all(|line| all.iter().any(|one| one.session == line.session && one.attended.unwrap_or(0) > 0)));
        for (index, line) in earlier.iter().enumerate() {
            prop_assert!(earlier.iter().skip(index + 1).all(|other| other.ends_at <= line.starts_at || line.ends_at <= other.starts_at));
        }
    }
}

#[test]
fn a_claim_offers_no_more_in_all_than_is_left_of_the_total() {
    let mut left = 175;
    let offers: Vec<i64> = [100, 100, 50].into_iter().map(|most| offered(most, &mut left)).collect();
    assert_eq!((offers, left), (vec![100, 75, 0], 0));
    let mut overdrawn = -25;
    assert_eq!((offered(100, &mut overdrawn), overdrawn), (0, -25));
}
