//! Pages for the answers on an event's page and for badge pick-up places (EVT-1).

use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::forms_admin::{Field, FormPage, ListPage, Row, choices, group, outcome, row, to};
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::{self, BadgePlace, BadgePlaceDraft, Event, InfoDraft, InfoItem, TOPICS, rules};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::see_other_saying;

type Organizer = Allowed<permit::SetUpEvents>;

/// `GET /staff/events/{event}/setup/info`
pub async fn index(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let items = app.read(move |db| events::info_items(db, &id)).await?;
    let rows = items.iter().map(|item| Row {
        href: to(event, &format!("setup/info/{}", item.id)),
        title: item.title.clone(),
        sub: String::new(),
        cells: vec![topic_words(&item.topic).to_owned(), audience_words(item).to_owned(), item.position.to_string()],
        chip: ("", String::new()),
    });
    let page = ListPage {
        title: "Info page",
        lead: "What attendees ask, answered on the event's page.",
        tab: "Info page",
        columns: vec!["Answer", "About", "Shown to", "Order"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/info/new"), "Add an answer")],
        empty: "Begin with hours, hotel, meals, luggage, and what to do when our letter does not arrive.",
        search: None,
    };
    page.render(&app, &allowed.asker, event)
}

fn topic_words(topic: &str) -> &str {
    TOPICS.iter().find(|(word, _)| *word == topic).map_or(topic, |(_, words)| *words)
}

fn audience_words(item: &InfoItem) -> &'static str {
    if item.audience == events::Audience::Public { "Everyone" } else { "Registered people" }
}

/// `GET /staff/events/{event}/setup/info/new`
pub async fn new(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    info_form(event, &InfoDraft::default(), None).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/info`
pub async fn create(app: web::Data<App>, allowed: Organizer, PostedForm(typed): PostedForm<InfoDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| events::add_info_item(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "setup/info"), "The answer is on the page.")? {
        Ok(done) => Ok(done),
        Err(errors) => info_form(event, &typed, None).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// The answer that an address names, if it is this event's.
async fn item_of(app: &App, event: &Event, path: (String, String)) -> Result<InfoItem> {
    let (id, event) = (path.1.into(), event.id.clone());
    app.read(move |db| events::find_info_item(db, &id)?.filter(|item| item.event_id == event).ok_or(Error::NotFound)).await
}

/// `GET /staff/events/{event}/setup/info/{item}`
pub async fn edit(app: web::Data<App>, allowed: Organizer, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let item = item_of(&app, event, path.into_inner()).await?;
    info_form(event, &InfoDraft::of(&item), Some(&item)).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/info/{item}`
pub async fn update(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<InfoDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let item = item_of(&app, event, path.into_inner()).await?;
    let (before, draft) = (item.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| events::change_info_item(tx, &before, &draft)).await;
    match outcome(&app, done, &to(event, "setup/info"), "The answer is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => info_form(event, &typed, Some(&item)).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// `POST /staff/events/{event}/setup/info/{item}/removal`
pub async fn delete(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let item = item_of(&app, event, path.into_inner()).await?;
    app.write(allowed.actor(), move |tx| events::remove_info_item(tx, &item)).await?;
    Ok(see_other_saying(&app, &to(event, "setup/info"), "yes", "The answer is off the page."))
}

fn info_form(event: &Event, draft: &InfoDraft, item: Option<&InfoItem>) -> FormPage {
    let own = item.map(|item| to(event, &format!("setup/info/{}", item.id)));
    let audiences = [("public", "Everyone"), ("registered", "Registered people, such as the WiFi password")];
    let fields = vec![
        Field::select("topic", "About", choices(TOPICS.iter().copied(), &draft.topic)),
        Field::text("title", "Title", &draft.title).required(),
        Field::lines("body", "Answer", &draft.body, 8).hint("An empty line begins a new paragraph.").required(),
        Field::select("audience", "Shown to", choices(audiences, &draft.audience)),
        Field::whole("position", "Order", &draft.position).hint("Smaller numbers come first; leave it empty to come last.").optional(),
    ];
    FormPage {
        title: if item.is_some() { "Change an answer" } else { "Add an answer" }.to_owned(),
        back: (to(event, "setup/info"), "Info page".to_owned()),
        action: own.clone().unwrap_or_else(|| to(event, "setup/info")),
        button: "Save",
        groups: vec![group("", fields)],
        other: own.map(|own| (format!("{own}/removal"), "Take it off the page", "The answer is taken off the page at once.", None)),
        ..FormPage::default()
    }
}

/// `GET /staff/events/{event}/setup/badge-places`
pub async fn places(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let places = app.read(move |db| events::badge_places(db, &id)).await?;
    let rows = places.iter().map(|place| Row {
        href: to(event, &format!("setup/badge-places/{}", place.id)),
        title: place.place.clone(),
        sub: place.changed_from.as_ref().map(|before| format!("Changed; before: {before}")).unwrap_or_default(),
        cells: vec![rules::span_words(place.opens_at, place.closes_at, event.zone()), place.audience.clone()],
        chip: ("", String::new()),
    });
    let page = ListPage {
        title: "Badge places",
        lead: "Where and when badges are picked up. Once the event is published, a changed place is shown as a change and mailed to everyone registered.",
        tab: "Badge places",
        columns: vec!["Place", "When", "For"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/badge-places/new"), "Add a place")],
        empty: "Add one place for each day and group of people.",
        search: None,
    };
    page.render(&app, &allowed.asker, event)
}

/// `GET /staff/events/{event}/setup/badge-places/new`
pub async fn new_place(app: web::Data<App>, allowed: Organizer) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let draft = BadgePlaceDraft {
        opens: format!("{}T07:00", event.starts_on),
        closes: format!("{}T18:00", event.starts_on),
        audience: "Everyone".to_owned(),
        ..BadgePlaceDraft::default()
    };
    place_form(event, &draft, None).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/badge-places`
pub async fn create_place(app: web::Data<App>, allowed: Organizer, PostedForm(typed): PostedForm<BadgePlaceDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| events::add_badge_place(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "setup/badge-places"), "The place is on the page.")? {
        Ok(done) => Ok(done),
        Err(errors) => place_form(event, &typed, None).render(&app, &allowed.asker, Some(event), &errors),
    }
}

async fn place_of(app: &App, event: &Event, path: (String, String)) -> Result<BadgePlace> {
    let (id, event) = (path.1.into(), event.id.clone());
    app.read(move |db| events::find_badge_place(db, &id)?.filter(|place| place.event_id == event).ok_or(Error::NotFound)).await
}

/// `GET /staff/events/{event}/setup/badge-places/{place}`
pub async fn edit_place(app: web::Data<App>, allowed: Organizer, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let place = place_of(&app, event, path.into_inner()).await?;
    let draft = BadgePlaceDraft::of(&place, event.zone());
    place_form(event, &draft, Some(&place)).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/badge-places/{place}`
pub async fn update_place(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<BadgePlaceDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let place = place_of(&app, event, path.into_inner()).await?;
    let (own, before, draft) = (event.clone(), place.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| events::change_badge_place(tx, &own, &before, &draft)).await;
    let said =
        if event.published { "The place is saved. A new place or time is mailed to everyone registered." } else { "The place is saved." };
    match outcome(&app, done, &to(event, "setup/badge-places"), said)? {
        Ok(done) => Ok(done),
        Err(errors) => place_form(event, &typed, Some(&place)).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// `POST /staff/events/{event}/setup/badge-places/{place}/removal`
pub async fn delete_place(
    app: web::Data<App>,
    allowed: Organizer,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let place = place_of(&app, event, path.into_inner()).await?;
    let own = event.clone();
    app.write(allowed.actor(), move |tx| events::remove_badge_place(tx, &own, &place)).await?;
    Ok(see_other_saying(&app, &to(event, "setup/badge-places"), "yes", "The place is off the page."))
}

fn place_form(event: &Event, draft: &BadgePlaceDraft, place: Option<&BadgePlace>) -> FormPage {
    let own = place.map(|place| to(event, &format!("setup/badge-places/{}", place.id)));
    let what = vec![
        Field::text("place", "Place", &draft.place).hint("Such as: Grand Ballroom foyer, counters by last name.").required(),
        Field::text("audience", "For", &draft.audience).hint("Such as: Workshop day, or General conference. Registration types whose names it has, or that have its words in their names, are sent here by the pick-up desk; “everyone” means all.").required(),
    ];
    let when = vec![
        Field::moment("opens", "Opens", &draft.opens).hint("Local time of the event.").required(),
        Field::moment("closes", "Closes", &draft.closes).required(),
    ];
    FormPage {
        title: if place.is_some() { "Change a badge place" } else { "Add a badge place" }.to_owned(),
        back: (to(event, "setup/badge-places"), "Badge places".to_owned()),
        action: own.clone().unwrap_or_else(|| to(event, "setup/badge-places")),
        button: "Save",
        groups: vec![group("", what), row("When", when)],
        other: own.map(|own| {
            (format!("{own}/removal"), "Take it off the page", "Taking a place away mails nobody. To move it, change it.", None)
        }),
        ..FormPage::default()
    }
}
