//! Evaluations for education staff: what is asked, in versions, and what was answered.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::forms::{self, QuestionDraft};
use super::results::{self, Told};
use super::rules::{Kind, Level, Scope};
use crate::agenda;
use crate::app::App;
use crate::credits::admin::permits;
use crate::error::{Error, FieldError, Result};
use crate::events::Event;
use crate::events::rules::span_words;
use crate::http::asker::Allowed;
use crate::http::pages::see_other_saying;
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::{Field, FormPage, choices, group, outcome, to};

type Reader = Allowed<permits::SeeCredits>;
type Educator = Allowed<permits::EditCredits>;

fn scope_of(word: &str) -> Result<Scope> {
    Scope::from_word(word).ok_or(Error::NotFound)
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Session => "Each session",
        Scope::Overall => "The whole event",
    }
}

/// `GET /staff/events/{event}/evaluations`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = event.clone();
    let (forms, responses, sessions) = app
        .read(move |db| {
            let mut all = Vec::new();
            for scope in Scope::ALL {
                all.push((*scope, forms::current(db, &own.id, *scope)?));
            }
            Ok((all, results::responses_by_session(db, &own.id)?, agenda::list(db, &own.id)?))
        })
        .await?;
    let may_edit = allowed.identity.may(crate::staff::Permission::EditCredits, &event.id);
    let listed: Vec<Value> = forms
        .iter()
        .map(|(scope, form)| {
            let questions = form.as_ref().map(|(_, questions)| {
                questions.iter().map(|question| json!({ "prompt": question.prompt, "kind": question.kind.words(), "level": question.level.words() })).collect::<Vec<_>>()
            });
            json!({
                "title": scope_words(*scope), "version": form.as_ref().map(|(form, _)| form.version), "questions": questions.unwrap_or_default(),
                "href": to(event, &format!("evaluations/forms/{scope}")), "results": to(event, &format!("evaluations/results/{scope}")),
            })
        })
        .collect();
    let sessions = sessions.iter().filter_map(|session| Some((session, responses.get(&session.id)?)));
    let sessions: Vec<Value> = sessions
        .map(|(session, count)| {
            json!({
                "code": session.code, "title": session.title, "count": count, "when": span_words(session.starts_at, session.ends_at, event.zone()),
                "href": to(event, &format!("evaluations/results/session?session={}", session.code)),
            })
        })
        .collect();
    let view = json!({
        "credits": to(event, "credits"), "forms": listed, "sessions": sessions, "may_edit": may_edit,
        "ready": to(event, "evaluations/ready-set"), "has_forms": forms.iter().any(|(_, form)| form.is_some()),
    });
    Page::new(&app, &allowed.asker, "evaluations/forms").event(event).render(&view)
}

/// A form of which only the button counts.
#[derive(Deserialize)]
pub struct Pressed {}

/// `POST /staff/events/{event}/evaluations/ready-set`
pub async fn take_ready_set(app: web::Data<App>, allowed: Educator, _form: PostedForm<Pressed>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let own = event.clone();
    app.write(allowed.actor(), move |tx| forms::take_ready_set(tx, &own)).await?;
    Ok(see_other_saying(&app, &to(&event, "evaluations"), "yes", "The ready set of questions is in force. Change what you like."))
}

/// `GET /staff/events/{event}/evaluations/forms/{scope}`
pub async fn edit(app: web::Data<App>, allowed: Educator, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let scope = scope_of(&path.1)?;
    let id = event.id.clone();
    let found = app.read(move |db| forms::current(db, &id, scope)).await?;
    let drafts: Vec<QuestionDraft> = found.map(|(_, questions)| questions.iter().map(QuestionDraft::of).collect()).unwrap_or_default();
    form(event, scope, &drafts).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/evaluations/forms/{scope}`: a new version.
pub async fn update(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<BTreeMap<String, String>>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let scope = scope_of(&path.1)?;
    let drafts = drafts_of(&typed, scope);
    if drafts.iter().all(|draft| draft.prompt.trim().is_empty()) {
        let empty = FieldError { field: "prompt_0".to_owned(), code: "required", detail: "Ask at least one question.".to_owned() };
        return form(event, scope, &drafts).render(&app, &allowed.asker, Some(event), &[empty]);
    }
    let (own, sent) = (event.clone(), drafts.clone());
    let done = app.write(allowed.actor(), move |tx| forms::save(tx, &own, scope, &sent)).await;
    match outcome(&app, done, &to(event, "evaluations"), "The new version is in force; answers to the old one stay with it.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(event, scope, &drafts).render(&app, &allowed.asker, Some(event), &errors),
    }
}

fn drafts_of(typed: &BTreeMap<String, String>, scope: Scope) -> Vec<QuestionDraft> {
    let of = |name: &str, index: usize| typed.get(&format!("{name}_{index}")).cloned().unwrap_or_default();
    (0..scope.most_questions())
        .map(|index| QuestionDraft {
            code: of("code", index),
            kind: of("kind", index),
            prompt: of("prompt", index),
            options: of("options", index),
            required: of("required", index) == "yes",
            level: of("level", index),
        })
        .collect()
}

fn form(event: &Event, scope: Scope, drafts: &[QuestionDraft]) -> FormPage {
    let none = QuestionDraft { required: true, ..QuestionDraft::default() };
    let fields = |index: usize| {
        let draft = drafts.get(index).unwrap_or(&none);
        let name = |name: &str| format!("{name}_{index}");
        vec![
            Field::text(&name("prompt"), "Question", &draft.prompt),
            Field::select(&name("kind"), "Answered by", choices(Kind::ALL.iter().map(|kind| (kind, kind.words())), &draft.kind)),
            Field::lines(&name("options"), "Options", &draft.options, 3).hint("For one of several: one a line.").optional(),
            Field::select(&name("level"), "Moore’s level", choices(Level::ALL.iter().map(|level| (level, level.words())), &draft.level)),
            Field::check(&name("required"), "Has to be answered", draft.required).hint("Text never has to."),
            Field::code(&name("code"), "Code", &draft.code).hint("For programs, such as objectives.").optional(),
        ]
    };
    FormPage {
        title: format!("Questions: {}", scope_words(scope).to_lowercase()),
        lead: format!("At most {}. Leave a question empty to take it out.", scope.most_questions()),
        back: (to(event, "evaluations"), "Evaluations".to_owned()),
        action: to(event, &format!("evaluations/forms/{scope}")),
        button: "Save as a new version",
        groups: (0..scope.most_questions()).map(|index| group(&format!("Question {}", index + 1), fields(index))).collect(),
        ..FormPage::default()
    }
}

/// `?session=B1&version=2`
#[derive(Debug, Deserialize)]
pub struct Asked {
    session: Option<String>,
    version: Option<i32>,
}

/// `GET /staff/events/{event}/evaluations/results/{scope}?session=&version=`
pub async fn results(
    app: web::Data<App>,
    allowed: Reader,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let scope = scope_of(&path.1)?;
    let (own, wanted) = (event.clone(), asked.version);
    let code = asked.session.clone().filter(|_| scope == Scope::Session);
    let (session, versions, shown, told) = app
        .read(move |db| {
            let session = code.map(|code| agenda::get(db, &own.id, &code)).transpose()?;
            let versions = results::versions(db, &own.id, scope)?;
            let shown = versions.iter().find(|(_, version)| wanted.is_none_or(|wanted| wanted == *version)).cloned();
            let told = match &shown {
                Some((form, _)) => results::of_form(db, form, session.as_ref().map(|session| &session.id))?,
                None => Vec::new(),
            };
            Ok((session, versions, shown, told))
        })
        .await?;
    let suffix = session.as_ref().map(|session| format!("&session={}", session.code)).unwrap_or_default();
    let versions = versions.iter().map(|(_, version)| {
        let href = to(event, &format!("evaluations/results/{scope}?version={version}{suffix}"));
        json!({ "text": format!("Version {version}"), "href": href, "current": shown.as_ref().is_some_and(|(_, shown)| shown == version) })
    });
    let view = json!({
        "back": to(event, "evaluations"), "title": session.map_or_else(|| scope_words(scope).to_owned(), |session| format!("{} {}", session.code, session.title)),
        "versions": versions.collect::<Vec<_>>(), "results": told.iter().map(result_view).collect::<Vec<_>>(),
    });
    Page::new(&app, &allowed.asker, "evaluations/results").event(event).render(&view)
}

/// The height of a bar with its words above, in the drawing's own units.
const BAR: i64 = 56;
const WIDTH: i64 = 600;

fn result_view(told: &Told) -> Value {
    let most = told.bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let total = told.bars.iter().map(|(_, count)| *count).sum::<i64>().max(1);
    let bars = told.bars.iter().zip(0i64..).map(|((text, count), index)| {
        json!({
            "text": text, "count": count, "percent": (count * 100 + total / 2) / total,
            "word_y": index * BAR + 18, "y": index * BAR + 24, "width": count * WIDTH / most,
        })
    });
    json!({
        "prompt": told.question.prompt, "level": told.question.level.words(), "count": told.count, "suppressed": told.is_suppressed,
        "is_text": told.question.kind == Kind::Text, "bars": bars.collect::<Vec<_>>(), "texts": told.texts,
        "height": i64::try_from(told.bars.len()).unwrap_or_default() * BAR,
    })
}
