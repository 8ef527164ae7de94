//! Staff upload an event document or a schedule: first what it would change, then the import.

use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::agenda_import::{self, Plan};
use super::document::{self, Document, name_of};
use super::forms_admin::{Field, FormPage, group, to};
use super::import::{self, Summary};
use crate::agenda::schedule_file::{self, ScheduleFile};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{Page, see_other_saying};
use crate::http::uploads::PostedFile;
use crate::incoming;
use crate::staff::Permission;

/// The largest upload in megabytes; a schedule of a thousand sessions has four.
const LARGEST: usize = 16;

/// How many things of each kind the preview names.
const SHOWN: usize = 100;

type File = PostedFile<LARGEST>;

/// `GET /staff/event-document`
pub async fn new_document(app: web::Data<App>, allowed: Allowed<permit::SetUpEvents>) -> Result<HttpResponse> {
    document_form().render(&app, &allowed.asker, None, &[])
}

fn document_form() -> FormPage {
    let file = Field::file("file", "The document").hint("TOML or JSON, for a new event or one that is there. Nothing is deleted.");
    FormPage {
        title: "Import an event document".to_owned(),
        lead: "One file that describes a whole event. You first see what it would change.".to_owned(),
        back: ("/staff".to_owned(), "Events".to_owned()),
        action: "/staff/event-document/preview".to_owned(),
        button: "Show what it would change",
        groups: vec![group("", vec![file])],
        with_file: true,
        ..FormPage::default()
    }
}

/// Reads a document and says whether this person may import it.
async fn read_document(app: &App, allowed: &Allowed<permit::SetUpEvents>, bytes: &[u8]) -> Result<Document> {
    if bytes.is_empty() {
        return Err(Error::invalid("file", "required", "Choose the file first."));
    }
    let document = document::read(bytes)?;
    let slug = name_of(&document.event, "slug");
    let may = match app.read(move |db| events::find(db, &slug)).await? {
        Some(event) => allowed.identity.may(Permission::SetUpEvents, &event.id),
        None => allowed.identity.may_everywhere(Permission::SetUpEvents),
    };
    if may { Ok(document) } else { Err(Error::Forbidden) }
}

/// `POST /staff/event-document/preview`: imports the document and takes it all back, to show what would happen.
pub async fn preview_document(app: web::Data<App>, allowed: Allowed<permit::SetUpEvents>, file: File) -> Result<HttpResponse> {
    let document = match read_document(&app, &allowed, &file.bytes).await {
        Ok(document) => document,
        Err(error) => return document_problems(&app, &allowed, error),
    };
    let name = [name_of(&document.event, "name"), name_of(&document.event, "slug")];
    match import::rehearse(&app, allowed.actor(), document).await {
        Ok(summary) => {
            let title = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
            let view = document_view(&title, &summary, &packed(&file.bytes)?);
            Page::new(&app, &allowed.asker, "setup/preview").render(&view)
        }
        Err(error) => document_problems(&app, &allowed, error),
    }
}

fn document_view(title: &str, summary: &Summary, packed: &str) -> Value {
    json!({
        "title": format!("What the document would change: {title}"), "back": { "href": "/staff/event-document", "text": "Choose another file" },
        "tiles": tiles(&[("New", summary.added), ("Changed", summary.changed), ("As before", summary.unchanged)]),
        "changes": summary.added + summary.changed > 0, "notes": summary.notes, "refused": [], "refused_count": 0, "groups": [],
        "action": "/staff/event-document", "button": "Import the document", "packed": packed, "cancel": "/staff",
    })
}

fn tiles(counts: &[(&str, usize)]) -> Vec<Value> {
    counts.iter().map(|(name, count)| json!({ "name": name, "count": count })).collect()
}

/// Every problem with its place in the file, over the form to choose another.
fn document_problems(app: &App, allowed: &Allowed<permit::SetUpEvents>, error: Error) -> Result<HttpResponse> {
    let Error::Invalid(problems) = error else { return Err(error) };
    let is_about_file = |problem: &FieldError| problem.field == "file";
    let told: Vec<FieldError> = problems
        .into_iter()
        .map(|problem| if is_about_file(&problem) { problem } else { in_file(&format!("{}: {}", problem.field, problem.detail)) })
        .collect();
    document_form().render(app, &allowed.asker, None, &told)
}

fn in_file(sentence: &str) -> FieldError {
    FieldError { field: "file".to_owned(), code: "problem", detail: sentence.to_owned() }
}

/// `POST /staff/event-document`: imports the document that was previewed.
pub async fn create_document(app: web::Data<App>, allowed: Allowed<permit::SetUpEvents>, form: File) -> Result<HttpResponse> {
    let bytes = unpacked(&form)?;
    let document = match read_document(&app, &allowed, &bytes).await {
        Ok(document) => document,
        Err(error) => return document_problems(&app, &allowed, error),
    };
    let next = format!("/staff/events/{}/setup", name_of(&document.event, "slug"));
    match app.write(allowed.actor(), move |tx| import::import(tx, &document)).await {
        Ok(summary) => Ok(see_other_saying(&app, &next, "yes", &format!("The document is imported: {}.", summary.words()))),
        Err(error) => document_problems(&app, &allowed, error),
    }
}

/// `GET /staff/events/{event}/setup/schedule`
pub async fn new_schedule(app: web::Data<App>, allowed: Allowed<permit::EditAgenda>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    schedule_form(event).render(&app, &allowed.asker, Some(event), &[])
}

fn schedule_form(event: &Event) -> FormPage {
    let hint = "schedule.json or schedule.xml of pretalx, frab and their kin, or Sessionize's All view. At most 16 MB.";
    FormPage {
        title: "Import a schedule file".to_owned(),
        lead: "Sessions are matched by their id in the file. You first see what would change; nothing is deleted.".to_owned(),
        back: (to(event, "sessions"), "Sessions".to_owned()),
        action: to(event, "setup/schedule/preview"),
        button: "Show what it would change",
        groups: vec![group("", vec![Field::file("file", "The schedule").hint(hint)])],
        with_file: true,
        ..FormPage::default()
    }
}

/// Reads a schedule off the threads that serve requests.
async fn read_schedule(bytes: Vec<u8>, event: &Event) -> Result<std::result::Result<ScheduleFile, String>> {
    if bytes.is_empty() {
        return Ok(Err("Choose the file first.".to_owned()));
    }
    let zone = event.zone();
    let read = move || schedule_file::read(&bytes, zone).map_err(|unreadable| unreadable.to_string());
    web::block(read).await.map_err(Error::internal)
}

/// `POST /staff/events/{event}/setup/schedule/preview`
pub async fn preview_schedule(app: web::Data<App>, allowed: Allowed<permit::EditAgenda>, file: File) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let packed = packed(&file.bytes)?;
    let schedule = match read_schedule(file.bytes, event).await? {
        Ok(schedule) => schedule,
        Err(sentence) => return schedule_form(event).render(&app, &allowed.asker, Some(event), &[in_file(&sentence)]),
    };
    let own = event.clone();
    let plan = app.read(move |db| agenda_import::plan(db, &own, &schedule)).await?;
    Page::new(&app, &allowed.asker, "setup/preview").event(event).render(&schedule_view(event, &plan, &packed))
}

fn schedule_view(event: &Event, plan: &Plan, packed: &str) -> Value {
    let group = |title: &str, lines: Vec<String>| {
        let more = lines.len().saturating_sub(SHOWN);
        json!({ "title": title, "count": lines.len(), "lines": lines.into_iter().take(SHOWN).collect::<Vec<_>>(), "more": more })
    };
    let refused = plan.refused.iter().take(SHOWN).map(|row| json!({ "line": row.line, "what": row.what, "reason": row.reason }));
    json!({
        "title": "What the schedule would change",
        "back": { "href": to(event, "setup/schedule"), "text": "Choose another file" },
        "tiles": tiles(&[
            ("New", plan.added.len()), ("Changed", plan.changed.len()), ("As before", plan.unchanged), ("Gone", plan.gone.len()),
        ]),
        "changes": !plan.changes_nothing(), "notes": plan.notes, "refused": refused.collect::<Vec<_>>(),
        "refused_count": plan.refused.len(),
        "groups": [
            group("New", plan.added.iter().map(|session| format!("{} · {}", session.code, session.title)).collect()),
            group("Changed", plan.changed.iter().map(|change| format!("{} · {}: {}", change.before.code, change.after.title, change.what)).collect()),
            group("No longer in the file, left as they are", plan.gone.iter().map(|session| format!("{} · {}", session.code, session.title)).collect()),
            group("New rooms", plan.new_rooms.iter().map(|room| room.name.clone()).collect()),
            group("New tracks", plan.new_tracks.iter().map(|track| track.name.clone()).collect()),
        ],
        "action": to(event, "setup/schedule"), "button": "Import the schedule", "packed": packed, "cancel": to(event, "sessions"),
    })
}

/// `POST /staff/events/{event}/setup/schedule`: imports the schedule that was previewed.
pub async fn create_schedule(app: web::Data<App>, allowed: Allowed<permit::EditAgenda>, form: File) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let skip_refused = form.fields.get("skip_refused").is_some_and(|skip| skip == "yes");
    let schedule = match read_schedule(unpacked(&form)?, event).await? {
        Ok(schedule) => schedule,
        Err(sentence) => return schedule_form(event).render(&app, &allowed.asker, Some(event), &[in_file(&sentence)]),
    };
    let own = event.clone();
    match app.write(allowed.actor(), move |tx| agenda_import::import(tx, &own, &schedule, skip_refused)).await {
        Ok(plan) => Ok(see_other_saying(&app, &to(event, "sessions"), "yes", &format!("The schedule is imported: {}.", plan.words()))),
        Err(Error::Refused { message, .. }) => schedule_form(event).render(&app, &allowed.asker, Some(event), &[in_file(&message)]),
        Err(other) => Err(other),
    }
}

/// The file as the page carries it on, so that nothing has to be kept between preview and import, on whichever node.
fn packed(bytes: &[u8]) -> Result<String> {
    incoming::packed(bytes).map(|packed| URL_SAFE_NO_PAD.encode(packed)).map_err(Error::internal)
}

fn unpacked(form: &File) -> Result<Vec<u8>> {
    let packed = form.fields.get("packed").ok_or(Error::StaleForm)?;
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| Error::StaleForm)?;
    incoming::unpacked(&bytes).map(std::borrow::Cow::into_owned).map_err(|_| Error::StaleForm)
}
