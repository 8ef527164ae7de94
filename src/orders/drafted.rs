//! A registration's draft as an order: its price, the code that proves its e-mail, and placing it once.

use std::collections::BTreeSet;

use serde_json::json;

use super::place::{Buyer, NewOrder, PlacedOrder, place};
use super::quote::{Quote, Trust, Wanted, WantedLine, quote};
use super::{Order, Payment};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules as days};
use crate::mail;
use crate::people::rules::{email_key, full_name, tidy};
use crate::people::sign_in::{CODE_LASTS, Purpose, new_code};
use crate::pricing::rules::HospitalVerdict;
use crate::registration::drafts::{self, Content, Draft};
use crate::registration::hospital_choice;

/// The price of a draft, with the discount for its hospital where its e-mail was verified.
pub fn quoted(db: &mut Db, event: &Event, draft: &Draft, content: &Content, now: Instant) -> Result<Quote> {
    let wanted = Wanted { lines: vec![wanted_line(db, content)?], codes: content.codes() };
    quote(db, event, &wanted, &trust(draft), now)
}

fn trust(draft: &Draft) -> Trust {
    Trust::Verified(draft.verified_email_key.iter().cloned().collect::<BTreeSet<String>>())
}

fn wanted_line(db: &mut Db, content: &Content) -> Result<WantedLine> {
    let ccn = content.hospital_ccn.as_deref().filter(|ccn| !ccn.trim().is_empty());
    Ok(WantedLine {
        registration_type: content.registration_type.clone(),
        email: content.details.email.clone(),
        hospital: ccn.map(|ccn| hospital_choice::by_ccn(db, ccn)).transpose()?.flatten(),
        staff_code: Some(content.staff_code.clone()).filter(|code| !code.trim().is_empty()),
        sessions: content.sessions.clone(),
    })
}

/// What was decided about the hospital of a draft's one person.
pub fn verdict(quote: &Quote) -> Option<&HospitalVerdict> {
    quote.lines.first()?.claim.as_ref().map(|claim| &claim.verdict)
}

/// Whether the discount waits for the code that proves the e-mail; what is wrong with the draft is said elsewhere.
pub fn waits_for_code(db: &mut Db, event: &Event, draft: &Draft, content: &Content, now: Instant) -> Result<bool> {
    match quoted(db, event, draft, content, now) {
        Ok(quote) => Ok(matches!(verdict(&quote), Some(HospitalVerdict::VerifyFirst { .. }))),
        Err(Error::Invalid(_) | Error::Refused { .. } | Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Mails the code that proves the e-mail, where the discount waits for it and none was mailed there yet.
pub fn mail_code_where_it_helps(tx: &mut Tx<'_>, event: &Event, draft: &Draft, content: &Content) -> Result<()> {
    let key = email_key(&content.details.email);
    if waits_for_code(tx.db, event, draft, content, tx.now)? && key != content.code_mailed_to {
        mail_code(tx, event, draft, content)?;
    }
    Ok(())
}

/// Mails a code to the draft's address; `TooMany` when it got too many already.
pub fn mail_code(tx: &mut Tx<'_>, event: &Event, draft: &Draft, content: &Content) -> Result<()> {
    let Some(key) = email_key(&content.details.email) else { return Ok(()) };
    let secrets =
        new_code(tx, Purpose::Email, &key, None)?.ok_or(Error::TooMany { retry_after_seconds: CODE_LASTS.num_seconds().unsigned_abs() })?;
    let details = content.details.tidied();
    let name = full_name(&details.given_name, &details.family_name);
    let base = tx.site.config.base_url.trim_end_matches('/').to_owned();
    let page = format!("{base}/events/{}", event.slug);
    let why = format!("You get this letter because somebody registers for {} with this address.", event.name);
    let mut fields = mail::shared_fields(&details.badge_name, &event.name, &page, &page, &event.help_email, &why);
    fields["code"] = json!(secrets.code);
    fields["expires_text"] = json!(days::instant_words(tx.now.plus(CODE_LASTS), event.zone()));
    let letter = mail::Draft {
        kind: "email_code",
        to_email: details.email,
        to_name: name,
        event: Some(event.id.clone()),
        confidential: true,
        ..mail::Draft::default()
    };
    mail::queue(tx, letter, &fields)?;
    drafts::save(tx, draft, &Content { code_mailed_to: Some(key), ..content.clone() })
}

/// What became of a draft that was sent.
pub enum Sent {
    /// The order, placed now.
    Placed(Box<PlacedOrder>),
    /// It was an order already: the form came twice.
    Already,
    /// It costs more than the page showed, so nothing was placed.
    Dearer,
}

/// Places a draft's order, once however often it is sent, and never dearer than was shown.
pub fn place_draft(tx: &mut Tx<'_>, event: &Event, secret: &str, shown_cents: i64) -> Result<Sent> {
    let draft = drafts::hold(tx, &event.id, secret)?;
    if draft.order_id.is_some() {
        return Ok(Sent::Already);
    }
    let content = draft.content()?;
    if quoted(tx.db, event, &draft, &content, tx.now)?.total_cents() > shown_cents {
        return Ok(Sent::Dearer);
    }
    let new = NewOrder {
        lines: vec![(wanted_line(tx.db, &content)?, content.details.clone())],
        codes: content.codes(),
        buyer: buyer(&content),
        payment: Payment::Invoice,
        trust: trust(&draft),
    };
    let placed = place(tx, event, &new)?;
    drafts::placed(tx, &draft, &placed.order.id)?;
    Ok(Sent::Placed(Box::new(placed)))
}

/// The order that a draft became.
pub fn order_of(db: &mut Db, draft: &Draft) -> Result<Order> {
    super::get(db, draft.order_id.as_ref().ok_or(Error::NotFound)?)
}

/// Who pays: what was typed, or else the person who registers.
pub fn buyer(content: &Content) -> Buyer {
    let details = content.details.tidied();
    let or = |typed: &str, known: String| if tidy(typed).is_empty() { known } else { typed.to_owned() };
    Buyer {
        name: or(&content.buyer.name, full_name(&details.given_name, &details.family_name)),
        email: or(&content.buyer.email, details.email),
        organization: or(&content.buyer.organization, details.organization),
    }
}

/// Wrong fields of an order, as the screens of a registration name them.
pub fn fields_of(wrong: Vec<FieldError>, content: &Content) -> Vec<FieldError> {
    let codes = content.codes();
    let name = |field: &str| match field.strip_prefix("lines[0].").map(|rest| rest.strip_prefix("person.").unwrap_or(rest)) {
        Some(rest) if rest.starts_with("sessions") => "sessions".to_owned(),
        Some(rest) => rest.to_owned(),
        None => match field.strip_prefix("codes[").and_then(|rest| rest.strip_suffix(']')).and_then(|index| index.parse::<usize>().ok()) {
            // The access code comes first; where there is none, the discount code does.
            Some(index) if codes.get(index) == Some(&content.discount_code) => "discount_code".to_owned(),
            Some(_) => "access_code".to_owned(),
            None => field.replace('.', "_"),
        },
    };
    wrong.into_iter().map(|error| FieldError { field: name(&error.field), ..error }).collect()
}
