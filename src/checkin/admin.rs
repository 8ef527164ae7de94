//! Staff pages of the doors: the list, and the page that scans.

use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::api::ScanInput;
use super::known_doors::KnownDoors;
use super::unclaimed::{self, RoomNow};
use super::{Direction, Door, DoorLine, Kind, Outcome, Presented, ScanRequest, Shown, collisions, door, frames, lookup, rules};
use crate::app::App;
use crate::badges;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events::{Event, rules::span_words};
use crate::http::api::check_cookie_writes;
use crate::http::asker::{Allowed, permit};
use crate::http::headers::{POLICY, replace_policy};
use crate::http::statics::has_decoder;
use crate::http::{Answer, JsonBody, Page, PostedForm};
use crate::registration;
use crate::staff::Permission;

/// `GET /staff/events/{event}/checkpoints`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::ScanBadges>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let scope = allowed.identity.clone();
    let of_event = event.clone();
    let (doors, counts, present, collisions) = app
        .read(move |db| {
            let mut doors = door::list(db, &of_event)?;
            doors.retain(|door| scope.reaches(&door.checkpoint.id));
            let counts = lookup::scan_counts(db, &of_event.id)?;
            let inside = |door: &Door| door.session.as_ref().map(|session| door::present(db, &session.id)).transpose();
            let present: Vec<Option<i64>> = doors.iter().map(inside).collect::<Result<_>>()?;
            Ok((doors, counts, present, collisions::count_open(db, &of_event.id)?))
        })
        .await?;
    let now = app.now();
    let has_desk = allowed.identity.may(Permission::HandOutBadges, &event.id);
    let rows: Vec<Value> = doors
        .iter()
        .zip(present)
        .map(|(door, present)| {
            let own = counts.iter().filter(|(checkpoint, ..)| *checkpoint == door.checkpoint.id);
            let (scans, refused) =
                own.fold((0, 0), |(all, no), (_, outcome, count)| (all + count, no + count * i64::from(refuses(*outcome))));
            let mut row = row(door, &event, now, scans, refused, present);
            let desk = format!("/staff/events/{}/checkpoints/{}/desk", event.slug, door.checkpoint.code);
            row["desk"] = json!((has_desk && door.checkpoint.kind == Kind::BadgePickup).then_some(desk));
            row
        })
        .collect();
    let may_set_up = allowed.identity.may(Permission::SetUpEvents, &event.id);
    let live = (!allowed.identity.is_device()).then(|| format!("/staff/events/{}/live", event.slug));
    let may_see_people = allowed.identity.may(Permission::SeePeople, &event.id);
    let view = json!({
        "slug": event.slug, "doors": rows, "may_set_up": may_set_up, "live": live,
        "may_see_people": may_see_people, "collisions": collisions,
    });
    Page::new(&app, &allowed.asker, "checkin/index").event(&event).render(&view)
}

/// Answers that always keep somebody out; an unpaid one may have been let in.
fn refuses(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Admitted | Outcome::AlreadyIn | Outcome::Unpaid)
}

fn row(door: &Door, event: &Event, now: Instant, scans: i64, refused: i64, present: Option<i64>) -> Value {
    let windows: Vec<String> = door.place.windows.iter().map(|(opens, closes)| span_words(*opens, *closes, door.place.zone)).collect();
    let (kind, text) = match door.window_at(now) {
        None => ("yes", "Always open"),
        Some((opens, closes)) if opens <= now && now < closes => ("yes", "Open"),
        Some((opens, _)) if opens > now => ("wait", "Not open yet"),
        Some(_) => ("note", "Closed"),
    };
    json!({
        "code": door.checkpoint.code,
        "name": door.checkpoint.name,
        "kind": kind_words(door.checkpoint.kind),
        "href": format!("/staff/events/{}/checkpoints/{}", event.slug, door.checkpoint.code),
        "session": door.session.as_ref().map(|session| format!("{} · {}", session.code, session.title)),
        "attendance": door.session.as_ref().map(|session| format!("/staff/events/{}/sessions/{}/attendance", event.slug, session.code)),
        "windows": windows,
        "state": { "kind": kind, "text": text },
        "scans": scans,
        "refused": refused,
        "present": present,
        "capacity": door.session.as_ref().and_then(|session| session.capacity),
    })
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::BadgePickup => "Badge pick-up",
        Kind::SessionDoor => "Session door",
        Kind::SpecialEvent => "Special event",
    }
}

/// The door in the address; a device finds its own only.
pub async fn door_of<P: crate::http::asker::Permit>(app: &App, doors: &KnownDoors, allowed: &Allowed<P>, code: &str) -> Result<Arc<Door>> {
    let door = doors.get(app, &allowed.event()?.id, code).await?;
    if allowed.identity.reaches(&door.checkpoint.id) { Ok(door) } else { Err(Error::NotFound) }
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}`: the page that scans.
pub async fn show(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let door = door_of(&app, &doors, &allowed, &path.1).await?;
    let room = room_of(&app, &door).await?;
    door_page(&app, &allowed, &door, Direction::In, room, None)
}

/// The room behind a door as it is now.
async fn room_of(app: &App, door: &Arc<Door>) -> Result<Option<RoomNow>> {
    let (door, now) = (door.clone(), app.now());
    app.read(move |db| unclaimed::room_now(db, &door, now)).await
}

/// What the page's script gets: the answer, with the room as it is now beside it.
#[derive(Serialize)]
struct ShownWithRoom {
    #[serde(flatten)]
    shown: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<RoomNow>,
    /// Whoever asked may let in against this answer.
    may_be_overridden: bool,
}

/// Whether this asker may let in against this answer (CHK-2): a role that may, or a phone that was paired so.
fn may_override(allowed: &Allowed<permit::ScanBadges>, door: &Door, shown: &Shown) -> bool {
    let may_be = rules::may_be_overridden(shown.answer.outcome, shown.lets_pass, &shown.answer.message);
    may_be && allowed.identity.may(Permission::OverrideDoor, &door.event.id)
}

/// What the page's form asked, and the answer.
struct Answered {
    shown: Shown,
    token: String,
    registration: String,
}

fn door_page(
    app: &App,
    allowed: &Allowed<permit::ScanBadges>,
    door: &Door,
    direction: Direction,
    room: Option<RoomNow>,
    answered: Option<&Answered>,
) -> Result<HttpResponse> {
    let refused = answered.filter(|answered| may_override(allowed, door, &answered.shown));
    let base = format!("/staff/events/{}/checkpoints/{}", door.event.slug, door.checkpoint.code);
    let view = json!({
        "event": { "slug": door.event.slug },
        "checkpoint": {
            "code": door.checkpoint.code, "name": door.checkpoint.name,
            "kind": door.checkpoint.kind, "in_only": door.checkpoint.in_only,
        },
        "answer": answered.map(|answered| &answered.shown),
        "may_override": allowed.identity.may(Permission::OverrideDoor, &door.event.id),
        "reasons": rules::QUICK_REASONS,
        "override": refused.map(|refused| json!({
            "id": uuid::Uuid::now_v7().to_string(), "token": refused.token, "registration": refused.registration, "direction": direction,
        })),
        "scan_url": format!("{base}/scans"),
        "frames_url": format!("{base}/frames"),
        "roster_url": format!("{base}/roster"),
        "manifest_url": format!("{base}/manifest"),
        "decoder_url": has_decoder().then_some("/static/decoder/"),
        // A scanning device lists nobody (ACC-3).
        "search_url": (!allowed.identity.is_device()).then(|| format!("{base}/search")),
        "device": allowed.identity.is_device().then_some(&allowed.identity.name),
        "heartbeats_url": allowed.identity.is_device().then(|| format!("{base}/heartbeats")),
        "direction": direction,
        "present": room.as_ref().map(|room| room.present),
        "room": room,
        "scan_id": uuid::Uuid::now_v7().to_string(),
    });
    let mut response = Page::new(app, &allowed.asker, "checkin/door").event(&door.event).render(&view)?;
    // The decoder is WebAssembly; no other page runs any.
    replace_policy(&mut response, &POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"));
    Ok(response)
}

/// A scan as the page's form posts it, by the badge's code or (from the search) by the registration's.
#[derive(Deserialize)]
struct ScanForm {
    #[serde(default)]
    id: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    registration: String,
    #[serde(default)]
    direction: String,
    /// `yes` where somebody is let in against the answer; then there is a reason, chosen or typed.
    #[serde(default, rename = "override")]
    overrides: String,
    #[serde(default)]
    choice: String,
    #[serde(default)]
    reason: String,
}

impl ScanForm {
    /// Why somebody is let in against the answer, where that is asked; blank is for the verb to refuse.
    fn override_reason(&self) -> Option<String> {
        let reason = if self.choice.trim().is_empty() { &self.reason } else { &self.choice };
        (self.overrides == "yes" || !reason.trim().is_empty()).then(|| reason.clone())
    }
}

/// `POST /staff/events/{event}/checkpoints/{checkpoint}/scans`: the page's script sends JSON and gets JSON,
/// its form gets the page with the answer.
pub async fn create(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    line: web::Data<DoorLine>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let door = door_of(&app, &doors, &allowed, &path.1).await?;
    let mut payload = payload.into_inner();
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        let input = JsonBody::<ScanInput>::from_request(&request, &mut payload).await?.value;
        let shown = take(&app, &line, &allowed, door.clone(), input.request()).await?;
        let may_be_overridden = may_override(&allowed, &door, &shown);
        return Answer::ok(&ShownWithRoom { shown, room: room_of(&app, &door).await?, may_be_overridden });
    }
    let form = PostedForm::<ScanForm>::from_request(&request, &mut payload).await?.0;
    let direction = Direction::from_word(&form.direction).unwrap_or(Direction::In);
    let override_reason = form.override_reason();
    let token = match form.registration.as_str() {
        "" => form.token.clone(),
        code => token_of(&app, &allowed, &door, code.to_owned()).await?,
    };
    let scan =
        ScanRequest { id: form.id, token, direction, scanned_at: None, clock_offset_ms: 0, offline: false, decided: None, override_reason };
    let shown = take(&app, &line, &allowed, door.clone(), scan).await?;
    let room = room_of(&app, &door).await?;
    // Who was found by name is named again by the registration, so the page shows no code it was not given.
    let answered = Answered { shown, token: form.token, registration: form.registration };
    door_page(&app, &allowed, &door, direction, room, Some(&answered))
}

async fn take(app: &App, line: &DoorLine, allowed: &Allowed<permit::ScanBadges>, door: Arc<Door>, request: ScanRequest) -> Result<Shown> {
    line.write(app, Presented::new(door, request, &allowed.identity)?).await
}

/// The badge's code of somebody who was found by name.
async fn token_of(app: &App, allowed: &Allowed<permit::ScanBadges>, door: &Arc<Door>, code: String) -> Result<String> {
    // Only who may look people up may name them; a device's token may not.
    allowed.identity.require(Permission::SeePeople, &door.event.id)?;
    let door = door.clone();
    app.read(move |db| {
        let registration = registration::get(db, &code)?;
        if registration.event_id != door.event.id {
            return Err(Error::NotFound);
        }
        let badge = badges::of_registration(db, &registration.id)?.ok_or_else(|| {
            Error::refused("checkin.no_badge", "This registration has no badge yet. Send the person to the registration desk.")
        })?;
        badge.token(&door.event)
    })
    .await
}

/// So many pictures are read at once; more would keep the answers to scans waiting.
static READERS: Semaphore = Semaphore::const_new(2);

/// `POST /staff/events/{event}/checkpoints/{checkpoint}/frames`: a picture from the camera; answers `{ "text": … }`.
pub async fn read_frame(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    picture: web::Bytes,
) -> Result<HttpResponse> {
    check_cookie_writes(&request).await?;
    door_of(&app, &doors, &allowed, &path.1).await?;
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !matches!(kind, "image/jpeg" | "image/png") {
        return Err(Error::invalid("body", "not_a_picture", "Send a JPEG or PNG picture."));
    }
    let _permit = READERS.acquire().await.map_err(Error::internal)?;
    // A picture that makes the reader fail is a picture without a code; the next one comes at once.
    let text = tokio::task::spawn_blocking(move || frames::read_code(&picture)).await.unwrap_or_default();
    Answer::ok(&json!({ "text": text }))
}
