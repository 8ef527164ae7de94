//! Paired phones of the demo: two at doors and a scanner at the pick-up desk; and one that waits for the phone, or the
//! other browser window, of whoever tries the demo.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::mark;
use super::people::congress;
use crate::app::{Actor, Tx};
use crate::clock::Instant;
use crate::devices::rules::{MOST_HOURS, State, shown_code};
use crate::devices::{self, NewDevice, Proof, ReportInput};
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::staff;

/// A made-up phone, and how it is.
struct Phone {
    name: &'static str,
    /// The checkpoints that it works; the page of the first is open.
    doors: &'static [&'static str],
    percent: i32,
    charging: bool,
    queued: i32,
    /// It was heard of so many minutes ago, and is not any more.
    silent_since: Option<i64>,
}

const PHONES: [Phone; 3] = [
    Phone { name: "Scanner at the desk", doors: &["pickup"], percent: 100, charging: true, queued: 0, silent_since: None },
    Phone { name: "Phone 1", doors: &["door-K1", "door-B1"], percent: 81, charging: false, queued: 0, silent_since: None },
    // Somewhere without a network.
    Phone { name: "Phone 2", doors: &["door-B2", "door-B3"], percent: 17, charging: false, queued: 4, silent_since: Some(6) },
];

/// By this version the made-up phones are known; whoever pairs one anew reports another.
const VERSION: &str = "demo";

/// Phones report so many seconds apart.
pub const REPORT_EVERY: u32 = 30;

/// Pairs the made-up phones.
pub fn set_up(tx: &mut Tx<'_>, now: Instant) -> Result<()> {
    let event = congress(tx)?;
    for phone in &PHONES {
        (tx.actor, tx.now) = (onsite(tx)?, now.minus(Duration::minutes(95)));
        let new = NewDevice {
            name: phone.name.to_owned(),
            doors: phone.doors.iter().map(|door| (*door).to_owned()).collect(),
            every_door: false,
            may_override: false,
            hours: Some(MOST_HOURS),
        };
        let (device, secrets) = devices::create(tx, &event, &new)?;
        devices::pair(tx, &Proof::Code(secrets.code))?;
        tx.now = now.minus(Duration::minutes(phone.silent_since.unwrap_or_default()));
        tell(tx, phone, device.id)?;
    }
    Ok(())
}

fn onsite(tx: &mut Tx<'_>) -> Result<Actor> {
    let member = staff::find_by_email(tx.db, "onsite@example.org")?.ok_or(Error::NotFound)?;
    Ok(Actor::Staff(member.id))
}

fn tell(tx: &mut Tx<'_>, phone: &Phone, id: DeviceId) -> Result<()> {
    tx.actor = Actor::Device(id);
    let input = ReportInput {
        battery: Some(phone.percent),
        charging: Some(phone.charging),
        queued: phone.queued,
        oldest_queued_at: (phone.queued > 0).then(|| tx.now.minus(Duration::seconds(74))),
        app_version: VERSION.to_owned(),
    };
    devices::report(tx, phone.doors.first().copied().unwrap_or_default(), &input)
}

/// Those made-up phones that have a network say that they are there.
pub fn report(tx: &mut Tx<'_>) -> Result<()> {
    let event = congress(tx)?;
    for listed in devices::list(tx.db, &event.id)? {
        let Some(phone) = PHONES.iter().find(|phone| phone.name == listed.device.name && phone.silent_since.is_none()) else { continue };
        let is_made_up = listed.report.as_ref().is_some_and(|report| report.app_version == VERSION);
        if is_made_up && listed.state(tx.now) == State::Works {
            tell(tx, phone, listed.device.id)?;
        }
    }
    Ok(())
}

/// How a phone is paired at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pairing {
    /// Where the code is typed.
    pub address: String,
    pub code: String,
    /// Opened on the phone instead.
    pub link: String,
}

/// The id of the phone that waits is kept under this name.
const WAITING: &str = "demo_phone";
/// Until the next start replaces it; other codes last ten minutes.
const CODE_LASTS: Duration = Duration::hours(MOST_HOURS);

/// A fresh code for the phone of whoever tries the demo, good once, until the next start.
pub fn offer(tx: &mut Tx<'_>) -> Result<Pairing> {
    let event = congress(tx)?;
    tx.actor = onsite(tx)?;
    let known = mark::get(tx.db, WAITING)?.map(DeviceId::from);
    let extended = match known {
        Some(id) => devices::extend(tx, &event, &id, Some(MOST_HOURS)),
        None => Err(Error::NotFound),
    };
    let device = match extended {
        // The first time, or after it was revoked.
        Err(Error::NotFound | Error::Refused { .. }) => {
            let name = "Your phone".to_owned();
            let new = NewDevice { name, doors: Vec::new(), every_door: true, may_override: true, hours: Some(MOST_HOURS) };
            devices::create(tx, &event, &new)?.0
        }
        other => other?,
    };
    mark::set(tx, WAITING, device.id.as_str())?;
    let (_, secrets) = devices::new_code_for(tx, &event, &device.id, CODE_LASTS)?;
    let base_url = &tx.site.config.base_url;
    Ok(Pairing { address: format!("{base_url}/pair"), link: format!("{base_url}/pair/{}", secrets.link), code: shown_code(&secrets.code) })
}
