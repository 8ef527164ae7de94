//! Staff enter and correct the licenses that people tell by phone (CEU-7).

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::details::{self, Typed};
use super::pages::licenses;
use crate::app::App;
use crate::desk::person::registration_of;
use crate::desk::person_admin::base;
use crate::error::{Error, FieldError, Result, by_field};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};

type Editor = Allowed<permit::EditLicenses>;

/// `GET /staff/events/{event}/people/{registration}/licenses`
pub async fn edit(app: web::Data<App>, editor: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    page(&app, &editor, path.into_inner().1, None, &[]).await
}

async fn page(app: &App, editor: &Editor, code: String, typed: Option<&Typed>, fields: &[FieldError]) -> Result<HttpResponse> {
    let event = editor.event()?;
    let own = event.clone();
    let (registration, kept) = app
        .read(move |db| {
            let registration = registration_of(db, &own, &code)?;
            let kept = details::of_person(db, &registration.person_id)?;
            Ok((registration, kept))
        })
        .await?;
    let wrong = by_field(fields);
    let (errors, error_for) = form_errors(fields);
    let back = base(event, &registration.code);
    let view = json!({
        "action": format!("{back}/licenses"), "back": back, "name": registration.full_name(), "licenses": licenses(&kept, typed, &wrong),
        "reason": typed.and_then(|typed| typed.get("reason")), "errors": errors, "error_for": error_for,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &editor.asker, "reports/licenses").event(event).status(status).render(&view)
}

/// `POST /staff/events/{event}/people/{registration}/licenses`
pub async fn update(
    app: web::Data<App>,
    editor: Editor,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let event = editor.event()?;
    let (own, code, sent) = (event.clone(), path.into_inner().1, typed.clone());
    let of = code.clone();
    let done = app
        .write(editor.actor(), move |tx| {
            let registration = registration_of(tx.db, &own, &of)?;
            details::correct_licenses(tx, &own, &registration, &sent)
        })
        .await;
    let to = base(event, &code);
    match done {
        Ok(()) => Ok(see_other_saying(&app, &to, "yes", "The licenses are kept. Credit is reported with them.")),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to, "wait", &message)),
        Err(Error::Invalid(fields)) => page(&app, &editor, code, Some(&typed), &fields).await,
        Err(other) => Err(other),
    }
}
