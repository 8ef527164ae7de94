//! The check before a report of credit: who lacks what, the letter that asks for it, and the button that makes the file.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::asking::{self, Lacking};
use super::identities;
use super::rules::{Format, Kind, Lack};
use super::settings;
use crate::app::App;
use crate::credits::admin::{Educator, Reader};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::deadline::Deadline;
use crate::events::rules::instant_words;
use crate::http::pages::see_other_saying;
use crate::http::{Page, PostedForm};
use crate::registration::rules::profession_words;
use crate::setup::forms_admin::{choices, to};
use crate::staff::Permission;

/// The most people of a page.
const MOST_ROWS: usize = 200;

/// The report of credit that an address names.
fn of_credit(word: &str) -> Result<Kind> {
    Kind::from_word(word).filter(|kind| Kind::OF_CREDIT.contains(kind)).ok_or(Error::NotFound)
}

/// `GET /staff/events/{event}/credits/reports/{report}`
pub async fn show(app: web::Data<App>, allowed: Reader, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let kind = of_credit(&path.1)?;
    let (own, key) = (event.clone(), identities::key_of(&app.site));
    let (found, count, summaries, setting) = app
        .read(move |db| {
            let (found, count) = asking::lacking(db, &key, &own, kind, MOST_ROWS)?;
            Ok((found, count, asking::summaries(db, &key, &own)?, settings::of_event(db, &own)?))
        })
        .await?;
    let summary = Kind::OF_CREDIT.iter().zip(summaries).find(|(of, _)| **of == kind).map(|(_, summary)| summary).unwrap_or_default();
    let may_edit = allowed.identity.may(Permission::EditCredits, &event.id);
    let may_edit_licenses = allowed.identity.may(Permission::EditLicenses, &event.id);
    let every = std::iter::once((String::new(), "Every activity".to_owned()));
    let activities = setting.activities.values().map(|one| (one.code.clone(), format!("{} {}", one.code, one.title)));
    let formats: Vec<Value> = kind.formats().iter().map(|format| json!({ "value": format, "text": format_words(*format) })).collect();
    let asks = found.iter().any(|one| one.asked_at.is_none() && one.lacks.iter().any(|lack| lack.is_needed() && lack.is_personal()));
    let base = to(event, &format!("credits/reports/{kind}"));
    let clock = |(code, title, day): &(String, String, chrono::NaiveDate)| json!({ "code": code, "title": title, "deadline": Deadline::of_day(*day, event.zone(), app.now()) });
    let clocks = if kind == Kind::CpeMonitor { super::cpe_monitor::clocks(&setting) } else { Vec::new() };
    let view = json!({
        "back": to(event, "credits/reports"), "title": kind.words(), "about": about(kind), "lacks": setting.lacks(kind),
        "settings": to(event, "credits/reports/settings"), "activities_href": to(event, "credits/activities"), "provider": to(event, "credits/provider"),
        "rows": summary.rows, "people": summary.people, "lacking": summary.lacking, "to_correct": summary.to_correct,
        "export": format!("{base}/exports"), "ask": if may_edit && asks { Some(format!("{base}/letters")) } else { None },
        "formats": formats, "activities": choices(every.chain(activities), ""), "may_edit": may_edit,
        "clocks": clocks.iter().map(clock).collect::<Vec<_>>(),
        "found": found.iter().map(|one| row(event, one, may_edit_licenses)).collect::<Vec<_>>(), "more": count.saturating_sub(found.len()),
    });
    Page::new(&app, &allowed.asker, "reports/check").event(event).render(&view)
}

fn format_words(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::Xlsx => "Excel (.xlsx)",
        Format::Xls => "Excel 97–2003 (.xls)",
        Format::Json => "JSON",
    }
}

fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Pars => {
            "AMA PRA Category 1 Credit™ of physicians, for upload to PARS or JA-PARS. Changed credit is deleted and added again; rows with a birthday need no year."
        }
        Kind::CeBroker => {
            "Credit by license, for upload to CE Broker. What was told once is not told again, since a posted roster cannot be edited."
        }
        Kind::CpeMonitor => "Pharmacy credit, by NABP e-Profile ID and birthday. It has to be reported within sixty days of each activity.",
        Kind::Attendance | Kind::People => "",
    }
}

fn row(event: &Event, one: &Lacking, may_edit_licenses: bool) -> Value {
    let words: Vec<&str> = one.lacks.iter().map(|lack| lack.words()).collect();
    let is_left_out = one.lacks.iter().any(|lack| lack.is_needed());
    let (tone, text) = if is_left_out { ("wait", "Left out") } else { ("note", "Reported without it") };
    json!({
        "name": one.learner.full_name(), "code": one.learner.code, "href": to(event, &format!("credits/people/{}", one.learner.code)),
        "profession": profession_words(&one.learner.profession), "lacks": sentence(&words), "chip": { "kind": tone, "text": text },
        "asked": one.asked_at.map(|at| instant_words(at, event.zone())), "for_staff": one.lacks.contains(&Lack::SubjectArea),
        "licenses": (may_edit_licenses && one.lacks.contains(&Lack::License)).then(|| to(event, &format!("people/{}/licenses", one.learner.code))),
    })
}

fn sentence(words: &[&str]) -> String {
    let joined = words.join(", ");
    let mut letters = joined.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `POST /staff/events/{event}/credits/reports/{report}/letters`: asks everybody who was not asked yet.
pub async fn ask(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let kind = of_credit(&path.1)?;
    let own = event.clone();
    let count = app.write(allowed.actor(), move |tx| asking::ask(tx, &own, kind)).await?;
    let said = match count {
        0 => ("wait", "Everybody who can tell what is missing was asked before.".to_owned()),
        1 => ("yes", "One person gets a letter.".to_owned()),
        count => ("yes", format!("{count} people get a letter.")),
    };
    Ok(see_other_saying(&app, &to(event, &format!("credits/reports/{kind}")), said.0, &said.1))
}
