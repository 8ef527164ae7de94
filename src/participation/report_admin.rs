//! Staff upload a participant report: first what it means in the zone they name, then the import; and taking one back.

use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};

use super::file::{self, Layout};
use super::importing::{self, Plan, Planned};
use super::outline::{self, Outline, ZONES};
use super::rules::Standing;
use super::{get, withdraw};
use crate::agenda::{self, Kind, Session};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules as days};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::uploads::PostedFile;
use crate::http::{Page, PostedForm};
use crate::ids::ReportId;
use crate::incoming;
use crate::setup::forms_admin::{Choice, Field, FormPage, group};

/// The largest report in megabytes; fifty thousand rows have eight.
const LARGEST: usize = 32;

/// How many people and lines of each kind the preview names.
const SHOWN: usize = 100;

type Upload = PostedFile<LARGEST>;
type Corrector = Allowed<permit::CorrectAttendance>;

/// The pages of a session where participation is looked after.
pub(super) fn to(event: &Event, session: &Session, path: &str) -> String {
    format!("/staff/events/{}/sessions/{}/{path}", event.slug, session.code)
}

/// Where a session's page is: a webinar has one of its own.
pub(super) fn home(event: &Event, session: &Session) -> String {
    match session.kind {
        Kind::Webinar => format!("/staff/events/{}/webinars/{}", event.slug, session.code),
        _ => to(event, session, "attendance"),
    }
}

async fn session_of(app: &App, event: &Event, code: String) -> Result<Session> {
    let id = event.id.clone();
    app.read(move |db| agenda::get(db, &id, &code)).await
}

/// `GET /staff/events/{event}/sessions/{session}/report`
pub async fn new(app: web::Data<App>, allowed: Corrector, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_of(&app, event, path.into_inner().1).await?;
    form(event, &session, event.zone()).render(&app, &allowed.asker, Some(event), &[])
}

fn zone_choices(event: &Event, chosen: Tz) -> Vec<Choice> {
    let own = event.zone();
    let mut zones = vec![own];
    zones.extend(ZONES.into_iter().filter(|zone| *zone != own));
    if !zones.contains(&chosen) {
        zones.push(chosen);
    }
    let text = |zone: Tz| {
        let name = zone.name().replace('_', " ");
        if zone == own {
            format!("{} ({name}), the event’s", days::zone_words(zone))
        } else {
            format!("{} ({name})", days::zone_words(zone))
        }
    };
    let choice = |zone: Tz| Choice { value: zone.name().to_owned(), text: text(zone), selected: zone == chosen, checked: false };
    zones.into_iter().map(choice).collect()
}

fn form(event: &Event, session: &Session, zone: Tz) -> FormPage {
    let file = Field::file("file", "The report")
        .hint("CSV, as the platform makes it. In Zoom choose the report with every join and leave time; totals alone prove fewer minutes.");
    let zones = Field::select("zone", "Zone of its times", zone_choices(event, zone)).hint(
        "The report does not say it: it is the zone of the account that downloaded it. You see what it means before anything is written.",
    );
    FormPage {
        title: format!("Import a participant report of {}", session.code),
        lead: format!(
            "“{}”, {} {}.",
            session.title,
            days::span_words(session.starts_at, session.ends_at, event.zone()),
            days::zone_words(event.zone())
        ),
        back: (home(event, session), session.code.clone()),
        action: to(event, session, "report/preview"),
        button: "Show what it means",
        groups: vec![group("", vec![file, zones])],
        with_file: true,
        ..FormPage::default()
    }
}

fn in_file(sentence: &str) -> Vec<FieldError> {
    vec![FieldError { field: "file".to_owned(), code: "problem", detail: sentence.to_owned() }]
}

/// The report that a form carries: chosen now, or carried on by the preview.
fn bytes_of(upload: &Upload) -> Result<Vec<u8>> {
    match upload.fields.get("packed") {
        Some(packed) => {
            let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| Error::StaleForm)?;
            incoming::unpacked(&bytes).map(std::borrow::Cow::into_owned).map_err(|_| Error::StaleForm)
        }
        None => Ok(upload.bytes.clone()),
    }
}

fn zone_of(upload: &Upload, event: &Event) -> Tz {
    upload.fields.get("zone").and_then(|zone| zone.trim().parse().ok()).unwrap_or_else(|| event.zone())
}

/// What a report says of a session, or the sentence why it says nothing. Read off the threads that serve requests, and
/// before any write: fifty thousand rows would keep everybody else waiting.
async fn read(event: &Event, session: &Session, bytes: Vec<u8>, zone: Tz) -> Result<std::result::Result<Outline, String>> {
    if bytes.is_empty() {
        return Ok(Err("Choose the file first.".to_owned()));
    }
    let (event, session) = (event.clone(), session.clone());
    let read = move || match file::read(&bytes) {
        Ok(file) => said(outline::outline(&event, &session, &file, zone)),
        Err(unreadable) => Ok(Err(unreadable.to_string())),
    };
    web::block(read).await.map_err(Error::internal)?
}

/// A refusal as the sentence that the form shows.
fn said<T>(result: Result<T>) -> Result<std::result::Result<T, String>> {
    match result {
        Ok(found) => Ok(Ok(found)),
        Err(Error::Refused { message, .. }) => Ok(Err(message)),
        Err(other) => Err(other),
    }
}

/// `POST /staff/events/{event}/sessions/{session}/report/preview`
pub async fn preview(app: web::Data<App>, allowed: Corrector, path: web::Path<(String, String)>, upload: Upload) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_of(&app, event, path.into_inner().1).await?;
    let zone = zone_of(&upload, event);
    let bytes = bytes_of(&upload)?;
    let packed = URL_SAFE_NO_PAD.encode(incoming::packed(&bytes).map_err(Error::internal)?);
    let again = |said: &str| form(event, &session, zone).render(&app, &allowed.asker, Some(event), &in_file(said));
    let outline = match read(event, &session, bytes, zone).await? {
        Ok(outline) => outline,
        Err(sentence) => return again(&sentence),
    };
    let (own, of) = (event.clone(), session.clone());
    match said(app.read(move |db| importing::plan(db, &own, &of, outline)).await)? {
        Ok(plan) => Page::new(&app, &allowed.asker, "participation/preview").event(event).render(&view(event, &session, &plan, &packed)),
        Err(sentence) => again(&sentence),
    }
}

fn view(event: &Event, session: &Session, plan: &Plan, packed: &str) -> Value {
    let (zone, told) = (event.zone(), &plan.outline);
    let people = |wanted: &dyn Fn(&Planned) -> bool| -> Value {
        let all: Vec<&Planned> = plan.people.iter().filter(|one| wanted(one)).collect();
        let rows: Vec<Value> = all.iter().take(SHOWN).map(|one| person(event, one)).collect();
        json!({ "count": all.len(), "rows": rows, "more": all.len().saturating_sub(SHOWN) })
    };
    let unread = told.unread.iter().take(SHOWN).map(|row| json!({ "line": row.line, "what": row.what, "reason": row.reason }));
    json!({
        "title": format!("What the report of {} means", session.code), "code": session.code,
        "back": to(event, session, "report"), "home": home(event, session), "action": to(event, session, "report"), "again": to(event, session, "report/preview"),
        "topic": told.topic, "layout": told.layout.words(), "meeting": told.meeting, "zone": told.zone.name(), "packed": packed,
        "span": format!("{} {}", days::span_words(told.span.0, told.span.1, zone), days::zone_words(zone)),
        "session": format!("{} {}", days::span_words(session.starts_at, session.ends_at, zone), days::zone_words(zone)),
        "better": told.better_zone.map(|zone| zone.name().replace('_', " ")),
        "zones": zone_choices(event, told.zone), "notes": notes(event, plan),
        "tiles": [
            json!({ "name": "People", "count": plan.people.len() }), json!({ "name": "Matched", "count": plan.matched() }),
            json!({ "name": "To decide", "count": plan.count(Standing::Waiting) }), json!({ "name": "Left out", "count": plan.count(Standing::LeftOut) }),
            json!({ "name": "Rows", "count": told.rows }), json!({ "name": "Not read", "count": told.unread.len() }),
        ],
        "matched": people(&|one| one.registration.is_some()), "waiting": people(&|one| one.standing == Standing::Waiting),
        "left_out": people(&|one| one.standing == Standing::LeftOut),
        "unread": unread.collect::<Vec<_>>(), "unread_count": told.unread.len(),
    })
}

fn person(event: &Event, one: &Planned) -> Value {
    let stays: Vec<String> = one.somebody.stays.iter().take(4).map(|(from, to, _)| days::hours_words(*from, *to, event.zone())).collect();
    let at_least = one.somebody.is_at_least();
    json!({
        "name": one.somebody.name, "email": one.somebody.email, "minutes": one.minutes, "at_least": at_least, "rows": one.somebody.rows,
        "stays": if at_least { Vec::new() } else { stays }, "more": one.somebody.stays.len() > 4,
    })
}

/// What staff should know before they import.
fn notes(event: &Event, plan: &Plan) -> Vec<String> {
    let (told, mut notes) = (&plan.outline, plan.place_words(event));
    if told.others > 0 {
        notes.push(format!("{} rows of other meetings in the file are left out: this one lies in the session most.", told.others));
    }
    if told.layout == Layout::Totals || plan.people.iter().any(|one| one.somebody.is_at_least()) {
        notes.push("The report has totals and not every join. Counted is what they prove of the session; with the report of every join it may be more.".to_owned());
    }
    if let Some(declared) = told.declared.filter(|declared| *declared > plan.people.len() * 2) {
        notes.push(format!(
            "The report says of itself that {declared} took part, and the file names {}. If it was cut off, download it again.",
            plan.people.len()
        ));
    }
    if told.absent > 0 {
        notes.push(format!("{} are in the report as registered there and not attended.", told.absent));
    }
    notes
}

/// `POST /staff/events/{event}/sessions/{session}/report`: imports the report that was previewed.
pub async fn create(app: web::Data<App>, allowed: Corrector, path: web::Path<(String, String)>, upload: Upload) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_of(&app, event, path.into_inner().1).await?;
    let zone = zone_of(&upload, event);
    let again = |said: &str| form(event, &session, zone).render(&app, &allowed.asker, Some(event), &in_file(said));
    let outline = match read(event, &session, bytes_of(&upload)?, zone).await? {
        Ok(outline) => outline,
        Err(sentence) => return again(&sentence),
    };
    let (own, of) = (event.clone(), session.clone());
    match said(app.write(allowed.actor(), move |tx| importing::import(tx, &own, &of, outline)).await)? {
        Ok(plan) => {
            let next = if plan.count(Standing::Waiting) > 0 { to(event, &session, "participants") } else { home(event, &session) };
            Ok(see_other_saying(&app, &next, "yes", &format!("The report is imported: {}.", plan.words())))
        }
        Err(sentence) => again(&sentence),
    }
}

type Names = (String, String, String);

/// Why a report is taken back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    reason: String,
}

/// `GET /staff/events/{event}/sessions/{session}/reports/{report}/withdrawal`
pub async fn ask_withdrawal(app: web::Data<App>, allowed: Corrector, path: web::Path<Names>) -> Result<HttpResponse> {
    ask(&app, &allowed, path.into_inner(), "", &[]).await
}

async fn ask(app: &App, allowed: &Corrector, (_, code, report): Names, typed: &str, fields: &[FieldError]) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_of(app, event, code).await?;
    let (of, id) = (session.id.clone(), ReportId::from(report));
    let report = app.read(move |db| get(db, &of, &id)).await?;
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "base": to(event, &session, "participants"), "name": format!("Who is who in {}", session.code), "path": format!("reports/{}/withdrawal", report.id),
        "title": "Take this report back", "lead": format!("The report imported on {} with {} rows stays on record and counts no more. Credit that it gave and nothing else gives is listed under Credit, Certificates.",
            days::instant_words(report.imported_at, event.zone()), report.row_count),
        "field": "reason", "label": "Why it does not count", "hint": "Kept with your name, for example “it is of the rehearsal”.",
        "button": "Take it back", "danger": true, "typed": typed, "errors": errors, "error": error_for.get("reason").cloned().unwrap_or(Value::Null),
        "action": to(event, &session, &format!("reports/{}/withdrawal", report.id)),
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "participation/withdrawal").event(event).status(status).render(&view)
}

/// `POST /staff/events/{event}/sessions/{session}/reports/{report}/withdrawal`
pub async fn create_withdrawal(
    app: web::Data<App>,
    allowed: Corrector,
    path: web::Path<Names>,
    form: PostedForm<Typed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let names = path.into_inner();
    let session = session_of(&app, event, names.1.clone()).await?;
    let (of, id, reason) = (session.clone(), ReportId::from(names.2.clone()), form.0.reason.clone());
    match app.write(allowed.actor(), move |tx| withdraw(tx, &of, &id, &reason)).await {
        Ok(()) => {
            Ok(see_other_saying(&app, &home(event, &session), "yes", "The report counts no more. It and your reason stay on record."))
        }
        Err(Error::Invalid(fields)) => ask(&app, &allowed, names, &form.0.reason, &fields).await,
        Err(other) => Err(other),
    }
}
