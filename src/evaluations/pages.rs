//! Evaluating: all sessions of a day on one page, saved as typed; the event as a whole on another (CEU-3).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::forms::{self, Question};
use super::rules::{Answers, Scope, Standing};
use super::{Done, OVERALL, Subject, done, queries, save_draft, submit, views};
use crate::agenda::Session;
use crate::app::{App, Tx};
use crate::credits::certificates::issuing;
use crate::db::Db;
use crate::error::{Error, FieldError, Result, by_field};
use crate::events::{Event, rules as days};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Mine, Page, PostedForm};
use crate::registration::Registration;

/// `?day=2026-03-09`, or `overall`.
#[derive(Debug, Deserialize)]
pub struct DayQuery {
    day: Option<String>,
}

/// What is on one page: the sessions of a day, or the event as a whole.
struct Sheet {
    days: Vec<NaiveDate>,
    /// None for the event as a whole.
    day: Option<NaiveDate>,
    /// What the fields of each begin with, its subject, and its questions.
    items: Vec<(String, Subject)>,
    done: Done,
    session_questions: Vec<Question>,
    overall_questions: Vec<Question>,
}

impl Sheet {
    fn read(db: &mut Db, event: &Event, registration: &Registration, asked: Option<&str>, today: NaiveDate) -> Result<Self> {
        let questions = |db: &mut Db, scope| {
            let form = forms::current(db, &event.id, scope)?;
            Ok::<_, Error>(form.map(|(_, questions)| questions).unwrap_or_default())
        };
        let (session_questions, overall_questions) = (questions(db, Scope::Session)?, questions(db, Scope::Overall)?);
        let sessions = if session_questions.is_empty() { Vec::new() } else { queries::sessions_of(db, registration)? };
        let day_of = |session: &Session| session.starts_at.date_in(event.zone());
        let mut days: Vec<NaiveDate> = sessions.iter().map(day_of).collect();
        days.dedup();
        let is_overall = asked == Some(OVERALL) || days.is_empty();
        // Yesterday's sessions are evaluated today: the latest day that has begun.
        let latest = days.iter().rev().copied().find(|day| *day <= today).or(days.first().copied());
        let wanted = asked.and_then(|day| day.parse().ok()).filter(|day| days.contains(day)).or(latest);
        let day = wanted.filter(|_| !is_overall);
        let items = match day {
            Some(day) => sessions.iter().filter(|one| day_of(one) == day).map(|one| (one.code.clone(), Subject::of(one))).collect(),
            None if overall_questions.is_empty() => Vec::new(),
            None => vec![(OVERALL.to_owned(), Subject::Overall)],
        };
        Ok(Self { days, day, items, done: done(db, &registration.id)?, session_questions, overall_questions })
    }

    fn questions(&self, subject: &Subject) -> &[Question] {
        match subject {
            Subject::Session(_) => &self.session_questions,
            Subject::Overall => &self.overall_questions,
        }
    }

    fn name(&self) -> String {
        self.day.map_or_else(|| OVERALL.to_owned(), |day| day.to_string())
    }
}

/// `GET /my/{registration}/evaluations?day=`
pub async fn index(app: web::Data<App>, mine: Mine, query: web::Query<DayQuery>) -> Result<HttpResponse> {
    page(&app, &mine, query.day.clone(), None, &[]).await
}

async fn page(
    app: &App,
    mine: &Mine,
    asked: Option<String>,
    typed: Option<&BTreeMap<String, String>>,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let now = app.now();
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let today = now.date_in(event.zone());
    let sheet = app.read(move |db| Sheet::read(db, &event, &registration, asked.as_deref(), today)).await?;
    let wrong = by_field(fields);
    let event = &mine.event;
    let base = format!("/my/{}", mine.registration.code);
    let item = |(name, subject): &(String, Subject)| {
        let standing = sheet.done.standing(event, subject, now);
        let kept = sheet.done.draft(subject).cloned().unwrap_or_default();
        let answers: Answers = typed.map_or(kept, |typed| views::posted(typed, name));
        let is_open = matches!(standing, Standing::Open | Standing::Draft);
        json!({
            "id": name, "title": title(event, subject), "when": when(event, subject), "chip": chip(event, standing),
            "is_open": is_open,
            "questions": if is_open { views::questions(sheet.questions(subject), name, &answers, &wrong) } else { Vec::new() },
        })
    };
    let items: Vec<Value> = sheet.items.iter().map(item).collect();
    let (errors, _) = form_errors(fields);
    let view = json!({
        "base": base, "day": sheet.name(), "tabs": tabs(&sheet, &base), "is_overall": sheet.day.is_none(),
        "items": items, "any_open": items.iter().any(|item| item["is_open"] == json!(true)), "errors": errors,
    });
    let status = if fields.is_empty() { 200 } else { 422 };
    Page::new(app, &mine.asker, "evaluations/index").event(event).status(status).render(&view)
}

fn tabs(sheet: &Sheet, base: &str) -> Vec<Value> {
    let tab = |name: String, text: String, current: bool| json!({ "href": format!("{base}/evaluations?day={name}"), "text": text, "current": current });
    let days = sheet.days.iter().map(|day| tab(day.to_string(), day.format("%a %-d %b").to_string(), sheet.day == Some(*day)));
    let overall = (!sheet.overall_questions.is_empty()).then(|| tab(OVERALL.to_owned(), "The whole event".to_owned(), sheet.day.is_none()));
    days.chain(overall).collect()
}

fn title(event: &Event, subject: &Subject) -> String {
    match subject {
        Subject::Session(session) => session.title.clone(),
        Subject::Overall => event.name.clone(),
    }
}

fn when(event: &Event, subject: &Subject) -> String {
    match subject {
        Subject::Session(session) => format!("{} · {}", session.code, days::hours_words(session.starts_at, session.ends_at, event.zone())),
        Subject::Overall => days::dates_words(event.starts_on, event.ends_on),
    }
}

fn chip(event: &Event, standing: Standing) -> Value {
    let (kind, text) = match standing {
        Standing::NotOpen { opens_at } => ("note", format!("Opens {}", days::instant_words(opens_at, event.zone()))),
        Standing::Open => ("wait", "Not evaluated yet".to_owned()),
        Standing::Draft => ("wait", "Begun, not submitted".to_owned()),
        Standing::Submitted => ("yes", "Evaluated".to_owned()),
    };
    json!({ "kind": kind, "text": text })
}

/// Saves or submits everything on a page that is open and was filled in; all of it or nothing.
fn take(
    tx: &mut Tx<'_>,
    sheet: &Sheet,
    event: &Event,
    registration: &Registration,
    typed: &BTreeMap<String, String>,
    keeps: bool,
) -> Result<usize> {
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for (name, subject) in &sheet.items {
        let is_open = matches!(sheet.done.standing(event, subject, tx.now), Standing::Open | Standing::Draft);
        let answers = views::posted(typed, name);
        if !is_open || (answers.is_empty() && (!keeps || sheet.done.draft(subject).is_none())) {
            continue;
        }
        let outcome = if keeps {
            save_draft(tx, event, registration, subject, &answers)
        } else {
            submit(tx, event, registration, subject, &answers, &views::prefix(name))
        };
        match outcome {
            Ok(()) => taken += 1,
            Err(Error::Invalid(fields)) => wrong.extend(fields),
            Err(other) => return Err(other),
        }
    }
    if wrong.is_empty() { Ok(taken) } else { Err(Error::Invalid(wrong)) }
}

async fn write(app: &App, mine: &Mine, day: String, typed: BTreeMap<String, String>, keeps: bool) -> Result<usize> {
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    app.write(mine.actor(), move |tx| {
        let today = tx.now.date_in(event.zone());
        let sheet = Sheet::read(tx.db, &event, &registration, Some(&day), today)?;
        let taken = take(tx, &sheet, &event, &registration, &typed, keeps)?;
        if taken > 0 && !keeps && sheet.day.is_none() {
            // The evaluation of the whole event may be what a certificate waited for (CEU-3).
            issuing::follow(tx, &event, &registration, "")?;
        }
        Ok(taken)
    })
    .await
}

fn day_of(typed: &BTreeMap<String, String>) -> String {
    typed.get("day").cloned().unwrap_or_default()
}

/// `POST /my/{registration}/evaluations`: submits the page, or with `action=save` keeps it for later.
pub async fn create(app: web::Data<App>, mine: Mine, PostedForm(typed): PostedForm<BTreeMap<String, String>>) -> Result<HttpResponse> {
    let keeps = typed.get("action").is_some_and(|action| action == "save");
    let day = day_of(&typed);
    let to = format!(
        "/my/{}/evaluations?day={}",
        mine.registration.code,
        url::form_urlencoded::byte_serialize(day.as_bytes()).collect::<String>()
    );
    match write(&app, &mine, day.clone(), typed.clone(), keeps).await {
        Ok(0) => Ok(see_other_saying(&app, &to, "wait", "Nothing was filled in yet.")),
        Ok(_) if keeps => Ok(see_other_saying(&app, &to, "yes", "Kept for later. Submit it when you are done.")),
        Ok(count) => {
            let said = if count == 1 {
                "Thank you. One evaluation is submitted.".to_owned()
            } else {
                format!("Thank you. {count} evaluations are submitted.")
            };
            Ok(see_other_saying(&app, &to, "yes", &said))
        }
        Err(Error::Invalid(fields)) => page(&app, &mine, Some(day), Some(&typed), &fields).await,
        Err(other) => Err(other),
    }
}

/// `POST /my/{registration}/evaluations/drafts`: what a script keeps while somebody types.
pub async fn save(app: web::Data<App>, mine: Mine, PostedForm(typed): PostedForm<BTreeMap<String, String>>) -> Result<HttpResponse> {
    write(&app, &mine, day_of(&typed), typed, true).await?;
    Ok(HttpResponse::NoContent().finish())
}
