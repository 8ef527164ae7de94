//! Where staff land: the events they work for, each with what their roles open.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::queries::{self, Counts};
use crate::app::App;
use crate::error::Result;
use crate::events::{self, Event};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::Page;
use crate::staff::{Identity, Permission};

/// `GET /staff`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::EnterBackOffice>) -> Result<HttpResponse> {
    let identity = allowed.identity.clone();
    let rows = app
        .read(move |db| {
            let all = events::list(db, true)?;
            let own = all.into_iter().filter(|event| identity.may(Permission::EnterBackOffice, &event.id));
            own.map(|event| Ok((queries::counts(db, &event.id)?, event))).collect::<Result<Vec<(Counts, Event)>>>()
        })
        .await?;
    let cards: Vec<Value> = rows.iter().map(|(counts, event)| card(&allowed.identity, counts, event)).collect();
    let may_set_up = allowed.identity.may_everywhere(Permission::SetUpEvents);
    Page::new(&app, &allowed.asker, "desk/home").render(&json!({ "cards": cards, "may_set_up": may_set_up }))
}

fn card(identity: &Identity, counts: &Counts, event: &Event) -> Value {
    let may = |permission| identity.may(permission, &event.id);
    let base = format!("/staff/events/{}", event.slug);
    let links: Vec<Value> = [
        (Permission::SeePeople, "people", "People"),
        (Permission::HandOutBadges, "desk", "Pick-up desk"),
        (Permission::ScanBadges, "checkpoints", "Doors"),
        (Permission::EditAgenda, "sessions", "Sessions"),
        (Permission::EditAgenda, "lobby", "Lobby"),
        (Permission::AnswerQuestions, "lobby/questions", "Questions"),
        (Permission::SeeCredits, "credits", "Credit"),
        (Permission::DecideDiscounts, "discount-claims", "Discounts to decide"),
        (Permission::SetUpEvents, "setup", "Set-up"),
        (Permission::SeeAudit, "audit", "History"),
    ]
    .into_iter()
    .filter(|(permission, ..)| may(*permission))
    .map(|(_, path, text)| json!({ "href": format!("{base}/{path}"), "text": text }))
    .collect();
    json!({
        "name": event.name, "links": links, "published": event.published,
        "days": events::rules::dates_words(event.starts_on, event.ends_on),
        "people": may(Permission::SeePeople).then_some(counts.registered),
        "undecided": may(Permission::DecideDiscounts).then_some(counts.undecided).filter(|count| *count > 0).map(|count| format!("{count} to decide")),
    })
}
