//! Certificates for a whole event: how many there are, what attendance contradicts, and runs with their progress.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::corrections::{Contradicted, contradicted};
use super::printed::Setting;
use super::runs::{self, Outcome, Progress, Run};
use super::{count, rules};
use crate::app::App;
use crate::credits::admin::{Educator, Reader};
use crate::desk::history::{Names, split_label};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::{day_words, instant_words};
use crate::http::pages::{see_other, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::to;
use crate::staff::Permission;

/// So many runs are listed, and so many people who lack something.
const LATEST: i64 = 10;
const MOST_LACKING: i64 = 300;

fn run_address(event: &Event, run: &Run) -> String {
    to(event, &format!("credits/certificates/runs/{}", run.id))
}

fn people_words(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// `GET /staff/events/{event}/credits/certificates`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = event.clone();
    let (counts, people, wrong, latest, names) = app
        .read(move |db| {
            let setting = Setting::of(db, &own)?;
            let mut latest = Vec::new();
            for run in runs::latest(db, &own.id, LATEST)? {
                let told = runs::progress(db, &run)?;
                latest.push((run, told));
            }
            let names = Names::of(db, latest.iter().map(|(run, _)| split_label(&run.actor)))?;
            Ok((count(db, &own.id)?, runs::candidates(db, &own.id)?.len(), contradicted(db, &setting)?, latest, names))
        })
        .await?;
    let row = |(run, told): &(Run, Progress)| {
        let (kind, id) = split_label(&run.actor);
        json!({
            "href": run_address(event, run), "when": instant_words(run.started_at, event.zone()), "who": names.of_actor(kind, id),
            "is_over": run.finished_at.is_some(), "people": people_words(told.people), "done": told.done, "certificates": told.certificates,
        })
    };
    let view = json!({
        "back": to(event, "credits"), "action": to(event, "credits/certificates/runs"), "valid": counts.0, "revoked": counts.1, "people": people,
        "wrong": wrong.iter().map(|one| wrong_row(event, one)).collect::<Vec<_>>(), "runs": latest.iter().map(row).collect::<Vec<_>>(),
        "under_way": latest.iter().any(|(run, _)| run.finished_at.is_none()), "kept_until": day_words(rules::kept_until(event.ends_on)),
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id),
    });
    Page::new(&app, &allowed.asker, "credits/certificates/index").event(event).render(&view)
}

fn wrong_row(event: &Event, one: &Contradicted) -> Value {
    let code = &one.registration.code;
    let base = to(event, &format!("credits/people/{code}"));
    json!({
        "name": one.registration.full_name(), "code": code, "credit": rules::credit_words(one.code, one.credited),
        "attended": one.code.amount(one.attended), "number": one.number, "action": format!("{base}/lowering"), "href": base,
        "marks": to(event, &format!("people/{code}/attendance")), "claim": one.claim, "id": one.claim.as_ref().map_or(code.as_str(), |claim| claim.as_str()),
        "gives_some": one.attended > 0, "is_claimed": one.claim.is_some(),
    })
}

/// `POST /staff/events/{event}/credits/certificates/runs`
pub async fn create(app: web::Data<App>, allowed: Educator, _form: PostedForm<Value>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = event.clone();
    match app.write(allowed.actor(), move |tx| runs::start(tx, &own)).await {
        Ok(run) => Ok(see_other(&run_address(event, &run))),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to(event, "credits/certificates"), "no", &message)),
        Err(other) => Err(other),
    }
}

/// `GET /staff/events/{event}/credits/certificates/runs/{run}`: how far it is; comes again by itself until it is over.
pub async fn show(app: web::Data<App>, allowed: Reader, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, id) = (event.id.clone(), path.into_inner().1);
    let (run, told, lacking) = app
        .read(move |db| {
            let run = runs::get(db, &own, &id)?;
            let told = runs::progress(db, &run)?;
            let lacking = if run.finished_at.is_some() { runs::lacking(db, &run, MOST_LACKING)? } else { Vec::new() };
            Ok((run, told, lacking))
        })
        .await?;
    let person = |(registration, outcome, lacks): &(crate::registration::Registration, Outcome, Vec<rules::Lack>)| {
        let mut words: Vec<&str> = lacks.iter().map(|lack| lack.words()).collect();
        if *outcome == Outcome::Failed {
            words.push("It could not be issued: tell the help desk");
        }
        json!({
            "name": registration.full_name(), "code": registration.code, "lacks": words.join(". "),
            "href": to(event, &format!("credits/people/{}", registration.code)),
        })
    };
    let is_over = run.finished_at.is_some();
    let view = json!({
        "back": to(event, "credits/certificates"), "is_over": is_over, "people": told.people, "done": told.done,
        "certificates": told.certificates, "issued": told.of(Outcome::Issued), "kept": told.of(Outcome::Kept),
        "lacking": told.of(Outcome::Lacking), "failed": told.of(Outcome::Failed),
        "started": instant_words(run.started_at, event.zone()),
        "lacks": told.lacks.iter().map(|(lack, count)| json!({ "text": lack.words(), "count": count })).collect::<Vec<_>>(),
        "who": lacking.iter().map(person).collect::<Vec<_>>(),
        "more": (told.of(Outcome::Lacking) + told.of(Outcome::Failed)).saturating_sub(lacking.len()),
    });
    let mut response = Page::new(&app, &allowed.asker, "credits/certificates/run").event(event).render(&view)?;
    if !is_over {
        response.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("1"));
    }
    Ok(response)
}
