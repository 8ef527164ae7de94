//! Adds and changes registration types with their tiers, and discount codes (PRC-1). Placed orders keep their prices.

use diesel::prelude::*;
use serde_json::json;

use super::drafts::Offer;
use super::{CodeKind, CoveredSession, DiscountCode, DiscountCodeDraft, Eligibility, RegistrationType, TypeDraft};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::Db;
use crate::db::schema::{covered_sessions, discount_codes, price_tiers, registration_types};
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{CoveredSessionId, DiscountCodeId, EventId, RegistrationTypeId};
use crate::on_either;

/// A type with its tiers and covered sessions, as it would be typed.
pub fn draft_of(db: &mut Db, kind: &RegistrationType, sessions: &[Session]) -> Result<TypeDraft> {
    Ok(TypeDraft::of(&offer_of(db, kind)?, sessions))
}

fn offer_of(db: &mut Db, kind: &RegistrationType) -> Result<Offer> {
    let covered = if kind.covers_all { Vec::new() } else { super::covered_sessions(db, &kind.id)? };
    Ok(Offer { registration_type: kind.clone(), tiers: super::tiers(db, &kind.id)?, covered })
}

/// Adds a type; without a position it comes last.
pub fn add_type(tx: &mut Tx<'_>, event: &Event, draft: &TypeDraft) -> Result<RegistrationType> {
    events::hold(tx, &event.id)?;
    let others = super::list_types(tx.db, &event.id)?;
    let sessions = agenda::list(tx.db, &event.id)?;
    let position = others.iter().map(|other| other.position).max().unwrap_or(0) + 1;
    let mut offer = Offer { registration_type: blank_type(event, position), tiers: Vec::new(), covered: Vec::new() };
    draft.read(&others, &sessions, &mut offer).finish()?;
    let kind = offer.registration_type.clone();
    diesel::insert_into(registration_types::table).values(&kind).execute(tx.db)?;
    save_tiers(tx, &offer)?;
    save_covered(tx, &offer)?;
    let after = json!(TypeDraft::of(&offer, &sessions));
    Entry::of("registration_type.added", "registration_type", &kind.id).event(&event.id).after(after).record(tx)?;
    tx.event_changed(&event.id);
    Ok(kind)
}

/// Changes a type; the flag says whether anything was different.
pub fn change_type(tx: &mut Tx<'_>, event: &Event, before: &RegistrationType, draft: &TypeDraft) -> Result<bool> {
    events::hold(tx, &event.id)?;
    let others = super::list_types(tx.db, &event.id)?;
    let sessions = agenda::list(tx.db, &event.id)?;
    let old_offer = offer_of(tx.db, before)?;
    let mut offer = old_offer.clone();
    draft.read(&others, &sessions, &mut offer).finish()?;
    let (old_draft, new_draft) = (TypeDraft::of(&old_offer, &sessions), TypeDraft::of(&offer, &sessions));
    if old_draft == new_draft {
        return Ok(false);
    }
    diesel::update(registration_types::table.find(&before.id)).set(&offer.registration_type).execute(tx.db)?;
    if old_draft.tiers != new_draft.tiers {
        save_tiers(tx, &offer)?;
    }
    if old_draft.covers != new_draft.covers {
        save_covered(tx, &offer)?;
    }
    let (old, new) = audit::differences(&old_draft, &new_draft)?;
    Entry::of("registration_type.changed", "registration_type", &before.id).event(&event.id).before(old).after(new).record(tx)?;
    tx.event_changed(&event.id);
    Ok(true)
}

fn save_tiers(tx: &mut Tx<'_>, offer: &Offer) -> Result<()> {
    let kind = &offer.registration_type.id;
    diesel::delete(price_tiers::table.filter(price_tiers::registration_type_id.eq(kind))).execute(tx.db)?;
    on_either!(tx.db, c => diesel::insert_into(price_tiers::table).values(&offer.tiers).execute(c))?;
    Ok(())
}

fn save_covered(tx: &mut Tx<'_>, offer: &Offer) -> Result<()> {
    let kind = &offer.registration_type.id;
    diesel::delete(covered_sessions::table.filter(covered_sessions::registration_type_id.eq(kind))).execute(tx.db)?;
    let rows: Vec<CoveredSession> = offer
        .covered
        .iter()
        .map(|session| CoveredSession { id: CoveredSessionId::new(), registration_type_id: kind.clone(), session_id: session.clone() })
        .collect();
    on_either!(tx.db, c => diesel::insert_into(covered_sessions::table).values(&rows).execute(c))?;
    Ok(())
}

/// An event's discount codes by their text.
pub fn list_discount_codes(db: &mut Db, event: &EventId) -> Result<Vec<DiscountCode>> {
    Ok(discount_codes::table
        .filter(discount_codes::event_id.eq(event))
        .order(discount_codes::code.asc())
        .select(DiscountCode::as_select())
        .load(db)?)
}

/// Adds a discount code.
pub fn add_discount_code(tx: &mut Tx<'_>, event: &Event, draft: &DiscountCodeDraft) -> Result<DiscountCode> {
    events::hold(tx, &event.id)?;
    let others = list_discount_codes(tx.db, &event.id)?;
    let mut code = DiscountCode {
        id: DiscountCodeId::new(),
        event_id: event.id.clone(),
        code: String::new(),
        code_key: String::new(),
        kind: CodeKind::Promotional,
        percent: 0,
        cap: 0,
        expires_on: event.ends_on,
    };
    draft.read(&others, &mut code).finish()?;
    diesel::insert_into(discount_codes::table).values(&code).execute(tx.db)?;
    let after = json!(DiscountCodeDraft::of(&code));
    Entry::of("discount_code.added", "discount_code", &code.id).event(&event.id).after(after).record(tx)?;
    Ok(code)
}

/// Changes a discount code; the flag says whether anything was different. Orders that used it keep their price.
pub fn change_discount_code(tx: &mut Tx<'_>, before: &DiscountCode, draft: &DiscountCodeDraft) -> Result<bool> {
    events::hold(tx, &before.event_id)?;
    let others = list_discount_codes(tx.db, &before.event_id)?;
    let mut code = before.clone();
    draft.read(&others, &mut code).finish()?;
    if code == *before {
        return Ok(false);
    }
    diesel::update(discount_codes::table.find(&code.id))
        .set((
            discount_codes::code.eq(&code.code),
            discount_codes::code_key.eq(&code.code_key),
            discount_codes::kind.eq(code.kind),
            discount_codes::percent.eq(code.percent),
            discount_codes::cap.eq(code.cap),
            discount_codes::expires_on.eq(code.expires_on),
        ))
        .execute(tx.db)?;
    let (old, new) = audit::differences(&DiscountCodeDraft::of(before), &DiscountCodeDraft::of(&code))?;
    Entry::of("discount_code.changed", "discount_code", &code.id).event(&code.event_id).before(old).after(new).record(tx)?;
    Ok(true)
}

/// A type before anything was typed.
fn blank_type(event: &Event, position: i32) -> RegistrationType {
    RegistrationType {
        id: RegistrationTypeId::new(),
        event_id: event.id.clone(),
        code: String::new(),
        name: String::new(),
        description: String::new(),
        capacity: None,
        sale_opens_on: None,
        sale_closes_on: None,
        eligibility: Eligibility::Anyone,
        access_code_key: None,
        discountable: true,
        covers_all: true,
        position,
    }
}
