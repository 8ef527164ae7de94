//! What my credit's reports need: licenses, NPI, specialty, birthday and NABP e-Profile ID, told by the person alone.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::details::{self, Details, LICENSES, Typed};
use super::identities;
use super::identity_pages::fields;
use super::rules::STATES;
use crate::app::App;
use crate::error::{Error, FieldError, Result, by_field};
use crate::events::rules::day_words;
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Mine, Page, PostedForm};
use crate::setup::forms_admin::choices;

/// `GET /my/{registration}/reporting`
pub async fn edit(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    page(&app, &mine, None, &[]).await
}

async fn page(app: &App, mine: &Mine, typed: Option<&Typed>, errors: &[FieldError]) -> Result<HttpResponse> {
    let (person, key) = (mine.person.id.clone(), identities::key_of(&app.site));
    let (kept, identity) = app.read(move |db| Ok((details::of_person(db, &person)?, identities::of_person(db, &key, &person)?))).await?;
    let wrong = by_field(errors);
    let of = |name: &str, kept: &str| shown(typed, name, kept);
    let profession = mine.registration.profession.as_str();
    let base = format!("/my/{}", mine.registration.code);
    let (errors, error_for) = form_errors(errors);
    let view = json!({
        "base": base, "action": format!("{base}/reporting"), "licenses": licenses(&kept, typed, &wrong),
        "npi": of("npi", &kept.npi), "specialty": of("specialty", &kept.specialty), "asked": fields(typed, &wrong),
        "is_pharmacy": matches!(profession, "pharmacist" | "pharmacy_technician"), "is_physician": profession == "physician",
        "known": identity.map(|(identity, at)| json!({
            "nabp": identity.nabp_id.is_some(), "birth_day": identity.birth_day.is_some(), "when": day_words(at.date_in(mine.event.zone())),
        })),
        "errors": errors, "error_for": error_for,
    });
    let status = if wrong.is_empty() { 200 } else { 422 };
    Page::new(app, &mine.asker, "reports/details").event(&mine.event).status(status).render(&view)
}

/// What a field shows: what was typed, else what is kept.
fn shown(typed: Option<&Typed>, name: &str, kept: &str) -> String {
    typed.map_or_else(|| kept.to_owned(), |typed| typed.get(name).cloned().unwrap_or_default())
}

/// The places for licenses, as `reports/license` shows each.
pub fn licenses(kept: &Details, typed: Option<&Typed>, wrong: &BTreeMap<String, String>) -> Vec<Value> {
    let of = |name: &str, kept: &str| shown(typed, name, kept);
    (1..=LICENSES).map(|place| license(place, kept, &of, wrong)).collect()
}

fn license(place: usize, kept: &Details, of: &impl Fn(&str, &str) -> String, wrong: &BTreeMap<String, String>) -> Value {
    let known = kept.licenses.get(place - 1).cloned();
    let (state, profession, number) = known.map_or_else(Default::default, |known| (known.state, known.profession, known.number));
    let field = |name: &str| format!("license_{name}_{place}");
    let states = std::iter::once(("", "Choose a state")).chain(STATES.split(' ').map(|state| (state, state)));
    json!({
        "legend": if place == 1 { "License" } else { "Another license" }, "optional": place > 1,
        "state_id": field("state"), "states": choices(states, &of(&field("state"), &state)), "state_error": wrong.get(&field("state")),
        "profession_id": field("profession"), "profession": of(&field("profession"), &profession), "profession_error": wrong.get(&field("profession")),
        "number_id": field("number"), "number": of(&field("number"), &number), "number_error": wrong.get(&field("number")),
    })
}

/// `POST /my/{registration}/reporting`
pub async fn update(app: web::Data<App>, mine: Mine, PostedForm(typed): PostedForm<Typed>) -> Result<HttpResponse> {
    let (person, sent) = (mine.person.id.clone(), typed.clone());
    match app.write(mine.actor(), move |tx| details::save(tx, &person, &sent)).await {
        Ok(()) => {
            let to = format!("/my/{}/credits", mine.registration.code);
            Ok(see_other_saying(&app, &to, "yes", "Kept. Your credit can be reported with it."))
        }
        Err(Error::Invalid(fields)) => page(&app, &mine, Some(&typed), &fields).await,
        Err(other) => Err(other),
    }
}
