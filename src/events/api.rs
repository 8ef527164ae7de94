//! Events as programs read them: `/api/v1/events`.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Audience, Event, Kind, rules};
use crate::app::App;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::{Answer, Caller, Listing};
use crate::money::Money;
use crate::pricing::{self, Eligibility, PriceTier, RegistrationType};
use crate::staff::Permission;

/// An event in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventSummary {
    #[schema(example = "congress-2026")]
    pub slug: String,
    pub name: String,
    pub kind: Kind,
    /// An IANA zone name; instants of this event carry its offset.
    #[schema(example = "America/Los_Angeles")]
    pub zone: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub venue: String,
    /// The event's page.
    pub url: String,
}

/// An event with what its page answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventDetail {
    #[serde(flatten)]
    pub event: EventSummary,
    pub summary: String,
    pub address: String,
    #[schema(example = "USD")]
    pub currency: String,
    pub help_email: String,
    pub help_phone: String,
    /// The last day of the hotel's room block, in the event's zone.
    pub hotel_block_closes_on: Option<NaiveDate>,
    /// The last day on which credit may be claimed, in the event's zone.
    pub claims_close_on: Option<NaiveDate>,
    /// The first instant at which claims are closed.
    #[schema(example = "2026-04-18T00:00:00-07:00")]
    pub claims_close_at: Option<String>,
    pub wifi_network: String,
    pub registration_types: Vec<TypeSummary>,
    pub badge_places: Vec<BadgePlaceSummary>,
    /// Public answers: hours, hotel, meals, luggage, mail.
    pub info: Vec<Info>,
}

/// A registration type with its prices.
#[derive(Debug, Serialize, ToSchema)]
pub struct TypeSummary {
    #[schema(example = "general")]
    pub code: String,
    pub name: String,
    pub description: String,
    pub eligibility: Eligibility,
    pub on_sale: bool,
    /// The price in force, null when the type is not on sale.
    pub price: Option<Money>,
    pub discountable: bool,
    pub tiers: Vec<TierSummary>,
}

/// A price and its last day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierSummary {
    pub name: String,
    pub price: Money,
    /// The last day of this price in the event's zone; null for the last tier.
    pub until: Option<NaiveDate>,
}

/// Where badges are picked up.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadgePlaceSummary {
    pub place: String,
    pub audience: String,
    #[schema(example = "2026-03-09T07:00:00-07:00")]
    pub opens_at: String,
    pub closes_at: String,
    /// When the place was last changed, and from which.
    pub changed_at: Option<String>,
    pub changed_from: Option<String>,
}

/// One public answer of the event's page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Info {
    pub topic: String,
    pub title: String,
    pub body: String,
}

/// The event with this slug if the caller may see it: published, or the caller is of its staff.
pub fn visible(db: &mut Db, slug: &str, caller: &Caller) -> Result<Event> {
    let event = super::get(db, slug)?;
    let is_staff = caller.staff.as_ref().is_some_and(|staff| staff.may(Permission::EnterBackOffice, &event.id));
    if event.published || is_staff { Ok(event) } else { Err(Error::NotFound) }
}

/// Published events by their first day.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(Listing), security(()),
    responses((status = 200, description = "Events.", body = crate::http::api::List<EventSummary>)))]
pub async fn index(app: web::Data<App>, _caller: Caller, listing: web::Query<Listing>) -> Result<HttpResponse> {
    let events = app.read(|db| super::list(db, false)).await?;
    let events = events.iter().map(|event| summary(&app, event)).collect();
    Answer::ok(&listing.page(events, |event| event.slug.clone())?)
}

/// One event with its prices, badge places and public answers.
#[utoipa::path(get, path = "/api/v1/events/{event}", tag = "events", security(()),
    params(("event" = String, Path, description = "The event's slug.", example = "congress-2026")),
    responses((status = 200, description = "The event.", body = EventDetail)))]
pub async fn show(app: web::Data<App>, caller: Caller, slug: web::Path<String>) -> Result<HttpResponse> {
    let (now, reader) = (app.now(), app.clone());
    let detail = app
        .read(move |db| {
            let event = visible(db, &slug, &caller)?;
            detail(db, &reader, &event, now)
        })
        .await?;
    Answer::ok(&detail)
}

fn summary(app: &App, event: &Event) -> EventSummary {
    EventSummary {
        slug: event.slug.clone(),
        name: event.name.clone(),
        kind: event.kind,
        zone: event.zone.clone(),
        starts_on: event.starts_on,
        ends_on: event.ends_on,
        venue: event.venue.clone(),
        url: format!("{}/events/{}", app.site.config.base_url.trim_end_matches('/'), event.slug),
    }
}

fn detail(db: &mut Db, app: &App, event: &Event, now: Instant) -> Result<EventDetail> {
    let zone = event.zone();
    let mut registration_types = Vec::new();
    for kind in pricing::list_types(db, &event.id)? {
        let tiers = pricing::tiers(db, &kind.id)?;
        registration_types.push(type_summary(&kind, &tiers, event, now));
    }
    let badge_places = super::badge_places(db, &event.id)?;
    let info = super::info_items(db, &event.id)?;
    Ok(EventDetail {
        summary: event.summary.clone(),
        address: event.address.clone(),
        currency: event.currency.clone(),
        help_email: event.help_email.clone(),
        help_phone: event.help_phone.clone(),
        hotel_block_closes_on: event.hotel_block_closes_on,
        claims_close_on: event.claims_close_on,
        claims_close_at: event.claims_close_on.map(|day| rules::end_of_day(day, zone).rfc3339_in(zone)),
        wifi_network: event.wifi_network.clone(),
        registration_types,
        badge_places: badge_places
            .into_iter()
            .map(|place| BadgePlaceSummary {
                place: place.place,
                audience: place.audience,
                opens_at: place.opens_at.rfc3339_in(zone),
                closes_at: place.closes_at.rfc3339_in(zone),
                changed_at: place.changed_at.map(|at| at.rfc3339_in(zone)),
                changed_from: place.changed_from,
            })
            .collect(),
        info: info
            .into_iter()
            .filter(|item| item.audience == Audience::Public)
            .map(|item| Info { topic: item.topic, title: item.title, body: item.body })
            .collect(),
        event: summary(app, event),
    })
}

fn type_summary(kind: &RegistrationType, tiers: &[PriceTier], event: &Event, now: Instant) -> TypeSummary {
    let today = now.date_in(event.zone());
    let on_sale = pricing::rules::on_sale(kind, today, event.ends_on).is_ok();
    let money = |cents| Money::new(cents, &event.currency);
    TypeSummary {
        code: kind.code.clone(),
        name: kind.name.clone(),
        description: kind.description.clone(),
        eligibility: kind.eligibility,
        on_sale,
        price: pricing::rules::tier_in_force(tiers, today).filter(|_| on_sale).map(|tier| money(tier.price_cents)),
        discountable: kind.discountable,
        tiers: tiers
            .iter()
            .map(|tier| TierSummary { name: tier.name.clone(), price: money(tier.price_cents), until: tier.until })
            .collect(),
    }
}
