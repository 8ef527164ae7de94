//! Reports for education staff: how each stands, the pharmacy clock, and the files that were made.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::asking::{self, Summary};
use super::cpe_monitor::clocks;
use super::exports::{self, Export};
use super::identities;
use super::rules::{Kind, Setting};
use super::settings;
use crate::agenda;
use crate::app::App;
use crate::credits::admin::Reader;
use crate::desk::history::{Names, split_label};
use crate::error::Result;
use crate::events::Event;
use crate::events::deadline::Deadline;
use crate::events::rules::instant_words;
use crate::http::Page;
use crate::setup::forms_admin::{choices, to};
use crate::staff::Permission;

/// So many files are listed.
const MOST_EXPORTS: i64 = 50;

/// `GET /staff/events/{event}/credits/reports`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, key) = (event.clone(), identities::key_of(&app.site));
    let (summaries, setting, newest, names, sessions) = app
        .read(move |db| {
            let newest = exports::newest(db, &own.id, MOST_EXPORTS)?;
            let names = Names::of(db, newest.iter().map(|export| split_label(&export.actor)))?;
            Ok((asking::summaries(db, &key, &own)?, settings::of_event(db, &own)?, newest, names, agenda::list(db, &own.id)?))
        })
        .await?;
    let clock = |(code, title, day): &(String, String, chrono::NaiveDate)| json!({ "code": code, "title": title, "deadline": Deadline::of_day(*day, event.zone(), app.now()) });
    let export = |one: &Export| {
        json!({
            "what": format!("{} ({})", one.kind.words(), one.format), "rows": counted(usize::try_from(one.row_count).unwrap_or_default(), "row", "rows"), "when": instant_words(one.made_at, event.zone()),
            "who": names.of_label(&one.actor),
        })
    };
    let every = std::iter::once((String::new(), "Every session".to_owned()));
    let one = sessions.into_iter().map(|session| (session.code.clone(), format!("{} {}", session.code, session.title)));
    let view = json!({
        "back": to(event, "credits"), "settings": to(event, "credits/reports/settings"), "people": to(event, "credits/people"),
        "may_edit": allowed.identity.may(Permission::EditCredits, &event.id),
        "reports": Kind::OF_CREDIT.iter().zip(summaries).map(|(kind, summary)| report(event, *kind, summary, &setting)).collect::<Vec<_>>(),
        "clocks": clocks(&setting).iter().map(clock).collect::<Vec<_>>(),
        "attendance": to(event, "credits/reports/attendance/exports"), "sessions": choices(every.chain(one), ""),
        "exports": newest.iter().map(export).collect::<Vec<_>>(),
    });
    Page::new(&app, &allowed.asker, "reports/index").event(event).render(&view)
}

/// `1 row`, `2 rows`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn report(event: &Event, kind: Kind, summary: Summary, setting: &Setting) -> Value {
    let blocked = setting.lacks(kind);
    let (tone, text) = match summary {
        _ if !blocked.is_empty() => ("wait", "Settings are missing".to_owned()),
        Summary { people: 0, .. } => ("note", "No credit to report".to_owned()),
        Summary { lacking: 0, rows: 0, .. } => ("yes", "Everything is told".to_owned()),
        Summary { lacking: 0, rows, .. } => ("wait", format!("{} to export", counted(rows, "row", "rows"))),
        Summary { lacking, rows, .. } => {
            ("wait", format!("{} to export, {} something", counted(rows, "row", "rows"), counted(lacking, "person lacks", "people lack")))
        }
    };
    json!({
        "href": to(event, &format!("credits/reports/{kind}")), "title": kind.words(), "people": summary.people,
        "chip": { "kind": tone, "text": text },
    })
}
