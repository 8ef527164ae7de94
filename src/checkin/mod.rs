//! Doors: checkpoints, scans and who is in the room (CHK-1 to CHK-4).

pub mod rules;
pub mod presence;
pub mod door;
pub mod lookup;
pub mod unclaimed;
pub mod attendance;
pub mod collisions;
mod moved;
pub mod scanning;
mod taking;
mod together;
pub mod queue;
pub mod roster;
pub mod set_up;
pub mod known_doors;
pub mod frames;
pub mod api;
pub mod admin;
pub mod search_admin;
pub mod device_admin;
pub mod attendance_admin;
pub mod marks_admin;
pub mod collisions_admin;

use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::schema::{attendance_marks, checkpoint_windows, checkpoints, marks_by_hand, presences, room_counts, scans};
use crate::ids::{BadgeId, CheckpointId, EventId, MarkId, RegistrationId, ScanId, SessionId, WindowId};

pub use door::{Door, checkpoints, windows};
pub use queue::{DoorLine, scan_all, scan_together};
pub use rules::{Direction, Kind, Outcome, Tone};
pub use scanning::{Answer, Presented, ScanRequest, Shown, scan};
pub use set_up::{CheckpointInput, create, delete_unused, update};

/// A place where badges are scanned, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = checkpoints, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Checkpoint {
    pub id: CheckpointId,
    pub event_id: EventId,
    /// What devices name it by, such as `door-B1`; unique in the event.
    pub code: String,
    pub kind: Kind,
    pub name: String,
    /// The session behind the door; a badge pick-up has none, a special event may have none.
    pub session_id: Option<SessionId>,
    /// Nobody scans out here, so a second scan is a "Welcome back".
    pub in_only: bool,
}

/// A time in which a checkpoint is open: from `opens_at` until just before `closes_at`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = checkpoint_windows, check_for_backend(crate::db::Either))]
pub struct Window {
    pub id: WindowId,
    pub checkpoint_id: CheckpointId,
    pub opens_at: Instant,
    pub closes_at: Instant,
}

/// A scan as it is stored, with the answer that was given.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = scans, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Scan {
    /// Made on the device; the same id twice is one scan (CHK-4).
    pub id: ScanId,
    pub checkpoint_id: CheckpointId,
    /// The badge, where it is one of this event's.
    pub badge_id: Option<BadgeId>,
    pub registration_id: Option<RegistrationId>,
    pub direction: Direction,
    pub outcome: Outcome,
    /// [`Shown`] as JSON.
    pub answer: String,
    /// The device's time, as sent.
    pub scanned_at: Instant,
    pub received_at: Instant,
    /// What to add to the device's time to get ours, in milliseconds, as sent.
    pub clock_offset_ms: i64,
    pub offline: bool,
    /// What the device decided by itself while it was offline.
    pub decided: Option<Outcome>,
    pub override_reason: Option<String>,
    /// Who scanned: `staff:…`, `token:…` or `device:…`.
    pub actor: String,
    /// The checkpoint's event and its code, for the entry that the scan is; none in scans from before they were entries.
    pub event_id: Option<EventId>,
    pub checkpoint_code: Option<String>,
    /// The session that it is a mark of attendance in; none where it moved nobody.
    pub session_id: Option<SessionId>,
    /// When it counts there as a way in or out.
    pub marked_at: Option<Instant>,
}

/// A person came into or went out of a session, by a scan or by hand; rows are only ever added (CHK-3).
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = attendance_marks, check_for_backend(crate::db::Either))]
pub struct Mark {
    /// The scan's own where a scan made it.
    pub id: MarkId,
    pub session_id: SessionId,
    pub registration_id: RegistrationId,
    pub direction: Direction,
    pub at: Instant,
    pub scan_id: Option<ScanId>,
    pub actor: String,
    /// Why it was corrected by hand.
    pub reason: Option<String>,
    /// When staff added it by hand; a scan's mark has the scan's times.
    pub entered_at: Option<Instant>,
}

/// A mark that staff added, since the scan was missed.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = marks_by_hand, check_for_backend(crate::db::Either))]
struct MarkByHand {
    id: MarkId,
    session_id: SessionId,
    registration_id: RegistrationId,
    direction: Direction,
    at: Instant,
    actor: String,
    reason: String,
    entered_at: Instant,
}

/// Whether a person is in the room, by the latest mark.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = presences, check_for_backend(crate::db::Either))]
pub struct Presence {
    pub session_id: SessionId,
    pub registration_id: RegistrationId,
    pub inside: bool,
    pub since: Instant,
}

/// In so many shares PostgreSQL keeps the number of people in a room: one for each first letter of a badge's number.
/// SQLite, where one writes at a time, adds to the first.
const SHARES: i32 = 16;

/// A share of the number of people in a room: the number is the sum of a session's shares.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = room_counts)]
struct RoomCount {
    session_id: SessionId,
    /// Below [`SHARES`], by the badge, so that people at several doors rarely wait for the same row.
    slot: i32,
    inside: i32,
}
