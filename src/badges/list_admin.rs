//! The paper list: everyone with a badge by the alphabet, to find and tick off people where there is no network.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::candidates::{self, Candidate, Wanted, Whom};
use crate::app::App;
use crate::error::Result;
use crate::events::rules::instant_words;
use crate::http::Page;
use crate::http::asker::{Allowed, permit};

/// `GET /staff/events/{event}/badges/list`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::PrintBadges>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let of_event = event.id.clone();
    let wanted = Wanted { whom: Whom::Everyone, kind: None, one: None };
    let people = app.read(move |db| candidates::find(db, &of_event, &wanted)).await?;
    let mut letters: Vec<(String, Vec<Value>)> = Vec::new();
    for person in &people {
        // As the search key has it: folded, family name first.
        let letter = person.registration.search_key.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        match letters.last_mut() {
            Some((last, rows)) if *last == letter => rows.push(row(person)),
            _ => letters.push((letter, vec![row(person)])),
        }
    }
    let view = json!({
        "base": format!("/staff/events/{}/badges", event.slug), "count": people.len(), "as_of": instant_words(app.now(), event.zone()),
        "letters": letters.into_iter().map(|(letter, people)| json!({ "letter": letter, "people": people })).collect::<Vec<_>>(),
    });
    Page::new(&app, &allowed.asker, "badges/list").event(&event).render(&view)
}

fn row(person: &Candidate) -> Value {
    let registration = &person.registration;
    let by_family = match (registration.family_name.as_str(), registration.given_name.as_str()) {
        ("", given) => given.to_owned(),
        (family, "") => family.to_owned(),
        (family, given) => format!("{family}, {given}"),
    };
    let printed = match (&person.printed, person.has_changed()) {
        (None, _) => "",
        (Some(_), false) => "Printed",
        (Some(_), true) => "Printed, changed since",
    };
    let on_badge = person.front.name();
    let differs = on_badge != registration.full_name();
    json!({
        "name": by_family, "on_badge": if differs { on_badge } else { String::new() }, "organization": registration.organization,
        "type": person.front.kind, "code": registration.code, "printed": printed,
    })
}
