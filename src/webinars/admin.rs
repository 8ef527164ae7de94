//! Staff's pages of webinars: the list, and one with its platform's address, who joined, letters and reports (WEB-1).

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::queries::{self, Joined};
use super::rules::{Had, LETTERS, Occasion};
use super::{Platform, get, platform, set_platform};
use crate::agenda::Session;
use crate::app::App;
use crate::clock::Instant;
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules as days};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::RegistrationId;
use crate::participation::{self, Report};
use crate::people::rules::fold;
use crate::registration::Registration;
use crate::staff::Permission;

/// So many people are listed; the search finds the others.
const SHOWN: usize = 200;

/// The address of a webinar's page.
pub(super) fn to(event: &Event, code: &str) -> String {
    format!("/staff/events/{}/webinars/{code}", event.slug)
}

/// `GET /staff/events/{event}/webinars`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::EnterBackOffice>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (id, now) = (event.id.clone(), app.now());
    let rows = app.read(move |db| {
        let mut rows = Vec::new();
        for session in queries::list(db, &id)? {
            let people = queries::people(db, &session)?.len();
            let joined = queries::joined(db, &session.id)?.len();
            let has_platform = platform(db, &session.id)?.is_some();
            let waiting = participation::queue::waiting(db, &session.id)?;
            let is_reported = !participation::of_session(db, &session.id)?.is_empty();
            rows.push((session, people, joined, has_platform, is_reported, waiting));
        }
        Ok(rows)
    });
    let row = |(session, people, joined, has_platform, is_reported, waiting): &(Session, usize, usize, bool, bool, usize)| {
        let (kind, text) = if session.canceled_at.is_some() {
            ("no", "Canceled".to_owned())
        } else if *waiting > 0 {
            ("wait", format!("{waiting} to match"))
        } else if now >= session.ends_at && !is_reported {
            ("wait", "Report missing".to_owned())
        } else if now < session.ends_at && !has_platform {
            ("wait", "Address missing".to_owned())
        } else if *is_reported {
            ("yes", "Report imported".to_owned())
        } else {
            ("note", "Ready".to_owned())
        };
        json!({
            "href": to(event, &session.code), "code": session.code, "title": session.title,
            "when": days::span_words(session.starts_at, session.ends_at, event.zone()), "people": people, "joined": joined,
            "chip": { "kind": kind, "text": text },
        })
    };
    let rows: Vec<Value> = rows.await?.iter().map(row).collect();
    Page::new(&app, &allowed.asker, "webinars/index")
        .event(event)
        .render(&json!({ "webinars": rows, "zone": days::zone_words(event.zone()) }))
}

/// What the list of people is searched for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    show: String,
}

/// Everything that the page of a webinar shows.
struct Sheet {
    session: Session,
    platform: Option<Platform>,
    people: Vec<Registration>,
    joined: HashMap<RegistrationId, Joined>,
    letters: HashMap<RegistrationId, Vec<Had>>,
    reports: Vec<Report>,
    waiting: usize,
}

/// `GET /staff/events/{event}/webinars/{session}`
pub async fn show(
    app: web::Data<App>,
    allowed: Allowed<permit::EnterBackOffice>,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let may = |permission| allowed.identity.may(permission, &event.id);
    let (sees_people, sets) = (may(Permission::SeePeople), may(Permission::EditAgenda));
    let sheet = read(&app, event, path.into_inner().1).await?;
    let view = page_view(
        event,
        &sheet,
        &asked,
        app.now(),
        (sees_people, sets, may(Permission::EditRegistrations), may(Permission::CorrectAttendance)),
        None,
        &[],
    );
    Page::new(&app, &allowed.asker, "webinars/show").event(event).render(&view)
}

async fn read(app: &App, event: &Event, code: String) -> Result<Sheet> {
    let event = event.clone();
    app.read(move |db| {
        let session = get(db, &event, &code)?;
        Ok(Sheet {
            platform: platform(db, &session.id)?,
            people: queries::people(db, &session)?,
            joined: queries::joined(db, &session.id)?,
            letters: queries::letters(db, &session.id)?,
            reports: participation::of_session(db, &session.id)?,
            waiting: participation::queue::waiting(db, &session.id)?,
            session,
        })
    })
    .await
}

type Rights = (bool, bool, bool, bool);

fn page_view(
    event: &Event,
    sheet: &Sheet,
    asked: &Asked,
    now: Instant,
    (sees_people, sets, replaces, imports): Rights,
    typed: Option<&str>,
    fields: &[FieldError],
) -> Value {
    let session = &sheet.session;
    let searched = fold(&asked.q);
    let fits = |one: &&Registration| {
        let text = fold(&format!("{} {}", one.full_name(), one.code));
        let joined = sheet.joined.get(&one.id);
        searched.split(' ').all(|word| text.contains(word))
            && match asked.show.as_str() {
                "joined" => joined.is_some(),
                "absent" => joined.is_none(),
                "shared" => joined.is_some_and(|joined| joined.browsers.len() > 2),
                _ => true,
            }
    };
    let fitting: Vec<&Registration> = sheet.people.iter().filter(fits).collect();
    let options = [("", "Everybody"), ("joined", "Joined"), ("absent", "Not joined"), ("shared", "More than two browsers")];
    let options = options.map(|(value, text)| json!({ "value": value, "text": text, "selected": value == asked.show }));
    let had = |occasion: Occasion| sheet.letters.values().filter(|had| had.iter().any(|one| one.occasion == occasion)).count();
    let letters = LETTERS.iter().map(|(occasion, before)| {
        let due = days::instant_words(session.starts_at.minus(*before), event.zone());
        json!({ "what": occasion.words(), "due": due, "is_due": now >= session.starts_at.minus(*before), "count": had(*occasion) })
    });
    let (errors, error_for) = form_errors(fields);
    json!({
        "base": to(event, &session.code), "session": format!("/staff/events/{}/sessions/{}", event.slug, session.code), "back": format!("/staff/events/{}/webinars", event.slug), "code": session.code, "title": session.title,
        "when": format!("{} {}", days::span_words(session.starts_at, session.ends_at, event.zone()), days::zone_words(event.zone())),
        "is_canceled": session.canceled_at.is_some(), "is_over": now >= session.ends_at,
        "people": sheet.people.len(), "joined": sheet.joined.len(), "letters": letters.collect::<Vec<_>>(),
        "sees_people": sees_people, "sets": sets, "replaces": replaces, "imports": imports,
        "has_platform": sheet.platform.is_some(),
        "address": typed.map(str::to_owned).or_else(|| sheet.platform.as_ref().filter(|_| sets).map(|platform| platform.address.clone())),
        "reports": sheet.reports.iter().map(|report| report_view(event, report)).collect::<Vec<_>>(), "waiting": sheet.waiting,
        "rows": if sees_people { fitting.iter().take(SHOWN).map(|one| row(event, sheet, one)).collect::<Vec<_>>() } else { Vec::new() },
        "more": fitting.len().saturating_sub(SHOWN), "q": asked.q, "shown": options, "narrows": !asked.q.is_empty() || !asked.show.is_empty(),
        "errors": errors, "error_for": error_for,
    })
}

fn report_view(event: &Event, report: &Report) -> Value {
    json!({
        "when": days::instant_words(report.imported_at, event.zone()), "layout": report.layout.words(), "rows": report.row_count,
        "meeting": report.meeting, "unread": report.unread, "id": report.id.to_string(),
    })
}

fn row(event: &Event, sheet: &Sheet, one: &Registration) -> Value {
    let joined = sheet.joined.get(&one.id);
    let had = sheet.letters.get(&one.id).map_or(&[][..], Vec::as_slice);
    json!({
        "href": to(event, &format!("{}/people/{}", sheet.session.code, one.code)), "name": one.full_name(), "code": one.code,
        "joined": joined.map(|joined| {
            let times = if joined.times == 1 { "once".to_owned() } else { format!("{} times", joined.times) };
            let browsers = if joined.browsers.len() == 1 { "1 browser".to_owned() } else { format!("{} browsers", joined.browsers.len()) };
            format!("{}, {times}, {browsers}", days::time_words(joined.first, event.zone()))
        }),
        "is_shared": joined.is_some_and(|joined| joined.browsers.len() > 2),
        "letters": had.iter().map(|one| one.occasion.words()).collect::<Vec<_>>().join(", "),
    })
}

/// What the form for the address sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    address: String,
}

/// `POST /staff/events/{event}/webinars/{session}/platform`
pub async fn update(
    app: web::Data<App>,
    allowed: Allowed<permit::EditAgenda>,
    path: web::Path<(String, String)>,
    form: PostedForm<Typed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, code, typed) = (event.clone(), path.into_inner().1, form.0.address);
    let (of_code, address) = (code.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let session = get(tx.db, &own, &of_code)?;
        set_platform(tx, &session, &address)
    });
    match done.await {
        Ok(()) => Ok(see_other_saying(
            &app,
            &to(event, &code),
            "yes",
            "Saved. Only staff who change the agenda see this address, and who joins is led to it.",
        )),
        Err(Error::Invalid(fields)) => {
            let may = |permission| allowed.identity.may(permission, &event.id);
            let rights = (may(Permission::SeePeople), true, may(Permission::EditRegistrations), may(Permission::CorrectAttendance));
            let sheet = read(&app, event, code).await?;
            let view = page_view(event, &sheet, &Asked::default(), app.now(), rights, Some(&typed), &fields);
            Page::new(&app, &allowed.asker, "webinars/show").event(event).status(422).render(&view)
        }
        Err(other) => Err(other),
    }
}
