//! What a report says by itself, before anybody of ours is looked for: which of its rows are of the session's meeting, who
//! was there when, with its times read in one zone. No database: a long report is gone through before anything is held.

use std::borrow::Cow;

use chrono_tz::Tz;

use super::file::{File, Layout};
use super::rules::stamps::Order;
use super::rules::{self, Row, Somebody};
use crate::agenda::Session;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::incoming::RefusedRow;

/// The zones that are tried where a report does not fit the one that was given.
pub const ZONES: [Tz; 9] = [
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Phoenix,
    Tz::America__Los_Angeles,
    Tz::America__Anchorage,
    Tz::Pacific__Honolulu,
    Tz::Europe__London,
    Tz::UTC,
];

/// What a report says of a session.
#[derive(Clone, Debug)]
pub struct Outline {
    pub layout: Layout,
    pub meeting: String,
    pub topic: String,
    pub zone: Tz,
    pub generated_at: Option<Instant>,
    pub people: Vec<Somebody>,
    pub rows: usize,
    /// Rows of other meetings, which are left out.
    pub others: usize,
    pub absent: usize,
    pub unread: Vec<RefusedRow>,
    /// The first join and the last leave of everybody.
    pub span: (Instant, Instant),
    /// A zone in which much more of it lies in the session.
    pub better_zone: Option<Tz>,
    /// How many people there were, as the report itself says.
    pub declared: Option<usize>,
    /// When the session was as this was read for it.
    pub session: (Instant, Instant),
}

/// The rows of the session's meeting, and which meeting that is.
fn of_session(file: &File, order: Order, zone: Tz, times: (Instant, Instant)) -> (Cow<'_, [Row]>, usize) {
    if file.meetings.len() < 2 {
        return (Cow::Borrowed(&file.rows), 0);
    }
    let meeting = rules::meeting_of(&file.rows, order, zone, times);
    (file.rows.iter().filter(|row| row.meeting == meeting).cloned().collect(), meeting)
}

/// What a report says of a session, with its times read in this zone. Refused when it does not touch the session.
pub fn outline(event: &Event, session: &Session, file: &File, zone: Tz) -> Result<Outline> {
    let times = (session.starts_at, session.ends_at);
    let order = rules::order_of(&file.rows, zone, times);
    let (rows, meeting) = of_session(file, order, zone, times);
    let (people, misfits) = rules::gather(&rows, order, zone, times);
    let Some(span) = rules::span(rows.iter(), order, zone) else {
        return Err(Error::refused("participation.nobody", "Nobody in this report was there: it has no row with times."));
    };
    let better_zone = rules::better_zone(&rows, zone, &ZONES, times);
    if people.iter().all(|one| one.minutes(times) == 0) {
        return Err(elsewhere(event, session, span, better_zone));
    }
    let mut unread = file.unread.clone();
    let misfit = |(line, reason): (u64, &str)| RefusedRow { line: Some(line), what: String::new(), reason: reason.to_owned() };
    unread.extend(misfits.into_iter().map(misfit));
    let named = file.meetings.get(meeting);
    Ok(Outline {
        layout: file.layout,
        meeting: named.map_or(&file.meeting, |named| &named.number).clone(),
        topic: named.map_or(&file.topic, |named| &named.topic).clone(),
        zone,
        generated_at: file.generated.and_then(|at| at.at(order, zone)),
        people,
        rows: rows.len(),
        others: file.rows.len() - rows.len(),
        absent: file.absent,
        unread,
        span,
        better_zone,
        declared: file.declared,
        session: times,
    })
}

/// When the session is and what the report covers, where the two do not meet.
fn elsewhere(event: &Event, session: &Session, (from, to): (Instant, Instant), better: Option<Tz>) -> Error {
    let zone = event.zone();
    let span = |from, to| format!("{} {}", days::span_words(from, to, zone), days::zone_words(zone));
    let hint = better.map_or_else(
        || "Choose the report of this session, or its zone.".to_owned(),
        |zone| format!("In the zone {zone} it would fit: choose that, if the report was downloaded there."),
    );
    Error::refused(
        "participation.other_time",
        format!(
            "This report is of {}, and “{}” is {}. Nobody in it was in the session. {hint}",
            span(from, to),
            session.title,
            span(session.starts_at, session.ends_at)
        ),
    )
}
