//! People: who registers and attends, known by e-mail and family name, and how they sign in (ACC-1).

pub mod correction;
pub mod rules;
pub mod sign_in;

use diesel::prelude::*;

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::people;
use crate::error::{Error, Result};
use crate::ids::PersonId;
use crate::on_either;

/// A person as stored; what stands on a badge or certificate belongs to the registration.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = people, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Person {
    pub id: PersonId,
    pub email: String,
    pub email_key: String,
    pub given_name: String,
    pub family_name: String,
    pub family_key: String,
    pub created_at: Instant,
}

impl Person {
    /// Given and family name, where there are both.
    pub fn full_name(&self) -> String {
        rules::full_name(&self.given_name, &self.family_name)
    }
}

/// The person with this e-mail and family name, added when new.
pub fn find_or_add(tx: &mut Tx<'_>, email: &str, given_name: &str, family_name: &str) -> Result<Person> {
    let email_key = rules::email_key(email)
        .ok_or_else(|| Error::invalid("email", "email", "Enter a complete e-mail address, such as name@hospital.org."))?;
    // Somebody with one name is found by it, whichever field it was typed into.
    let family_key = rules::fold(if family_name.trim().is_empty() { given_name } else { family_name });
    if let Some(person) = find(tx.db, &email_key, &family_key)? {
        return Ok(person);
    }
    let person = Person {
        id: PersonId::new(),
        email: email.trim().to_owned(),
        email_key,
        given_name: rules::tidy(given_name),
        family_name: rules::tidy(family_name),
        family_key,
        created_at: tx.now,
    };
    // Two orders at once may both miss the person; the second then finds whom the first added.
    let added = on_either!(tx.db, connection => {
        diesel::insert_into(people::table).values(&person).on_conflict_do_nothing().execute(connection)
    })?;
    if added == 1 { Ok(person) } else { find(tx.db, &person.email_key, &person.family_key)?.ok_or(Error::Busy) }
}

/// Makes every other order for this person wait, so that their registrations can be counted.
pub fn hold(tx: &mut Tx<'_>, id: &PersonId) -> Result<()> {
    diesel::update(people::table.find(id)).set(people::email.eq(people::email)).execute(tx.db)?;
    Ok(())
}

/// The person with this folded e-mail and folded family name.
pub fn find(db: &mut Db, email_key: &str, family_key: &str) -> Result<Option<Person>> {
    Ok(people::table
        .filter(people::email_key.eq(email_key))
        .filter(people::family_key.eq(family_key))
        .select(Person::as_select())
        .first(db)
        .optional()?)
}

/// A person by id.
pub fn get(db: &mut Db, id: &PersonId) -> Result<Person> {
    Ok(people::table.find(id).select(Person::as_select()).first(db)?)
}
