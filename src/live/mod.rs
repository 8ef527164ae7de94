//! The hall at a glance: who arrives, who is in which room, whom the doors refuse, and how the phones are.

pub mod rules;
pub mod queries;
pub mod admin;

use crate::agenda::Session;
use crate::checkin::{self, Checkpoint, Outcome};
use crate::clock::Instant;
use crate::db::Db;
use crate::devices::{self, Listed};
use crate::error::Result;
use crate::events::{Event, UnpaidAtDoor};
use rules::Bin;

/// Everything that the live page shows, read at one moment.
#[derive(Clone, Debug)]
pub struct Board {
    pub at: Instant,
    /// People whose first scan of the day let them in, in steps of five minutes; the last one is under way.
    pub arrivals: Vec<Bin>,
    pub arrived_today: i64,
    pub doors: Vec<DoorNow>,
    pub rooms: Vec<RoomNow>,
    /// Most frequent first.
    pub refusals: Vec<(Outcome, i64)>,
    /// Phones that work now.
    pub devices: Vec<Listed>,
}

/// What a checkpoint did today.
#[derive(Clone, Debug)]
pub struct DoorNow {
    pub checkpoint: Checkpoint,
    pub let_in: i64,
    pub refused: i64,
    /// In the last five minutes.
    pub lately: i64,
}

/// A session with a door, and who is in its room.
#[derive(Clone, Debug)]
pub struct RoomNow {
    pub session: Session,
    pub room: Option<String>,
    /// Seats that people have; nothing where none is chosen.
    pub reserved: Option<i64>,
    /// People in the room without a seat of their own; nothing where none is chosen.
    pub walk_ins: Option<i64>,
    pub present: i64,
}

/// Reads the board of an event.
pub fn board(db: &mut Db, event: &Event, now: Instant) -> Result<Board> {
    let today = Instant::start_of_day(now.date_in(event.zone()), event.zone());
    let scans = queries::scans_since(db, &event.id, today)?;
    let refuses_unpaid = event.unpaid_at_door == UnpaidAtDoor::Refuse;
    let arrivals = rules::first_entries(&scans, refuses_unpaid);
    let arrived = arrivals.iter().filter(|at| **at >= today);
    let checkpoints = checkin::checkpoints(db, &event.id)?;
    let rooms = queries::rooms(db, &checkpoints, now)?;
    let doors = checkpoints.into_iter().map(|checkpoint| {
        let tally = rules::tally(scans.iter().filter(|scan| scan.checkpoint == checkpoint.id), refuses_unpaid, now);
        DoorNow { checkpoint, let_in: tally.let_in, refused: tally.refused, lately: tally.lately }
    });
    let devices = devices::list(db, &event.id)?;
    Ok(Board {
        at: now,
        arrived_today: i64::try_from(arrived.count()).unwrap_or(i64::MAX),
        arrivals: rules::bins(&arrivals, now, rules::BINS),
        doors: doors.collect(),
        rooms,
        refusals: rules::refusals(&scans, refuses_unpaid),
        devices: devices.into_iter().filter(|listed| listed.state(now) == devices::State::Works).collect(),
    })
}
