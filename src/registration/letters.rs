//! Whom a letter about a registration goes to, and the fields that all of them share.

use serde_json::{Map, Value};

use super::Registration;
use crate::app::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::{mail, people};

/// A letter to the person of a registration: its draft and its shared fields, to be extended.
pub fn letter(
    tx: &mut Tx<'_>,
    kind: &'static str,
    event: &Event,
    registration: &Registration,
    why: &str,
) -> Result<(mail::Draft, Map<String, Value>)> {
    let person = people::get(tx.db, &registration.person_id)?;
    let base = &tx.site.config.base_url;
    let fields = mail::shared_fields(
        &registration.badge_name,
        &event.name,
        &format!("{base}/events/{}", event.slug),
        &format!("{base}/my/{}", registration.code),
        &event.help_email,
        why,
    );
    let draft = mail::Draft {
        kind,
        to_email: person.email,
        to_name: registration.full_name(),
        person: Some(person.id),
        registration: Some(registration.id.clone()),
        event: Some(event.id.clone()),
        ..mail::Draft::default()
    };
    let fields = if let Value::Object(fields) = fields { fields } else { Map::new() };
    Ok((draft, fields))
}
