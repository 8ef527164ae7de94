//! Events: a congress or a learning series, and what their pages answer (EVT-1).

mod changes;
mod drafts;
mod info;
mod places;
pub mod api;
pub mod deadline;
pub mod pages;
pub mod rules;

use chrono::NaiveDate;
use chrono_tz::Tz;
use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{badge_places, events, info_items};
use crate::error::{Error, Result};
use crate::ids::{BadgePlaceId, EventId, InfoItemId};

pub use changes::{create, hold, set_published, update};
pub use drafts::{BadgePlaceDraft, EventDraft, InfoDraft, TOPICS};
pub use info::{add_info_item, change_info_item, remove_info_item};
pub use places::{BADGE_PLACE_CHANGED, BadgePlaceChanged, add_badge_place, change_badge_place, remove_badge_place};

crate::words! {
    Kind { Congress => "congress", Series => "series" }
}
crate::words! {
    /// What a door does with somebody whose invoice is unpaid (CHK-1).
    UnpaidAtDoor { Admit => "admit", Refuse => "refuse" }
}
crate::words! {
    /// What counts of a stay whose end nobody scanned: all of the session, nothing, or so many minutes (CHK-3).
    MissingExit { SessionEnd => "session_end", Nothing => "nothing", Minutes => "minutes" }
}
crate::words! {
    /// Who may read an info item: the WiFi password is for registered people.
    Audience { Public => "public", Registered => "registered" }
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = events, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Event {
    pub id: EventId,
    pub slug: String,
    pub name: String,
    pub kind: Kind,
    /// An IANA zone name; agenda times are local to it (TIM-1).
    pub zone: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub currency: String,
    pub claims_close_on: Option<NaiveDate>,
    pub published: bool,
    pub summary: String,
    pub venue: String,
    pub address: String,
    pub help_email: String,
    pub help_phone: String,
    pub hotel_block_closes_on: Option<NaiveDate>,
    pub wifi_network: String,
    pub wifi_password: String,
    pub invoice_due_days: i32,
    pub unpaid_at_door: UnpaidAtDoor,
    pub selection_closes_minutes_before: i32,
    pub recognized_discount_percent: i32,
    /// So many minutes after a session's start, seats of people who have not come go to who waits at the door (CHK-2).
    pub unclaimed_after_minutes: i32,
    /// How a stay without a scan on the way out is closed (CHK-3).
    pub missing_exit: MissingExit,
    /// With [`MissingExit::Minutes`]: how many.
    pub missing_exit_minutes: i32,
    /// The key of the tags on this event's badges, in hex (BDG-1).
    pub tag_key: String,
    pub created_at: Instant,
}

impl Event {
    /// The event's zone. Zone names are checked when an event is saved, so UTC stands in for nothing real.
    pub fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// The first instant that is no longer part of the event: the start of the day after its last (TIM-2).
    pub fn ends_at(&self) -> Instant {
        rules::end_of_day(self.ends_on, self.zone())
    }

    /// The first instant of the event's first day.
    pub fn starts_at(&self) -> Instant {
        Instant::start_of_day(self.starts_on, self.zone())
    }

    pub fn is_congress(&self) -> bool {
        self.kind == Kind::Congress
    }
}

/// One answer on an event's page.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = info_items, check_for_backend(crate::db::Either))]
pub struct InfoItem {
    pub id: InfoItemId,
    pub event_id: EventId,
    pub topic: String,
    pub title: String,
    pub body: String,
    pub audience: Audience,
    pub position: i32,
}

/// A place where badges are picked up, in a window, for some of the people.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = badge_places, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct BadgePlace {
    pub id: BadgePlaceId,
    pub event_id: EventId,
    pub place: String,
    pub opens_at: Instant,
    pub closes_at: Instant,
    pub audience: String,
    pub changed_at: Option<Instant>,
    /// Where it was before, shown as a change.
    pub changed_from: Option<String>,
}

/// The event with this slug, published or not.
pub fn find(db: &mut Db, slug: &str) -> Result<Option<Event>> {
    Ok(events::table.filter(events::slug.eq(slug)).select(Event::as_select()).first(db).optional()?)
}

/// The event with this slug, or not found.
pub fn get(db: &mut Db, slug: &str) -> Result<Event> {
    find(db, slug)?.ok_or(Error::NotFound)
}

/// The published event with this slug, or not found: what the public may see.
pub fn get_published(db: &mut Db, slug: &str) -> Result<Event> {
    get(db, slug).and_then(|event| if event.published { Ok(event) } else { Err(Error::NotFound) })
}

/// An event by id.
pub fn get_by_id(db: &mut Db, id: &EventId) -> Result<Event> {
    Ok(events::table.find(id).select(Event::as_select()).first(db)?)
}

/// All events by first day; drafts only when asked for.
pub fn list(db: &mut Db, with_drafts: bool) -> Result<Vec<Event>> {
    let all: Vec<Event> = events::table.order((events::starts_on.asc(), events::slug.asc())).select(Event::as_select()).load(db)?;
    Ok(all.into_iter().filter(|event| event.published || with_drafts).collect())
}

/// The answers of an event's page, in their order.
pub fn info_items(db: &mut Db, event: &EventId) -> Result<Vec<InfoItem>> {
    Ok(info_items::table.filter(info_items::event_id.eq(event)).order(info_items::position.asc()).select(InfoItem::as_select()).load(db)?)
}

/// Where badges are picked up, in the order of their windows.
pub fn badge_places(db: &mut Db, event: &EventId) -> Result<Vec<BadgePlace>> {
    Ok(badge_places::table
        .filter(badge_places::event_id.eq(event))
        .order(badge_places::opens_at.asc())
        .select(BadgePlace::as_select())
        .load(db)?)
}

/// A badge pick-up place by id.
pub fn find_badge_place(db: &mut Db, id: &BadgePlaceId) -> Result<Option<BadgePlace>> {
    Ok(badge_places::table.find(id).select(BadgePlace::as_select()).first(db).optional()?)
}

/// An answer of an event's page by id.
pub fn find_info_item(db: &mut Db, id: &InfoItemId) -> Result<Option<InfoItem>> {
    Ok(info_items::table.find(id).select(InfoItem::as_select()).first(db).optional()?)
}
