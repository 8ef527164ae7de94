//! Finding people by name or code at a door, for those who may see people.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::door_of;
use super::known_doors::KnownDoors;
use super::lookup::{self, Listed};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::http::asker::{Allowed, permit};
use crate::registration::Status;
use crate::staff::Permission;

/// So many people are listed; who is not among them is found with one more letter.
const MOST_LISTED: i64 = 20;

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/search?q=`
pub async fn index(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
    search: web::Query<Search>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    // A scanning device lists nobody (ACC-3), whatever its role.
    if allowed.identity.is_device() || !allowed.identity.may(Permission::SeePeople, &event.id) {
        return Err(Error::Forbidden);
    }
    let door = door_of(&app, &doors, &allowed, &path.1).await?;
    let searched = !search.q.trim().is_empty();
    let (of_event, typed) = (event.id.clone(), search.q.clone());
    let mut found = if searched { app.read(move |db| lookup::people(db, &of_event, &typed, MOST_LISTED + 1)).await? } else { Vec::new() };
    let more = i64::try_from(found.len()).is_ok_and(|count| count > MOST_LISTED);
    found.truncate(usize::try_from(MOST_LISTED).unwrap_or(usize::MAX));
    let base = format!("/staff/events/{}/checkpoints/{}", event.slug, door.checkpoint.code);
    let view = json!({
        "q": search.q,
        "searched": searched,
        "more": more,
        "people": found.iter().map(row).collect::<Vec<Value>>(),
        "checkpoint": { "name": door.checkpoint.name, "in_only": door.checkpoint.in_only },
        "door_url": base,
        "scan_url": format!("{base}/scans"),
        "search_url": format!("{base}/search"),
        "may_override": allowed.identity.may(Permission::OverrideDoor, &event.id),
    });
    Page::new(&app, &allowed.asker, "checkin/search").event(&event).render(&view)
}

fn row(person: &Listed) -> Value {
    let line = [person.credentials.as_str(), person.organization.as_str()];
    let (kind, text) = match person.status {
        Status::Confirmed => ("yes", "Confirmed"),
        Status::Pending => ("wait", "Waits for approval"),
        Status::Canceled => ("no", "Canceled"),
    };
    json!({
        "code": person.code,
        "name": person.badge_name,
        "line": line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        "type_name": person.type_name,
        "status": { "kind": kind, "text": text },
        // Made with the page, so that a button pressed twice is one scan.
        "scan_id": uuid::Uuid::now_v7().to_string(),
        "override_id": uuid::Uuid::now_v7().to_string(),
    })
}
