//! Letters about credit: the deadline comes near, a late claim is decided.

use chrono::NaiveDate;
use serde_json::json;

use super::rules::hundredths_words;
use crate::app::Tx;
use crate::error::Result;
use crate::events::{Event, rules as days};
use crate::mail;
use crate::registration::Registration;
use crate::registration::letters::letter;

/// Reminds somebody who attended and has not finished: what is open, in how many sessions, and until when (CEU-5).
pub fn remind(tx: &mut Tx<'_>, event: &Event, registration: &Registration, last_day: NaiveDate, open: (i64, usize)) -> Result<()> {
    let why = format!(
        "You get this letter because you attended sessions with your registration {} and have not claimed their credit.",
        registration.code
    );
    let (draft, mut fields) = letter(tx, "claim_reminder", event, registration, &why)?;
    let ends = days::end_of_day(last_day, event.zone());
    for (name, value) in [
        ("portal_url", json!(format!("{}/my/{}/credits", tx.site.config.base_url, registration.code))),
        ("deadline", json!(days::deadline_words(last_day, event.zone()))),
        ("left", json!(days::left_words(ends, tx.now))),
        ("hours", json!(hundredths_words(open.0))),
        ("sessions", json!(if open.1 == 1 { "1 session".to_owned() } else { format!("{} sessions", open.1) })),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Tells somebody what became of their late claim.
pub fn late_claim_decided(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    until_on: Option<NaiveDate>,
    reply: &str,
) -> Result<()> {
    let why = format!("You get this letter because you asked to claim credit late with your registration {}.", registration.code);
    let (draft, mut fields) = letter(tx, "late_claim_decided", event, registration, &why)?;
    for (name, value) in [
        ("portal_url", json!(format!("{}/my/{}/credits", tx.site.config.base_url, registration.code))),
        ("approved", json!(until_on.is_some())),
        ("deadline", json!(until_on.map(|day| days::deadline_words(day, event.zone())).unwrap_or_default())),
        ("reply", json!(reply)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}
