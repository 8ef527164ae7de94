//! Where a door's page says how its phone is.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::{ReportInput, get, report};
use crate::app::{Actor, App};
use crate::checkin::admin::door_of;
use crate::checkin::known_doors::KnownDoors;
use crate::clock::Instant;
use crate::error::Result;
use crate::http::asker::{Allowed, DEVICE_COOKIE, cookie, permit};
use crate::http::{Answer, JsonBody};

/// What the page's script sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    #[serde(default)]
    battery: Option<i32>,
    #[serde(default)]
    charging: Option<bool>,
    queued: i32,
    #[serde(default)]
    oldest_queued_at: Option<Instant>,
    #[serde(default)]
    app_version: String,
}

/// `POST /staff/events/{event}/checkpoints/{checkpoint}/heartbeats`: keeps what a paired phone says of itself, and
/// answers the server's time and until when the phone works. Its cookie lasts on when it was extended.
pub async fn create(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: JsonBody<Heartbeat>,
) -> Result<HttpResponse> {
    let door = door_of(&app, &doors, &allowed, &path.1).await?;
    let sent = body.value;
    let input = ReportInput {
        battery: sent.battery,
        charging: sent.charging,
        queued: sent.queued,
        oldest_queued_at: sent.oldest_queued_at,
        app_version: sent.app_version,
    };
    let (event, code) = (door.event.id.clone(), door.checkpoint.code.clone());
    let (now, expires_at) = app
        .write(allowed.actor(), move |tx| {
            report(tx, &code, &input)?;
            let expires_at = match tx.actor.clone() {
                Actor::Device(id) => Some(get(tx.db, &event, &id)?.expires_at),
                _ => None,
            };
            Ok((tx.now, expires_at))
        })
        .await?;
    let mut response = Answer::ok(&json!({ "now": now, "expires_at": expires_at }))?;
    if let (Some(expires_at), Some(secret)) = (expires_at, request.cookie(DEVICE_COOKIE)) {
        // A cookie that cannot be added only means to be paired again.
        let _ = response.add_cookie(&cookie(&app, DEVICE_COOKIE, secret.value().to_owned(), expires_at.since(now)));
    }
    Ok(response)
}
