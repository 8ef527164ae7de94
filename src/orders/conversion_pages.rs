//! My complimentary registration taken on into the whole: what it adds, the price and why, and one button.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::conversion::{self, Converted, Offer};
use super::receipt::of_quote;
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::http::pages::see_other_saying;
use crate::http::{Mine, Page, PostedForm};
use crate::money::format_cents;
use crate::pricing;

fn base(mine: &Mine) -> String {
    format!("/my/{}", mine.registration.code)
}

/// `GET /my/{registration}/conversion`
pub async fn show(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    page(&app, &mine, None).await
}

async fn page(app: &App, mine: &Mine, said: Option<&str>) -> Result<HttpResponse> {
    let now = app.now();
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let (offer, kind, is_converted) = app
        .read(move |db| {
            let kind = pricing::get_type_by_id(db, &registration.registration_type_id)?;
            let is_converted = conversion::find(db, &registration.id)?.is_some();
            Ok((conversion::offer(db, &event, &registration, now)?, kind, is_converted))
        })
        .await?;
    let view = json!({
        "base": base(mine), "code": mine.registration.code, "kind": kind.name, "is_converted": is_converted,
        "email": mine.person.email, "name": mine.registration.full_name(),
        "offer": offer.map(|offer| offer_view(&mine.event, &offer)),
    });
    let page = Page::new(app, &mine.asker, "portal/conversion").event(&mine.event).status(if said.is_some() { 409 } else { 200 });
    match said {
        Some(said) => page.say("wait", said).render(&view),
        None => page.render(&view),
    }
}

fn offer_view(event: &Event, offer: &Offer) -> Value {
    let total = offer.quote.total_cents();
    let adds = offer.adds.iter().map(|session| {
        json!({ "title": session.title, "code": session.code, "when": days::span_words(session.starts_at, session.ends_at, event.zone()) })
    });
    json!({
        "name": offer.kind.name, "description": offer.kind.description, "adds": adds.collect::<Vec<_>>(), "zone": days::zone_words(event.zone()),
        "quote": of_quote(&offer.quote, None), "total_cents": total, "total": format_cents(total, &event.currency),
        "due_days": event.invoice_due_days,
    })
}

/// What the button sends: the total that the page showed, in cents.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Taking {
    total: String,
}

/// `POST /my/{registration}/conversion`
pub async fn create(app: web::Data<App>, mine: Mine, form: PostedForm<Taking>) -> Result<HttpResponse> {
    let shown: i64 = form.0.total.parse().unwrap_or(0);
    let (event, id) = (mine.event.clone(), mine.registration.id.clone());
    let done = app.write(mine.actor(), move |tx| conversion::convert(tx, &event, &id, shown)).await;
    let to = base(&mine);
    match done {
        Ok(Converted::Done(_)) => {
            Ok(see_other_saying(&app, &to, "yes", "It is yours: you keep your place, and a letter with the price is on its way to you."))
        }
        Ok(Converted::Already) => Ok(see_other_saying(&app, &to, "note", "You have it already. Nothing was ordered twice.")),
        Ok(Converted::Dearer) => {
            page(&app, &mine, Some("The price has changed since you saw it. Nothing was ordered: check the new price.")).await
        }
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to, "no", &message)),
        Err(other) => Err(other),
    }
}
