//! Adds and changes tracks and rooms; a room with a new name is a change that calendars must notice.

use diesel::prelude::*;
use serde_json::json;

use super::{Known, Room, RoomDraft, Track, TrackDraft};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::{rooms, sessions, tracks};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{RoomId, TrackId};

/// Adds a track and makes it known; without a position it comes last.
pub fn add_track(tx: &mut Tx<'_>, event: &Event, draft: &TrackDraft, known: &mut Known) -> Result<Track> {
    events::hold(tx, &event.id)?;
    let position = known.tracks.iter().map(|track| track.position).max().unwrap_or(0) + 1;
    let mut track = Track { id: TrackId::new(), event_id: event.id.clone(), code: String::new(), name: String::new(), position };
    draft.read(known, &mut track).finish()?;
    diesel::insert_into(tracks::table).values(&track).execute(tx.db)?;
    Entry::of("track.added", "track", &track.id).event(&event.id).after(json!(TrackDraft::of(&track))).record(tx)?;
    tx.event_changed(&event.id);
    known.tracks.push(track.clone());
    Ok(track)
}

/// Changes a track; the flag says whether anything was different.
pub fn change_track(tx: &mut Tx<'_>, before: &Track, draft: &TrackDraft, known: &mut Known) -> Result<bool> {
    let mut track = before.clone();
    draft.read(known, &mut track).finish()?;
    if track == *before {
        return Ok(false);
    }
    diesel::update(tracks::table.find(&track.id)).set(&track).execute(tx.db)?;
    let (old, new) = audit::differences(&TrackDraft::of(before), &TrackDraft::of(&track))?;
    Entry::of("track.changed", "track", &track.id).event(&track.event_id).before(old).after(new).record(tx)?;
    tx.event_changed(&track.event_id);
    known.tracks.retain(|other| other.id != track.id);
    known.tracks.push(track);
    Ok(true)
}

/// Removes a track that no session is in.
pub fn remove_track(tx: &mut Tx<'_>, track: &Track) -> Result<()> {
    let used = sessions::table.filter(sessions::track_id.eq(&track.id)).count().get_result::<i64>(tx.db)?;
    if used > 0 {
        return Err(Error::refused("agenda.track_used", format!("{used} sessions are in this track. Move them first.")));
    }
    diesel::delete(tracks::table.find(&track.id)).execute(tx.db)?;
    Entry::of("track.removed", "track", &track.id).event(&track.event_id).before(json!(TrackDraft::of(track))).record(tx)?;
    tx.event_changed(&track.event_id);
    Ok(())
}

/// Adds a room and makes it known; without a position it comes last.
pub fn add_room(tx: &mut Tx<'_>, event: &Event, draft: &RoomDraft, known: &mut Known) -> Result<Room> {
    events::hold(tx, &event.id)?;
    let position = known.rooms.iter().map(|room| room.position).max().unwrap_or(0) + 1;
    let mut room =
        Room { id: RoomId::new(), event_id: event.id.clone(), code: String::new(), name: String::new(), capacity: None, position };
    draft.read(known, &mut room).finish()?;
    diesel::insert_into(rooms::table).values(&room).execute(tx.db)?;
    Entry::of("room.added", "room", &room.id).event(&event.id).after(json!(RoomDraft::of(&room))).record(tx)?;
    tx.event_changed(&event.id);
    known.rooms.push(room.clone());
    Ok(room)
}

/// Changes a room; the flag says whether anything was different. A new name raises the calendar number of its sessions.
pub fn change_room(tx: &mut Tx<'_>, before: &Room, draft: &RoomDraft, known: &mut Known) -> Result<bool> {
    let mut room = before.clone();
    draft.read(known, &mut room).finish()?;
    if room == *before {
        return Ok(false);
    }
    diesel::update(rooms::table.find(&room.id)).set(&room).execute(tx.db)?;
    if room.name != before.name {
        diesel::update(sessions::table.filter(sessions::room_id.eq(&room.id)))
            .set(sessions::calendar_sequence.eq(sessions::calendar_sequence + 1))
            .execute(tx.db)?;
        for session in known.sessions.iter_mut().filter(|session| session.room_id.as_ref() == Some(&room.id)) {
            session.calendar_sequence += 1;
        }
    }
    let (old, new) = audit::differences(&RoomDraft::of(before), &RoomDraft::of(&room))?;
    Entry::of("room.changed", "room", &room.id).event(&room.event_id).before(old).after(new).record(tx)?;
    tx.event_changed(&room.event_id);
    known.rooms.retain(|other| other.id != room.id);
    known.rooms.push(room);
    Ok(true)
}

/// Removes a room that no session is in.
pub fn remove_room(tx: &mut Tx<'_>, room: &Room) -> Result<()> {
    let used = sessions::table.filter(sessions::room_id.eq(&room.id)).count().get_result::<i64>(tx.db)?;
    if used > 0 {
        return Err(Error::refused("agenda.room_used", format!("{used} sessions are in this room. Move them first.")));
    }
    diesel::delete(rooms::table.find(&room.id)).execute(tx.db)?;
    Entry::of("room.removed", "room", &room.id).event(&room.event_id).before(json!(RoomDraft::of(room))).record(tx)?;
    tx.event_changed(&room.event_id);
    Ok(())
}
