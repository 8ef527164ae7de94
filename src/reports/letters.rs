//! The letter that asks for what a report lacks.

use serde_json::json;

use super::rules::{Kind, Lack};
use crate::app::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::mail;
use crate::registration::Registration;
use crate::registration::letters::letter;

/// Asks somebody for what the report of their credit lacks (CEU-7, CEU-8).
pub fn ask(tx: &mut Tx<'_>, event: &Event, registration: &Registration, kind: Kind, lacks: &[Lack]) -> Result<()> {
    let why =
        format!("You get this letter because you claimed credit with your registration {} and it has to be reported.", registration.code);
    let (draft, mut fields) = letter(tx, "reporting_details", event, registration, &why)?;
    let words: Vec<&str> = lacks.iter().map(|lack| lack.words()).collect();
    for (name, value) in [
        ("portal_url", json!(format!("{}/my/{}/reporting", tx.site.config.base_url, registration.code))),
        ("receiver", json!(kind.receiver())),
        ("lacks", json!(words)),
        ("erased", json!(lacks.iter().any(|lack| matches!(lack, Lack::BirthDay | Lack::NabpId)))),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}
