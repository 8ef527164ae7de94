//! What can be chosen while registering: types on sale with their price, sessions with their seats, extras.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::agenda::rules::seats_words;
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::queries::{Seats, seats, type_covers};
use crate::enrollment::rules::{has_free_seat, may_change};
use crate::error::{FieldError, Result};
use crate::events::{Event, rules as days};
use crate::ids::{RoomId, SessionId};
use crate::money::format_cents;
use crate::pricing::rules::{code_opens, on_sale, tier_in_force};
use crate::pricing::{self, Eligibility, PriceTier, RegistrationType, code_key};
use crate::registration;
use crate::registration::drafts::Content;
use crate::registration::rules::first_overlap;

/// Everything that the second screen offers.
#[derive(Debug, Serialize)]
pub struct Choices {
    pub types: Vec<TypeOption>,
    /// The type whose sessions are shown.
    pub shown_type: String,
    pub shown_name: String,
    /// Some type is sold by code.
    pub by_code: bool,
    /// The shown type is approved by staff first, and its sessions are chosen after that.
    pub chosen_later: bool,
    pub days: Vec<Day>,
}

/// A registration type to choose, in the words of `parts/choices`.
#[derive(Debug, Serialize)]
pub struct TypeOption {
    pub value: String,
    pub text: String,
    /// The price in force.
    pub side: String,
    pub hint: String,
    pub checked: bool,
    pub disabled: bool,
}

/// A day with what is included and what can be chosen.
#[derive(Debug, Serialize)]
pub struct Day {
    pub name: String,
    pub included: Vec<Included>,
    pub slots: Vec<Slot>,
}

#[derive(Debug, Serialize)]
pub struct Included {
    pub when: String,
    pub title: String,
    pub room: String,
}

/// Sessions that begin together.
#[derive(Debug, Serialize)]
pub struct Slot {
    pub at: String,
    pub time: String,
    pub sessions: Vec<SessionOption>,
}

#[derive(Debug, Serialize)]
pub struct SessionOption {
    pub code: String,
    pub title: String,
    /// Time, room, and what a tick brings.
    pub hint: String,
    /// Seats left, and the price of an extra.
    pub side: String,
    pub checked: bool,
    pub disabled: bool,
}

/// What an event offers to a draft.
pub fn choices(db: &mut Db, event: &Event, content: &Content, now: Instant) -> Result<Choices> {
    let today = now.date_in(event.zone());
    let keys: Vec<String> = content.codes().iter().map(|code| code_key(code)).collect();
    let all = pricing::list_types(db, &event.id)?;
    let by_code = all.iter().any(|kind| kind.eligibility == Eligibility::Code);
    let offered: Vec<RegistrationType> = all.into_iter().filter(|kind| code_opens(kind, &keys)).collect();
    let mut types = Vec::new();
    for kind in &offered {
        types.extend(type_option(db, event, kind, today)?);
    }
    let chosen = types.iter().find(|option| option.value == content.registration_type && !option.disabled);
    let shown = chosen.or_else(|| types.iter().find(|option| !option.disabled)).map(|option| option.value.clone());
    for option in &mut types {
        option.checked = Some(&option.value) == shown.as_ref();
    }
    let kind = offered.into_iter().find(|kind| Some(&kind.code) == shown.as_ref());
    let chosen_later = kind.as_ref().is_some_and(|kind| kind.eligibility == Eligibility::Approval);
    let days = kind.as_ref().filter(|_| !chosen_later).map(|kind| days_of(db, event, kind, content, now)).transpose()?.unwrap_or_default();
    Ok(Choices {
        types,
        shown_name: kind.map(|kind| kind.name).unwrap_or_default(),
        shown_type: shown.unwrap_or_default(),
        by_code,
        chosen_later,
        days,
    })
}

/// A type as it is offered today; none where its sale is over or it has no price.
fn type_option(db: &mut Db, event: &Event, kind: &RegistrationType, today: NaiveDate) -> Result<Option<TypeOption>> {
    let tiers = pricing::tiers(db, &kind.id)?;
    let Some(tier) = tier_in_force(&tiers, today) else { return Ok(None) };
    let is_early = kind.sale_opens_on.is_some_and(|opens| today < opens);
    let refusal = on_sale(kind, today, event.ends_on).err();
    if refusal.is_some() && !is_early {
        return Ok(None);
    }
    let is_full = match kind.capacity {
        Some(capacity) => registration::count_of_type(db, &kind.id)? >= i64::from(capacity),
        None => false,
    };
    let hint = [
        Some(kind.description.clone()).filter(|text| !text.is_empty()),
        tier_words(tier, &tiers),
        (kind.eligibility == Eligibility::Approval).then(|| "Our staff approve it first.".to_owned()),
        refusal.clone(),
    ];
    Ok(Some(TypeOption {
        value: kind.code.clone(),
        text: kind.name.clone(),
        side: match tier.price_cents {
            _ if is_full => "Sold out".to_owned(),
            0 => "Free of charge".to_owned(),
            cents => format_cents(cents, &event.currency),
        },
        hint: hint.into_iter().flatten().collect::<Vec<_>>().join(" "),
        checked: false,
        disabled: is_full || refusal.is_some(),
    }))
}

fn tier_words(tier: &PriceTier, tiers: &[PriceTier]) -> Option<String> {
    let until = tier.until?;
    (tiers.len() > 1).then(|| format!("{} price until {}.", tier.name, days::day_words(until)))
}

/// The sessions of a type by day; what has closed or was canceled is left out.
fn days_of(db: &mut Db, event: &Event, kind: &RegistrationType, content: &Content, now: Instant) -> Result<Vec<Day>> {
    let covered = pricing::covered_sessions(db, &kind.id)?;
    let taken = seats(db, &event.id)?;
    let rooms: HashMap<RoomId, String> = agenda::rooms(db, &event.id)?.into_iter().map(|room| (room.id, room.name)).collect();
    let mut found: Vec<(NaiveDate, Day)> = Vec::new();
    for session in agenda::list(db, &event.id)? {
        let covers = type_covers(kind, &covered, &session);
        let is_included = covers && session.included && !session.registration_required;
        let is_choice = (covers && session.registration_required) || (!covers && session.price_cents.is_some());
        let is_open = may_change(&session, event.selection_closes_minutes_before, now).is_ok();
        if !is_open || !(is_included || is_choice) {
            continue;
        }
        let room = session.room_id.as_ref().and_then(|id| rooms.get(id)).cloned().unwrap_or_default();
        let date = session.starts_at.date_in(event.zone());
        if found.last().is_none_or(|(last, _)| *last != date) {
            found.push((date, Day { name: days::day_words(date), included: Vec::new(), slots: Vec::new() }));
        }
        let Some((_, day)) = found.last_mut() else { continue };
        if is_choice {
            let here = taken.get(&session.id).copied().unwrap_or_default();
            add_to_slot(day, event, &session, option(event, &session, covers, here, &room, content));
        } else {
            let when = days::hours_words(session.starts_at, session.ends_at, event.zone());
            day.included.push(Included { when, title: session.title, room });
        }
    }
    Ok(found.into_iter().map(|(_, day)| day).collect())
}

fn add_to_slot(day: &mut Day, event: &Event, session: &Session, option: SessionOption) {
    let at = session.starts_at.rfc3339_in(event.zone());
    match day.slots.last_mut().filter(|slot| slot.at == at) {
        Some(slot) => slot.sessions.push(option),
        None => day.slots.push(Slot { at, time: days::time_words(session.starts_at, event.zone()), sessions: vec![option] }),
    }
}

fn option(event: &Event, session: &Session, covers: bool, seats: Seats, room: &str, content: &Content) -> SessionOption {
    let is_full = session.registration_required && !has_free_seat(session.capacity, seats.taken);
    let price = session.price_cents.filter(|_| !covers);
    let seats_left = seats_words(session.registration_required, session.capacity, seats.taken, seats.waiting);
    let cost = match price {
        Some(cents) => Some(format_cents(cents, &event.currency)),
        None if session.price_cents.is_some() => Some("Included".to_owned()),
        None => None,
    };
    // A place in the line of an extra is not sold.
    let disabled = is_full && price.is_some();
    let line = (is_full && !disabled).then(|| "You get a place in its line, and a letter when a seat is free.".to_owned());
    let hours = days::hours_words(session.starts_at, session.ends_at, event.zone());
    let place = Some(room.to_owned()).filter(|room| !room.is_empty());
    let facts = [Some(hours), place].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    SessionOption {
        code: session.code.clone(),
        title: session.title.clone(),
        hint: [Some(facts), line].into_iter().flatten().collect::<Vec<_>>().join(". "),
        side: [cost, seats_left].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        checked: content.sessions.contains(&session.code) && !disabled,
        disabled,
    }
}

/// The chosen sessions of a draft that exist, by start, each with whether it still has a seat.
pub fn chosen(db: &mut Db, event: &Event, content: &Content) -> Result<Vec<(Session, Seats)>> {
    let taken: HashMap<SessionId, Seats> = seats(db, &event.id)?;
    let all = agenda::list(db, &event.id)?;
    let with_seats = |session: Session| {
        let seats = taken.get(&session.id).copied().unwrap_or_default();
        (session, seats)
    };
    Ok(all.into_iter().filter(|session| content.sessions.contains(&session.code)).map(with_seats).collect())
}

/// Two chosen seats at the same time (ENR-2); a place in the line overlaps with nothing.
pub fn clash(db: &mut Db, event: &Event, content: &Content, now: Instant) -> Result<Option<FieldError>> {
    let chosen = chosen(db, event, content)?;
    let seated = |(session, seats): &&(Session, Seats)| {
        session.registration_required
            && has_free_seat(session.capacity, seats.taken)
            && may_change(session, event.selection_closes_minutes_before, now).is_ok()
    };
    let seated: Vec<&Session> = chosen.iter().filter(seated).map(|(session, _)| session).collect();
    Ok(first_overlap(&seated).map(|(first, second)| FieldError {
        field: "sessions".to_owned(),
        code: "conflict",
        detail: format!(
            "{}, “{}”, and {}, “{}”, overlap on {}. Choose one of them.",
            first.code,
            first.title,
            second.code,
            second.title,
            days::day_words(second.starts_at.date_in(event.zone()))
        ),
    }))
}
