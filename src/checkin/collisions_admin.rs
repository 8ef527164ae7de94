//! The list of what collided, and its decisions by staff (CHK-4).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::attendance_admin::seconds_words;
use super::collisions::{self, CollisionKind, Filter, Listed, Ruling, ScanTold};
use super::scanning::Shown;
use crate::app::App;
use crate::desk::history::{Names, split_label};
use crate::desk::person::registration_of;
use crate::desk::rules::outcome_words;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, Permit, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::CollisionId;
use crate::staff::Permission;

/// So many are listed; deciding the newest brings up the others.
const MOST_LISTED: i64 = 200;

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    /// `yes`: those that are decided too.
    #[serde(default)]
    all: String,
    #[serde(default)]
    registration: String,
    #[serde(default)]
    checkpoint: String,
}

/// What the form of a decision sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    ruling: String,
    reason: String,
}

/// A decision that could not be taken, to show again.
struct Wrong {
    id: String,
    reason: String,
    fields: Vec<crate::error::FieldError>,
}

/// `GET /staff/events/{event}/collisions`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    page(&app, &allowed, &asked, None).await
}

async fn page<P: Permit>(app: &App, allowed: &Allowed<P>, asked: &Asked, wrong: Option<Wrong>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (of_event, wanted) = (event.clone(), asked.clone());
    let (listed, open, names) = app
        .read(move |db| {
            let registration = match wanted.registration.as_str() {
                "" => None,
                code => Some(registration_of(db, &of_event, code)?.id),
            };
            let checkpoint = Some(wanted.checkpoint.clone()).filter(|code| !code.is_empty());
            let filter = Filter { only_open: wanted.all != "yes", registration, checkpoint };
            let listed = collisions::list(db, &of_event.id, &filter, MOST_LISTED)?;
            let labels = listed.iter().flat_map(|listed| {
                let scans = std::iter::once(&listed.scan).chain(&listed.other).map(|scan| scan.actor.as_str());
                scans.chain(listed.decided.as_ref().map(|decided| decided.actor.as_str()))
            });
            let names = Names::of(db, labels.map(split_label))?;
            Ok((listed, collisions::count_open(db, &of_event.id)?, names))
        })
        .await?;
    let base = format!("/staff/events/{}/collisions", event.slug);
    let (errors, _) = wrong.as_ref().map_or_else(|| form_errors(&[]), |wrong| form_errors(&wrong.fields));
    let view = json!({
        "base": base, "doors": format!("/staff/events/{}/checkpoints", event.slug),
        "open": open, "all": asked.all == "yes", "narrows": !asked.registration.is_empty() || !asked.checkpoint.is_empty(),
        "may_decide": allowed.identity.may(Permission::CorrectAttendance, &event.id),
        "collisions": listed.iter().map(|listed| view_of(event, listed, &names, wrong.as_ref())).collect::<Vec<_>>(),
        "errors": errors,
    });
    let status = if wrong.is_some() { 422 } else { 200 };
    Page::new(app, &allowed.asker, "checkin/collisions").event(event).status(status).render(&view)
}

fn view_of(event: &Event, listed: &Listed, names: &Names, wrong: Option<&Wrong>) -> Value {
    let id = listed.collision.id.to_string();
    let title = match listed.collision.kind {
        CollisionKind::TwoPlaces => "One badge at two doors",
        CollisionKind::Refused => "Let in offline, refused by the server",
    };
    let wrong = wrong.filter(|wrong| wrong.id == id);
    json!({
        "title": title, "found": seconds_words(event, listed.collision.found_at),
        "person": listed.person.as_ref().map(|(code, name)| json!({
            "name": name, "code": code, "href": format!("/staff/events/{}/people/{code}/attendance", event.slug),
        })),
        "scans": std::iter::once(&listed.scan).chain(&listed.other).map(|scan| scan_view(event, scan, names)).collect::<Vec<_>>(),
        "may_void_this": listed.may_void.0, "may_void_other": listed.may_void.1,
        "this_door": listed.scan.checkpoint_name, "other_door": listed.other.as_ref().map(|scan| &scan.checkpoint_name),
        "decided": listed.decided.as_ref().map(|decided| json!({
            "what": match decided.ruling {
                Ruling::Accepted => "Accepted",
                Ruling::VoidedThis | Ruling::VoidedOther => "A mark was voided",
            },
            "when": seconds_words(event, decided.at), "who": names.of_label(&decided.actor), "reason": decided.reason,
        })),
        "reason": wrong.map(|wrong| &wrong.reason),
        "error": wrong.and_then(|wrong| wrong.fields.first()).map(|field| &field.detail),
        "id": id,
    })
}

fn scan_view(event: &Event, scan: &ScanTold, names: &Names) -> Value {
    let (kind, text) = outcome_words(scan.outcome.as_str());
    let message = serde_json::from_str::<Shown>(&scan.answer).map(|shown| shown.answer.message).unwrap_or_default();
    json!({
        "door": scan.checkpoint_name, "code": scan.checkpoint_code,
        "device": seconds_words(event, scan.scanned_at), "server": seconds_words(event, scan.received_at),
        "offline": scan.offline, "who": names.of_label(&scan.actor), "message": message,
        "chip": { "kind": kind, "text": text }, "decided": scan.decided.map(|decided| outcome_words(decided.as_str()).1),
    })
}

/// `POST /staff/events/{event}/collisions/{collision}/decision`
pub async fn decide(
    app: web::Data<App>,
    allowed: Allowed<permit::CorrectAttendance>,
    path: web::Path<(String, String)>,
    form: PostedForm<Decision>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (id, Decision { ruling, reason }) = (path.into_inner().1, form.0);
    let ruling = Ruling::from_word(&ruling).ok_or_else(|| Error::invalid("ruling", "choice", "Choose what to do."))?;
    let (collision, of_event, typed) = (CollisionId::from(id.clone()), event.clone(), reason.clone());
    let done = app.write(allowed.actor(), move |tx| collisions::decide(tx, &of_event, &collision, ruling, &typed)).await;
    let base = format!("/staff/events/{}/collisions", event.slug);
    match done {
        Ok(()) => Ok(see_other_saying(&app, &base, "yes", "Decided, with your name.")),
        Err(Error::Invalid(mut fields)) => {
            for field in &mut fields {
                field.field = format!("{}-{id}", field.field);
            }
            page(&app, &allowed, &Asked::default(), Some(Wrong { id, reason, fields })).await
        }
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &base, "no", &message)),
        Err(error) => Err(error),
    }
}
