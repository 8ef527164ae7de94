//! Collects the sessions of a schedule and says of each why it was taken or refused.

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;

use super::times::{Doubt, Span, Zones};
use super::{FileRoom, FileSession, Format, RefusedRow, ScheduleFile};
use crate::incoming::tidy_line;

/// A session as the file has it, before it is judged.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) external_id: String,
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) abstract_text: String,
    pub(super) room: String,
    pub(super) track: String,
    pub(super) kind: String,
    pub(super) language: String,
    pub(super) speakers: Vec<String>,
    pub(super) recorded: Option<bool>,
}

/// Takes drafts one after the other and makes the file of them.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) file: ScheduleFile,
    pub(super) zones: Zones,
    lines_by_id: HashMap<String, u64>,
    doubts: BTreeMap<Doubt, (usize, u64)>,
    count: usize,
}

impl Collector {
    /// Starts a file in the zone it names, which may be empty or unknown.
    pub(super) fn new(format: Format, title: String, zone_name: &str, fallback: Tz) -> Self {
        let stated: Option<Tz> = zone_name.parse().ok();
        let mut notes = Vec::new();
        if stated.is_none() && !zone_name.is_empty() {
            notes.push(format!("The zone “{zone_name}” is unknown; local times are read in {fallback}."));
        }
        let file = ScheduleFile {
            format,
            title: Some(title).filter(|title| !title.is_empty()),
            zone: stated,
            rooms: Vec::new(),
            tracks: Vec::new(),
            sessions: Vec::new(),
            refused: Vec::new(),
            notes,
        };
        let zones = Zones { stated, fallback };
        Self { file, zones, lines_by_id: HashMap::new(), doubts: BTreeMap::new(), count: 0 }
    }

    /// Adds a room that is not there yet, or the capacity of one that is.
    pub(super) fn room(&mut self, name: &str, capacity: Option<i32>) {
        if name.is_empty() {
            return;
        }
        match self.file.rooms.iter_mut().find(|room| room.name == name) {
            Some(room) => room.capacity = room.capacity.or(capacity),
            None => self.file.rooms.push(FileRoom { name: name.to_owned(), capacity }),
        }
    }

    /// Adds a track that is not there yet.
    pub(super) fn track(&mut self, name: &str) {
        if !name.is_empty() && !self.file.tracks.iter().any(|track| track == name) {
            self.file.tracks.push(name.to_owned());
        }
    }

    /// Refuses something that is not even a draft.
    pub(super) fn refuse(&mut self, line: u64, what: &str, reason: String) {
        self.count += 1;
        let what = if what.is_empty() { format!("session {}", self.count) } else { what.to_owned() };
        self.file.refused.push(RefusedRow { line: Some(line), what, reason });
    }

    /// Judges a draft: takes it, or refuses it with the first reason there is.
    pub(super) fn take(&mut self, line: u64, draft: Draft, times: Result<Span, String>, doubts: Vec<Doubt>) {
        let span = match self.judge(&draft, times) {
            Ok(span) => span,
            Err(reason) => {
                let what = if draft.title.is_empty() { &draft.external_id } else { &draft.title };
                self.refuse(line, what, reason);
                return;
            }
        };
        self.count += 1;
        self.lines_by_id.insert(draft.external_id.clone(), line);
        for doubt in doubts {
            self.doubts.entry(doubt).or_insert((0, line)).0 += 1;
        }
        self.room(&draft.room, None);
        self.track(&draft.track);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        self.file.sessions.push(FileSession {
            external_id: draft.external_id,
            title: draft.title,
            subtitle: draft.subtitle,
            abstract_text: draft.abstract_text,
            starts_at: span.0,
            ends_at: span.1,
            room: some(draft.room),
            track: some(draft.track),
            kind_hint: some(draft.kind),
            language: some(draft.language),
            speakers: draft.speakers.iter().map(|name| tidy_line(name)).filter(|name| !name.is_empty()).collect(),
            recorded: draft.recorded,
            line: Some(line),
        });
    }

    fn judge(&self, draft: &Draft, times: Result<Span, String>) -> Result<Span, String> {
        if draft.external_id.is_empty() {
            return Err("It has neither a guid nor an id.".to_owned());
        }
        if let Some(first) = self.lines_by_id.get(&draft.external_id) {
            return Err(format!("Its id {} is the one of the session on line {first}.", draft.external_id));
        }
        if draft.title.is_empty() {
            return Err("It has no title.".to_owned());
        }
        let (starts_at, ends_at) = times?;
        if ends_at == starts_at {
            return Err("It ends at the moment it starts.".to_owned());
        }
        if ends_at < starts_at {
            return Err(format!("It ends at {ends_at} UTC, before it starts at {starts_at} UTC."));
        }
        Ok((starts_at, ends_at))
    }

    /// The file with its notes.
    pub(super) fn finish(mut self) -> ScheduleFile {
        let zone = self.zones.stated.unwrap_or(self.zones.fallback);
        for (doubt, (count, line)) in &self.doubts {
            let said = match doubt {
                Doubt::OtherOffset => format!("their offset is not the one of {zone} then; the offset was believed"),
                Doubt::StartDisagrees => "their start is not the time of their date; the date was believed".to_owned(),
                Doubt::TwiceThatNight => format!("that time comes twice in {zone}; the first was taken"),
                Doubt::NextDay => "they start before the conference's day begins; the next day was taken".to_owned(),
            };
            self.file.notes.push(format!("Times read with doubt: {count}, the first on line {line}: {said}."));
        }
        if self.count == 0 {
            self.file.notes.push("The file holds no sessions.".to_owned());
        }
        self.file
    }
}
