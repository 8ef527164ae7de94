//! Staff's page of one person in one webinar: their joins and letters, and a new link where the old one was passed on.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::rules::Had;
use super::{admin, get, is_theirs, letters, links, queries};
use crate::app::App;
use crate::desk::person::registration_of;
use crate::error::{Error, FieldError, Result};
use crate::events::rules as days;
use crate::http::asker::{Allowed, Permit, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::staff::Permission;

type Names = (String, String, String);

/// `GET /staff/events/{event}/webinars/{session}/people/{registration}`
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, path: web::Path<Names>) -> Result<HttpResponse> {
    page(&app, &allowed, path.into_inner(), "", &[]).await
}

async fn page<P: Permit>(
    app: &App,
    allowed: &Allowed<P>,
    (_, code, person): Names,
    typed: &str,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = event.clone();
    let (session, registration, joins, had, has_link, is_theirs) = app
        .read(move |db| {
            let session = get(db, &own, &code)?;
            let registration = registration_of(db, &own, &person)?;
            let joins: Vec<_> = queries::joins_of(db, &registration.id)?.into_iter().filter(|join| join.session_id == session.id).collect();
            let had = queries::letters_to(db, &session.id, &registration.id)?;
            let has_link = links::find(db, &session.id, &registration.id)?.is_some();
            let is_theirs = is_theirs(db, &registration, &session)?;
            Ok((session, registration, joins, had, has_link, is_theirs))
        })
        .await?;
    let zone = event.zone();
    let mut browsers: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for join in &joins {
        let number = browsers.iter().position(|known| *known == join.browser).unwrap_or_else(|| {
            browsers.push(&join.browser);
            browsers.len() - 1
        });
        rows.push(json!({ "when": days::instant_words(join.at, zone), "browser": format!("Browser {}", number + 1) }));
    }
    let letter = |one: &Had| json!({ "what": one.occasion.words(), "start": days::instant_words(one.starts_at, zone) });
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "back": admin::to(event, &session.code), "title": session.title, "base": admin::to(event, &format!("{}/people/{}", session.code, registration.code)),
        "name": registration.full_name(), "code": registration.code, "person": format!("/staff/events/{}/people/{}", event.slug, registration.code),
        "joins": rows, "browsers": browsers.len(), "letters": had.iter().map(letter).collect::<Vec<_>>(), "has_link": has_link,
        "may_replace": is_theirs && allowed.identity.may(Permission::EditRegistrations, &event.id) && app.now() < session.ends_at,
        "typed": typed, "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "webinars/person").event(event).status(status).render(&view)
}

/// Why the link is replaced.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    reason: String,
}

/// `POST /staff/events/{event}/webinars/{session}/people/{registration}/link`: a new link, mailed to the person.
pub async fn create(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: web::Path<Names>,
    form: PostedForm<Typed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let names = path.into_inner();
    let (own, (_, code, person), reason) = (event.clone(), names.clone(), form.0.reason.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let session = get(tx.db, &own, &code)?;
        let registration = registration_of(tx.db, &own, &person)?;
        if !is_theirs(tx.db, &registration, &session)? || tx.now >= session.ends_at {
            return Err(Error::NotFound);
        }
        links::replace(tx, &session, &registration, &reason)?;
        letters::write_again(tx, &own, &session, &registration)
    });
    match done.await {
        Ok(()) => {
            let to = admin::to(event, &format!("{}/people/{}", names.1, names.2));
            Ok(see_other_saying(&app, &to, "yes", "The old link opens nothing any more, and a letter with the new one is on its way."))
        }
        Err(Error::Invalid(fields)) => page(&app, &allowed, names, &form.0.reason, &fields).await,
        Err(other) => Err(other),
    }
}
