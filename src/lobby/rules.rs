//! What is on now and next, what a daily letter's placeholders become, and when one is still news: pure decisions.

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::agenda::{Kind, Session};
use crate::clock::Instant;
use crate::events::rules::end_of_day;

/// What goes on at an instant, and what begins next: numbers into the list of starts and ends. Those that begin next all
/// begin at one time.
pub fn now_and_next(sessions: &[(Instant, Instant)], now: Instant) -> (Vec<usize>, Vec<usize>) {
    let all = || sessions.iter().enumerate();
    let on = all().filter(|(_, (from, until))| *from <= now && now < *until).map(|(number, _)| number).collect();
    let soonest = sessions.iter().map(|(from, _)| *from).filter(|from| *from > now).min();
    let next = all().filter(|(_, (from, _))| Some(*from) == soonest).map(|(number, _)| number).collect();
    (on, next)
}

/// What staff may write into a daily letter, each with what it becomes.
pub const PLACEHOLDERS: [(&str, &str); 9] = [
    ("name", "the name on the badge"),
    ("day", "the day that the letter is about"),
    ("event", "the event's name"),
    ("first_session", "their own first session of the day, meals and breaks aside"),
    ("first_time", "when it begins"),
    ("first_room", "its room"),
    ("badge_place", "where and when badges are given out that day to people of their registration type"),
    ("lunch", "time and place of lunch, for who has a session that day"),
    ("lobby", "the address of the lobby"),
];

/// What each placeholder is for one person; nothing to say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(pub Vec<(&'static str, String)>);

impl Values {
    /// What a placeholder is; empty where it has nothing to say.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
    }
}

/// The placeholders in a text, and what stands between them.
enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match after.split_once('}').filter(|(name, _)| is_name(name)) {
            Some((name, behind)) => {
                pieces.extend([Piece::Text(before), Piece::Place(name)]);
                rest = behind;
            }
            None => {
                pieces.push(Piece::Text(&rest[..=before.len()]));
                rest = after;
            }
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The placeholders of a text that nobody knows.
pub fn unknown_placeholders(text: &str) -> Vec<&str> {
    let names = pieces(text).into_iter().filter_map(|piece| if let Piece::Place(name) = piece { Some(name) } else { None });
    names.filter(|name| !PLACEHOLDERS.iter().any(|(known, _)| known == name)).collect()
}

/// A text for one person. A line with a placeholder that has nothing to say for them is left out.
pub fn fill(text: &str, values: &Values) -> String {
    let line = |line: &str| -> Option<String> {
        let mut filled = String::with_capacity(line.len());
        for piece in pieces(line) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Place(name) => match values.get(name) {
                    "" => return None,
                    value => filled.push_str(value),
                },
            }
        }
        Some(filled)
    };
    let kept: Vec<String> = text.lines().filter_map(line).collect();
    let mut tidy = kept.join("\n");
    // What was left out leaves no hole.
    while tidy.contains("\n\n\n") {
        tidy = tidy.replace("\n\n\n", "\n\n");
    }
    tidy.trim().to_owned()
}

/// Whether a letter about a day comes too late: that day is over.
pub fn is_missed(about_on: NaiveDate, zone: Tz, now: Instant) -> bool {
    now >= end_of_day(about_on, zone)
}

/// Whether somebody goes to a session for its own sake, so that it can be the first of their day.
pub fn is_first_of_day(kind: Kind) -> bool {
    !matches!(kind, Kind::Meal | Kind::Networking)
}

/// Whether a meal is lunch: it goes on around noon in the event's zone.
pub fn is_lunch(session: &Session, zone: Tz) -> bool {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let (from, until) = (session.starts_at.in_zone(zone).time(), session.ends_at.in_zone(zone).time());
    session.kind == Kind::Meal && from < time(13, 30) && until > time(11, 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(&format!("2026-03-09T{text}:00-07:00")).unwrap()
    }

    #[test]
    fn what_ends_now_is_over_and_what_begins_next_begins_together() {
        let sessions = [(at("09:00"), at("10:00")), (at("10:00"), at("11:00")), (at("11:00"), at("12:00")), (at("11:00"), at("11:30"))];
        assert_eq!(now_and_next(&sessions, at("10:00")), (vec![1], vec![2, 3]));
        assert_eq!(now_and_next(&sessions, at("08:59")), (vec![], vec![0]));
        assert_eq!(now_and_next(&sessions, at("12:00")), (vec![], vec![]));
    }

    fn values(first: &str) -> Values {
        Values(vec![("name", "Ada {lunch}".to_owned()), ("first_session", first.to_owned())])
    }

    #[test]
    fn a_line_with_nothing_to_say_for_somebody_is_left_out() {
        let text = "Good morning {name}.\n\nYour first session: {first_session}\n\nSee you {soon} {Not} {";
        assert_eq!(unknown_placeholders(text), ["soon"]);
        let text = text.replace(" {soon}", "");
        assert_eq!(fill(&text, &values("K1")), "Good morning Ada {lunch}.\n\nYour first session: K1\n\nSee you {Not} {");
        assert_eq!(fill(&text, &values("")), "Good morning Ada {lunch}.\n\nSee you {Not} {");
    }

    #[test]
    fn a_daily_letter_is_no_news_when_its_day_is_over() {
        let (zone, day) = (Tz::America__Los_Angeles, "2026-03-09".parse().unwrap());
        assert!(!is_missed(day, zone, at("23:59")));
        assert!(is_missed(day, zone, Instant::parse("2026-03-10T00:00:00-07:00").unwrap()));
    }
}
