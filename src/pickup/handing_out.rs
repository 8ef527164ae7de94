//! Handing a badge out and taking it back: both are scans at the desk, so nothing is ever deleted (CHK-4).

use std::sync::Arc;

use crate::app::Tx;
use crate::badges;
use crate::badges::candidates::{Wanted, Whom};
use crate::badges::prints::{self, Print, Printer};
use crate::checkin::rules::{Direction, Outcome};
use crate::checkin::{Door, Presented, ScanRequest, Shown, lookup, roster, scan};
use crate::clock::Instant;
use crate::desk::person::registration_of;
use crate::error::{Error, Result};
use crate::registration::Registration;
use crate::staff::{Identity, Permission};

/// A badge that is handed out or taken back, as the desk sends it.
#[derive(Clone, Debug)]
pub struct PickUp {
    /// Made on the desk's laptop; the same id twice is one pick-up.
    pub id: String,
    /// The registration's code.
    pub registration: String,
    /// The hash of the very badge, where the laptop knew it; otherwise it is the one that holds now.
    pub badge: Option<String>,
    /// In is handed out, out is taken back.
    pub direction: Direction,
    pub scanned_at: Option<Instant>,
    pub clock_offset_ms: i64,
    pub offline: bool,
    pub decided: Option<Outcome>,
    /// Why it is taken back, or handed out against the answer.
    pub reason: Option<String>,
    /// Print it too, on this paper.
    pub print_on: Option<Printer>,
}

/// What came of it.
pub struct HandedOut {
    pub shown: Shown,
    pub print: Option<Print>,
}

/// Hands a badge out, printing it where that is wanted, or takes it back with a reason. Who may not have it gets none
/// printed.
pub fn hand_out(tx: &mut Tx<'_>, door: &Arc<Door>, wanted: &PickUp, scope: &Identity) -> Result<HandedOut> {
    scope.require(Permission::HandOutBadges, &door.event.id)?;
    let registration = registration_of(tx.db, &door.event, &wanted.registration)?;
    let token = token_of(tx, door, &registration, wanted.badge.as_deref())?;
    if wanted.direction == Direction::Out && wanted.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Error::invalid("reason", "required", "Say why the badge is taken back, for example “the wrong person”."));
    }
    let request = ScanRequest {
        id: wanted.id.clone(),
        token,
        direction: wanted.direction,
        scanned_at: wanted.scanned_at,
        clock_offset_ms: wanted.clock_offset_ms,
        offline: wanted.offline,
        decided: wanted.decided,
        override_reason: wanted.reason.clone(),
    };
    let presented = Presented::new(door.clone(), request, scope)?;
    let is_repeated = lookup::scan(tx.db, &presented.id)?.is_some();
    let shown = scan(tx, &presented)?;
    let print = match wanted.print_on {
        Some(printer) if shown.lets_pass && !is_repeated => {
            let one = Wanted { whom: Whom::Everyone, kind: None, one: Some(registration.id) };
            Some(prints::print(tx, &door.event, &one, printer, 0)?)
        }
        _ => None,
    };
    Ok(HandedOut { shown, print })
}

/// The code of the badge that is meant.
fn token_of(tx: &mut Tx<'_>, door: &Door, registration: &Registration, wanted: Option<&str>) -> Result<String> {
    for badge in badges::all_of_registration(tx.db, &registration.id)? {
        let token = badge.token(&door.event)?;
        let is_it = wanted.map_or(badge.revoked_at.is_none(), |wanted| roster::place_of(&token) == wanted);
        if is_it {
            return Ok(token);
        }
    }
    Err(Error::refused("pickup.no_badge", "This registration has no such badge. Search for the person again."))
}
