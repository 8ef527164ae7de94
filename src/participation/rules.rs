//! What a participant report says: who was there when, whose time counts, and who of ours that is (WEB-1). Pure decisions.

pub mod identity;
pub mod names;
pub mod replacing;
pub mod stamps;
pub mod suggesting;

use std::collections::{BTreeMap, HashMap};

use chrono::Duration;
use chrono_tz::Tz;

use crate::checkin::presence::{union, whole_minutes};
use crate::clock::Instant;
use crate::ids::{PersonId, RegistrationId};
use crate::people::rules::email_key;
use identity::Timed;
use names::likeness;
use stamps::{Order, Stamp};

crate::words! {
    /// What somebody was in a report.
    Part { Attendee => "attendee", Panelist => "panelist", Host => "host", Phone => "phone", Bot => "bot" }
}

crate::words! {
    /// Where somebody of a report stands: matched, waiting for staff, or none of ours.
    Standing { ByEmail => "by_email", ByStaff => "by_staff", Waiting => "waiting", LeftOut => "left_out" }
}

/// A row of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    /// Which of the report's meetings it is of, where the rows name theirs.
    pub meeting: usize,
    pub name: String,
    pub email: String,
    pub part: Part,
    pub join: Stamp,
    pub leave: Stamp,
    /// Minutes in all between join and leave, where the report tells that and not every join.
    pub total: Option<i64>,
}

/// A stay, and whether it is only what totals prove.
pub type Told = (Instant, Instant, bool);

/// Somebody of a report, all their joins and devices together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// Their e-mail, folded; without one their name, or the row where that may be anybody's; a program's is its own.
    pub identity: String,
    pub name: String,
    /// Folded; empty where there is none.
    pub email: String,
    pub part: Part,
    /// Apart from one another, earliest first; not clipped to the session.
    pub stays: Vec<Told>,
    pub rows: usize,
}

impl Somebody {
    /// Minutes inside the session.
    pub fn minutes(&self, (starts_at, ends_at): (Instant, Instant)) -> i64 {
        whole_minutes(&union(self.stays.iter().map(|(from, to, _)| (*from, *to)).collect(), starts_at, ends_at))
    }

    pub fn is_at_least(&self) -> bool {
        self.stays.iter().any(|(.., at_least)| *at_least)
    }
}

/// Puts the rows together by person; the lines whose times do not fit come back with why.
pub fn gather(rows: &[Row], order: Order, zone: Tz, session: (Instant, Instant)) -> (Vec<Somebody>, Vec<(u64, &'static str)>) {
    let (mut timed, mut unread): (Vec<Timed<'_>>, _) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match times(row, order, zone) {
            Ok(times) => timed.push((row, times)),
            Err(why) => unread.push((row.line, why)),
        }
    }
    let mut found: Vec<Somebody> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for ((row, times), identity) in timed.iter().zip(identity::identities(&timed)) {
        let part = if identity::is_of_bot(&identity) { Part::Bot } else { row.part };
        let place = *places.entry(identity.clone()).or_insert_with(|| {
            let email = email_key(&row.email).unwrap_or_default();
            found.push(Somebody { identity, name: row.name.clone(), email, part, stays: Vec::new(), rows: 0 });
            found.len() - 1
        });
        let one = &mut found[place];
        one.rows += 1;
        one.stays.extend(stay(row, *times, session));
        one.part = together(one.part, part);
    }
    for one in &mut found {
        one.stays = joined(std::mem::take(&mut one.stays));
    }
    (found, unread)
}

/// Whoever presented is no attendee by another row below.
fn together(one: Part, other: Part) -> Part {
    match (one, other) {
        (Part::Host, _) | (_, Part::Host) => Part::Host,
        (Part::Panelist, _) | (_, Part::Panelist) => Part::Panelist,
        (first, _) => first,
    }
}

/// When a row begins and ends.
fn times(row: &Row, order: Order, zone: Tz) -> Result<(Instant, Instant), &'static str> {
    let missing = "This time does not exist in the zone: its clocks skip it.";
    let (from, to) = (row.join.at(order, zone).ok_or(missing)?, row.leave.at(order, zone).ok_or(missing)?);
    if to < from {
        return Err("The end is before the beginning.");
    }
    if to.since(from) > Duration::days(2) {
        return Err("This lasts longer than two days.");
    }
    Ok((from, to))
}

/// The stay of a row: all of the time between join and leave, or of a total what it proves about the session.
fn stay(row: &Row, (from, to): (Instant, Instant), (starts_at, ends_at): (Instant, Instant)) -> Option<Told> {
    let window = to.since(from).num_minutes();
    let Some(total) = row.total.filter(|total| *total < window) else { return (from < to).then_some((from, to, false)) };
    let begins = from.max(starts_at);
    let inside = to.min(ends_at).since(begins).max(Duration::zero());
    let proven = proven(total, window, inside.num_minutes());
    (proven > 0).then(|| (begins, begins.plus(Duration::minutes(proven)), true))
}

/// Of so many minutes somewhere in a window, of which so many lie in the session, how many must lie in it at least.
pub fn proven(total: i64, window: i64, inside: i64) -> i64 {
    (total - (window - inside)).clamp(0, inside)
}

/// Stays that touch or overlap as one.
fn joined(mut stays: Vec<Told>) -> Vec<Told> {
    stays.sort_unstable();
    let mut apart: Vec<Told> = Vec::with_capacity(stays.len());
    for (from, to, at_least) in stays {
        match apart.last_mut() {
            Some((_, end, is_least)) if from <= *end => {
                *end = (*end).max(to);
                *is_least |= at_least;
            }
            _ => apart.push((from, to, at_least)),
        }
    }
    apart
}

/// Rows that are looked at to find out how dates are written and which zone fits.
const LOOKED_AT: usize = 2000;

/// Seconds of a stay that lie in the session.
fn seconds_inside((from, to): (Instant, Instant), (starts_at, ends_at): (Instant, Instant)) -> i64 {
    to.min(ends_at).since(from.max(starts_at)).num_seconds().max(0)
}

/// Seconds of some of the rows that lie in the session, when they are read so.
fn inside(rows: &[Row], order: Order, zone: Tz, session: (Instant, Instant)) -> i64 {
    // Of a report of several meetings the first rows may all be of another day.
    let some = rows.iter().step_by(rows.len() / LOOKED_AT + 1);
    some.filter_map(|row| Some(seconds_inside((row.join.at(order, zone)?, row.leave.at(order, zone)?), session))).sum()
}

/// The first join and the last leave of rows whose times fit.
pub fn span<'a>(rows: impl IntoIterator<Item = &'a Row>, order: Order, zone: Tz) -> Option<(Instant, Instant)> {
    let times = rows.into_iter().filter_map(|row| times(row, order, zone).ok());
    times.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))
}

/// Which of a report's meetings is the session's: the one of whose time most lies in it, and of two with as much the one
/// with more people's time.
pub fn meeting_of(rows: &[Row], order: Order, zone: Tz, session: (Instant, Instant)) -> usize {
    let mut meetings: BTreeMap<usize, ((Instant, Instant), i64)> = BTreeMap::new();
    for row in rows {
        let Ok((from, to)) = times(row, order, zone) else { continue };
        let ((first, last), seconds) = meetings.entry(row.meeting).or_insert(((from, to), 0));
        (*first, *last) = ((*first).min(from), (*last).max(to));
        *seconds += seconds_inside((from, to), session);
    }
    let fit = |(meeting, (span, seconds)): &(usize, ((Instant, Instant), i64))| {
        (seconds_inside(*span, session), *seconds, std::cmp::Reverse(*meeting))
    };
    meetings.into_iter().max_by_key(fit).map_or(0, |(meeting, _)| meeting)
}

/// How the dates of a report are written: the way that puts more of it into the session, month first where both do.
pub fn order_of(rows: &[Row], zone: Tz, session: (Instant, Instant)) -> Order {
    let (month, day) = (inside(rows, Order::MonthFirst, zone, session), inside(rows, Order::DayFirst, zone, session));
    if day > month { Order::DayFirst } else { Order::MonthFirst }
}

/// Another zone in which much more of the report lies in the session: the one that was meant, perhaps.
pub fn better_zone(rows: &[Row], zone: Tz, zones: &[Tz], session: (Instant, Instant)) -> Option<Tz> {
    let fit = |zone: Tz| inside(rows, order_of(rows, zone, session), zone, session);
    let own = fit(zone);
    let best = zones.iter().copied().filter(|other| *other != zone).map(|other| (fit(other), other)).max_by_key(|(fit, _)| *fit);
    best.filter(|(fit, _)| *fit > own + own / 4 && *fit > 0).map(|(_, zone)| zone)
}

/// Somebody of ours who may be in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub registration: RegistrationId,
    pub person: PersonId,
    pub code: String,
    pub name: String,
    pub email: String,
    /// The registration includes the session.
    pub covers: bool,
}

/// Our people by their e-mail, folded.
pub type ByEmail<'a> = BTreeMap<&'a str, Vec<&'a Known>>;

/// Who of ours this is: as staff decided before, by e-mail, or nobody yet. Of several with one e-mail the name decides,
/// and where it does not, staff do. Programs, and hosts and panelists who are not registered, are left out.
pub fn matched(one: &Somebody, by_email: &ByEmail<'_>, decided: Option<&Option<RegistrationId>>) -> (Standing, Option<RegistrationId>) {
    match decided {
        Some(Some(registration)) => return (Standing::ByStaff, Some(registration.clone())),
        Some(None) => return (Standing::LeftOut, None),
        None if one.part == Part::Bot => return (Standing::LeftOut, None),
        None => {}
    }
    let with_email = by_email.get(one.email.as_str()).filter(|_| !one.email.is_empty()).map_or(&[][..], Vec::as_slice);
    if let Some(known) = by_name(&one.name, with_email.iter().copied().filter(|known| known.covers).collect()) {
        return (Standing::ByEmail, Some(known.registration.clone()));
    }
    let is_ours = one.part == Part::Attendee || one.part == Part::Phone || !with_email.is_empty();
    if is_ours { (Standing::Waiting, None) } else { (Standing::LeftOut, None) }
}

fn by_name<'a>(name: &str, all: Vec<&'a Known>) -> Option<&'a Known> {
    let first = *all.first()?;
    // One person with two registrations: both include the session, and the minutes count once.
    if all.iter().all(|known| known.person == first.person) {
        return Some(first);
    }
    let mut alike: Vec<(u32, &Known)> = all.into_iter().map(|known| (likeness(name, &known.name), known)).collect();
    alike.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    match alike.as_slice() {
        [(best, known), (next, _), ..] if *best >= 80 && next + 20 <= *best => Some(known),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
