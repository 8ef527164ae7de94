//! A correction with what hangs on it: certificates follow the name, join links the address.

use crate::app::Tx;
use crate::credits::certificates::issuing;
use crate::error::Result;
use crate::events::Event;
use crate::people;
use crate::registration::rules::Details;
use crate::registration::{self, Registration};
use crate::webinars::mailbox;

/// Corrects what stands in a registration. A certificate that is issued already gets a new version with the corrected
/// name (CEU-6), and join links that went to a wrong address are replaced (WEB-1).
pub fn correct(tx: &mut Tx<'_>, event: &Event, registration: &Registration, typed: &Details, reason: &str) -> Result<()> {
    let before = people::get(tx.db, &registration.person_id)?;
    let corrected = registration::correction::correct(tx, registration, typed, reason)?;
    issuing::follow(tx, event, &corrected, reason)?;
    mailbox::follow_address(tx, &before)
}
