//! A registration as programs see it: itself, its agenda, its badge, and its enrollments.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Registration, Represents, Status};
use crate::agenda;
use crate::app::App;
use crate::db::Db;
use crate::enrollment::queries::{AgendaItem, Standing, my_agenda};
use crate::enrollment::{self, Placed, selection};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::api::{List, check_cookie_writes};
use crate::http::asker::permit;
use crate::http::{Answer, JsonBody, Listing, Owned, idempotency};
use crate::money::Money;
use crate::orders::{self, rules::Standing as OrderStanding};
use crate::{badges, hospitals, people, pricing};

/// A registration.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationDetail {
    #[schema(example = "REG-7K3M9P")]
    pub code: String,
    /// The event's slug.
    pub event: String,
    pub status: Status,
    #[schema(example = "general")]
    pub registration_type: String,
    pub given_name: String,
    pub family_name: String,
    pub email: String,
    pub badge_name: String,
    pub certificate_name: String,
    pub credentials: String,
    /// One of the words that an order takes, or empty.
    pub profession: String,
    pub organization: String,
    pub hospital_ccn: Option<String>,
    pub represents: Represents,
    pub order: OrderSummary,
}

/// The order a registration is part of.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderSummary {
    #[schema(example = "ORD-7K3M9P")]
    pub code: String,
    pub status: OrderStanding,
    /// What is still owed; negative when something is to be refunded.
    pub balance: Money,
    /// The last day to pay an invoice, in the event's zone.
    pub due_on: Option<chrono::NaiveDate>,
}

/// Where the person stands with a session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgendaStatus {
    Enrolled,
    Waitlisted,
    /// Part of the registration without being chosen.
    Included,
}

/// One session of a registration's agenda.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgendaEntry {
    #[schema(example = "B1")]
    pub session: String,
    pub title: String,
    #[schema(example = "2026-03-09T10:30:00-07:00")]
    pub starts_at: String,
    #[schema(example = "2026-03-09T11:30:00-07:00")]
    pub ends_at: String,
    /// The room's name.
    pub room: Option<String>,
    pub status: AgendaStatus,
    /// The place in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
}

/// A registration's badge.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadgeDetail {
    /// The registration's code.
    #[schema(example = "REG-7K3M9P")]
    pub code: String,
    /// The text of the badge's QR code.
    pub token: String,
}

/// A session to take a seat in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentRequest {
    /// The session's code.
    #[schema(example = "B3")]
    // Checked in the handler, so that permission is answered before the body.
    #[serde(default)]
    #[schema(required)]
    pub session: String,
}

/// A seat, or a place in the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrollmentAnswer {
    #[schema(example = "B3")]
    pub session: String,
    pub status: enrollment::Status,
    /// The place in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
}

impl EnrollmentAnswer {
    pub fn of(session: &str, placed: &Placed) -> Self {
        Self { session: session.to_owned(), status: placed.status, position: placed.position }
    }
}

/// A registration: the attendee's own, or for staff who may see people.
#[utoipa::path(get, path = "/api/v1/registrations/{registration}", tag = "registrations", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    responses((status = 200, description = "The registration.", body = RegistrationDetail)))]
pub async fn show(app: web::Data<App>, owned: Owned<permit::SeePeople>) -> Result<HttpResponse> {
    let Owned { registration, event, .. } = owned;
    Answer::ok(&app.read(move |db| detail(db, &event, registration)).await?)
}

fn detail(db: &mut Db, event: &Event, registration: Registration) -> Result<RegistrationDetail> {
    let order = orders::get(db, &registration.order_id)?;
    let hospital = registration.hospital_id.as_ref().map(|id| hospitals::get(db, id)).transpose()?;
    Ok(RegistrationDetail {
        event: event.slug.clone(),
        registration_type: pricing::get_type_by_id(db, &registration.registration_type_id)?.code,
        email: people::get(db, &registration.person_id)?.email,
        hospital_ccn: hospital.and_then(|hospital| hospital.ccn),
        order: OrderSummary {
            status: orders::standing(db, &order.id)?,
            balance: Money::new(orders::balance_cents(db, &order.id)?, &order.currency),
            due_on: order.due_on,
            code: order.code,
        },
        code: registration.code,
        status: registration.status,
        given_name: registration.given_name,
        family_name: registration.family_name,
        badge_name: registration.badge_name,
        certificate_name: registration.certificate_name,
        credentials: registration.credentials,
        profession: registration.profession,
        organization: registration.organization,
        represents: registration.represents,
    })
}

/// A registration's agenda by start: seats, places in lines, and what is included.
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/agenda", tag = "registrations", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P"), Listing),
    responses((status = 200, description = "Sessions.", body = List<AgendaEntry>)))]
pub async fn agenda(app: web::Data<App>, owned: Owned<permit::SeePeople>, listing: web::Query<Listing>) -> Result<HttpResponse> {
    let Owned { registration, event, .. } = owned;
    let items = app.read(move |db| my_agenda(db, &registration)).await?;
    let entries = items.into_iter().map(|item| entry(&event, item)).collect();
    Answer::ok(&listing.page(entries, |entry| entry.session.clone())?)
}

fn entry(event: &Event, item: AgendaItem) -> AgendaEntry {
    let (status, position) = match item.standing {
        Standing::Enrolled => (AgendaStatus::Enrolled, None),
        Standing::Waiting(position) => (AgendaStatus::Waitlisted, Some(position)),
        Standing::Included => (AgendaStatus::Included, None),
    };
    AgendaEntry {
        starts_at: item.session.starts_at.rfc3339_in(event.zone()),
        ends_at: item.session.ends_at.rfc3339_in(event.zone()),
        session: item.session.code,
        title: item.session.title,
        room: Some(item.room).filter(|room| !room.is_empty()),
        status,
        position,
    }
}

/// The text of a registration's badge.
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/badge", tag = "registrations", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    responses((status = 200, description = "The badge.", body = BadgeDetail)))]
pub async fn badge(app: web::Data<App>, owned: Owned<permit::SeePeople>) -> Result<HttpResponse> {
    let Owned { registration, event, .. } = owned;
    let badge = app.read(move |db| {
        let badge = badges::of_registration(db, &registration.id)?.ok_or(Error::NotFound)?;
        Ok(BadgeDetail { code: registration.code, token: badge.token(&event)? })
    });
    Answer::ok(&badge.await?)
}

/// Takes a seat in a session, or a place in its line when it is full. The change is mailed.
#[utoipa::path(post, path = "/api/v1/registrations/{registration}/enrollments", tag = "registrations", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    request_body = EnrollmentRequest,
    responses((status = 201, description = "A seat, or a place in the line.", body = EnrollmentAnswer)))]
pub async fn enroll(
    app: web::Data<App>,
    request: HttpRequest,
    owned: Owned<permit::EditRegistrations>,
    body: JsonBody<EnrollmentRequest>,
) -> Result<HttpResponse> {
    let actor = owned.actor();
    let Owned { registration, event, .. } = owned;
    let JsonBody { value: EnrollmentRequest { session: code }, bytes } = body;
    idempotency::write(&app, &request, &bytes, actor, move |tx| {
        let session = agenda::find(tx.db, &event.id, &code)?
            .ok_or_else(|| Error::invalid("session", "unknown", format!("There is no session {code} at this event.")))?;
        let placed = selection::choose(tx, &event, &session, &registration)?;
        Ok((201, EnrollmentAnswer::of(&session.code, &placed)))
    })
    .await
}

/// Gives up a seat in a session, or the place in its line. The change is mailed.
#[utoipa::path(delete, path = "/api/v1/registrations/{registration}/enrollments/{session}", tag = "registrations", security(("token" = [])),
    params(
        ("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P"),
        ("session" = String, Path, description = "The session's code.", example = "B3"),
    ),
    responses((status = 204, description = "Given up.")))]
pub async fn leave(
    app: web::Data<App>,
    request: HttpRequest,
    owned: Owned<permit::EditRegistrations>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    check_cookie_writes(&request).await?;
    let actor = owned.actor();
    let Owned { registration, event, .. } = owned;
    let (_, code) = path.into_inner();
    idempotency::write(&app, &request, b"", actor, move |tx| {
        let session = agenda::get(tx.db, &event.id, &code)?;
        // What is not there cannot be taken away.
        enrollment::find(tx.db, &registration.id, &session.id)?.ok_or(Error::NotFound)?;
        selection::give_up(tx, &event, &session, &registration)?;
        Ok((204, ()))
    })
    .await
}
