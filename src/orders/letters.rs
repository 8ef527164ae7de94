//! Letters about orders: registration confirmed, discount decided, recognition credited.

use serde_json::{Map, Value, json};

use super::claims::{self, ClaimStatus};
use super::place::Registered;
use super::{Order, OrderLine, balance_cents, lines};
use crate::app::Tx;
use crate::enrollment::letters::add_sessions;
use crate::enrollment::{calendar, queries};
use crate::error::Result;
use crate::events::{self, Event, rules as days};
use crate::hospitals::{self, Hospital};
use crate::money::format_cents;
use crate::pricing::RegistrationType;
use crate::pricing::rules::{DiscountKind, Weighed};
use crate::registration::letters::letter;
use crate::registration::{Registration, Status};
use crate::{badges, mail, pricing};

/// Confirms every registration of an order that stands.
pub fn all_confirmed(tx: &mut Tx<'_>, event: &Event, order: &Order, registered: &[Registered]) -> Result<()> {
    let standing = registered.iter().filter(|one| one.registration.status == Status::Confirmed);
    for one in standing {
        registration_confirmed(tx, event, order, &one.registration)?;
    }
    Ok(())
}

fn registration_confirmed(tx: &mut Tx<'_>, event: &Event, order: &Order, registration: &Registration) -> Result<()> {
    let why = format!("You get this letter because you were registered for {} with this address.", event.name);
    let (mut draft, mut fields) = letter(tx, "registration_confirmed", event, registration, &why)?;
    let claim = claims::of_registration(tx.db, &registration.id)?.filter(|claim| claim.status == ClaimStatus::Pending);
    let hospital_name = match &claim {
        Some(claim) => hospitals::get(tx.db, &claim.hospital_id)?.name,
        None => String::new(),
    };
    let kind = pricing::get_type_by_id(tx.db, &registration.registration_type_id)?;
    let badge = badges::of_registration(tx.db, &registration.id)?;
    let badge_text = badge.map(|badge| badge.token(event)).transpose()?;
    for (name, value) in [
        ("code", json!(registration.code)),
        ("type_name", json!(kind.name)),
        ("event_dates", json!(event_dates(event))),
        ("venue", json!(event.venue)),
        ("discount_pending", json!(claim.is_some())),
        ("hospital_name", json!(hospital_name)),
        ("has_badge", json!(badge_text.is_some())),
        ("badge_text", json!(badge_text.clone().unwrap_or_default())),
    ] {
        fields.insert(name.to_owned(), value);
    }
    add_badge_places(tx, &mut fields, event)?;
    add_money(tx, &mut fields, order, registration)?;
    let items = queries::my_agenda(tx.db, registration)?;
    add_sessions(&mut fields, event, &items);
    draft.calendar = (!items.is_empty()).then(|| calendar::file(event, &items, &tx.site.config.base_url, tx.now));
    draft.badge_text = badge_text;
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

fn event_dates(event: &Event) -> String {
    if event.starts_on == event.ends_on {
        return days::day_words(event.starts_on);
    }
    format!("{} – {}", days::day_words(event.starts_on), days::day_words(event.ends_on))
}

fn add_badge_places(tx: &mut Tx<'_>, fields: &mut Map<String, Value>, event: &Event) -> Result<()> {
    let places: Vec<Value> = events::badge_places(tx.db, &event.id)?
        .iter()
        .map(|place| json!({ "place": place.place, "when": days::span_words(place.opens_at, place.closes_at, event.zone()), "audience": place.audience }))
        .collect();
    fields.insert("has_badge_places".to_owned(), json!(!places.is_empty()));
    fields.insert("badge_places".to_owned(), Value::Array(places));
    Ok(())
}

/// The lines of this person, the order's total, and what is due.
fn add_money(tx: &mut Tx<'_>, fields: &mut Map<String, Value>, order: &Order, registration: &Registration) -> Result<()> {
    let own: Vec<OrderLine> = lines(tx.db, &order.id)?.into_iter().filter(|line| line.registration_id == registration.id).collect();
    let total: i64 = own.iter().map(|line| line.net_cents).sum();
    let shown: Vec<Value> = own.iter().map(|line| line_fields(order, line)).collect();
    fields.insert("lines".to_owned(), Value::Array(shown));
    fields.insert("total".to_owned(), json!(format_cents(total, &order.currency)));
    add_balance(tx, fields, order)
}

fn line_fields(order: &Order, line: &OrderLine) -> Value {
    let candidates: Vec<Weighed> = serde_json::from_str(&line.candidates).unwrap_or_default();
    let winner = candidates.into_iter().find(|candidate| candidate.applied);
    json!({
        "item": line.description,
        "list": format_cents(line.list_cents, &order.currency),
        "has_discount": line.discount_cents > 0,
        "discount": format!("{} {}", winner.as_ref().map_or("", |winner| winner.kind.words()), format_cents(-line.discount_cents, &order.currency)),
        "reason": winner.map(|winner| winner.reason).unwrap_or_default(),
        "net": format_cents(line.net_cents, &order.currency),
    })
}

fn add_balance(tx: &mut Tx<'_>, fields: &mut Map<String, Value>, order: &Order) -> Result<()> {
    let balance = balance_cents(tx.db, &order.id)?;
    fields.insert("has_balance".to_owned(), json!(balance > 0));
    fields.insert("balance_due".to_owned(), json!(format_cents(balance.max(0), &order.currency)));
    fields.insert("due_on".to_owned(), json!(order.due_on.map(days::day_words).unwrap_or_default()));
    Ok(())
}

/// Tells that a conversion was taken back: from which type to which, and that the order is owed no more.
pub fn conversion_taken_back(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    (left, kept): (&RegistrationType, &RegistrationType),
    order: &Order,
) -> Result<()> {
    let why = format!("You get this letter because your registration {} was changed.", registration.code);
    let (draft, mut fields) = letter(tx, "conversion_taken_back", event, registration, &why)?;
    let total: i64 = lines(tx.db, &order.id)?.iter().map(|line| line.net_cents).sum();
    for (name, value) in [
        ("code", json!(registration.code)),
        ("left_name", json!(left.name)),
        ("kept_name", json!(kept.name)),
        ("order_code", json!(order.code)),
        ("amount", json!(format_cents(total, &order.currency))),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Tells what staff decided about the hospital discount; `repriced` is the line that became cheaper.
pub fn discount_decided(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    hospital: &Hospital,
    approved: bool,
    reason: &str,
    repriced: Option<&OrderLine>,
) -> Result<()> {
    let why = format!("You get this letter because you named {} when you registered.", hospital.name);
    let (draft, mut fields) = letter(tx, "discount_decided", event, registration, &why)?;
    let order = super::get(tx.db, &registration.order_id)?;
    let own: Vec<OrderLine> = lines(tx.db, &order.id)?.into_iter().filter(|line| line.registration_id == registration.id).collect();
    let shown = repriced.or(own.first());
    fields.insert("approved".to_owned(), json!(approved));
    fields.insert("hospital_name".to_owned(), json!(hospital.name));
    fields.insert("has_reason".to_owned(), json!(!reason.is_empty()));
    fields.insert("reason".to_owned(), json!(reason));
    add_line(&mut fields, &order, shown, shown.map_or(0, |line| line.discount_cents), &own);
    add_balance(tx, &mut fields, &order)?;
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Tells that a recognition after the order was credited without asking (PRC-3).
pub fn recognition_credited(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    hospital: &Hospital,
    line: &OrderLine,
    credit_cents: i64,
) -> Result<()> {
    let why = format!("You get this letter because you named {} when you registered.", hospital.name);
    let (draft, mut fields) = letter(tx, "recognition_credited", event, registration, &why)?;
    let order = super::get(tx.db, &registration.order_id)?;
    let own: Vec<OrderLine> = lines(tx.db, &order.id)?.into_iter().filter(|own| own.registration_id == registration.id).collect();
    let balance = balance_cents(tx.db, &order.id)?;
    fields.insert("hospital_name".to_owned(), json!(hospital.name));
    fields.insert("recognized_on".to_owned(), json!(days::day_words(tx.now.date_in(event.zone()))));
    fields.insert("credit".to_owned(), json!(format_cents(credit_cents, &order.currency)));
    fields.insert("has_refund".to_owned(), json!(balance < 0));
    fields.insert("refund".to_owned(), json!(format_cents((-balance).max(0), &order.currency)));
    add_line(&mut fields, &order, Some(line), line.discount_cents + credit_cents, &own);
    add_balance(tx, &mut fields, &order)?;
    let net: i64 = own.iter().map(|own| own.net_cents).sum();
    fields.insert("total".to_owned(), json!(format_cents(net - credit_cents, &order.currency)));
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

fn add_line(fields: &mut Map<String, Value>, order: &Order, line: Option<&OrderLine>, discount_cents: i64, own: &[OrderLine]) {
    let money = |cents: i64| json!(format_cents(cents, &order.currency));
    let list = line.map_or(0, |line| line.list_cents);
    let label = DiscountKind::RecognizedHospital.words();
    fields.insert("item".to_owned(), json!(line.map_or("", |line| line.description.as_str())));
    fields.insert("list".to_owned(), money(list));
    fields.insert("discount".to_owned(), json!(format!("{label} {}", format_cents(-discount_cents, &order.currency))));
    fields.insert("net".to_owned(), money(list - discount_cents));
    fields.insert("total".to_owned(), money(own.iter().map(|own| own.net_cents).sum()));
}
