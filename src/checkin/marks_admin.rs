//! Attendance of a person: every mark in every session, and its corrections by staff (CHK-3).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::attendance::{self, Marked};
use super::attendance_admin::{chips, mark_view, names, rule_words, seconds_words, stays};
use super::collisions;
use super::online::{self, Stay};
use super::presence::ExitRule;
use super::rules::Direction;
use crate::agenda::{self, Session};
use crate::app::App;
use crate::credits::certificates::corrections::contradicted_of;
use crate::credits::certificates::printed::Setting;
use crate::desk::history::Names;
use crate::desk::person::registration_of;
use crate::error::{Checks, Error, FieldError, Result};
use crate::events::Event;
use crate::events::rules::{hours_words, span_words};
use crate::http::asker::{Allowed, Permit, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::MarkId;
use crate::registration::Registration;
use crate::staff::Permission;

/// What the form for a missed scan sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MissedScan {
    session: String,
    direction: String,
    at: String,
    reason: String,
}

/// What the form for voiding sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Voiding {
    reason: String,
}

/// A person with the marks and the time online of each session.
struct Sheet {
    registration: Registration,
    sessions: Vec<(Session, Vec<Marked>, Vec<Stay>)>,
    names: Names,
    collisions: usize,
    /// More credit was given than this attendance gives.
    contradicts: bool,
}

async fn read(app: &App, event: &Event, code: String) -> Result<Sheet> {
    let event = event.clone();
    app.read(move |db| {
        let registration = registration_of(db, &event, &code)?;
        let marks = attendance::of_registration(db, &registration.id)?;
        let names = names(db, marks.iter())?;
        let filter = collisions::Filter { only_open: true, registration: Some(registration.id.clone()), checkpoint: None };
        let collisions = collisions::list(db, &event.id, &filter, 100)?.len();
        let mut reported = online::of_registration(db, &registration.id)?;
        let sessions = agenda::list(db, &event.id)?.into_iter().filter_map(|session| {
            let own: Vec<Marked> = marks.iter().filter(|marked| marked.mark.session_id == session.id).cloned().collect();
            let online = reported.remove(&session.id).unwrap_or_default();
            (!own.is_empty() || !online.is_empty()).then_some((session, own, online))
        });
        let sessions = sessions.collect();
        let setting = Setting::of(db, &event)?;
        let contradicts = !contradicted_of(db, &setting, &registration)?.is_empty();
        Ok(Sheet { sessions, registration, names, collisions, contradicts })
    })
    .await
}

fn base(event: &Event, registration: &str) -> String {
    format!("/staff/events/{}/people/{registration}/attendance", event.slug)
}

/// `GET /staff/events/{event}/people/{registration}/attendance`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    page(&app, &allowed, path.into_inner().1, &MissedScan::default(), &[]).await
}

async fn page<P: Permit>(app: &App, allowed: &Allowed<P>, code: String, typed: &MissedScan, fields: &[FieldError]) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let sheet = read(app, event, code).await?;
    let rule = ExitRule::of(event);
    let may_correct = allowed.identity.may(Permission::CorrectAttendance, &event.id);
    let code = &sheet.registration.code;
    let (errors, error_for) = form_errors(fields);
    let total: i64 = sheet.sessions.iter().map(|(session, marks, online)| attendance::minutes(marks, online, session, rule).minutes).sum();
    let directions = [("in", "Came in"), ("out", "Went out")];
    let view = json!({
        "base": base(event, code), "person": format!("/staff/events/{}/people/{code}", event.slug),
        "name": sheet.registration.full_name(), "code": code, "organization": sheet.registration.organization,
        "rule": rule_words(rule), "made": seconds_words(event, app.now()), "total": total, "may_correct": may_correct,
        "collisions": if sheet.collisions == 0 { Value::Null } else { json!(sheet.collisions) },
        "collisions_url": format!("/staff/events/{}/collisions?registration={code}", event.slug),
        "contradicts": sheet.contradicts,
        "contradicted_url": allowed.identity.may(Permission::SeeCredits, &event.id)
            .then(|| format!("/staff/events/{}/credits/certificates#contradicted", event.slug)),
        "sessions": sheet.sessions.iter().map(|one| session_view(event, one, rule, &sheet.names)).collect::<Vec<_>>(),
        "typed": { "session": typed.session, "at": typed.at, "reason": typed.reason },
        "directions": directions.map(|(value, text)| json!({ "value": value, "text": text, "selected": value == typed.direction })),
        "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "checkin/person_attendance").event(event).status(status).render(&view)
}

/// A stay online; when the minutes were that totals prove, they do not tell.
fn online_words(event: &Event, (from, to, is_at_least): Stay) -> String {
    if is_at_least { format!("at least {} minutes", to.since(from).num_minutes()) } else { hours_words(from, to, event.zone()) }
}

fn session_view(event: &Event, (session, marks, online): &(Session, Vec<Marked>, Vec<Stay>), rule: ExitRule, names: &Names) -> Value {
    let attended = attendance::minutes(marks, online, session, rule);
    json!({
        "online": online.iter().map(|stay| online_words(event, *stay)).collect::<Vec<_>>(),
        "code": session.code, "title": session.title, "when": span_words(session.starts_at, session.ends_at, event.zone()),
        "href": format!("/staff/events/{}/sessions/{}/attendance", event.slug, session.code),
        "minutes": attended.minutes, "of": session.ends_at.since(session.starts_at).num_minutes(),
        "stays": stays(event, &attended), "chips": chips(&attended, marks.iter().any(Marked::is_corrected)),
        "marks": marks.iter().map(|marked| mark_view(event, marked, names)).collect::<Vec<_>>(),
    })
}

/// `POST /staff/events/{event}/people/{registration}/attendance`: a scan that was missed.
pub async fn create(
    app: web::Data<App>,
    allowed: Allowed<permit::CorrectAttendance>,
    path: web::Path<(String, String)>,
    form: PostedForm<MissedScan>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (code, typed) = (path.into_inner().1, form.0);
    let (of_event, of_code, read) = (event.clone(), code.clone(), typed.clone());
    let done = app
        .write(allowed.actor(), move |tx| {
            let registration = registration_of(tx.db, &of_event, &of_code)?;
            let mut checks = Checks::new();
            let session = agenda::find(tx.db, &of_event.id, read.session.trim())?;
            if session.is_none() {
                checks.wrong("session", "unknown", "Enter the code of a session of this event, such as B1.");
            }
            let direction = checks.word("direction", &read.direction, Direction::ALL);
            let at = checks.moment("at", &read.at, of_event.zone());
            match (session, direction, at) {
                (Some(session), Some(direction), Some(at)) => {
                    attendance::add_mark(tx, &of_event, &session, &registration, (direction, at), &read.reason).map(drop)
                }
                _ => checks.finish(),
            }
        })
        .await;
    match done {
        Ok(()) => Ok(see_other_saying(&app, &base(&event, &code), "yes", "The mark is added, with your name and the reason.")),
        Err(Error::Invalid(fields)) => page(&app, &allowed, code, &typed, &fields).await,
        Err(error) => Err(error),
    }
}

/// `GET …/attendance/{mark}/voiding`
pub async fn ask_voiding(
    app: web::Data<App>,
    allowed: Allowed<permit::CorrectAttendance>,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let (_, code, mark) = path.into_inner();
    ask(&app, &allowed, code, mark, "", &[]).await
}

async fn ask(
    app: &App,
    allowed: &Allowed<permit::CorrectAttendance>,
    code: String,
    mark: String,
    typed: &str,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let sheet = read(app, event, code).await?;
    let marks = || sheet.sessions.iter().flat_map(|(session, marks, _)| marks.iter().map(move |marked| (session, marked)));
    let (session, marked) = marks().find(|(_, marked)| marked.mark.id.to_string() == mark).ok_or(Error::NotFound)?;
    let direction = if marked.mark.direction == Direction::In { "in" } else { "out" };
    let lead = format!(
        "The mark “{direction} {}” in {} stays in the list and no longer counts.",
        seconds_words(event, marked.mark.at),
        session.code
    );
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "base": base(event, &sheet.registration.code), "name": sheet.registration.full_name(), "path": format!("{mark}/voiding"),
        "title": "Void this mark", "lead": lead, "field": "reason", "label": "Why it does not count",
        "hint": "Kept with your name, for example “the badge was swapped”.", "button": "Void the mark", "danger": true,
        "typed": typed, "errors": errors, "error": error_for.get("reason").cloned().unwrap_or(Value::Null),
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "desk/ask").event(event).status(status).render(&view)
}

/// `POST …/attendance/{mark}/voiding`
pub async fn void(
    app: web::Data<App>,
    allowed: Allowed<permit::CorrectAttendance>,
    path: web::Path<(String, String, String)>,
    form: PostedForm<Voiding>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (_, code, mark) = path.into_inner();
    let (of_event, of_code, id, reason) = (event.clone(), code.clone(), MarkId::from(mark.clone()), form.0.reason.clone());
    let done = app
        .write(allowed.actor(), move |tx| {
            let registration = registration_of(tx.db, &of_event, &of_code)?;
            attendance::void_mark(tx, &of_event, &registration.id, &id, &reason)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other_saying(&app, &base(&event, &code), "yes", "The mark no longer counts.")),
        Err(Error::Invalid(fields)) => ask(&app, &allowed, code, mark, &form.0.reason, &fields).await,
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &base(&event, &code), "no", &message)),
        Err(error) => Err(error),
    }
}
