//! Everything that the desk shows of one registration, read at once.

use diesel::prelude::*;

use super::history::{self, Line, Names};
use crate::agenda::Session;
use crate::audit;
use crate::badges::{self, Badge};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{cancellations, checkpoints, scans};
use crate::enrollment::queries::{AgendaItem, my_agenda};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::hospitals::{self, Hospital};
use crate::ids::RegistrationId;
use crate::mail::{self, Letter};
use crate::orders::claims::{self, DiscountClaim};
use crate::orders::conversion::{self, Conversion};
use crate::orders::{self, ItemKind, MoneyRow, Order, OrderLine};
use crate::people::{self, Person};
use crate::pricing::{self, RegistrationType};
use crate::registration::{self, Registration, Status};

/// The newest entries of a registration's history that its page shows.
const HISTORY: i64 = 200;

/// A registration with all that belongs to it.
pub struct File {
    pub registration: Registration,
    pub person: Person,
    pub kind: RegistrationType,
    pub hospital: Option<Hospital>,
    pub order: Order,
    /// The lines of this registration; an order of several has more.
    pub lines: Vec<OrderLine>,
    /// How many registrations the order has.
    pub in_order: usize,
    pub money: Vec<MoneyRow>,
    pub balance_cents: i64,
    pub claim: Option<DiscountClaim>,
    /// The registration was complimentary and was taken on.
    pub conversion: Option<Conversion>,
    pub agenda: Vec<AgendaItem>,
    pub scans: Vec<Scan>,
    pub letters: Vec<Letter>,
    pub history: Vec<Line>,
    pub badge: Option<Badge>,
    /// When that badge was last printed.
    pub printed: Option<Instant>,
    pub cancellation: Option<Cancellation>,
    pub names: Names,
}

/// A scan as the page shows it.
#[derive(Clone, Debug, Queryable)]
pub struct Scan {
    pub checkpoint_code: String,
    pub checkpoint_name: String,
    pub direction: String,
    pub outcome: String,
    pub scanned_at: Instant,
    pub offline: bool,
    pub override_reason: Option<String>,
    pub actor: String,
}

/// Who canceled a registration, when and why.
#[derive(Clone, Debug, Queryable)]
pub struct Cancellation {
    pub at: Instant,
    pub actor: String,
    pub reason: String,
}

/// The registration of this event with this code, or not found.
pub fn registration_of(db: &mut Db, event: &Event, code: &str) -> Result<Registration> {
    let found = registration::get(db, code)?;
    if found.event_id == event.id { Ok(found) } else { Err(Error::NotFound) }
}

/// Reads all that belongs to a registration.
pub fn file(db: &mut Db, registration: Registration, may_see_accommodation: bool) -> Result<File> {
    let order = orders::get(db, &registration.order_id)?;
    let (all_lines, money) = (orders::lines(db, &order.id)?, orders::money_rows(db, &order.id)?);
    let scans = scans_of(db, &registration.id)?;
    let cancellation = cancellation_of(db, &registration.id)?;
    let labels = scans.iter().map(|scan| scan.actor.as_str()).chain(money.iter().map(|row| row.actor.as_str()));
    let labels = labels.chain(cancellation.iter().map(|row| row.actor.as_str()));
    let names = Names::of(db, labels.map(history::split_label))?;
    let entries = audit::of_registration(db, &registration.id, HISTORY)?;
    let badge = badges::of_registration(db, &registration.id)?;
    Ok(File {
        person: people::get(db, &registration.person_id)?,
        kind: pricing::get_type_by_id(db, &registration.registration_type_id)?,
        hospital: registration.hospital_id.as_ref().map(|id| hospitals::get(db, id)).transpose()?,
        balance_cents: orders::balance_cents(db, &order.id)?,
        in_order: registration::of_order(db, &order.id)?.len(),
        lines: all_lines.into_iter().filter(|line| line.registration_id == registration.id).collect(),
        claim: claims::of_registration(db, &registration.id)?,
        conversion: conversion::find(db, &registration.id)?,
        // Who is canceled has neither seats nor what would be included.
        agenda: if registration.status == Status::Canceled { Vec::new() } else { my_agenda(db, &registration)? },
        letters: mail::of_registration(db, &registration.id)?,
        history: history::lines(db, &entries, may_see_accommodation)?,
        printed: badge.as_ref().map(|badge| badges::candidates::last_printed(db, &badge.id)).transpose()?.flatten(),
        badge,
        registration,
        order,
        money,
        scans,
        cancellation,
        names,
    })
}

fn scans_of(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Scan>> {
    Ok(scans::table
        .inner_join(checkpoints::table)
        .filter(scans::registration_id.eq(registration))
        .order((scans::scanned_at.desc(), scans::id.desc()))
        .limit(200)
        .select((
            checkpoints::code,
            checkpoints::name,
            scans::direction,
            scans::outcome,
            scans::scanned_at,
            scans::offline,
            scans::override_reason,
            scans::actor,
        ))
        .load(db)?)
}

fn cancellation_of(db: &mut Db, registration: &RegistrationId) -> Result<Option<Cancellation>> {
    Ok(cancellations::table
        .filter(cancellations::registration_id.eq(registration))
        .select((cancellations::at, cancellations::actor, cancellations::reason))
        .first(db)
        .optional()?)
}

/// A session that staff may put a person into, with where the person stands.
pub struct Choice {
    pub session: Session,
    pub room: String,
    pub standing: Option<crate::enrollment::queries::Standing>,
    pub taken: i64,
    pub waiting: i64,
    /// Covered by the type, or bought.
    pub covered: bool,
}

/// The sessions of an event that are chosen (not merely included), by start, canceled ones left out.
pub fn choices(db: &mut Db, event: &Event, registration: &Registration) -> Result<Vec<Choice>> {
    use crate::agenda;
    use crate::enrollment::queries;
    let kind = pricing::get_type_by_id(db, &registration.registration_type_id)?;
    let listed = pricing::covered_sessions(db, &kind.id)?;
    let bought: Vec<String> = orders::lines(db, &registration.order_id)?
        .into_iter()
        .filter(|line| line.registration_id == registration.id && line.item_kind == ItemKind::Session)
        .map(|line| line.item_code)
        .collect();
    let (seats, mine) = (queries::seats(db, &event.id)?, my_agenda(db, registration)?);
    let rooms = agenda::rooms(db, &event.id)?;
    let chosen = agenda::list(db, &event.id)?.into_iter().filter(|session| session.registration_required && session.canceled_at.is_none());
    let choices = chosen.map(|session| {
        let count = seats.get(&session.id).copied().unwrap_or_default();
        Choice {
            room: rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref()).map(|room| room.name.clone()).unwrap_or_default(),
            standing: mine.iter().find(|item| item.session.id == session.id).map(|item| item.standing),
            covered: queries::type_covers(&kind, &listed, &session) || bought.contains(&session.code),
            taken: count.taken,
            waiting: count.waiting,
            session,
        }
    });
    Ok(choices.collect())
}
