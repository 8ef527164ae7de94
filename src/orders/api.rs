//! Quotes and orders for programs: `/api/v1/events/{event}/quotes` and `/orders`.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::place::{Buyer, NewOrder, PlacedOrder, Registered, place};
use super::quote::{Item, Quote, Trust, Wanted, WantedLine, hospital_by_ccn, quote, required_email};
use super::rules::Standing;
use super::{ItemKind, Payment};
use crate::app::{App, Tx};
use crate::db::Db;
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::events::api::visible;
use crate::http::{Answer, Caller, JsonBody, idempotency};
use crate::money::Money;
use crate::people::rules::email_key;
use crate::pricing::rules::{DiscountKind, Weighed};
use crate::registration::api::EnrollmentAnswer;
use crate::registration::rules::Details;
use crate::registration::{self, Represents};
use crate::staff::Permission;

/// The most people in one order, and the most sessions of one of them.
const MOST_LINES: usize = 100;
const MOST_SESSIONS: usize = 200;
const MOST_CODES: usize = 20;

/// What a price is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    pub lines: Vec<QuoteLine>,
    /// Promotional, scholarship and access codes.
    #[serde(default)]
    pub codes: Vec<String>,
}

/// One person's part of a quote.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteLine {
    #[schema(example = "general")]
    pub registration_type: String,
    #[schema(example = "maya@hospital.example")]
    pub email: String,
    /// The hospital the person works at.
    #[serde(default)]
    #[schema(example = "050625")]
    pub hospital_ccn: Option<String>,
    /// A code that the hospital gave its staff.
    #[serde(default)]
    pub staff_code: Option<String>,
    /// Codes of sessions, priced or not.
    #[serde(default)]
    #[schema(example = json!(["W1"]))]
    pub sessions: Vec<String>,
}

/// The explained price.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteAnswer {
    pub lines: Vec<QuotedItem>,
    pub total: Money,
    /// Always true: a quote takes every e-mail as if it were verified. An order of the public gives such a
    /// discount only after the code mailed during registration.
    pub email_taken_as_verified: bool,
}

/// One priced item: a registration type, or a session that costs extra.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotedItem {
    /// Which line of the request it belongs to, from 0.
    pub line: usize,
    pub kind: ItemKind,
    /// The code of the type or session.
    #[schema(example = "general")]
    pub item: String,
    pub description: String,
    pub list: Money,
    pub discounts: Vec<QuotedDiscount>,
    pub net: Money,
}

/// A discount that was looked at, and why it won or lost.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotedDiscount {
    pub kind: DiscountKind,
    #[schema(example = 15)]
    pub percent: i32,
    /// What it takes off, or would.
    pub amount: Money,
    pub applied: bool,
    pub reason: String,
}

/// An order to be placed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderRequest {
    pub lines: Vec<OrderLineRequest>,
    #[serde(default)]
    pub codes: Vec<String>,
    pub buyer: BuyerRequest,
    pub payment: Payment,
}

/// One person's part of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderLineRequest {
    #[schema(example = "general")]
    pub registration_type: String,
    pub email: String,
    #[serde(default)]
    pub hospital_ccn: Option<String>,
    #[serde(default)]
    pub staff_code: Option<String>,
    #[serde(default)]
    pub sessions: Vec<String>,
    pub person: PersonRequest,
}

/// Who is registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    #[serde(default)]
    pub given_name: String,
    #[serde(default)]
    pub family_name: String,
    /// The same as the line's.
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub credentials: Option<String>,
    #[serde(default)]
    #[schema(example = "nurse")]
    pub profession: Option<String>,
    #[serde(default)]
    pub organization: Option<String>,
}

/// Who pays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyerRequest {
    pub name: String,
    pub email: String,
    #[serde(default)]
    pub organization: Option<String>,
}

/// An order that was placed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderAnswer {
    #[schema(example = "ORD-7K3M9P")]
    pub code: String,
    pub status: Standing,
    pub total: Money,
    pub registrations: Vec<RegistrationAnswer>,
}

/// One registration of a placed order.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationAnswer {
    #[schema(example = "REG-7K3M9P")]
    pub code: String,
    pub status: registration::Status,
    pub enrollments: Vec<EnrollmentAnswer>,
}

/// Prices what is wanted, and tells of every discount why it applies or not.
#[utoipa::path(post, path = "/api/v1/events/{event}/quotes", tag = "orders", security((), ("token" = [])),
    params(("event" = String, Path, description = "The event's slug.", example = "congress-2026")),
    request_body = QuoteRequest,
    responses((status = 200, description = "The price.", body = QuoteAnswer)))]
pub async fn create_quote(
    app: web::Data<App>,
    caller: Caller,
    slug: web::Path<String>,
    body: JsonBody<QuoteRequest>,
) -> Result<HttpResponse> {
    spare_or_count(&app, &caller)?;
    let now = app.now();
    let answer = app.read(move |db| {
        let event = visible(db, &slug, &caller)?;
        let wanted = wanted(db, body.value)?;
        Ok(quote_answer(&quote(db, &event, &wanted, &Trust::AsIfVerified, now)?))
    });
    Answer::ok(&answer.await?)
}

/// Places an order. The public's discount by e-mail is checked by staff; a registrar's counts as verified.
#[utoipa::path(post, path = "/api/v1/events/{event}/orders", tag = "orders", security((), ("token" = [])),
    params(("event" = String, Path, description = "The event's slug.", example = "congress-2026")),
    request_body = OrderRequest,
    responses((status = 201, description = "The order stands.", body = OrderAnswer)))]
pub async fn create_order(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    slug: web::Path<String>,
    body: JsonBody<OrderRequest>,
) -> Result<HttpResponse> {
    spare_or_count(&app, &caller)?;
    let JsonBody { value, bytes } = body;
    let actor = caller.actor();
    idempotency::write(&app, &request, &bytes, actor, move |tx| {
        let event = visible(tx.db, &slug, &caller)?;
        let trust = trust(&caller, &event)?;
        let new = new_order(tx.db, value, trust)?;
        let placed = place(tx, &event, &new)?;
        Ok((201, order_answer(tx, &placed)?))
    })
    .await
}

/// Counts a call of the public; staff are spared.
fn spare_or_count(app: &App, caller: &Caller) -> Result<()> {
    if caller.staff.is_some() { Ok(()) } else { app.limits.public.take_address(&caller.address) }
}

/// A registrar's orders count as verified; staff who may not register people order nothing.
fn trust(caller: &Caller, event: &Event) -> Result<Trust> {
    match &caller.staff {
        Some(staff) => staff.require(Permission::EditRegistrations, &event.id).map(|()| Trust::AsIfVerified),
        None => Ok(Trust::Verified(BTreeSet::new())),
    }
}

fn check_sizes(lines: usize, codes: usize, checks: &mut Checks) {
    if lines > MOST_LINES {
        checks.wrong("lines", "too_many", format!("One order has at most {MOST_LINES} people."));
    }
    if codes > MOST_CODES {
        checks.wrong("codes", "too_many", format!("Give at most {MOST_CODES} codes."));
    }
}

fn wanted(db: &mut Db, request: QuoteRequest) -> Result<Wanted> {
    let mut checks = Checks::new();
    check_sizes(request.lines.len(), request.codes.len(), &mut checks);
    checks.finish()?;
    let lines = request.lines.into_iter().enumerate().map(|(index, line)| wanted_line(db, index, line)).collect::<Result<_>>()?;
    Ok(Wanted { lines, codes: request.codes })
}

fn wanted_line(db: &mut Db, index: usize, line: QuoteLine) -> Result<WantedLine> {
    let field = |name: &str| format!("lines[{index}].{name}");
    required_email(&line.email, &field("email"))?;
    if line.sessions.len() > MOST_SESSIONS {
        return Err(Error::invalid(&field("sessions"), "too_many", format!("Choose at most {MOST_SESSIONS} sessions.")));
    }
    let ccn = line.hospital_ccn.filter(|ccn| !ccn.trim().is_empty());
    let hospital = ccn.map(|ccn| hospital_by_ccn(db, &ccn, &field("hospital_ccn"))).transpose()?;
    Ok(WantedLine {
        registration_type: line.registration_type,
        email: line.email,
        hospital,
        staff_code: line.staff_code,
        sessions: line.sessions,
    })
}

fn new_order(db: &mut Db, request: OrderRequest, trust: Trust) -> Result<NewOrder> {
    let mut checks = Checks::new();
    check_sizes(request.lines.len(), request.codes.len(), &mut checks);
    for (index, line) in request.lines.iter().enumerate() {
        let differs = line.person.email.as_deref().is_some_and(|email| email_key(email) != email_key(&line.email));
        if differs {
            checks.wrong(&format!("lines[{index}].person.email"), "differs", "This differs from the line's email; give the same one.");
        }
    }
    checks.finish()?;
    let mut lines = Vec::with_capacity(request.lines.len());
    for (index, line) in request.lines.into_iter().enumerate() {
        let OrderLineRequest { registration_type, email, hospital_ccn, staff_code, sessions, person } = line;
        let details = details(&email, person);
        lines.push((wanted_line(db, index, QuoteLine { registration_type, email, hospital_ccn, staff_code, sessions })?, details));
    }
    let BuyerRequest { name, email, organization } = request.buyer;
    let buyer = Buyer { name, email, organization: organization.unwrap_or_default() };
    Ok(NewOrder { lines, codes: request.codes, buyer, payment: request.payment, trust })
}

fn details(email: &str, person: PersonRequest) -> Details {
    Details {
        email: email.to_owned(),
        given_name: person.given_name,
        family_name: person.family_name,
        credentials: person.credentials.unwrap_or_default(),
        profession: person.profession.unwrap_or_default(),
        organization: person.organization.unwrap_or_default(),
        represents: Some(Represents::Professional),
        ..Details::default()
    }
}

fn quote_answer(quote: &Quote) -> QuoteAnswer {
    let items = quote.lines.iter().enumerate().flat_map(|(line, of_line)| of_line.items.iter().map(move |item| (line, item)));
    QuoteAnswer {
        lines: items.map(|(line, item)| quoted(line, item, &quote.currency)).collect(),
        total: Money::new(quote.total_cents(), &quote.currency),
        email_taken_as_verified: true,
    }
}

fn quoted(line: usize, item: &Item, currency: &str) -> QuotedItem {
    let discount = |weighed: &Weighed| QuotedDiscount {
        kind: weighed.kind,
        percent: weighed.percent,
        amount: Money::new(weighed.amount_cents, currency),
        applied: weighed.applied,
        reason: weighed.reason.clone(),
    };
    QuotedItem {
        line,
        kind: item.kind,
        item: item.code.clone(),
        description: item.description.clone(),
        list: Money::new(item.list_cents, currency),
        discounts: item.weighed.iter().map(discount).collect(),
        net: Money::new(item.net_cents(), currency),
    }
}

fn order_answer(tx: &mut Tx<'_>, placed: &PlacedOrder) -> Result<OrderAnswer> {
    let registration = |one: &Registered| RegistrationAnswer {
        code: one.registration.code.clone(),
        status: one.registration.status,
        enrollments: one.enrollments.iter().map(|(session, placed)| EnrollmentAnswer::of(&session.code, placed)).collect(),
    };
    Ok(OrderAnswer {
        code: placed.order.code.clone(),
        status: super::standing(tx.db, &placed.order.id)?,
        total: Money::new(placed.total_cents, &placed.order.currency),
        registrations: placed.registered.iter().map(registration).collect(),
    })
}
