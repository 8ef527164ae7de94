//! Pages where staff decide doubtful hospital discounts and registrations that wait for approval (PRC-1, PRC-4).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::claims::{self, ClaimStatus, DiscountClaim};
use super::place::decide_registration;
use super::{OrderLine, lines};
use crate::app::App;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::{day_words, instant_words};
use crate::hospitals::{self, Hospital, Recognition};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};
use crate::money::{discount_cents, format_cents};
use crate::people;
use crate::registration::{self, Registration, Status};
use crate::staff::Permission;

type Decider = Allowed<permit::DecideDiscounts>;

/// What both forms send: `approve` or `deny`, and why.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    decision: String,
    reason: String,
}

/// A form that came back with something wrong.
struct Wrong {
    id: String,
    reason: String,
    text: String,
}

/// One open question and what staff need to answer it.
struct Doubt {
    claim: DiscountClaim,
    registration: Registration,
    email: String,
    hospital: Hospital,
    terms: Vec<Recognition>,
    lines: Vec<OrderLine>,
}

/// `GET /staff/events/{event}/discount-claims`
pub async fn index(app: web::Data<App>, decider: Decider) -> Result<HttpResponse> {
    index_page(&app, &decider, None).await
}

async fn index_page(app: &App, decider: &Decider, wrong: Option<Wrong>) -> Result<HttpResponse> {
    let event = decider.event()?.clone();
    let of_event = event.clone();
    let (doubts, pending) = app
        .read(move |db| {
            let doubts: Result<Vec<Doubt>> = claims::list(db, &of_event.id, ClaimStatus::Pending)?
                .into_iter()
                .map(|(claim, registration)| doubt(db, claim, registration))
                .collect();
            let pending: Result<Vec<(Registration, String)>> = registration::with_status(db, &of_event.id, Status::Pending)?
                .into_iter()
                .map(|registration| Ok((registration.clone(), people::get(db, &registration.person_id)?.email)))
                .collect();
            Ok((doubts?, pending?))
        })
        .await?;
    let sees_people = decider.identity.may(Permission::SeePeople, &event.id);
    let base = format!("/staff/events/{}", event.slug);
    let href = |registration: &Registration| sees_people.then(|| format!("{base}/people/{}", registration.code));
    let typed = |id: &str| wrong.as_ref().filter(|wrong| wrong.id == id);
    let claims: Vec<Value> = doubts
        .iter()
        .map(|doubt| {
            let mut view = doubt_view(&event, doubt);
            let typed = typed(doubt.claim.id.as_str());
            view["href"] = json!(href(&doubt.registration));
            view["reason"] = json!(typed.map(|wrong| &wrong.reason));
            view["error"] = json!(typed.map(|wrong| &wrong.text));
            view
        })
        .collect();
    let approvals: Vec<Value> = pending
        .iter()
        .map(|(registration, email)| {
            let typed = typed(&registration.code);
            json!({
                "code": registration.code, "name": registration.full_name(), "email": email, "organization": registration.organization,
                "since": instant_words(registration.created_at, event.zone()), "href": href(registration),
                "reason": typed.map(|wrong| &wrong.reason), "error": typed.map(|wrong| &wrong.text),
            })
        })
        .collect();
    let errors: Vec<Value> = wrong.iter().map(|wrong| json!({ "field": format!("reason-{}", wrong.id), "text": wrong.text })).collect();
    let view = json!({ "base": base, "claims": claims, "approvals": approvals, "errors": errors });
    let status = if wrong.is_some() { 422 } else { 200 };
    Page::new(app, &decider.asker, "desk/discount_claims").event(&event).status(status).render(&view)
}

fn doubt(db: &mut Db, claim: DiscountClaim, registration: Registration) -> Result<Doubt> {
    let all = lines(db, &registration.order_id)?;
    Ok(Doubt {
        email: people::get(db, &registration.person_id)?.email,
        hospital: hospitals::get(db, &claim.hospital_id)?,
        terms: hospitals::recognitions(db, &claim.hospital_id)?,
        lines: all.into_iter().filter(|line| line.registration_id == registration.id).collect(),
        claim,
        registration,
    })
}

fn doubt_view(event: &Event, doubt: &Doubt) -> Value {
    let hospital = &doubt.hospital;
    let ccn = hospital.ccn.as_ref().map(|ccn| format!(" · CCN {ccn}")).unwrap_or_default();
    let percent = event.recognized_discount_percent;
    let discountable = doubt.lines.iter().filter(|line| line.discountable);
    // What approving takes off beyond a discount that is given already.
    let worth: i64 = discountable.map(|line| (discount_cents(line.list_cents, percent) - line.discount_cents).max(0)).sum();
    let terms = doubt.terms.iter().filter(|term| term.revoked_on.is_none()).map(|term| {
        let state = if term.paid_on.is_some() && term.approved_on.is_some() { "recognized" } else { "not paid or approved yet" };
        format!("{} to {}, {state}", day_words(term.term_starts_on), day_words(term.term_ends_on))
    });
    json!({
        "id": doubt.claim.id, "name": doubt.registration.full_name(), "email": doubt.email, "code": doubt.registration.code,
        "organization": doubt.registration.organization, "doubt": doubt.claim.doubt,
        "hospital": format!("{}, {}, {}{ccn}", hospital.name, hospital.city, hospital.state),
        "terms": terms.collect::<Vec<_>>(), "percent": percent, "worth": format_cents(worth, &event.currency),
        "since": instant_words(doubt.claim.created_at, event.zone()),
    })
}

/// Whether the form said to approve; anything but the two words is malformed.
fn approves(decision: &Decision) -> Result<bool> {
    match decision.decision.as_str() {
        "approve" => Ok(true),
        "deny" => Ok(false),
        _ => Err(Error::invalid("decision", "unknown", "Approve or deny.")),
    }
}

/// `POST /staff/events/{event}/discount-claims/{claim}/decision`
pub async fn decide_claim(
    app: web::Data<App>,
    decider: Decider,
    path: web::Path<(String, String)>,
    form: PostedForm<Decision>,
) -> Result<HttpResponse> {
    let (_, id) = path.into_inner();
    let (event, approve) = (decider.event()?.clone(), approves(&form.0)?);
    let (claim, reason) = (id.clone(), form.0.reason.clone());
    let done = app.write(decider.actor(), move |tx| {
        if claims::get(tx.db, &claim)?.event_id != event.id {
            return Err(Error::NotFound);
        }
        claims::decide(tx, &claim, approve, &reason)
    });
    let said = if approve { "Approved; the discount is on the order and the person is told." } else { "Denied; the person is told." };
    answer(&app, &decider, id, form.0.reason, done.await, said).await
}

/// `POST /staff/events/{event}/approvals/{registration}/decision`
pub async fn decide_approval(
    app: web::Data<App>,
    decider: Decider,
    path: web::Path<(String, String)>,
    form: PostedForm<Decision>,
) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let (event, approve) = (decider.event()?.clone(), approves(&form.0)?);
    let (wanted, reason) = (code.clone(), form.0.reason.clone());
    let done = app.write(decider.actor(), move |tx| {
        let found = registration::get(tx.db, &wanted)?;
        if found.event_id != event.id {
            return Err(Error::NotFound);
        }
        registration::hold(tx, &found.id)?;
        let current = registration::get_by_id(tx.db, &found.id)?;
        decide_registration(tx, &current, approve, &reason)
    });
    let said = if approve { "Approved; the person is told." } else { "Not approved; the registration is canceled." };
    answer(&app, &decider, code, form.0.reason, done.await, said).await
}

async fn answer(app: &App, decider: &Decider, id: String, reason: String, done: Result<()>, said: &str) -> Result<HttpResponse> {
    let to = format!("/staff/events/{}/discount-claims", decider.event()?.slug);
    match done {
        Ok(()) => Ok(see_other_saying(app, &to, "yes", said)),
        Err(error @ Error::Invalid(_)) => index_page(app, decider, Some(Wrong { id, reason, text: error.to_string() })).await,
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(app, &to, "no", &message)),
        Err(error) => Err(error),
    }
}
