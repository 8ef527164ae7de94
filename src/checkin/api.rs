//! Checkpoints and scans for devices and programs.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::known_doors::KnownDoors;
use super::{Answer as ScanAnswer, Direction, Door, DoorLine, Kind, Outcome, Presented, ScanRequest, Shown, door, scan, scan_all};
use crate::app::App;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::http::asker::{Allowed, permit};
use crate::http::{Answer, JsonBody, Listing, idempotency};

/// A checkpoint as a device needs it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckpointItem {
    pub code: String,
    pub kind: Kind,
    pub name: String,
    /// The code of the session behind the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    pub in_only: bool,
    /// The window that is open, else the next, else the last; null where it is always open.
    pub opens_at: Option<String>,
    pub closes_at: Option<String>,
}

impl CheckpointItem {
    fn of(door: &Door, now: Instant) -> Self {
        let window = door.window_at(now);
        let in_zone = |at: Instant| at.rfc3339_in(door.place.zone);
        Self {
            code: door.checkpoint.code.clone(),
            kind: door.checkpoint.kind,
            name: door.checkpoint.name.clone(),
            session: door.session.as_ref().map(|session| session.code.clone()),
            in_only: door.checkpoint.in_only,
            opens_at: window.map(|(opens, _)| in_zone(opens)),
            closes_at: window.map(|(_, closes)| in_zone(closes)),
        }
    }
}

/// Lists the checkpoints of an event; a device's token sees its own only.
#[utoipa::path(get, path = "/api/v1/events/{event}/checkpoints", tag = "doors",
    params(("event" = String, Path, description = "The event's slug"),
        ("limit" = Option<i64>, Query, description = "1 to 500, 100 unless told"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = crate::http::api::List<CheckpointItem>), (status = 401), (status = 403), (status = 404)))]
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::ScanBadges>, listing: web::Query<Listing>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let doors = app.read(move |db| door::list(db, &event)).await?;
    let now = app.now();
    let own = doors.iter().filter(|door| allowed.identity.reaches(&door.checkpoint.id));
    let items = own.map(|door| CheckpointItem::of(door, now)).collect();
    Answer::ok(&listing.page(items, |item: &CheckpointItem| item.code.clone())?)
}

/// Why somebody is let in against the answer.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideInput {
    pub reason: String,
}

/// A scan as a device sends it.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanInput {
    /// A UUID made on the device; the same id again is the same scan and gets the same answer.
    pub id: String,
    /// The checkpoint's code.
    pub checkpoint: String,
    /// The event's slug. Without it: the token's event; for tokens of several events the only one with this
    /// checkpoint, else the badge's event, else the one that takes place now.
    #[serde(default)]
    pub event: Option<String>,
    /// The text of the badge's code.
    pub token: String,
    pub direction: Direction,
    /// The device's time; ours when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scanned_at: Option<Instant>,
    /// What to add to the device's time to get the server's, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: Option<i64>,
    /// The scan was taken without a connection and comes late.
    #[serde(default)]
    pub offline: Option<bool>,
    /// What the device decided by itself.
    #[serde(default)]
    pub decided: Option<Outcome>,
    #[serde(default, rename = "override")]
    pub overridden: Option<OverrideInput>,
}

impl ScanInput {
    /// The scan itself, without where it was taken.
    pub fn request(self) -> ScanRequest {
        ScanRequest {
            id: self.id,
            token: self.token,
            direction: self.direction,
            scanned_at: self.scanned_at,
            clock_offset_ms: self.clock_offset_ms.unwrap_or_default(),
            offline: self.offline.unwrap_or_default(),
            decided: self.decided,
            override_reason: self.overridden.map(|overridden| overridden.reason),
        }
    }
}

/// Takes a scan and answers it.
#[utoipa::path(post, path = "/api/v1/scans", tag = "doors", request_body = ScanInput,
    responses((status = 200, body = ScanAnswer), (status = 401), (status = 403, description = "Not this token's checkpoint"),
        (status = 404), (status = 409, description = "`checkin.scan_id_used`"), (status = 422)))]
pub async fn create(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    line: web::Data<DoorLine>,
    allowed: Allowed<permit::ScanBadges>,
    http: HttpRequest,
    body: JsonBody<ScanInput>,
) -> Result<HttpResponse> {
    let input = body.value;
    let door = doors.find(&app, &allowed.identity, input.event.as_deref(), &input.checkpoint, &input.token).await?;
    let presented = Presented::new(door, input.request(), &allowed.identity)?;
    if idempotency::has_key(&http) {
        return idempotency::write(&app, &http, &body.bytes, allowed.actor(), move |tx| Ok((200, scan(tx, &presented)?.answer))).await;
    }
    Answer::ok(&line.write(&app, presented).await?.answer)
}

/// The most scans in one batch.
pub const MOST_SCANS: usize = 500;

/// The queue of a device.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchInput {
    /// Up to 500.
    pub scans: Vec<ScanInput>,
}

/// One result of a batch: the answer, or what was wrong with this scan.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum BatchResult {
    Answer(ScanAnswer),
    Problem { id: String, status: u16, code: String, detail: String },
}

impl BatchResult {
    fn of(id: String, result: Result<Shown>, request_id: &str) -> Self {
        if let Err(Error::Internal(cause)) = &result {
            // The answer as a whole is 200, so nothing else logs this one.
            tracing::error!(request = request_id, cause, "a scan of a batch failed");
        }
        match result {
            Ok(shown) => Self::Answer(shown.answer),
            Err(error) => Self::Problem { id, status: error.status(), code: error.code().to_owned(), detail: error.to_string() },
        }
    }
}

/// The results of a batch, in the order of its scans.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchAnswer {
    pub results: Vec<BatchResult>,
}

/// Takes the queue of a device in one go. A scan that cannot be taken says why in its place and keeps
/// none of the others from being taken.
#[utoipa::path(post, path = "/api/v1/scans/batch", tag = "doors", request_body = BatchInput,
    responses((status = 200, body = BatchAnswer), (status = 401), (status = 403), (status = 422)))]
pub async fn create_batch(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Allowed<permit::ScanBadges>,
    http: HttpRequest,
    body: JsonBody<BatchInput>,
) -> Result<HttpResponse> {
    let scans = body.value.scans;
    if scans.len() > MOST_SCANS {
        return Err(Error::invalid("scans", "too_many", format!("A batch has at most {MOST_SCANS} scans.")));
    }
    let mut results: Vec<(String, Option<Error>)> = Vec::with_capacity(scans.len());
    let mut queue: Vec<Presented> = Vec::with_capacity(scans.len());
    for input in scans {
        let id = input.id.clone();
        let door = doors.find(&app, &allowed.identity, input.event.as_deref(), &input.checkpoint, &input.token).await;
        match door.and_then(|door| Presented::new(door, input.request(), &allowed.identity)) {
            Ok(presented) => {
                results.push((id, None));
                queue.push(presented);
            }
            // The database is away: the device keeps the whole queue and asks again, as it does when the write meets this.
            Err(Error::Busy) => return Err(Error::Busy),
            Err(error) => results.push((id, Some(error))),
        }
    }
    let (actor, request_id) = (allowed.actor(), allowed.asker.request_id.clone());
    idempotency::write(&app, &http, &body.bytes, actor, move |tx| {
        let mut taken = scan_all(tx, &queue)?.into_iter();
        let results = results.into_iter().map(|(id, error)| {
            let result = match error {
                Some(error) => Err(error),
                None => taken.next().unwrap_or(Err(Error::Busy)),
            };
            BatchResult::of(id, result, &request_id)
        });
        Ok((200, BatchAnswer { results: results.collect() }))
    })
    .await
}
