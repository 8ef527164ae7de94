//! Correcting the address and the name that a person signs in with.

use diesel::prelude::*;

use super::{Person, find, rules};
use crate::app::Tx;
use crate::db::schema::{attendee_sign_ins, mailed_codes, people};
use crate::error::{Error, Result};

/// Corrects a person's address, and the name where the person is known by the one that is corrected.
/// A new address ends every sign-in and code of the old one, which may be somebody else's.
pub fn correct(tx: &mut Tx<'_>, person: &Person, email: &str, old_name: (&str, &str), new_name: (&str, &str)) -> Result<()> {
    let wrong = || Error::invalid("email", "email", "Enter a complete e-mail address, such as name@hospital.org.");
    let email_key = rules::email_key(email).ok_or_else(wrong)?;
    let known_by_it = (person.given_name.as_str(), person.family_name.as_str()) == old_name;
    let (given_name, family_name) = if known_by_it { new_name } else { (person.given_name.as_str(), person.family_name.as_str()) };
    let family_key = rules::fold(if family_name.is_empty() { given_name } else { family_name });
    if let Some(other) = find(tx.db, &email_key, &family_key)?
        && other.id != person.id
    {
        let text = "Somebody with this family name is registered with this address already. Both would sign in the same way.";
        return Err(Error::invalid("email", "taken", text));
    }
    let moved = email_key != person.email_key;
    diesel::update(people::table.find(&person.id))
        .set((
            people::email.eq(email.trim()),
            people::email_key.eq(&email_key),
            people::given_name.eq(given_name),
            people::family_name.eq(family_name),
            people::family_key.eq(&family_key),
        ))
        .execute(tx.db)?;
    if moved {
        diesel::delete(attendee_sign_ins::table.filter(attendee_sign_ins::person_id.eq(&person.id))).execute(tx.db)?;
        diesel::update(mailed_codes::table.filter(mailed_codes::person_id.eq(&person.id)))
            .filter(mailed_codes::used_at.is_null())
            .set(mailed_codes::used_at.eq(Some(tx.now)))
            .execute(tx.db)?;
    }
    Ok(())
}
