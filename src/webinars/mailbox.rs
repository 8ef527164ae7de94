//! A corrected address: what was mailed to the wrong mailbox joins nobody any more (WEB-1).

use super::{is_theirs, letters, links};
use crate::app::Tx;
use crate::error::Result;
use crate::people::{self, Person};
use crate::registration::{self, Status};
use crate::{agenda, events};

/// Why the links are replaced, as the trail keeps it; the addresses stand in the correction's own entry.
const REASON: &str = "The address was corrected; the letter with this link went to the old one.";

/// Replaces every link of a person to a webinar that is not over, and mails the new ones, where the mailbox is another
/// than `before`. Whoever reads the old mailbox would join in the person's name.
pub fn follow_address(tx: &mut Tx<'_>, before: &Person) -> Result<()> {
    if people::get(tx.db, &before.id)?.email_key == before.email_key {
        return Ok(());
    }
    for registration in registration::of_person(tx.db, &before.id)? {
        for link in links::standing(tx.db, &registration.id)? {
            let session = agenda::get_by_id(tx.db, &link.session_id)?;
            if tx.now >= session.ends_at {
                continue;
            }
            links::replace(tx, &session, &registration, REASON)?;
            let stands = registration.status == Status::Confirmed && session.canceled_at.is_none();
            if stands && is_theirs(tx.db, &registration, &session)? {
                let event = events::get_by_id(tx.db, &session.event_id)?;
                letters::write_again(tx, &event, &session, &registration)?;
            }
        }
    }
    Ok(())
}
