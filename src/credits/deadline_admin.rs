//! Extensions of the deadline, and the queue of late claims (CEU-5).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::{Educator, Reader};
use super::deadlines::{self, Scope};
use super::rules::is_past_pharmacy_clock;
use crate::agenda;
use crate::app::App;
use crate::error::{Checks, Error, FieldError, Result};
use crate::events::Event;
use crate::events::rules::{day_words, instant_words};
use crate::http::asker::{Allowed, Permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::LateRequestId;
use crate::registration;
use crate::setup::forms_admin::{outcome, to};
use crate::staff::Permission;

/// An extension as staff type it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    registration: String,
    session: String,
    until_on: String,
    reason: String,
}

/// `GET /staff/events/{event}/credits/extensions`
pub async fn extensions(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    extensions_page(&app, &allowed, &Typed::default(), &[]).await
}

async fn extensions_page<P: Permit>(app: &App, allowed: &Allowed<P>, typed: &Typed, fields: &[FieldError]) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let rows = app
        .read(move |db| {
            let mut rows = Vec::new();
            for extension in deadlines::extensions(db, &id)? {
                let who = extension.registration_id.as_ref().map(|id| registration::get_by_id(db, id)).transpose()?;
                let what = extension.session_id.as_ref().map(|id| agenda::get_by_id(db, id)).transpose()?;
                rows.push((extension, who, what));
            }
            Ok(rows)
        })
        .await?;
    let listed: Vec<Value> = rows
        .iter()
        .map(|(extension, who, what)| {
            let scope = match (who, what) {
                (Some(who), Some(what)) => format!("{} for {}", who.full_name(), what.code),
                (Some(who), None) => who.full_name(),
                (None, Some(what)) => format!("Everybody for {} {}", what.code, what.title),
                (None, None) => "Everybody".to_owned(),
            };
            json!({
                "scope": scope, "until": day_words(extension.until_on), "reason": extension.reason, "when": instant_words(extension.at, event.zone()),
                "late_for_pharmacy": is_past_pharmacy_clock(extension.until_on, event.ends_on),
            })
        })
        .collect();
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "back": to(event, "credits"), "action": to(event, "credits/extensions"), "extensions": listed,
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id), "closes": event.claims_close_on.map(day_words),
        "typed": { "registration": typed.registration, "session": typed.session, "until_on": typed.until_on, "reason": typed.reason },
        "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "credits/extensions").event(event).status(status).render(&view)
}

/// `POST /staff/events/{event}/credits/extensions`
pub async fn extend(app: web::Data<App>, allowed: Educator, PostedForm(typed): PostedForm<Typed>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, sent) = (event.clone(), typed.clone());
    let done = app
        .write(allowed.actor(), move |tx| {
            let mut checks = Checks::new();
            let mut scope = Scope::default();
            if !sent.registration.trim().is_empty() {
                match registration::get(tx.db, &sent.registration) {
                    Ok(found) if found.event_id == own.id => scope.registration = Some(found),
                    _ => checks.wrong("registration", "unknown", "Enter the code of a registration of this event, such as REG-7K3M9P."),
                }
            }
            if !sent.session.trim().is_empty() {
                match agenda::find(tx.db, &own.id, sent.session.trim())? {
                    Some(session) => scope.session = Some(session.id),
                    None => checks.wrong("session", "unknown", "Enter the code of a session of this event, such as B1."),
                }
            }
            let until_on = checks.needed_day("until_on", &sent.until_on, "Choose the last day.");
            checks.required("reason", &sent.reason, "Say why claims stay open longer.");
            checks.finish()?;
            deadlines::extend(tx, &own, &scope, until_on.ok_or(Error::NotFound)?, &sent.reason)
        })
        .await;
    match outcome(&app, done, &to(event, "credits/extensions"), "Claims are open longer, as you say here.")? {
        Ok(done) => Ok(done),
        Err(errors) => extensions_page(&app, &allowed, &typed, &errors).await,
    }
}

/// Replies to begin from.
const REPLIES: [(&str, &str); 3] = [
    ("Approved", "We opened your claim again. Please evaluate your sessions and claim your credit by the day named above."),
    ("Denied: too late to report", "The accreditor no longer takes reports for this activity, so we cannot give credit for it any more."),
    ("Denied: not attended", "We find no sign that you attended. If you did, reply to this letter and tell us which sessions."),
];

/// `GET /staff/events/{event}/credits/late-claims`
pub async fn late_claims(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    late_page(&app, &allowed, None, &[]).await
}

async fn late_page<P: Permit>(
    app: &App,
    allowed: &Allowed<P>,
    wrong: Option<(&str, &Decision)>,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let rows = app.read(move |db| deadlines::requests(db, &id)).await?;
    let (errors, error_for) = form_errors(fields);
    let suggested = app.now().plus(chrono::Duration::days(7)).date_in(event.zone()).to_string();
    let listed: Vec<Value> = rows
        .iter()
        .map(|(request, registration, decision)| {
            let mine = wrong.filter(|(id, _)| *id == request.id.as_str()).map(|(_, typed)| typed);
            json!({
                "id": request.id, "name": registration.full_name(), "person": to(event, &format!("credits/people/{}", registration.code)),
                "code": registration.code, "when": instant_words(request.asked_at, event.zone()), "words": request.words,
                "action": to(event, &format!("credits/late-claims/{}/decision", request.id)),
                "until_on": mine.map_or(suggested.as_str(), |typed| typed.until_on.as_str()), "reply": mine.map_or(REPLIES[0].1, |typed| typed.reply.as_str()),
                "error_for": if mine.is_some() { error_for.clone() } else { json!({}) },
                "decided": decision.as_ref().map(|decision| json!({
                    "chip": if decision.approved { json!({ "kind": "yes", "text": "Approved" }) } else { json!({ "kind": "no", "text": "Denied" }) },
                    "when": instant_words(decision.at, event.zone()), "reply": decision.reply,
                })),
            })
        })
        .collect();
    let view = json!({
        "back": to(event, "credits"), "requests": listed, "errors": errors,
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id),
        "replies": REPLIES.map(|(title, words)| json!({ "title": title, "words": words })),
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "credits/late").event(event).status(status).render(&view)
}

/// What staff decide.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    decision: String,
    until_on: String,
    reply: String,
}

/// `POST /staff/events/{event}/credits/late-claims/{request}/decision`
pub async fn decide(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Decision>,
) -> Result<HttpResponse> {
    let event: &Event = allowed.event()?;
    let id = path.into_inner().1;
    let (own, sent, request) = (event.clone(), typed.clone(), LateRequestId::from(id.clone()));
    let done = app
        .write(allowed.actor(), move |tx| {
            let mut checks = Checks::new();
            let approves = sent.decision == "approve";
            let until_on = if approves { checks.needed_day("until_on", &sent.until_on, "Choose the last day.") } else { None };
            checks.required("reply", &sent.reply, "Write the reply that goes into the letter.");
            if !approves && sent.decision != "deny" {
                checks.wrong("form", "required", "Approve or deny.");
            }
            // Whether there is such a request is answered before what is wrong with the form.
            deadlines::requests(tx.db, &own.id)?.into_iter().find(|(one, ..)| one.id == request).ok_or(Error::NotFound)?;
            checks.finish()?;
            deadlines::decide(tx, &own, &request, until_on, &sent.reply)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other_saying(&app, &to(event, "credits/late-claims"), "yes", "Decided, and mailed.")),
        Err(Error::Invalid(fields)) => late_page(&app, &allowed, Some((&id, &typed)), &fields).await,
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to(event, "credits/late-claims"), "no", &message)),
        Err(other) => Err(other),
    }
}
