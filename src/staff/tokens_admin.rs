//! Pages where owners make and revoke API tokens.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ListedToken;
use super::admin::{event_options, role_and_event, role_options};
use super::pages::Nothing;
use crate::app::App;
use crate::error::{Checks, Error, FieldError, Result};
use crate::events::{self, rules::day_words};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, form_errors, see_other_saying};
use crate::ids::TokenId;

type Owner = Allowed<permit::ManageStaff>;

/// What the form of a new token sends; an empty `event` means all events, an empty `checkpoint` every one.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewToken {
    label: String,
    role: String,
    event: String,
    checkpoint: String,
}

/// `GET /staff/tokens`
pub async fn index(app: web::Data<App>, owner: Owner) -> Result<HttpResponse> {
    index_page(&app, &owner, &NewToken::default(), &[], 200).await
}

async fn index_page(app: &App, owner: &Owner, typed: &NewToken, fields: &[FieldError], status: u16) -> Result<HttpResponse> {
    let (tokens, all_events) = app.read(|db| Ok((super::list_tokens(db)?, events::list(db, true)?))).await?;
    let rows: Vec<Value> = tokens.iter().map(token_row).collect();
    let (errors, error_for) = form_errors(fields);
    let view = json!({
        "tokens": rows, "roles": role_options(&typed.role), "events": event_options(&all_events, &typed.event),
        "label": typed.label, "checkpoint": typed.checkpoint, "errors": errors, "error_for": error_for,
    });
    Page::new(app, &owner.asker, "staff/tokens").status(status).render(&view)
}

fn token_row(listed: &ListedToken) -> Value {
    let token = &listed.token;
    let (kind, text) = if token.revoked_at.is_some() { ("no", "Revoked") } else { ("yes", "Works") };
    json!({
        "id": token.id, "label": token.label, "role": token.role.words(),
        "scope": listed.event_name.as_deref().unwrap_or("all events"), "checkpoint": listed.checkpoint_code,
        "made": day_words(token.created_at.date_in(chrono_tz::Tz::UTC)),
        "chip": { "kind": kind, "text": text }, "works": token.revoked_at.is_none(),
    })
}

/// `POST /staff/tokens`: makes a token and shows it, once.
pub async fn create(app: web::Data<App>, owner: Owner, form: PostedForm<NewToken>) -> Result<HttpResponse> {
    let (form, typed) = (form.0.clone(), form.0);
    let made = app.write(owner.actor(), move |tx| {
        let mut checks = Checks::new();
        checks.required("label", &form.label, "Name what will use this token, for example “Phone at door B1”.");
        checks.at_most("label", &form.label, 120);
        if form.event.is_empty() && !form.checkpoint.trim().is_empty() {
            checks.wrong("event", "required", "Choose the event whose checkpoint this is.");
        }
        checks.finish()?;
        let (role, event) = role_and_event(tx, &form.role, &form.event)?;
        let checkpoint = match &event {
            Some(event) if !form.checkpoint.trim().is_empty() => Some(super::checkpoint_of_code(tx.db, &event.id, &form.checkpoint)?),
            _ => None,
        };
        super::create_token(tx, &form.label, role, event.map(|event| event.id), checkpoint)
    });
    match made.await {
        Ok(token) => Page::new(&app, &owner.asker, "staff/token_made").render(&json!({ "label": typed.label, "token": token })),
        Err(Error::Invalid(fields)) => index_page(&app, &owner, &typed, &fields, 422).await,
        Err(error) => Err(error),
    }
}

/// `POST /staff/tokens/{token}/revocation`
pub async fn revoke(app: web::Data<App>, owner: Owner, token: web::Path<String>, _form: PostedForm<Nothing>) -> Result<HttpResponse> {
    let id = TokenId::from(token.into_inner());
    app.write(owner.actor(), move |tx| super::revoke_token(tx, &id)).await?;
    Ok(see_other_saying(&app, "/staff/tokens", "yes", "The token was revoked and works no more."))
}
