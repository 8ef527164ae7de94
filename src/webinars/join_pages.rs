//! A personal join link: how long it is until then, the button once it opens, and the way to the platform (WEB-1).

use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LOCATION};
use actix_web::{HttpResponse, web};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::{self, Refusal};
use super::{Opened, join, open};
use crate::app::{Actor, App};
use crate::error::{Error, Result};
use crate::events::rules as days;
use crate::http::headers::{POLICY, replace_policy};
use crate::http::pages::see_other;
use crate::http::{Asker, Page, PostedForm};

/// A zone that somebody wants the start told in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    zone: String,
}

/// The zones to choose from, where the browser does not tell its own.
const ZONES: [&str; 12] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Manila",
];

/// `GET /join/{token}`: opening it uses nothing up and records nothing, since mail scanners open links too.
pub async fn show(app: web::Data<App>, asker: Asker, token: web::Path<String>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    page(&app, &asker, &token, &asked.zone, 200).await
}

async fn page(app: &App, asker: &Asker, token: &str, zone: &str, status: u16) -> Result<HttpResponse> {
    let (now, of) = (app.now(), app.clone());
    let key = token.to_owned();
    let opened = app.read(move |db| open(db, &of.site, &key, now)).await?;
    let view = view(app, &opened, token, zone);
    let mut response = Page::new(app, asker, "webinars/join").event(&opened.event).status(status).render(&view)?;
    // After the button the browser goes on to wherever the platform is.
    replace_policy(&mut response, &POLICY.replace("form-action 'self'", "form-action 'self' https:"));
    let again = match opened.may_join {
        Err(Refusal::TooEarly { opens_at }) => Some(rules::look_again_after(opens_at, now)),
        Err(Refusal::NoPlatform) => Some(20),
        _ => None,
    };
    if let Some(seconds) = again {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from(seconds));
    }
    Ok(response)
}

fn view(app: &App, opened: &Opened, token: &str, zone: &str) -> Value {
    let (event, session, now) = (&opened.event, &opened.session, app.now());
    // A dead link says nothing of whose it was, or of what.
    let is_dead = matches!(opened.may_join, Err(Refusal::LinkReplaced | Refusal::RegistrationEnded | Refusal::NotTheirs));
    let refusal = opened.may_join.err();
    let opens_at = rules::opens_at(session.starts_at);
    let own = event.zone();
    let chosen: Option<Tz> = zone.parse().ok().filter(|zone| *zone != own);
    let choices = ZONES.iter().map(|name| json!({ "value": name, "text": name.replace('_', " "), "selected": *name == zone }));
    json!({
        "action": format!("/join/{token}"), "is_dead": is_dead, "is_open": refusal.is_none(),
        "is_early": matches!(refusal, Some(Refusal::TooEarly { .. })), "is_over": refusal == Some(Refusal::Over),
        "is_preparing": refusal == Some(Refusal::NoPlatform), "is_canceled": refusal == Some(Refusal::SessionCanceled),
        "said": refusal.map(Refusal::message), "name": opened.registration.full_name(), "title": session.title,
        "when": days::span_words(session.starts_at, session.ends_at, own), "zone": days::zone_words(own),
        "other_zones": rules::elsewhere(session.starts_at, own).join(" · "),
        "there": chosen.map(|zone| rules::in_zone(session.starts_at, own, zone)),
        "zones": choices.collect::<Vec<_>>(),
        "opens": { "at": opens_at.rfc3339_in(own), "text": days::instant_words(opens_at, own), "left": rules::left_words(opens_at, now) },
        "starts_left": if now < session.starts_at { format!("It starts {}.", rules::left_words(session.starts_at, now)) } else { "It has begun.".to_owned() },
        "portal": format!("/my/{}", opened.registration.code), "recordings": format!("/events/{}/recordings", event.slug), "help_email": event.help_email, "help_phone": event.help_phone,
        "speakers": session.speakers.lines().collect::<Vec<_>>(),
    })
}

/// The button sends nothing but its form's token.
#[derive(Debug, Deserialize)]
pub struct Pressed {}

/// `POST /join/{token}`: records the join and leads to the platform, which learns nothing of where somebody came from.
pub async fn create(app: web::Data<App>, asker: Asker, token: web::Path<String>, _form: PostedForm<Pressed>) -> Result<HttpResponse> {
    let (key, visit) = (token.to_string(), asker.visit.clone());
    match app.write(actor(&asker), move |tx| join(tx, &key, &visit)).await {
        Ok(address) => Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, address))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header(("referrer-policy", "no-referrer"))
            .finish()),
        Err(Error::Refused { .. }) => page(&app, &asker, &token, "", 409).await,
        Err(other) => Err(other),
    }
}

/// Who acts: whoever has the link, unless an attendee is signed in.
fn actor(asker: &Asker) -> Actor {
    asker.attendee.as_ref().map_or(Actor::Public, |person| Actor::Attendee(person.id.clone()))
}

/// What is shown where the link of a portal leads on.
pub(super) fn lead_to(token: &str) -> HttpResponse {
    see_other(&format!("/join/{token}"))
}
