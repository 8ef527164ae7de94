//! The keys that sign Open Badges, for owners: which is in use, which were retired, and putting a new one in place.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::keys::{self, Fresh, SigningKey};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::rules::day_words;
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_after, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::SigningKeyId;

type Owner = Allowed<permit::ManageStaff>;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    reason: String,
}

/// `GET /staff/signing-keys`
pub async fn index(app: web::Data<App>, owner: Owner) -> Result<HttpResponse> {
    page(&app, &owner, &Typed::default(), &[]).await
}

async fn page(app: &App, owner: &Owner, typed: &Typed, errors: &[FieldError]) -> Result<HttpResponse> {
    let all = app.read(keys::list).await?;
    let day = |at: crate::clock::Instant| day_words(at.date_in(chrono_tz::Tz::UTC));
    let row = |key: &SigningKey| {
        let (kind, text) = match (key.retired_at, key.withdrawn_at) {
            (_, Some(_)) => ("no", "Withdrawn"),
            (Some(_), None) => ("note", "Only verifies"),
            (None, None) => ("yes", "Signs"),
        };
        json!({
            "address": keys::address(&app.site.config.base_url, &key.id), "made": day(key.made_at), "retired": key.retired_at.map(day),
            "withdrawn": key.withdrawn_at.map(day), "id": key.id, "may_be_withdrawn": key.retired_at.is_some() && key.withdrawn_at.is_none(),
            "chip": { "kind": kind, "text": text },
        })
    };
    let (listed, error_for) = form_errors(errors);
    let view = json!({
        "keys": all.iter().map(row).collect::<Vec<Value>>(), "reason": typed.reason, "errors": listed, "error_for": error_for,
    });
    Page::new(app, &owner.asker, "credits/open_badges/keys").status(if errors.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /staff/signing-keys`
pub async fn create(app: web::Data<App>, owner: Owner, PostedForm(typed): PostedForm<Typed>) -> Result<HttpResponse> {
    let reason = typed.reason.clone();
    // Made before the transaction, since it takes a processor for a while.
    let fresh = tokio::task::spawn_blocking(Fresh::make).await.map_err(Error::internal)??;
    match app.write(owner.actor(), move |tx| keys::rotate(tx, &fresh, &reason)).await {
        Ok(()) => {
            Ok(see_other_saying(&app, "/staff/signing-keys", "yes", "A new key signs from now on. What was signed before stays good."))
        }
        Err(Error::Invalid(fields)) => page(&app, &owner, &typed, &fields).await,
        Err(error) => Err(error),
    }
}

/// `POST /staff/signing-keys/{key}/withdrawal`
pub async fn withdraw(
    app: web::Data<App>,
    owner: Owner,
    path: web::Path<String>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let id = SigningKeyId::from(path.into_inner());
    let done = app.write(owner.actor(), move |tx| keys::withdraw(tx, &id, &typed.reason)).await;
    see_other_after(&app, "/staff/signing-keys", done.map(|()| "The key is withdrawn. Holders take their Open Badges again."))
}
