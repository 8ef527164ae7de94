//! The public pages of events: the list, and an event's own page with everything attendees ask (EVT-1).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use super::deadline::Deadline;
use super::{Audience, BadgePlace, Event, InfoItem, rules};
use crate::app::App;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::http::rendered::public_page;
use crate::http::{Asker, Page, see_other};
use crate::money::format_cents;
use crate::people::Person;
use crate::pricing::{self, Eligibility, RegistrationType};
use crate::registration;

/// `GET /`: the list of events is the first page.
pub async fn home() -> HttpResponse {
    see_other("/events")
}

/// `GET /events`: published events, those still to come first.
pub async fn index(app: web::Data<App>, asker: Asker) -> Result<HttpResponse> {
    let now = app.now();
    let events = app.read(|db| super::list(db, false)).await?;
    let (over, coming): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.ends_at() <= now);
    let coming: Vec<EventCard> = coming.into_iter().map(|event| EventCard::of(event, now)).collect();
    let over: Vec<EventCard> = over.into_iter().rev().map(|event| EventCard::of(event, now)).collect();
    Page::new(&app, &asker, "events/index").render(&json!({ "coming": coming, "over": over }))
}

/// `GET /events/{event}`.
pub async fn show(request: HttpRequest) -> Result<HttpResponse> {
    public_page(&request, "events/show", "", EventView::build).await
}

#[derive(Serialize)]
struct EventCard {
    name: String,
    href: String,
    kind: &'static str,
    dates: String,
    place: String,
    summary: String,
    is_now: bool,
}

impl EventCard {
    fn of(event: &Event, now: Instant) -> Self {
        Self {
            name: event.name.clone(),
            href: format!("/events/{}", event.slug),
            kind: kind_words(event),
            dates: rules::dates_words(event.starts_on, event.ends_on),
            place: place_words(event),
            summary: event.summary.clone(),
            is_now: event.starts_at() <= now && now < event.ends_at(),
        }
    }
}

fn kind_words(event: &Event) -> &'static str {
    if event.is_congress() { "Congress" } else { "Learning series" }
}

fn place_words(event: &Event) -> String {
    // The street is for the event's own page; a list needs the house only.
    event.venue.clone()
}

#[derive(Serialize)]
struct EventView {
    slug: String,
    name: String,
    kind: &'static str,
    dates: String,
    zone: String,
    venue: String,
    address: String,
    summary: String,
    help_email: String,
    help_phone: String,
    help_phone_link: String,
    claims: Option<Deadline>,
    moved: Vec<Place>,
    places: Vec<Place>,
    sections: Vec<Section>,
    help: Vec<String>,
    types: Vec<TypeView>,
    discount_percent: i32,
    discounted: String,
    can_register: bool,
    is_registered: bool,
    is_over: bool,
}

#[derive(Clone, Serialize)]
struct Place {
    place: String,
    day: String,
    hours: String,
    audience: String,
    changed: Option<String>,
    was: Option<String>,
}

/// A part of the page: what stands in the info items, with the facts that belong to it.
#[derive(Serialize)]
struct Section {
    id: String,
    title: String,
    bodies: Vec<String>,
    deadline: Option<Deadline>,
    wifi: Option<Wifi>,
}

#[derive(Serialize)]
struct Wifi {
    network: String,
    /// Only for registered people who are signed in.
    password: Option<String>,
    is_for_others: bool,
    sign_in: String,
}

#[derive(Serialize)]
struct TypeView {
    name: String,
    description: String,
    tiers: Vec<TierView>,
    closed: Option<String>,
    note: Option<&'static str>,
}

#[derive(Serialize)]
struct TierView {
    name: String,
    price: String,
    is_now: bool,
    is_over: bool,
    until: Option<Deadline>,
}

impl EventView {
    fn build(db: &mut Db, event: &Event, now: Instant, person: Option<&Person>) -> Result<Self> {
        let is_registered = match person {
            Some(person) => is_registered(db, event, person)?,
            None => false,
        };
        let items = super::info_items(db, &event.id)?;
        let places = badge_places(&super::badge_places(db, &event.id)?, event);
        let mut types = Vec::new();
        let mut discounted = Vec::new();
        let mut on_sale = false;
        for kind in pricing::list_types(db, &event.id)? {
            let tiers = pricing::tiers(db, &kind.id)?;
            let view = TypeView::of(&kind, &tiers, event, now);
            on_sale |= view.closed.is_none() && kind.eligibility == Eligibility::Anyone;
            if kind.discountable {
                discounted.push(kind.name.clone());
            }
            types.push(view);
        }
        let zone = event.zone();
        let is_over = event.ends_at() <= now;
        Ok(Self {
            slug: event.slug.clone(),
            name: event.name.clone(),
            kind: kind_words(event),
            dates: rules::dates_words(event.starts_on, event.ends_on),
            zone: rules::zone_words(zone),
            venue: event.venue.clone(),
            address: event.address.clone(),
            summary: event.summary.clone(),
            help_email: event.help_email.clone(),
            help_phone: event.help_phone.clone(),
            help_phone_link: event.help_phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
            claims: event.claims_close_on.map(|day| Deadline::of_day(day, zone, now)),
            moved: places.iter().filter(|place| place.changed.is_some()).cloned().collect(),
            places,
            sections: sections(&items, event, now, is_registered),
            help: items.iter().filter(|item| item.topic == "help" && may_read(item, is_registered)).map(|item| item.body.clone()).collect(),
            types,
            discount_percent: if discounted.is_empty() { 0 } else { event.recognized_discount_percent },
            discounted: discounted.join(", "),
            can_register: on_sale && !is_over,
            is_registered,
            is_over,
        })
    }
}

fn is_registered(db: &mut Db, event: &Event, person: &Person) -> Result<bool> {
    let all = registration::of_person(db, &person.id)?;
    Ok(all.iter().any(|own| own.event_id == event.id && own.status == registration::Status::Confirmed))
}

fn may_read(item: &InfoItem, is_registered: bool) -> bool {
    item.audience == Audience::Public || is_registered
}

fn badge_places(places: &[BadgePlace], event: &Event) -> Vec<Place> {
    let zone = event.zone();
    places
        .iter()
        .map(|place| Place {
            place: place.place.clone(),
            day: rules::day_words(place.opens_at.date_in(zone)),
            hours: rules::hours_words(place.opens_at, place.closes_at, zone),
            audience: place.audience.clone(),
            changed: place.changed_at.map(|at| rules::instant_words(at, zone)),
            was: place.changed_from.clone(),
        })
        .collect()
}

/// The info items as parts of the page, items of one topic together; hotel and WiFi bring the event's own facts.
fn sections(items: &[InfoItem], event: &Event, now: Instant, is_registered: bool) -> Vec<Section> {
    let mut parts: Vec<Section> = Vec::new();
    for item in items.iter().filter(|item| item.topic != "help" && may_read(item, is_registered)) {
        let joins = item.topic != "other";
        match parts.iter_mut().find(|part| joins && part.id == item.topic) {
            Some(part) => part.bodies.push(item.body.clone()),
            None => parts.push(Section {
                id: if joins { item.topic.clone() } else { format!("info-{}", item.position) },
                title: item.title.clone(),
                bodies: vec![item.body.clone()],
                deadline: None,
                wifi: None,
            }),
        }
    }
    let mut part = |id: &str, title: &str, fill: &dyn Fn(&mut Section)| {
        if !parts.iter().any(|part| part.id == id) {
            parts.push(Section { id: id.to_owned(), title: title.to_owned(), bodies: Vec::new(), deadline: None, wifi: None });
        }
        if let Some(part) = parts.iter_mut().find(|part| part.id == id) {
            fill(part);
        }
    };
    if let Some(day) = event.hotel_block_closes_on {
        part("hotel", "Hotel", &|part| part.deadline = Some(Deadline::of_day(day, event.zone(), now)));
    }
    if !event.wifi_network.is_empty() {
        part("wifi", "WiFi", &|part| part.wifi = Some(wifi(event, is_registered)));
    }
    parts
}

fn wifi(event: &Event, is_registered: bool) -> Wifi {
    let has_password = !event.wifi_password.is_empty();
    Wifi {
        network: event.wifi_network.clone(),
        password: (is_registered && has_password).then(|| event.wifi_password.clone()),
        is_for_others: has_password && !is_registered,
        sign_in: format!("/sign-in?next=/events/{}%23wifi", event.slug),
    }
}

impl TypeView {
    fn of(kind: &RegistrationType, tiers: &[pricing::PriceTier], event: &Event, now: Instant) -> Self {
        let zone = event.zone();
        let today = now.date_in(zone);
        let closed = pricing::rules::on_sale(kind, today, event.ends_on).err();
        let current = pricing::rules::tier_in_force(tiers, today).map(|tier| tier.id.clone());
        Self {
            name: kind.name.clone(),
            description: kind.description.clone(),
            tiers: tiers
                .iter()
                .map(|tier| {
                    let is_now = closed.is_none() && current.as_ref() == Some(&tier.id);
                    let until = tier.until.map(|day| Deadline::of_day(day, zone, now));
                    TierView {
                        name: tier.name.clone(),
                        price: if tier.price_cents == 0 {
                            "Free of charge".to_owned()
                        } else {
                            format_cents(tier.price_cents, &event.currency)
                        },
                        is_now,
                        is_over: until.as_ref().is_some_and(|until| until.over),
                        until,
                    }
                })
                .collect(),
            closed,
            note: match kind.eligibility {
                Eligibility::Anyone => None,
                Eligibility::Code => Some("With a code"),
                Eligibility::Approval => Some("After approval by the organizer"),
            },
        }
    }
}
