//! What a door's page asks for besides scans: the roster for times without a connection, and how it is installed.

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::admin::door_of;
use super::known_doors::KnownDoors;
use super::roster;
use crate::app::App;
use crate::error::Result;
use crate::http::asker::{Allowed, permit};

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/roster`: what the device decides by while it is offline.
pub async fn roster(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let door = door_of(&app, &doors, &allowed, &path.1).await?;
    let now = app.now();
    let zone = door.place.zone;
    let roster = app.read(move |db| roster::make(db, &door, now)).await?;
    let tag = format!("\"{}\"", roster.version);
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // Also where nothing is new, the device learns what our clock says.
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, tag)).insert_header(("x-lanyard-now", now.rfc3339_in(zone)));
    Ok(if known { response.finish() } else { response.json(&roster) })
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/manifest`: the door as an app on the phone's screen.
pub async fn manifest(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let door = door_of(&app, &doors, &allowed, &path.1).await?;
    let base = format!("/staff/events/{}/checkpoints/", door.event.slug);
    let icon = json!({ "src": "/static/icons/lanyard.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any" });
    let manifest = json!({
        "name": format!("{}, {}", door.checkpoint.name, door.event.name), "short_name": door.checkpoint.name,
        "start_url": format!("{base}{}", door.checkpoint.code), "scope": base, "id": format!("{base}{}", door.checkpoint.code),
        "display": "standalone", "orientation": "portrait", "background_color": "#0b0f10", "theme_color": "#0b0f10", "icons": [icon],
    });
    Ok(HttpResponse::Ok().content_type("application/manifest+json").insert_header((CACHE_CONTROL, "no-store")).json(manifest))
}
