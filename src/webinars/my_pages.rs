//! My webinars: each with its time, the join button, and whether I was there (WEB-1).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::rules;
use super::{Join, get, is_theirs, join_pages, links, queries};
use crate::agenda::Session;
use crate::app::App;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::http::{Mine, Page};
use crate::money::format_cents;
use crate::orders::conversion;
use crate::registration::{Registration, Status};

/// `GET /my/{registration}/webinars`
pub async fn index(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let now = app.now();
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let (sessions, joins, offer) = app
        .read(move |db| {
            let sessions = queries::of_registration(db, &registration)?;
            Ok((sessions, queries::joins_of(db, &registration.id)?, conversion::offer(db, &event, &registration, now)?))
        })
        .await?;
    let base = format!("/my/{}", mine.registration.code);
    let stands = mine.registration.status == Status::Confirmed;
    let row = |session: &Session| row(&mine.event, &base, session, &joins, stands, now);
    let view = json!({
        "base": base, "code": mine.registration.code, "zone": days::zone_words(mine.event.zone()), "stands": stands,
        "webinars": sessions.iter().map(row).collect::<Vec<_>>(),
        "offer": offer.map(|offer| json!({ "name": offer.kind.name, "price": format_cents(offer.quote.total_cents(), &mine.event.currency) })),
    });
    Page::new(&app, &mine.asker, "webinars/mine").event(&mine.event).render(&view)
}

fn row(event: &Event, base: &str, session: &Session, joins: &[Join], stands: bool, now: Instant) -> Value {
    let zone = event.zone();
    let opens_at = rules::opens_at(session.starts_at);
    let (kind, text) = if now >= session.ends_at {
        ("note", "Over".to_owned())
    } else if now >= opens_at {
        ("yes", "Open now".to_owned())
    } else {
        ("wait", format!("Opens {}", rules::left_words(opens_at, now)))
    };
    let first = joins.iter().filter(|join| join.session_id == session.id).map(|join| join.at).min();
    json!({
        "code": session.code, "title": session.title, "when": days::span_words(session.starts_at, session.ends_at, zone),
        "other_zones": rules::elsewhere(session.starts_at, zone).join(" · "), "chip": { "kind": kind, "text": text },
        "join": (stands && now < session.ends_at).then(|| format!("{base}/webinars/{}", session.code)),
        "is_open": now >= opens_at, "is_over": now >= session.ends_at,
        "joined": first.map(|at| format!("You joined at {}.", days::time_words(at, zone))),
        "credit": (now >= session.ends_at).then(|| format!("{base}/credits#{}", session.code)),
    })
}

/// `GET /my/{registration}/webinars/{session}`: leads to the person's own link, which is made where there is none yet.
pub async fn show(app: web::Data<App>, mine: Mine, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (event, registration, code) = (mine.event.clone(), mine.registration.clone(), path.into_inner().1);
    let (own, of, site) = (registration.clone(), event.clone(), app.clone());
    let (session, link) = app
        .read(move |db| {
            let session = own_webinar(db, &of, &own, &code)?;
            let link = links::find(db, &session.id, &own.id)?.map(|link| link.token(&site.site)).transpose()?;
            Ok((session, link))
        })
        .await?;
    // Only who has none yet makes something new by looking.
    let token = match link {
        Some(token) => token,
        None => {
            let made = app.write(mine.actor(), move |tx| {
                let session = own_webinar(tx.db, &event, &registration, &session.code)?;
                links::find_or_make(tx, &session, &registration)?.token(tx.site)
            });
            made.await?
        }
    };
    Ok(join_pages::lead_to(&token))
}

/// A webinar that is part of a confirmed registration; others are not found.
fn own_webinar(db: &mut Db, event: &Event, registration: &Registration, code: &str) -> Result<Session> {
    let session = get(db, event, code)?;
    let stands = registration.status == Status::Confirmed && is_theirs(db, registration, &session)?;
    if stands { Ok(session) } else { Err(Error::NotFound) }
}
