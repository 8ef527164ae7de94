//! Asking for a sign-in: a link and a code, mailed only where such a person exists (ACC-1).

use serde_json::Value;

use crate::app::Tx;
use crate::error::Result;
use crate::events::{self, rules as days};
use crate::ids::PersonId;
use crate::people::sign_in::{CODE_LASTS, Checked, Purpose, Secrets};
use crate::people::{self, Person};
use crate::{mail, registration};

/// Mails a link and a code when this e-mail and last name belong to somebody; whoever asks is not told.
/// `next` is a path of ours to go on to.
pub fn ask(tx: &mut Tx<'_>, email_key: &str, last_name: &str, next: Option<&str>) -> Result<()> {
    let Some(person) = people::find(tx.db, email_key, &people::rules::fold(last_name))? else { return Ok(()) };
    let Some(secrets) = people::sign_in::new_code(tx, Purpose::SignIn, email_key, Some(&person.id))? else { return Ok(()) };
    letter(tx, &person, &secrets, next)
}

fn letter(tx: &mut Tx<'_>, person: &Person, secrets: &Secrets, next: Option<&str>) -> Result<()> {
    // The letter speaks for the event that the person registered for last.
    let Some(newest) = registration::of_person(tx.db, &person.id)?.into_iter().next() else { return Ok(()) };
    let event = events::get_by_id(tx.db, &newest.event_id)?;
    let (mut draft, mut fields) = registration::letters::letter(
        tx,
        "sign_in",
        &event,
        &newest,
        "You get this letter because somebody asked to sign in with this address and your last name.",
    )?;
    let query = next.map(|next| format!("?next={}", encoded(next))).unwrap_or_default();
    let link = format!("{}/sign-in/link/{}{query}", tx.site.config.base_url.trim_end_matches('/'), secrets.link);
    let until = tx.now.plus(CODE_LASTS);
    fields.insert("link".to_owned(), Value::String(link));
    fields.insert("code".to_owned(), Value::String(secrets.code.clone()));
    fields.insert("expires_text".to_owned(), Value::String(days::instant_words(until, event.zone())));
    draft.confidential = true;
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// A value as it stands in an address.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Tries the code typed for this address; the cookie's secret when it was right.
pub fn enter_code(tx: &mut Tx<'_>, email_key: &str, typed: &str) -> Result<Option<String>> {
    let checked = people::sign_in::try_code(tx, Purpose::SignIn, email_key, typed)?;
    enter(tx, checked)
}

/// Uses a mailed link up; the cookie's secret when it was good.
pub fn enter_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<String>> {
    let checked = people::sign_in::use_link(tx, link)?;
    enter(tx, checked)
}

fn enter(tx: &mut Tx<'_>, checked: Checked) -> Result<Option<String>> {
    match checked {
        Checked::Good(Some(person)) => sign_in(tx, person).map(Some),
        Checked::Good(None) | Checked::Wrong => Ok(None),
    }
}

fn sign_in(tx: &mut Tx<'_>, person: PersonId) -> Result<String> {
    tx.actor = crate::app::Actor::Attendee(person.clone());
    people::sign_in::sign_in(tx, &person)
}
