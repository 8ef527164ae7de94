//! Activities for education staff: sessions, ids and the maximum per credit type, designated before they start (CEU-1).

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::activities::{self, ActivityDraft, Format, Whole};
use super::admin::{Educator, Reader};
use super::open_badges::alignments;
use super::rules::hundredths_words;
use super::types;
use crate::agenda::{self, Session};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::Event;
use crate::events::rules::span_words;
use crate::http::asker::Allowed;
use crate::http::{Page, PostedForm};
use crate::ids::SessionId;
use crate::setup::forms_admin::{Field, FormPage, choices, group, outcome, row, to};
use crate::staff::Permission;

/// `GET /staff/events/{event}/credits/activities`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let (all, types, sessions, aligned) = app
        .read(move |db| Ok((activities::list(db, &id)?, types::list(db, &id)?, agenda::list(db, &id)?, alignments::of_event(db, &id)?)))
        .await?;
    let by_id = by_id(sessions);
    let may_edit = allowed.identity.may(Permission::EditCredits, &event.id);
    let listed: Vec<Value> = all
        .iter()
        .map(|whole| {
            let maximums = whole.designations.iter().filter_map(|one| {
                let (kind, _) = types.iter().find(|(kind, _)| kind.id == one.credit_type_id)?;
                Some(format!("{} {}", kind.code.known().name, hundredths_words(one.maximum_hundredths.into())))
            });
            let codes = whole.sessions.iter().filter_map(|(id, _)| by_id.get(id).map(|session| session.code.clone()));
            json!({
                "href": to(event, &format!("credits/activities/{}", whole.activity.id)), "code": whole.activity.code,
                "title": whole.activity.title, "format": whole.activity.format.words(), "uan": whole.activity.uan, "pars_id": whole.activity.pars_id,
                "maximums": maximums.collect::<Vec<_>>(), "sessions": codes.collect::<Vec<_>>().join(", "),
                "statements": aligned.get(&whole.activity.id).map(|codes| codes.join(", ")),
            })
        })
        .collect();
    let view = json!({
        "back": to(event, "credits"), "activities": listed, "may_edit": may_edit, "new": to(event, "credits/activities/new"),
        "has_types": !types.is_empty(), "types": to(event, "credits/types"),
    });
    Page::new(&app, &allowed.asker, "credits/activities").event(event).render(&view)
}

fn by_id(sessions: Vec<Session>) -> HashMap<SessionId, Session> {
    sessions.into_iter().map(|session| (session.id.clone(), session)).collect()
}

async fn form<P: crate::http::asker::Permit>(
    app: &App,
    allowed: &Allowed<P>,
    id: Option<&str>,
    draft: &ActivityDraft,
    errors: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let of = event.id.clone();
    let (types, sessions) = app.read(move |db| Ok((types::list(db, &of)?, agenda::list(db, &of)?))).await?;
    let line = |session: &Session| format!("{} ({})", session.code, span_words(session.starts_at, session.ends_at, event.zone()));
    let open = sessions.iter().filter(|session| session.canceled_at.is_none() && crate::evaluations::rules::is_evaluated(session.kind));
    let known: Vec<String> = open.map(line).collect();
    let on: Vec<String> = types.iter().map(|(kind, _)| format!("{} ({})", kind.code, kind.code.known().name)).collect();
    let formats = Format::ALL.iter().map(|format| (format, format.words()));
    let page = FormPage {
        title: if id.is_some() { "Change an activity" } else { "Add an activity" }.to_owned(),
        lead: "An activity is what is accredited: usually the whole congress for physicians, and each session for pharmacy. It is designated before its first session starts.".to_owned(),
        back: (to(event, "credits/activities"), "Activities".to_owned()),
        action: id.map_or_else(|| to(event, "credits/activities"), |id| to(event, &format!("credits/activities/{id}"))),
        button: "Designate",
        groups: vec![
            group("", vec![Field::code("code", "Your own id", &draft.code).required(), Field::text("title", "Title on certificates", &draft.title).required()]),
            row(
                "",
                vec![
                    Field::select("format", "Format", choices(formats, &draft.format)),
                    Field::code("pars_id", "PARS id", &draft.pars_id).hint("Nine digits").optional(),
                    Field::code("uan", "Pharmacy’s UAN", &draft.uan).hint("Such as 0798-9999-26-012-L05-P").optional(),
                ],
            ),
            group(
                "",
                vec![
                    Field::lines("sessions", "Sessions", &draft.sessions, 8)
                        .hint(&format!("One a line; where breaks are left out with its minutes, such as W1 420. There are: {}.", known.join(", ")))
                        .required(),
                    Field::lines("maximums", "Maximum per credit type", &draft.maximums.join("\n"), 5)
                        .hint(&format!("One a line, such as ama 12.00. Switched on: {}.", if on.is_empty() { "none yet".to_owned() } else { on.join(", ") }))
                        .required(),
                ],
            ),
        ],
        ..FormPage::default()
    };
    page.render(app, &allowed.asker, Some(event), errors)
}

/// `GET /staff/events/{event}/credits/activities/new`
pub async fn new(app: web::Data<App>, allowed: Educator) -> Result<HttpResponse> {
    form(&app, &allowed, None, &ActivityDraft::default(), &[]).await
}

/// `POST /staff/events/{event}/credits/activities`
pub async fn create(app: web::Data<App>, allowed: Educator, PostedForm(typed): PostedForm<ActivityDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| activities::save(tx, &own, None, &draft)).await;
    match outcome(&app, done, &to(event, "credits/activities"), "The activity is designated.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, None, &typed, &errors).await,
    }
}

async fn whole_of(app: &App, event: &Event, id: &str) -> Result<(Whole, ActivityDraft)> {
    let (of, id) = (event.id.clone(), id.to_owned());
    app.read(move |db| {
        let whole = activities::list(db, &of)?.into_iter().find(|whole| whole.activity.id.as_str() == id).ok_or(Error::NotFound)?;
        let draft = ActivityDraft::of(&whole, &by_id(agenda::list(db, &of)?), &types::list(db, &of)?);
        Ok((whole, draft))
    })
    .await
}

/// `GET /staff/events/{event}/credits/activities/{activity}`
pub async fn edit(app: web::Data<App>, allowed: Educator, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (_, draft) = whole_of(&app, allowed.event()?, &path.1).await?;
    form(&app, &allowed, Some(&path.1), &draft, &[]).await
}

/// `POST /staff/events/{event}/credits/activities/{activity}`
pub async fn update(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<ActivityDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (whole, _) = whole_of(&app, event, &path.1).await?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| activities::save(tx, &own, Some(&whole.activity.id), &draft)).await;
    match outcome(&app, done, &to(event, "credits/activities"), "The activity is designated.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, Some(&path.1), &typed, &errors).await,
    }
}
