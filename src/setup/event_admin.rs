//! Pages for the event itself: a new one, its settings, and what is missing before people can register.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::checklist;
use super::forms_admin::{Choice, Field, FormPage, choices, group, outcome, row, tabs, to};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event, EventDraft, rules};
use crate::http::asker::{Allowed, Asker, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};
use crate::staff::Permission;

/// A new event is for people whose role holds for all events.
fn may_add(allowed: &Allowed<permit::SetUpEvents>) -> Result<()> {
    if allowed.identity.may_everywhere(Permission::SetUpEvents) { Ok(()) } else { Err(Error::Forbidden) }
}

/// `GET /staff/events/new`
pub async fn new(app: web::Data<App>, allowed: Allowed<permit::SetUpEvents>) -> Result<HttpResponse> {
    may_add(&allowed)?;
    form(&EventDraft::default(), None).render(&app, &allowed.asker, None, &[])
}

/// `POST /staff/events`
pub async fn create(
    app: web::Data<App>,
    allowed: Allowed<permit::SetUpEvents>,
    PostedForm(draft): PostedForm<EventDraft>,
) -> Result<HttpResponse> {
    may_add(&allowed)?;
    let typed = EventDraft { published: false, ..draft };
    let draft = typed.clone();
    let created = app.write(allowed.actor(), move |tx| events::create(tx, &draft)).await;
    let next = format!("/staff/events/{}/setup", typed.slug.trim());
    match outcome(&app, created, &next, "The event is there as a draft. Go through the list below.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&typed, None).render(&app, &allowed.asker, None, &errors),
    }
}

/// `GET /staff/events/{event}/setup`: the overview with what is still missing.
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::SetUpEvents>) -> Result<HttpResponse> {
    overview(&app, &allowed.asker, allowed.event()?, &[]).await
}

async fn overview(app: &App, asker: &Asker, event: &Event, errors: &[FieldError]) -> Result<HttpResponse> {
    let (known, today) = (event.clone(), app.now().date_in(event.zone()));
    let standing = app.read(move |db| checklist::standing(db, &known, today)).await?;
    let items: Vec<Value> = standing
        .items
        .iter()
        .map(|item| {
            let (kind, word) = match (item.is_done, item.is_needed) {
                (true, _) => ("yes", "Done"),
                (false, true) => ("no", "Needed"),
                (false, false) => ("wait", "Missing"),
            };
            json!({ "text": item.text, "href": to(event, item.path), "chip": { "kind": kind, "text": word } })
        })
        .collect();
    let missing = standing.items.iter().filter(|item| item.is_needed && !item.is_done).count();
    let (kind, text) = if standing.is_open { ("yes", "Open for registration") } else { ("wait", "Not open for registration") };
    let view = json!({
        "name": event.name, "when": rules::dates_words(event.starts_on, event.ends_on), "venue": event.venue, "slug": event.slug, "published": event.published,
        "zone": event.zone, "chip": { "kind": kind, "text": text }, "items": items, "warnings": standing.warnings, "missing": missing,
        "tabs": tabs(asker.staff.as_ref(), event, "Overview"), "base": to(event, "setup"),
        "errors": errors.iter().map(|error| json!({ "field": error.field, "text": error.detail })).collect::<Vec<_>>(),
    });
    Page::new(app, asker, "setup/show").event(event).render(&view)
}

/// `GET /staff/events/{event}/setup/event`
pub async fn edit(app: web::Data<App>, allowed: Allowed<permit::SetUpEvents>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    form(&EventDraft::of(event), Some(event)).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/event`
pub async fn update(
    app: web::Data<App>,
    allowed: Allowed<permit::SetUpEvents>,
    PostedForm(draft): PostedForm<EventDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (before, typed) = (event.clone(), EventDraft { published: event.published, ..draft });
    let draft = typed.clone();
    let updated = app.write(allowed.actor(), move |tx| events::update(tx, &before, &draft)).await;
    let next = format!("/staff/events/{}/setup", typed.slug.trim());
    match outcome(&app, updated, &next, "The event is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&typed, Some(event)).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// What the publishing form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Publication {
    // What is left out is no, so that permission is answered before the form.
    #[serde(default)]
    published: String,
}

/// `POST /staff/events/{event}/setup/publication`
pub async fn publish(
    app: web::Data<App>,
    allowed: Allowed<permit::SetUpEvents>,
    PostedForm(form): PostedForm<Publication>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let published = match form.published.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::invalid("published", "choice", "Publish the event, or hide it.")),
    };
    let before = event.clone();
    app.write(allowed.actor(), move |tx| events::set_published(tx, &before, published)).await?;
    let said =
        if published { "The event is published." } else { "The event is hidden from the public. Registered people keep their portal." };
    Ok(see_other_saying(&app, &to(event, "setup"), "yes", said))
}

fn form(draft: &EventDraft, event: Option<&Event>) -> FormPage {
    let (title, back, action, button) = match event {
        Some(event) => ("Settings of the event", (to(event, "setup"), "Set-up".to_owned()), to(event, "setup/event"), "Save"),
        None => ("New event", ("/staff".to_owned(), "Events".to_owned()), "/staff/events".to_owned(), "Create the event"),
    };
    FormPage {
        title: title.to_owned(),
        back,
        action,
        button,
        groups: vec![
            name_fields(draft),
            day_fields(draft),
            place_fields(draft),
            help_fields(draft),
            rule_fields(draft),
            door_fields(draft),
        ],
        ..FormPage::default()
    }
}

fn name_fields(draft: &EventDraft) -> super::forms_admin::Group {
    group(
        "What it is",
        vec![
            Field::text("name", "Name", &draft.name).required(),
            Field::code("slug", "Address", &draft.slug)
                .hint("Stands in links: lower-case letters, digits and dashes, such as congress-2027. It cannot change once the event is published.")
                .required(),
            Field::select("kind", "Kind", choices([("congress", "Congress: at one place, on a few days"), ("series", "Learning series: webinars over a year")], &draft.kind)),
            Field::lines("summary", "Summary", &draft.summary, 3).hint("One or two sentences on top of the event's page.").optional(),
        ],
    )
}

fn day_fields(draft: &EventDraft) -> super::forms_admin::Group {
    row(
        "When",
        vec![
            Field::day("starts_on", "First day", &draft.starts_on).required(),
            Field::day("ends_on", "Last day", &draft.ends_on).required(),
            Field::select("zone", "Time zone", zones(&draft.zone))
                .hint("Every time of the event is local to it. It cannot change once there are sessions."),
            Field::day("claims_close_on", "Last day to claim credit", &draft.claims_close_on).optional(),
            Field::day("hotel_block_closes_on", "Last day of the room block", &draft.hotel_block_closes_on).optional(),
        ],
    )
}

fn place_fields(draft: &EventDraft) -> super::forms_admin::Group {
    group(
        "Where",
        vec![
            Field::text("venue", "Venue", &draft.venue).hint("“Online” is an answer.").required(),
            Field::lines("address", "Address of the venue", &draft.address, 2).optional(),
            Field::text("wifi_network", "WiFi network", &draft.wifi_network).optional(),
            Field::text("wifi_password", "WiFi password", &draft.wifi_password).hint("Shown to registered people only.").optional(),
        ],
    )
}

fn help_fields(draft: &EventDraft) -> super::forms_admin::Group {
    row(
        "Help desk",
        vec![
            Field::text("help_email", "E-mail", &draft.help_email).required(),
            Field::text("help_phone", "Phone", &draft.help_phone).optional(),
        ],
    )
}

fn rule_fields(draft: &EventDraft) -> super::forms_admin::Group {
    group(
        "Rules",
        vec![
            Field::code("currency", "Currency", &draft.currency).hint("Three letters, such as USD."),
            Field::whole(
                "recognized_discount_percent",
                "Discount for staff of recognized hospitals, in percent",
                &draft.recognized_discount_percent,
            ),
            Field::whole("invoice_due_days", "Days to pay an invoice", &draft.invoice_due_days),
            Field::whole(
                "selection_closes_minutes_before",
                "Sessions can be changed until so many minutes before they start",
                &draft.selection_closes_minutes_before,
            )
            .hint("0: until they start."),
        ],
    )
}

fn door_fields(draft: &EventDraft) -> super::forms_admin::Group {
    group(
        "Doors and attendance",
        vec![
            Field::select(
                "unpaid_at_door",
                "Somebody with an unpaid invoice at the door",
                choices(
                    [("admit", "is let in and asked to see the desk later"), ("refuse", "is sent to the desk first")],
                    &draft.unpaid_at_door,
                ),
            ),
            Field::whole(
                "unclaimed_after_minutes",
                "Seats that nobody claimed are given out at the door so many minutes after the start",
                &draft.unclaimed_after_minutes,
            )
            .hint("To the waitlist first, then to who waits in line. Seats that were paid for by themselves stay kept."),
            Field::select(
                "missing_exit",
                "Somebody who was scanned in and never out",
                choices(
                    [
                        ("session_end", "is taken to have stayed until the session’s end"),
                        ("nothing", "gets no minutes for that stay"),
                        ("minutes", "gets so many minutes for that stay"),
                    ],
                    &draft.missing_exit,
                ),
            ),
            Field::whole("missing_exit_minutes", "So many minutes then", &draft.missing_exit_minutes),
        ],
    )
}

/// Every zone, those of most congresses first.
fn zones(chosen: &str) -> Vec<Choice> {
    const FIRST: &[&str] = &["America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"];
    let others = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| !FIRST.contains(name) && name.contains('/'));
    let mut all: Vec<&str> = FIRST.iter().copied().chain(others).collect();
    // What was typed into the form by other means stays, so that its error can be seen.
    if !all.contains(&chosen) {
        all.push(chosen);
    }
    choices(all.into_iter().map(|zone| (zone, zone)), chosen)
}
