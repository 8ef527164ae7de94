//! Imports another program's schedule: compares, says what would change, and then changes it; a second time changes nothing.

use std::collections::{HashMap, HashSet};

use super::{rules, sessions};
use crate::agenda::schedule_file::{FileSession, RefusedRow, ScheduleFile};
use crate::agenda::{self, Known, LONGEST_ABSTRACT, LONGEST_TITLE, Room, Session, Track};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{RoomId, TrackId};

/// What importing a schedule would do, or did.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub new_tracks: Vec<Track>,
    pub new_rooms: Vec<Room>,
    pub added: Vec<Session>,
    pub changed: Vec<Change>,
    pub unchanged: usize,
    /// Imported once and no longer in the file. They stay; staff decide.
    pub gone: Vec<Session>,
    pub refused: Vec<RefusedRow>,
    pub notes: Vec<String>,
}

/// A session that is different in the file.
#[derive(Clone, Debug)]
pub struct Change {
    pub before: Session,
    pub after: Session,
    /// What is different, such as `time, room`.
    pub what: String,
}

impl Plan {
    /// `12 added, 3 changed, 1064 unchanged, 1 gone, 0 refused`.
    pub fn words(&self) -> String {
        let (added, changed, gone, refused) = (self.added.len(), self.changed.len(), self.gone.len(), self.refused.len());
        format!("{added} added, {changed} changed, {} unchanged, {gone} gone, {refused} refused", self.unchanged)
    }

    pub fn changes_nothing(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.new_tracks.is_empty() && self.new_rooms.is_empty()
    }
}

/// Compares a schedule with an event's agenda. What the file does not say of a session stays as it is here; kind and
/// recording are taken from the file only when a session is new, since staff may know better.
pub fn plan(db: &mut Db, event: &Event, file: &ScheduleFile) -> Result<Plan> {
    let known = Known::load(db, &event.id)?;
    let mut plan = Plan { refused: file.refused.clone(), notes: file.notes.clone(), ..Plan::default() };
    if let Some(zone) = file.zone.filter(|zone| *zone != event.zone()) {
        plan.notes.push(format!("The file's times are in {zone} and are shown in the event's zone, {}.", event.zone));
    }
    let places = Places::match_up(event, file, &known, &mut plan);
    let mut codes: HashSet<String> = known.sessions.iter().map(|session| session.code.to_lowercase()).collect();
    // A file that was exported here names sessions without an id from elsewhere by their own.
    let own = known.sessions.iter().map(|session| (session.id.as_str(), session));
    let by_id: HashMap<&str, &Session> =
        own.chain(known.sessions.iter().filter_map(|session| Some((session.external_id.as_deref()?, session)))).collect();
    for row in &file.sessions {
        if let Some(reason) = too_long(row) {
            plan.refused.push(RefusedRow { line: row.line, what: row.title.clone(), reason });
            continue;
        }
        // A session made by hand is the file's when its code is the file's id, or when the file was written here.
        let is_it = |session: &&Session| session.code == row.external_id || session.id.as_str() == row.external_id;
        let by_code = || known.sessions.iter().filter(|session| session.external_id.is_none()).find(is_it);
        match by_id.get(row.external_id.as_str()).copied().or_else(by_code) {
            Some(before) if before.canceled_at.is_some() => {
                plan.notes.push(format!("{} “{}” is canceled here and still in the file.", before.code, before.title));
                plan.unchanged += 1;
            }
            Some(before) => plan.compare(before, fill_in(before.clone(), row, &places)),
            None => {
                let code = rules::session_code(&row.external_id, |code| codes.contains(&code.to_lowercase()));
                codes.insert(code.to_lowercase());
                plan.added.push(fill_in(new_session(event, code, row), row, &places));
            }
        }
    }
    plan.note_gone(file, &known);
    plan.note_days(event);
    Ok(plan)
}

/// Compares again and makes the changes. Refused (`agenda.rows_refused`) while the file has bad rows, unless they are
/// to be skipped: then everything else is imported.
pub fn import(tx: &mut Tx<'_>, event: &Event, file: &ScheduleFile, skip_refused: bool) -> Result<Plan> {
    events::hold(tx, &event.id)?;
    let plan = plan(tx.db, event, file)?;
    if !plan.refused.is_empty() && !skip_refused {
        let said = format!("{} rows of the file cannot be read, so nothing was imported.", plan.refused.len());
        return Err(Error::refused("agenda.rows_refused", said));
    }
    agenda::add_tracks(tx, &event.id, &plan.new_tracks)?;
    agenda::add_rooms(tx, &event.id, &plan.new_rooms)?;
    agenda::add_sessions(tx, &event.id, &plan.added)?;
    if !plan.changed.is_empty() {
        let mut known = Known::load(tx.db, &event.id)?;
        for change in &plan.changed {
            sessions::save(tx, event, &change.before, change.after.clone(), &mut known)?;
        }
    }
    Ok(plan)
}

impl Plan {
    fn compare(&mut self, before: &Session, after: Session) {
        if after == *before {
            self.unchanged += 1;
            return;
        }
        let differences = [
            ("title", before.title != after.title),
            ("time", (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)),
            ("room", before.room_id != after.room_id),
            ("track", before.track_id != after.track_id),
            ("abstract", before.abstract_text != after.abstract_text),
            ("speakers", before.speakers != after.speakers),
            ("id", before.external_id != after.external_id),
        ];
        let what: Vec<&str> = differences.iter().filter(|(_, differs)| *differs).map(|(what, _)| *what).collect();
        self.changed.push(Change { before: before.clone(), after, what: what.join(", ") });
    }

    fn note_gone(&mut self, file: &ScheduleFile, known: &Known) {
        let there: HashSet<&str> = file.sessions.iter().map(|row| row.external_id.as_str()).collect();
        let is_gone = |session: &&Session| {
            let is_missing = session.external_id.as_deref().is_some_and(|id| !there.contains(id));
            session.canceled_at.is_none() && is_missing && !there.contains(session.id.as_str())
        };
        // A row that was refused may well be the session that seems gone.
        if self.refused.is_empty() {
            self.gone = known.sessions.iter().filter(is_gone).cloned().collect();
        }
    }

    fn note_days(&mut self, event: &Event) {
        let after = self.changed.iter().map(|change| &change.after);
        let outside = self.added.iter().chain(after).filter(|session| is_outside(event, session)).count();
        if outside > 0 {
            self.notes.push(format!("{outside} sessions are outside the event's days, {} to {}.", event.starts_on, event.ends_on));
        }
    }
}

/// Whether a session is not on one of the event's days.
pub fn is_outside(event: &Event, session: &Session) -> bool {
    session.starts_at < event.starts_at() || session.starts_at >= event.ends_at()
}

fn too_long(row: &FileSession) -> Option<String> {
    let too_long = |text: &str, most: usize| text.chars().count() > most;
    if too_long(&row.title, LONGEST_TITLE) {
        return Some(format!("Its title is longer than {LONGEST_TITLE} characters."));
    }
    too_long(&row.abstract_text, LONGEST_ABSTRACT - LONGEST_TITLE)
        .then(|| format!("Its abstract is longer than {} characters.", LONGEST_ABSTRACT - LONGEST_TITLE))
}

fn new_session(event: &Event, code: String, row: &FileSession) -> Session {
    let hint = row.kind_hint.as_deref();
    Session {
        code,
        kind: rules::kind_of(hint),
        included: rules::is_for_everyone(hint),
        recorded: row.recorded.unwrap_or(false),
        ..agenda::blank(event)
    }
}

/// The session with what the file says of it.
fn fill_in(mut session: Session, row: &FileSession, places: &Places) -> Session {
    if row.external_id != session.id.as_str() {
        session.external_id = Some(row.external_id.clone());
    }
    session.title.clone_from(&row.title);
    session.starts_at = Instant::from_utc(row.starts_at);
    session.ends_at = Instant::from_utc(row.ends_at);
    let paragraphs: Vec<&str> = [row.subtitle.as_str(), row.abstract_text.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    if !paragraphs.is_empty() {
        session.abstract_text = paragraphs.join("\n\n");
    }
    if !row.speakers.is_empty() {
        session.speakers = row.speakers.join("\n");
    }
    if let Some(room) = row.room.as_ref().and_then(|name| places.rooms.get(name)) {
        session.room_id = Some(room.clone());
    }
    if let Some(track) = row.track.as_ref().and_then(|name| places.tracks.get(name)) {
        session.track_id = Some(track.clone());
    }
    session
}

/// The rooms and tracks of the file by name, as they are here or will be.
struct Places {
    rooms: HashMap<String, RoomId>,
    tracks: HashMap<String, TrackId>,
}

impl Places {
    /// Finds rooms and tracks by name, or by the code that the name gives (staff may have renamed them); new ones go
    /// into the plan.
    fn match_up(event: &Event, file: &ScheduleFile, known: &Known, plan: &mut Plan) -> Self {
        let mut places = Self { rooms: HashMap::new(), tracks: HashMap::new() };
        let mut room_codes: HashSet<String> = known.rooms.iter().map(|room| room.code.to_lowercase()).collect();
        let mut position = known.rooms.iter().map(|room| room.position).max().unwrap_or(0);
        for row in &file.rooms {
            let renamed = |room: &&Room| room.code == rules::slug(&row.name) && !file.rooms.iter().any(|other| other.name == room.name);
            let found = known.rooms.iter().find(|room| room.name == row.name).or_else(|| known.rooms.iter().find(renamed));
            let id = found.map(|room| room.id.clone()).unwrap_or_default();
            if found.is_none() {
                position += 1;
                let code = rules::place_code(&row.name, "room", |code| room_codes.contains(code));
                room_codes.insert(code.clone());
                let (id, event_id, name) = (id.clone(), event.id.clone(), row.name.clone());
                plan.new_rooms.push(Room { id, event_id, code, name, capacity: row.capacity, position });
            }
            places.rooms.insert(row.name.clone(), id);
        }
        let mut track_codes: HashSet<String> = known.tracks.iter().map(|track| track.code.to_lowercase()).collect();
        let mut position = known.tracks.iter().map(|track| track.position).max().unwrap_or(0);
        for name in &file.tracks {
            let renamed = |track: &&Track| track.code == rules::slug(name) && !file.tracks.contains(&track.name);
            let found = known.tracks.iter().find(|track| track.name == *name).or_else(|| known.tracks.iter().find(renamed));
            let id = found.map(|track| track.id.clone()).unwrap_or_default();
            if found.is_none() {
                position += 1;
                let code = rules::place_code(name, "track", |code| track_codes.contains(code));
                track_codes.insert(code.clone());
                let (id, event_id, name) = (id.clone(), event.id.clone(), name.clone());
                plan.new_tracks.push(Track { id, event_id, code, name, position });
            }
            places.tracks.insert(name.clone(), id);
        }
        places
    }
}
