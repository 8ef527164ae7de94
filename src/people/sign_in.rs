//! Signing in without a password: a link and a code, mailed to the address a person registered with (ACC-1).

use chrono::Duration;
use diesel::prelude::*;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attendee_sign_ins, mailed_codes, people};
use crate::error::{Error, Result};
use crate::ids::{MailedCodeId, PersonId, SignInId, keyed_hash, new_secret, random_digits, same, secret_hash};

use super::Person;

/// How long a mailed code or link may be used.
pub const CODE_LASTS: Duration = Duration::minutes(15);
/// How long a signed-in attendee stays so.
pub const SIGN_IN_LASTS: Duration = Duration::days(30);
/// After so many wrong codes a mailed code is dead.
const MOST_FAILED_TRIES: i32 = 5;
/// At most so many codes are mailed to one address within [`CODE_LASTS`].
pub const MOST_CODES: i64 = 5;

crate::words! {
    /// What a mailed code proves.
    Purpose { SignIn => "sign_in", Email => "email" }
}

/// A mailed code as it is stored: both secrets hashed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = mailed_codes, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct MailedCode {
    pub id: MailedCodeId,
    pub purpose: Purpose,
    pub person_id: Option<PersonId>,
    pub email_key: String,
    pub link_hash: String,
    pub code_hash: String,
    pub failed_tries: i32,
    pub created_at: Instant,
    pub expires_at: Instant,
    pub used_at: Option<Instant>,
}

/// The two secrets of a mailed code, to be put into a letter and nowhere else.
pub struct Secrets {
    pub link: String,
    pub code: String,
}

/// Makes a code for an address; `None` when it was sent too many already (whoever asked is not told).
pub fn new_code(tx: &mut Tx<'_>, purpose: Purpose, email_key: &str, person: Option<&PersonId>) -> Result<Option<Secrets>> {
    let recent: i64 = mailed_codes::table
        .filter(mailed_codes::email_key.eq(email_key))
        .filter(mailed_codes::purpose.eq(purpose))
        .filter(mailed_codes::created_at.gt(tx.now.minus(CODE_LASTS)))
        .count()
        .get_result(tx.db)?;
    if recent >= MOST_CODES {
        return Ok(None);
    }
    add_code(tx, purpose, email_key, person).map(Some)
}

fn add_code(tx: &mut Tx<'_>, purpose: Purpose, email_key: &str, person: Option<&PersonId>) -> Result<Secrets> {
    let secrets = Secrets { link: new_secret(), code: random_digits(6) };
    let id = MailedCodeId::new();
    let row = MailedCode {
        code_hash: keyed_hash(&tx.site.code_key, &[id.as_str(), &secrets.code]),
        id,
        purpose,
        person_id: person.cloned(),
        email_key: email_key.to_owned(),
        link_hash: secret_hash(&secrets.link),
        failed_tries: 0,
        created_at: tx.now,
        expires_at: tx.now.plus(CODE_LASTS),
        used_at: None,
    };
    diesel::insert_into(mailed_codes::table).values(&row).execute(tx.db)?;
    Ok(secrets)
}

/// Whether a code or link was good. Not an error, since a wrong try is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Good(Option<PersonId>),
    Wrong,
}

/// Tries a typed code against the codes mailed to this address; a wrong try counts against all of them.
pub fn try_code(tx: &mut Tx<'_>, purpose: Purpose, email_key: &str, typed: &str) -> Result<Checked> {
    let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
    // Held before counting the wrong tries, so that guesses at once count one by one.
    diesel::update(mailed_codes::table.filter(mailed_codes::email_key.eq(email_key)))
        .set(mailed_codes::email_key.eq(mailed_codes::email_key))
        .execute(tx.db)?;
    let alive = alive(tx.db, purpose, email_key, tx.now)?;
    for row in &alive {
        if same(&keyed_hash(&tx.site.code_key, &[row.id.as_str(), &typed]), &row.code_hash) {
            return use_up(tx, row);
        }
    }
    for row in &alive {
        diesel::update(mailed_codes::table.find(&row.id))
            .set(mailed_codes::failed_tries.eq(mailed_codes::failed_tries + 1))
            .execute(tx.db)?;
    }
    Ok(Checked::Wrong)
}

fn alive(db: &mut Db, purpose: Purpose, email_key: &str, now: Instant) -> Result<Vec<MailedCode>> {
    Ok(mailed_codes::table
        .filter(mailed_codes::email_key.eq(email_key))
        .filter(mailed_codes::purpose.eq(purpose))
        .filter(mailed_codes::used_at.is_null())
        .filter(mailed_codes::expires_at.gt(now))
        .filter(mailed_codes::failed_tries.lt(MOST_FAILED_TRIES))
        .select(MailedCode::as_select())
        .load(db)?)
}

/// Whose link this is, while it is good; looking does not use it up, since mail scanners open links.
pub fn find_link(db: &mut Db, link: &str, now: Instant) -> Result<Option<MailedCode>> {
    Ok(mailed_codes::table
        .filter(mailed_codes::link_hash.eq(secret_hash(link)))
        .filter(mailed_codes::used_at.is_null())
        .filter(mailed_codes::expires_at.gt(now))
        .select(MailedCode::as_select())
        .first(db)
        .optional()?)
}

/// Uses a link up.
pub fn use_link(tx: &mut Tx<'_>, link: &str) -> Result<Checked> {
    match find_link(tx.db, link, tx.now)? {
        Some(row) => use_up(tx, &row),
        None => Ok(Checked::Wrong),
    }
}

fn use_up(tx: &mut Tx<'_>, row: &MailedCode) -> Result<Checked> {
    let used = diesel::update(mailed_codes::table.find(&row.id))
        .filter(mailed_codes::used_at.is_null())
        .set(mailed_codes::used_at.eq(Some(tx.now)))
        .execute(tx.db)?;
    Ok(if used == 1 { Checked::Good(row.person_id.clone()) } else { Checked::Wrong })
}

/// Signs a person in; returns the secret for the cookie.
pub fn sign_in(tx: &mut Tx<'_>, person: &PersonId) -> Result<String> {
    let secret = new_secret();
    diesel::insert_into(attendee_sign_ins::table)
        .values((
            attendee_sign_ins::id.eq(SignInId::new()),
            attendee_sign_ins::person_id.eq(person),
            attendee_sign_ins::token_hash.eq(secret_hash(&secret)),
            attendee_sign_ins::created_at.eq(tx.now),
            attendee_sign_ins::expires_at.eq(tx.now.plus(SIGN_IN_LASTS)),
        ))
        .execute(tx.db)?;
    Entry::of("person.signed_in", "person", person).record(tx)?;
    Ok(secret)
}

/// Ends the sign-in of this cookie.
pub fn sign_out(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    diesel::delete(attendee_sign_ins::table.filter(attendee_sign_ins::token_hash.eq(secret_hash(secret)))).execute(tx.db)?;
    Ok(())
}

/// Who an attendee's cookie belongs to, while the sign-in lasts.
pub fn person_of_cookie(db: &mut Db, secret: &str, now: Instant) -> Result<Option<Person>> {
    Ok(attendee_sign_ins::table
        .inner_join(people::table)
        .filter(attendee_sign_ins::token_hash.eq(secret_hash(secret)))
        .filter(attendee_sign_ins::expires_at.gt(now))
        .select(Person::as_select())
        .first(db)
        .optional()?)
}

/// Forgets codes and sign-ins whose time is over; returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    let codes = diesel::delete(mailed_codes::table.filter(mailed_codes::expires_at.lt(tx.now))).execute(tx.db)?;
    let sign_ins = diesel::delete(attendee_sign_ins::table.filter(attendee_sign_ins::expires_at.lt(tx.now))).execute(tx.db)?;
    Ok(codes + sign_ins)
}

/// A code that the help desk reads out where mail does not arrive, after checking who it is (audited).
pub fn give_code(tx: &mut Tx<'_>, person: &Person, checked: &str) -> Result<String> {
    if checked.trim().is_empty() {
        return Err(Error::invalid("checked", "required", "Say how you checked who it is, for example “photo ID”."));
    }
    // Not counted with those that were mailed: the desk is where somebody goes whose letters do not arrive.
    let secrets = add_code(tx, Purpose::SignIn, &person.email_key, Some(&person.id))?;
    Entry::of("person.sign_in_code_given", "person", &person.id).reason(checked).record(tx)?;
    Ok(secrets.code)
}
