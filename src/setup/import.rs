//! Imports an event document: all of it, or nothing with every problem named; importing it again changes nothing.

use serde::Serialize;

use super::document::{Document, Fields, called, name_of, over};
use crate::agenda::{self, Known, RoomDraft, SessionDraft, TrackDraft};
use crate::app::{Actor, App, Tx};
use crate::error::{Error, FieldError, Result};
use crate::events::{self, BadgePlace, BadgePlaceDraft, Event, EventDraft, InfoDraft};
use crate::ids::random_letters;
use crate::pricing::{self, DiscountCodeDraft, TypeDraft};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// What is in the database and not in the file, each as a sentence. It was left as it is.
    pub notes: Vec<String>,
}

impl Summary {
    /// `3 added, 1 changed, 96 unchanged`.
    pub fn words(&self) -> String {
        format!("{} added, {} changed, {} unchanged", self.added, self.changed, self.unchanged)
    }
}

/// Imports a document. `Invalid` names every problem with its place, such as `sessions[3].ends`; nothing is imported then.
pub fn import(tx: &mut Tx<'_>, document: &Document) -> Result<Summary> {
    let mut import = Import::begin(tx, &document.event)?;
    import.info(&document.info)?;
    import.tracks(&document.tracks)?;
    import.rooms(&document.rooms)?;
    import.sessions(&document.sessions)?;
    import.types(&document.registration_types)?;
    import.discount_codes(&document.discount_codes)?;
    import.badge_places(&document.badge_places)?;
    super::checkpoints::import(&mut import, &document.checkpoints)?;
    import.finish()
}

/// What importing a document would do: it is imported, and all of it is taken back.
pub async fn rehearse(app: &App, actor: Actor, document: Document) -> Result<Summary> {
    let (sender, told) = std::sync::mpsc::channel();
    let undone: Result<()> = app
        .write(actor, move |tx| {
            let summary = import(tx, &document)?;
            sender.send(summary).map_err(Error::internal)?;
            Err(Error::refused(REHEARSED, "Nothing was kept."))
        })
        .await;
    match undone {
        Err(Error::Refused { code: REHEARSED, .. }) => told.try_recv().map_err(Error::internal),
        Err(other) => Err(other),
        Ok(()) => Err(Error::internal("a rehearsal was kept")),
    }
}

const REHEARSED: &str = "setup.rehearsed";

/// One import on its way.
pub(super) struct Import<'tx, 'db> {
    pub(super) tx: &'tx mut Tx<'db>,
    pub(super) event: Event,
    pub(super) known: Known,
    summary: Summary,
    problems: Vec<FieldError>,
}

/// What happened to one thing of the file.
pub(super) enum Done {
    Added,
    Changed,
    Unchanged,
}

impl From<bool> for Done {
    fn from(changed: bool) -> Self {
        if changed { Self::Changed } else { Self::Unchanged }
    }
}

impl<'tx, 'db> Import<'tx, 'db> {
    /// Makes or changes the event itself. Where its own section is wrong, a stand-in lets the rest be checked too;
    /// it goes with the transaction, which is refused in the end.
    fn begin(tx: &'tx mut Tx<'db>, fields: &Fields) -> Result<Self> {
        let (mut summary, mut problems) = (Summary::default(), Vec::new());
        let stored = events::find(tx.db, &name_of(fields, "slug"))?;
        let draft = over(&stored.as_ref().map(EventDraft::of).unwrap_or_default(), fields)?;
        let result = match &stored {
            Some(before) => events::update(tx, before, &draft).map(|(event, changed)| (event, Done::from(changed))),
            None => events::create(tx, &draft).map(|event| (event, Done::Added)),
        };
        let event = match result {
            Ok((event, done)) => {
                summary.count(done);
                event
            }
            Err(Error::Invalid(errors)) => {
                let stand_in = stand_in(&draft, &errors);
                problems.extend(errors.into_iter().map(|error| placed("event", "", error)));
                match stored {
                    Some(stored) => stored,
                    None => events::create(tx, &stand_in)?,
                }
            }
            Err(other) => return Err(other),
        };
        let known = Known::load(tx.db, &event.id)?;
        Ok(Self { tx, event, known, summary, problems })
    }

    fn finish(self) -> Result<Summary> {
        if self.problems.is_empty() { Ok(self.summary) } else { Err(Error::Invalid(self.problems)) }
    }

    /// Counts what happened to `list[index]`, or keeps its problems with their place.
    pub(super) fn took(&mut self, list: &str, index: usize, fields: &Fields, result: Result<Done>) -> Result<()> {
        match result {
            Ok(done) => self.summary.count(done),
            Err(Error::Invalid(errors)) => {
                let (place, called) = (format!("{list}[{index}]"), called(fields));
                self.problems.extend(errors.into_iter().map(|error| placed(&place, &called, error)));
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Notes what the database has and the file does not.
    pub(super) fn missing<'a>(&mut self, list: &str, stored: impl Iterator<Item = &'a str>, file: &[Fields], key: &str) {
        let named: Vec<String> = file.iter().map(|fields| name_of(fields, key)).collect();
        let left: Vec<&str> = stored.filter(|code| !named.iter().any(|name| name == code)).collect();
        self.note_missing(list, &left);
    }

    fn note_missing(&mut self, list: &str, left: &[&str]) {
        if !left.is_empty() {
            self.summary.notes.push(format!("Not in the file, left as they are ({list}): {}.", left.join(", ")));
        }
    }

    fn info(&mut self, items: &[Fields]) -> Result<()> {
        let stored = events::info_items(self.tx.db, &self.event.id)?;
        for (index, fields) in items.iter().enumerate() {
            let title = name_of(fields, "title");
            let result = match stored.iter().find(|item| item.title == title) {
                Some(before) => {
                    let draft = over(&InfoDraft::of(before), fields)?;
                    events::change_info_item(self.tx, before, &draft).map(Done::from)
                }
                None => events::add_info_item(self.tx, &self.event, &over(&InfoDraft::default(), fields)?).map(|_| Done::Added),
            };
            self.took("info", index, fields, result)?;
        }
        self.missing("info", stored.iter().map(|item| item.title.as_str()), items, "title");
        Ok(())
    }

    fn tracks(&mut self, items: &[Fields]) -> Result<()> {
        let stored = self.known.tracks.clone();
        for (index, fields) in items.iter().enumerate() {
            let code = name_of(fields, "code");
            let result = match stored.iter().find(|track| track.code == code) {
                Some(before) => {
                    let draft = over(&TrackDraft::of(before), fields)?;
                    agenda::change_track(self.tx, before, &draft, &mut self.known).map(Done::from)
                }
                None => {
                    let draft = over(&TrackDraft::default(), fields)?;
                    agenda::add_track(self.tx, &self.event, &draft, &mut self.known).map(|_| Done::Added)
                }
            };
            self.took("tracks", index, fields, result)?;
        }
        self.missing("tracks", stored.iter().map(|track| track.code.as_str()), items, "code");
        Ok(())
    }

    fn rooms(&mut self, items: &[Fields]) -> Result<()> {
        let stored = self.known.rooms.clone();
        for (index, fields) in items.iter().enumerate() {
            let code = name_of(fields, "code");
            let result = match stored.iter().find(|room| room.code == code) {
                Some(before) => {
                    let draft = over(&RoomDraft::of(before), fields)?;
                    agenda::change_room(self.tx, before, &draft, &mut self.known).map(Done::from)
                }
                None => {
                    let draft = over(&RoomDraft::default(), fields)?;
                    agenda::add_room(self.tx, &self.event, &draft, &mut self.known).map(|_| Done::Added)
                }
            };
            self.took("rooms", index, fields, result)?;
        }
        self.missing("rooms", stored.iter().map(|room| room.code.as_str()), items, "code");
        Ok(())
    }

    /// Sessions that repeat another come after those that do not, so that the other is there.
    fn sessions(&mut self, items: &[Fields]) -> Result<()> {
        let stored = self.known.sessions.clone();
        let (repeats, others): (Vec<_>, Vec<_>) = items.iter().enumerate().partition(|(_, fields)| !name_of(fields, "repeats").is_empty());
        for (index, fields) in others.into_iter().chain(repeats) {
            let code = name_of(fields, "code");
            let result = match stored.iter().find(|session| session.code == code) {
                Some(before) => {
                    // Read again: a room with a new name has raised the calendar number meanwhile.
                    let before = agenda::get_by_id(self.tx.db, &before.id)?;
                    let draft = over(&SessionDraft::of(&before, self.event.zone(), &self.known), fields)?;
                    let saved = super::sessions::change(self.tx, &self.event, &before, &draft, &mut self.known);
                    saved.map(|saved| Done::from(saved.is_some()))
                }
                None => {
                    let draft = over(&SessionDraft::default(), fields)?;
                    agenda::add_session(self.tx, &self.event, &draft, &mut self.known).map(|_| Done::Added)
                }
            };
            self.took("sessions", index, fields, result)?;
        }
        let live = stored.iter().filter(|session| session.canceled_at.is_none());
        self.missing("sessions", live.map(|session| session.code.as_str()), items, "code");
        Ok(())
    }

    fn types(&mut self, items: &[Fields]) -> Result<()> {
        let stored = pricing::list_types(self.tx.db, &self.event.id)?;
        for (index, fields) in items.iter().enumerate() {
            let code = name_of(fields, "code");
            let result = match stored.iter().find(|kind| kind.code == code) {
                Some(before) => {
                    let draft = over(&pricing::draft_of(self.tx.db, before, &self.known.sessions)?, fields)?;
                    pricing::change_type(self.tx, &self.event, before, &draft).map(Done::from)
                }
                None => pricing::add_type(self.tx, &self.event, &over(&TypeDraft::default(), fields)?).map(|_| Done::Added),
            };
            self.took("registration_types", index, fields, result)?;
        }
        self.missing("registration_types", stored.iter().map(|kind| kind.code.as_str()), items, "code");
        Ok(())
    }

    fn discount_codes(&mut self, items: &[Fields]) -> Result<()> {
        let stored = pricing::list_discount_codes(self.tx.db, &self.event.id)?;
        for (index, fields) in items.iter().enumerate() {
            let key = pricing::code_key(&name_of(fields, "code"));
            let result = match stored.iter().find(|code| code.code_key == key) {
                Some(before) => {
                    let draft = over(&DiscountCodeDraft::of(before), fields)?;
                    pricing::change_discount_code(self.tx, before, &draft).map(Done::from)
                }
                None => {
                    let draft = over(&DiscountCodeDraft::default(), fields)?;
                    pricing::add_discount_code(self.tx, &self.event, &draft).map(|_| Done::Added)
                }
            };
            self.took("discount_codes", index, fields, result)?;
        }
        self.missing("discount_codes", stored.iter().map(|code| code.code.as_str()), items, "code");
        Ok(())
    }

    /// Places have no codes. A place is itself when nothing changed; otherwise it is the one of the same day for the
    /// same people, so that a place that moved is told as a change.
    fn badge_places(&mut self, items: &[Fields]) -> Result<()> {
        let zone = self.event.zone();
        let mut free: Vec<(BadgePlace, BadgePlaceDraft)> = events::badge_places(self.tx.db, &self.event.id)?
            .into_iter()
            .map(|place| (place.clone(), BadgePlaceDraft::of(&place, zone)))
            .collect();
        let mut moved = Vec::new();
        for (index, fields) in items.iter().enumerate() {
            let draft = over(&BadgePlaceDraft::default(), fields)?;
            match free.iter().position(|(_, stored)| *stored == draft) {
                Some(same) => {
                    free.remove(same);
                    self.took("badge_places", index, fields, Ok(Done::Unchanged))?;
                }
                None => moved.push((index, fields, draft)),
            }
        }
        for (index, fields, draft) in moved {
            let day = |draft: &BadgePlaceDraft| draft.opens.get(..10).map(str::to_owned);
            let same = free.iter().position(|(_, stored)| day(stored) == day(&draft) && stored.audience == draft.audience);
            let result = match same.map(|same| free.remove(same)) {
                Some((before, _)) => events::change_badge_place(self.tx, &self.event, &before, &draft).map(Done::from),
                None => events::add_badge_place(self.tx, &self.event, &draft).map(|_| Done::Added),
            };
            self.took("badge_places", index, fields, result)?;
        }
        let left: Vec<&str> = free.iter().map(|(place, _)| place.place.as_str()).collect();
        self.note_missing("badge_places", &left);
        Ok(())
    }
}

impl Summary {
    fn count(&mut self, done: Done) {
        match done {
            Done::Added => self.added += 1,
            Done::Changed => self.changed += 1,
            Done::Unchanged => self.unchanged += 1,
        }
    }
}

fn placed(place: &str, called: &str, error: FieldError) -> FieldError {
    FieldError { field: format!("{place}.{}", error.field), detail: format!("{called}{}", error.detail), ..error }
}

/// The draft with every wrong field replaced by one that is right.
fn stand_in(draft: &EventDraft, errors: &[FieldError]) -> EventDraft {
    let text = str::to_owned;
    let mut stand_in = EventDraft {
        slug: format!("stand-in-{}", random_letters(12).to_lowercase()),
        name: text("Stand-in"),
        venue: text("Stand-in"),
        help_email: text("help@example.org"),
        starts_on: text("2026-01-01"),
        ends_on: text("2026-01-01"),
        ..EventDraft::default()
    };
    if !errors.iter().any(|error| error.field == "zone") {
        stand_in.zone.clone_from(&draft.zone);
    }
    stand_in
}
