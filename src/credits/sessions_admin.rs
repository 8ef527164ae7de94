//! Disclosures and presenters of sessions, for education staff (CEU-4, CEU-9).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::admin::{Educator, Reader};
use super::disclosures::{self, DisclosureDraft};
use crate::agenda;
use crate::app::App;
use crate::error::Result;
use crate::events::Event;
use crate::events::rules::{instant_words, span_words};
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::{Field, FormPage, group, outcome, to};

/// `GET /staff/events/{event}/credits/sessions`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let (sessions, published) = app.read(move |db| Ok((agenda::list(db, &id)?, disclosures::published(db, &id)?))).await?;
    let open = sessions.iter().filter(|session| session.canceled_at.is_none() && crate::evaluations::rules::is_evaluated(session.kind));
    let listed: Vec<Value> = open
        .map(|session| {
            // Published newest first: the last of them is the first publication.
            let first = published.iter().filter(|(of, _)| *of == session.id).map(|(_, at)| *at).next_back();
            let chip = match first {
                Some(at) if at < session.starts_at => json!({ "kind": "yes", "text": "Published" }),
                Some(_) => json!({ "kind": "wait", "text": "Published after the start" }),
                None => json!({ "kind": "no", "text": "Missing" }),
            };
            json!({
                "href": to(event, &format!("credits/sessions/{}", session.code)), "code": session.code, "title": session.title,
                "when": span_words(session.starts_at, session.ends_at, event.zone()), "chip": chip,
                "published": first.map(|at| instant_words(at, event.zone())),
            })
        })
        .collect();
    Page::new(&app, &allowed.asker, "credits/sessions").event(event).render(&json!({ "back": to(event, "credits"), "sessions": listed }))
}

fn form(event: &Event, session: &agenda::Session, draft: &DisclosureDraft) -> FormPage {
    FormPage {
        title: format!("Disclosure of {} {}", session.code, session.title),
        lead: "Published on the session’s page with this instant, before it starts. Names of companies only, no logos.".to_owned(),
        back: (to(event, "credits/sessions"), "Disclosures".to_owned()),
        action: to(event, &format!("credits/sessions/{}", session.code)),
        button: "Publish",
        groups: vec![group(
            "",
            vec![
                Field::check(
                    "nothing_to_disclose",
                    "Nobody who planned or presents it has a relevant financial relationship",
                    draft.nothing_to_disclose,
                ),
                Field::lines("words", "Who has which relationship with which company", &draft.words, 4).optional(),
                Field::lines("mitigation", "How it was mitigated", &draft.mitigation, 3).optional(),
                Field::lines("presenters", "Registrations of those who present", &draft.presenters, 3)
                    .hint("One code a line, such as REG-7K3M9P. They cannot claim a learner’s credit for it.")
                    .optional(),
            ],
        )],
        ..FormPage::default()
    }
}

/// `GET /staff/events/{event}/credits/sessions/{session}`
pub async fn edit(app: web::Data<App>, allowed: Educator, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (id, code) = (event.id.clone(), path.into_inner().1);
    let (session, newest, presenters) = app
        .read(move |db| {
            let session = agenda::get(db, &id, &code)?;
            Ok((disclosures::of_session(db, &session.id)?, disclosures::presenters(db, &session.id)?, session))
        })
        .await
        .map(|(newest, presenters, session)| (session, newest, presenters))?;
    let draft = DisclosureDraft {
        nothing_to_disclose: newest.as_ref().is_none_or(|newest| newest.nothing_to_disclose),
        words: newest.as_ref().map(|newest| newest.words.clone()).unwrap_or_default(),
        mitigation: newest.map(|newest| newest.mitigation).unwrap_or_default(),
        presenters: presenters.into_iter().map(|registration| registration.code).collect::<Vec<_>>().join("\n"),
    };
    form(event, &session, &draft).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/credits/sessions/{session}`
pub async fn update(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<DisclosureDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (id, code) = (event.id.clone(), path.into_inner().1);
    let session = app.read(move |db| agenda::get(db, &id, &code)).await?;
    let (own, of, draft) = (event.clone(), session.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| disclosures::publish(tx, &own, &of, &draft)).await;
    match outcome(&app, done, &to(event, "credits/sessions"), "Published.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(event, &session, &typed).render(&app, &allowed.asker, Some(event), &errors),
    }
}
