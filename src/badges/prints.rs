//! Printing: what was printed, when, by whom and on which paper; the PDF is made from that record (BDG-1).

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use serde_json::json;

use super::Badge;
use super::candidates::{self, Wanted};
use super::layouts::{Front, Layout};
use super::typeset::{BackLine, PrintJob, ToPrint};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{badge_printers, badges, printed_badges, prints, registrations};
use crate::enrollment::queries::agendas;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::{day_words, hours_words};
use crate::ids::{BadgeId, EventId, PrintId, PrintedBadgeId, RegistrationId, RegistrationTypeId};
use crate::on_either;
use crate::pricing;

/// One run of the printer as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = prints, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Print {
    pub id: PrintId,
    pub event_id: EventId,
    pub layout: Layout,
    pub backs: bool,
    /// The place on the first sheet where it begins, from 0.
    pub first_slot: i32,
    pub printed_at: Instant,
    pub actor: String,
}

impl Print {
    /// The place on the first sheet where it begins, from 0.
    pub fn first(&self) -> usize {
        usize::try_from(self.first_slot).unwrap_or_default()
    }
}

/// One badge of a print as it is stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = printed_badges, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
struct PrintedBadge {
    id: PrintedBadgeId,
    print_id: PrintId,
    badge_id: BadgeId,
    position: i32,
    /// The name as it was printed.
    name: String,
    /// JSON of the whole front.
    front: String,
}

/// What an event prints on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Printer {
    pub layout: Layout,
    pub backs: bool,
}

/// Letter sheets with backs, until staff choose otherwise.
const DEFAULT: Printer = Printer { layout: Layout::Letter, backs: true };

/// The printer of an event.
pub fn printer(db: &mut Db, event: &EventId) -> Result<Printer> {
    let row: Option<(Layout, bool)> =
        badge_printers::table.find(event).select((badge_printers::layout, badge_printers::backs)).first(db).optional()?;
    Ok(row.map_or(DEFAULT, |(layout, backs)| Printer { layout, backs }))
}

/// Sets the printer of an event.
pub fn set_printer(tx: &mut Tx<'_>, event: &Event, new: Printer) -> Result<()> {
    let old = printer(tx.db, &event.id)?;
    let values = (badge_printers::layout.eq(new.layout), badge_printers::backs.eq(new.backs));
    on_either!(tx.db, connection => {
        diesel::insert_into(badge_printers::table)
            .values((badge_printers::event_id.eq(&event.id), values))
            .on_conflict(badge_printers::event_id)
            .do_update()
            .set(values)
            .execute(connection)
    })?;
    Entry::of("badge.printer_chosen", "event", &event.id).event(&event.id).before(json!(old)).after(json!(new)).record(tx)
}

/// Records that badges are printed: the paper, where on the first sheet they begin (from 0), and what each says.
pub fn print(tx: &mut Tx<'_>, event: &Event, wanted: &Wanted, printer: Printer, first_slot: usize) -> Result<Print> {
    let chosen = candidates::find(tx.db, &event.id, wanted)?;
    if chosen.is_empty() {
        return Err(Error::refused("badges.nobody_to_print", "There is no badge to print: nobody with a confirmed registration fits."));
    }
    let first = first_slot.min(printer.layout.design().slots() - 1);
    let print = Print {
        id: PrintId::new(),
        event_id: event.id.clone(),
        layout: printer.layout,
        backs: printer.backs && printer.layout.design().has_backs,
        first_slot: i32::try_from(first).map_err(Error::internal)?,
        printed_at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(prints::table).values(&print).execute(tx.db)?;
    let mut rows = Vec::with_capacity(chosen.len());
    for (position, candidate) in (0..).zip(&chosen) {
        rows.push(PrintedBadge {
            id: PrintedBadgeId::new(),
            print_id: print.id.clone(),
            badge_id: candidate.badge.id.clone(),
            position,
            name: candidate.front.name(),
            front: serde_json::to_string(&candidate.front).map_err(Error::internal)?,
        });
    }
    for rows in rows.chunks(500) {
        on_either!(tx.db, connection => diesel::insert_into(printed_badges::table).values(rows).execute(connection))?;
    }
    let entry = Entry::of("badge.printed", "print", &print.id)
        .event(&event.id)
        .after(json!({ "badges": chosen.len(), "layout": print.layout, "backs": print.backs }));
    match chosen.as_slice() {
        [one] => entry.registration(&one.registration.id).record(tx)?,
        _ => entry.record(tx)?,
    }
    Ok(print)
}

/// A print of an event, or not found.
pub fn get(db: &mut Db, event: &EventId, id: &str) -> Result<Print> {
    Ok(prints::table.find(PrintId::from(id.to_owned())).filter(prints::event_id.eq(event)).select(Print::as_select()).first(db)?)
}

/// How many badges a print has.
pub fn count(db: &mut Db, print: &PrintId) -> Result<i64> {
    Ok(printed_badges::table.filter(printed_badges::print_id.eq(print)).count().get_result(db)?)
}

/// The latest prints of an event, newest first, each with how many badges it has.
pub fn latest(db: &mut Db, event: &EventId, limit: i64) -> Result<Vec<(Print, i64)>> {
    let rows: Vec<Print> =
        prints::table.filter(prints::event_id.eq(event)).order(prints::id.desc()).limit(limit).select(Print::as_select()).load(db)?;
    let ids: Vec<&PrintId> = rows.iter().map(|print| &print.id).collect();
    let counts: HashMap<PrintId, i64> = HashMap::from_iter(
        printed_badges::table
            .filter(printed_badges::print_id.eq_any(ids))
            .group_by(printed_badges::print_id)
            .select((printed_badges::print_id, count_star()))
            .load::<(PrintId, i64)>(db)?,
    );
    Ok(rows
        .into_iter()
        .map(|print| (counts.get(&print.id).copied().unwrap_or_default(), print))
        .map(|(count, print)| (print, count))
        .collect())
}

/// The latest print with this badge on it.
pub fn latest_of(db: &mut Db, badge: &BadgeId) -> Result<Option<Print>> {
    Ok(prints::table
        .inner_join(printed_badges::table)
        .filter(printed_badges::badge_id.eq(badge))
        .order(prints::id.desc())
        .select(Print::as_select())
        .first(db)
        .optional()?)
}

/// What the PDF of a print is made of: each badge as it was recorded, without those revoked since; the sessions on
/// backs are those of now.
pub fn job(db: &mut Db, event: &Event, print: &Print) -> Result<PrintJob> {
    let rows: Vec<(String, Badge, RegistrationId, RegistrationTypeId)> = printed_badges::table
        .inner_join(badges::table.inner_join(registrations::table))
        .filter(printed_badges::print_id.eq(&print.id))
        .filter(badges::revoked_at.is_null())
        .order(printed_badges::position.asc())
        .select((printed_badges::front, Badge::as_select(), registrations::id, registrations::registration_type_id))
        .load(db)?;
    if rows.is_empty() {
        return Err(Error::refused("badges.print_revoked", "Every badge of this print was revoked since. Print again."));
    }
    let kinds: HashMap<RegistrationTypeId, usize> =
        pricing::list_types(db, &event.id)?.into_iter().enumerate().map(|(place, kind)| (kind.id, place)).collect();
    let (mut sessions, mut lines) = (HashMap::new(), Vec::new());
    if print.backs {
        let people: Vec<(RegistrationId, RegistrationTypeId)> = rows.iter().map(|(_, _, id, kind)| (id.clone(), kind.clone())).collect();
        let found = agendas(db, &event.id, &people)?;
        sessions = found.of;
        lines = found
            .sessions
            .into_iter()
            .map(|(session, room)| BackLine {
                day: day_words(session.starts_at.date_in(event.zone())),
                hours: hours_words(session.starts_at, session.ends_at, event.zone()),
                title: session.title,
                room,
            })
            .collect();
    }
    let mut badges = Vec::with_capacity(rows.len());
    for (front, badge, registration, kind) in rows {
        let front: Front = serde_json::from_str(&front).map_err(Error::internal)?;
        badges.push(ToPrint {
            token: badge.token(event)?,
            front,
            ribbon: kinds.get(&kind).copied().unwrap_or_default(),
            sessions: sessions.remove(&registration).unwrap_or_default(),
        });
    }
    Ok(PrintJob { event: event.name.clone(), layout: print.layout, backs: print.backs, first_slot: print.first(), badges, lines })
}
