//! The desk's page: one field for codes and names, the people found, one person's card, and the list for times
//! without a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cards::{self, Card, Found};
use super::list;
use super::pick_up_admin::printer_of;
use super::rules::{self, Whereabouts, whereabouts};
use crate::app::App;
use crate::badges::layouts::Layout;
use crate::badges::print_admin::pdf_address;
use crate::badges::prints::{self, Printer};
use crate::checkin::admin::door_of;
use crate::checkin::known_doors::KnownDoors;
use crate::checkin::rules::Decision;
use crate::checkin::{Door, Kind, checkpoints};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::asker::{Allowed, STAFF_COOKIE, permit};
use crate::http::headers::{POLICY, replace_policy};
use crate::http::{Answer, Page, see_other};
use crate::registration::Status;
use crate::staff::{self, Permission};

pub type Clerk = Allowed<permit::HandOutBadges>;
type PersonPath = web::Path<(String, String, String)>;

/// The desk in the address; other doors are none.
pub async fn desk_of(app: &App, doors: &KnownDoors, allowed: &Clerk, code: &str) -> Result<Arc<Door>> {
    let door = door_of(app, doors, allowed, code).await?;
    if door.checkpoint.kind == Kind::BadgePickup { Ok(door) } else { Err(Error::NotFound) }
}

/// The address of a desk.
pub fn base(door: &Door) -> String {
    format!("/staff/events/{}/checkpoints/{}/desk", door.event.slug, door.checkpoint.code)
}

/// `GET /staff/events/{event}/desk`: the event's one desk, or a choice of them.
pub async fn index(app: web::Data<App>, allowed: Clerk) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let id = event.id.clone();
    let mut desks = app.read(move |db| checkpoints(db, &id)).await?;
    desks.retain(|checkpoint| checkpoint.kind == Kind::BadgePickup);
    let href = |code: &str| format!("/staff/events/{}/checkpoints/{code}/desk", event.slug);
    if let [only] = desks.as_slice() {
        return Ok(see_other(&href(&only.code)));
    }
    let desks: Vec<Value> = desks.iter().map(|desk| json!({ "name": desk.name, "href": href(&desk.code) })).collect();
    let may_set_up = allowed.identity.may(Permission::SetUpEvents, &event.id);
    let view = json!({ "desks": desks, "set_up": may_set_up.then(|| format!("/staff/events/{}/setup/checkpoints/new", event.slug)) });
    Page::new(&app, &allowed.asker, "pickup/index").event(&event).render(&view)
}

/// What was typed into the field, and which print was just made.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    print: String,
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/desk?q=`
pub async fn show(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    let found = found(&app, &allowed, &door, asked.q.clone()).await?;
    render(&app, &allowed, &request, &door, &asked.q, &found, None).await
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/desk/people/{registration}`: the desk with this person's card.
pub async fn show_person(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: PersonPath,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let (_, checkpoint, code) = path.into_inner();
    let door = desk_of(&app, &doors, &allowed, &checkpoint).await?;
    let person = person(&app, &allowed, &door, code).await?;
    let print = asked.into_inner().print;
    let (event, wanted) = (door.event.clone(), print.clone());
    // An address that names another print shows none.
    let print = if print.is_empty() { None } else { app.read(move |db| prints::get(db, &event.id, &wanted)).await.ok() };
    let pdf = print.map(|print| pdf_address(&door.event, &print));
    render(&app, &allowed, &request, &door, "", &json!({ "people": [person], "more": false, "answer": null }), pdf).await
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/desk/people?q=`: who is meant, for the page's script.
pub async fn search(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    Answer::ok(&found(&app, &allowed, &door, asked.into_inner().q).await?)
}

/// Whether this member of staff may know what somebody needs (EVT-3).
fn sees_needs(allowed: &Clerk, door: &Door) -> bool {
    allowed.identity.may(Permission::SeeAccommodation, &door.event.id)
}

/// People and answer of a search, as page and script show them.
async fn found(app: &App, allowed: &Clerk, door: &Arc<Door>, typed: String) -> Result<Value> {
    let (of_door, sees, now) = (door.clone(), sees_needs(allowed, door), app.now());
    let (found, kinds) =
        app.read(move |db: &mut Db| Ok((cards::find(db, &of_door, &typed, sees, now)?, list::kinds(db, &of_door)?))).await?;
    Ok(match found {
        Found::People { cards, more } => {
            let people: Vec<Value> = cards.iter().map(|card| person_view(allowed, door, &kinds, card, now)).collect();
            json!({ "people": people, "more": more, "answer": null })
        }
        Found::Code(decision) => json!({ "people": [], "more": false, "answer": answer_view(&decision) }),
    })
}

/// One person as page and script show them.
pub async fn person(app: &App, allowed: &Clerk, door: &Arc<Door>, code: String) -> Result<Value> {
    let (of_door, sees, now) = (door.clone(), sees_needs(allowed, door), app.now());
    let (card, kinds) = app.read(move |db: &mut Db| Ok((cards::get(db, &of_door, &code, sees, now)?, list::kinds(db, &of_door)?))).await?;
    Ok(person_view(allowed, door, &kinds, &card, now))
}

fn person_view(allowed: &Clerk, door: &Door, kinds: &BTreeMap<String, Whereabouts>, card: &Card, now: Instant) -> Value {
    let place = &door.place;
    let own = kinds.get(&card.kind).cloned().unwrap_or_else(|| whereabouts(&card.kind, &door.checkpoint.name, &place.pickups, place.zone));
    let decision = rules::stand(place, &own, &card.holder, now);
    let is_refused = !decision.lets_pass && card.picked_up.is_none() && card.holder.status == Status::Confirmed && !card.holder.is_revoked;
    json!({
        "code": card.code, "name": card.name, "line": card.line, "kind": card.kind, "badge": card.badge,
        "answer": answer_view(&decision),
        "owes": card.owes, "accommodation": card.accommodation, "needs": card.needs, "printed": card.printed,
        "picked_up": card.picked_up.as_ref().map(|one| format!("{} by {}, {}", one.when, one.by, one.desk)),
        "may_override": is_refused && allowed.identity.may(Permission::OverrideDoor, &door.event.id),
        "href": format!("{}/people/{}", base(door), card.code),
        "page": format!("/staff/events/{}/people/{}", door.event.slug, card.code),
    })
}

fn answer_view(decision: &Decision) -> Value {
    json!({
        "outcome": decision.outcome, "tone": decision.tone, "word": decision.word, "message": decision.message,
        "lets_pass": decision.lets_pass,
    })
}

async fn render(
    app: &App,
    allowed: &Clerk,
    request: &HttpRequest,
    door: &Door,
    typed: &str,
    found: &Value,
    pdf: Option<String>,
) -> Result<HttpResponse> {
    let event = door.event.id.clone();
    let printer = printer_of(request, app.read(move |db| prints::printer(db, &event)).await?);
    let people = found["people"].as_array().cloned().unwrap_or_default();
    let card = match people.as_slice() {
        [only] => only.clone(),
        _ => Value::Null,
    };
    let base = base(door);
    let may = |permission| allowed.identity.may(permission, &door.event.id);
    let view = json!({
        "event": { "slug": door.event.slug, "name": door.event.name },
        "checkpoint": { "code": door.checkpoint.code, "name": door.checkpoint.name },
        "walk_in": format!("{base}/walk-in"), "base": base, "q": typed,
        "people": if card.is_null() { people.clone() } else { Vec::new() }, "more": found["more"],
        "answer": if card.is_null() { found["answer"].clone() } else { card["answer"].clone() },
        "none": people.is_empty() && found["answer"].is_null() && !typed.trim().is_empty(),
        "has_card": !card.is_null(), "pdf": pdf,
        "card": if card.is_null() { blank_card() } else { card.clone() },
        "pick_up_id": uuid::Uuid::now_v7().to_string(), "return_id": uuid::Uuid::now_v7().to_string(),
        "override_id": uuid::Uuid::now_v7().to_string(),
        "papers": papers(printer), "paper": printer.layout.words(),
        "may_take_back": may(Permission::OverrideDoor), "may_print": may(Permission::PrintBadges),
    });
    let mut response = Page::new(app, &allowed.asker, "pickup/desk").event(&door.event).render(&view)?;
    // A badge is printed from a frame.
    replace_policy(&mut response, &format!("{POLICY}; frame-src 'self'"));
    Ok(response)
}

/// The card that the page's script fills in.
fn blank_card() -> Value {
    json!({
        "code": "", "name": "", "line": "", "kind": "", "badge": null, "answer": { "lets_pass": false },
        "owes": null, "accommodation": false, "needs": "", "printed": null, "picked_up": null, "may_override": false, "page": "",
    })
}

fn papers(printer: Printer) -> Vec<Value> {
    Layout::ALL.iter().map(|layout| json!({ "value": layout, "text": layout.words(), "selected": *layout == printer.layout })).collect()
}

/// `GET /staff/events/{event}/checkpoints/{checkpoint}/desk/list`: what the laptop goes on with when it hears nothing
/// of us. Only a sign-in of a person gets it: its key is made from that, and it ends with it.
pub async fn list(
    app: web::Data<App>,
    doors: web::Data<KnownDoors>,
    allowed: Clerk,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let door = desk_of(&app, &doors, &allowed, &path.1).await?;
    let secret = request.cookie(STAFF_COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let (key, sees, now, zone) = (list::key_of(&app.site.form_key, &secret), sees_needs(&allowed, &door), app.now(), door.place.zone);
    let made = app.read(move |db| {
        let expires_at = staff::sign_in_ends_at(db, &secret, now)?.ok_or(Error::Forbidden)?;
        list::make(db, &door, sees, &key, expires_at, now)
    });
    let made = made.await?;
    let tag = format!("\"{}\"", made.version);
    let is_known = request.headers().get(IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, tag)).insert_header(("x-lanyard-now", now.rfc3339_in(zone)));
    Ok(if is_known { response.finish() } else { response.json(&made) })
}
