//! Sessions as programs read them: `/api/v1/events/{event}/sessions`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Kind, Session};
use crate::app::App;
use crate::enrollment::queries::{self as enrollments, Seats};
use crate::error::Result;
use crate::events::Event;
use crate::http::{Answer, Caller, Listing};
use crate::money::Money;
use crate::pssm::rules::{Weight, about};

/// A session with its seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionSummary {
    #[schema(example = "B1")]
    pub code: String,
    pub kind: Kind,
    pub title: String,
    pub abstract_text: String,
    /// As the program prints them: name, credentials, post.
    pub speakers: Vec<String>,
    /// The track's code.
    pub track: Option<String>,
    #[schema(example = "2026-03-09T10:30:00-07:00")]
    pub starts_at: String,
    #[schema(example = "2026-03-09T11:30:00-07:00")]
    pub ends_at: String,
    /// The room's name.
    pub room: Option<String>,
    /// Seats; null means as many as come.
    pub capacity: Option<i32>,
    pub taken: i64,
    pub waitlisted: i64,
    /// Whether a seat has to be chosen.
    pub registration_required: bool,
    /// Part of every covering registration without being chosen.
    pub included: bool,
    /// What an extra costs; null where the registration covers it.
    pub price: Option<Money>,
    pub recorded: bool,
    /// Domains (`4`) and statements (`4D`) of the Patient Safety Structural Measure that it is about or touches.
    pub pssm: Vec<MeasureTag>,
    /// The code of the session whose content this one repeats.
    pub repeats: Option<String>,
    pub canceled: bool,
}

/// A part of the safety measure that a session carries.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasureTag {
    #[schema(example = "4D")]
    pub code: &'static str,
    pub weight: Weight,
}

/// An event's sessions by start, with seats taken and waiting, canceled ones included.
#[utoipa::path(get, path = "/api/v1/events/{event}/sessions", tag = "events", security(()),
    params(("event" = String, Path, description = "The event's slug.", example = "congress-2026"), Listing),
    responses((status = 200, description = "Sessions.", body = crate::http::api::List<SessionSummary>)))]
pub async fn index(app: web::Data<App>, caller: Caller, slug: web::Path<String>, listing: web::Query<Listing>) -> Result<HttpResponse> {
    let sessions = app
        .read(move |db| {
            let event = crate::events::api::visible(db, &slug, &caller)?;
            let (rooms, tracks) = (super::rooms(db, &event.id)?, super::tracks(db, &event.id)?);
            let sessions = super::list(db, &event.id)?;
            let seats = enrollments::seats(db, &event.id)?;
            let of = |session: &Session| SessionSummary {
                track: tracks.iter().find(|track| Some(&track.id) == session.track_id.as_ref()).map(|track| track.code.clone()),
                room: rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref()).map(|room| room.name.clone()),
                repeats: sessions
                    .iter()
                    .find(|other| Some(&other.id) == session.repeats_session_id.as_ref())
                    .map(|other| other.code.clone()),
                ..summary(&event, session, seats.get(&session.id).copied().unwrap_or_default())
            };
            Ok(sessions.iter().map(of).collect::<Vec<_>>())
        })
        .await?;
    Answer::ok(&listing.page(sessions, |session| session.code.clone())?)
}

/// What a session's own row tells; room, track and repeat are names of other rows.
fn summary(event: &Event, session: &Session, seats: Seats) -> SessionSummary {
    let zone = event.zone();
    SessionSummary {
        code: session.code.clone(),
        kind: session.kind,
        title: session.title.clone(),
        abstract_text: session.abstract_text.clone(),
        speakers: session.speakers.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        track: None,
        starts_at: session.starts_at.rfc3339_in(zone),
        ends_at: session.ends_at.rfc3339_in(zone),
        room: None,
        capacity: session.capacity,
        taken: seats.taken,
        waitlisted: seats.waiting,
        registration_required: session.registration_required,
        included: session.included,
        price: session.price_cents.map(|cents| Money::new(cents, &event.currency)),
        recorded: session.recorded,
        pssm: about(&session.pssm, &session.pssm_also).into_iter().map(|(code, weight)| MeasureTag { code, weight }).collect(),
        repeats: None,
        canceled: session.canceled_at.is_some(),
    }
}
