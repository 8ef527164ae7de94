//! Materials for content staff: every session with what it hands out, and one session with its versions and speakers' links.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::invitations::{self, Invitation, speakers_of};
use super::taking_pages::{Typed, take, taken_or_gone};
use super::views::session_view;
use super::{Version, Whole, files_of, of_event, of_session};
use crate::agenda::{self, Session};
use crate::app::App;
use crate::desk::history::{Names, split_label};
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules as days};
use crate::http::Page;
use crate::http::PostedForm;
use crate::http::pages::{form_errors, see_other_after};
use crate::http::streamed::StreamedForm;
use crate::setup::forms_admin::to;
use crate::uploads::admin::Sender;
use crate::uploads::rules::{Purpose, size_words};

/// `GET /staff/events/{event}/materials`
pub async fn index(app: web::Data<App>, allowed: Sender) -> Result<HttpResponse> {
    let (event, of) = (allowed.event()?, allowed.event()?.id.clone());
    let (sessions, all) = app.read(move |db| Ok((agenda::list(db, &of)?, of_event(db, &of)?))).await?;
    let row = |session: &Session| -> Value {
        let own = all.get(&session.id).map(Vec::as_slice).unwrap_or_default();
        let (shown, waiting) = (own.iter().filter(|one| one.shown().is_some()).count(), own.iter().map(Whole::waiting).sum::<usize>());
        json!({
            "href": to(event, &format!("materials/{}", session.code)), "code": session.code, "title": session.title,
            "when": days::span_words(session.starts_at, session.ends_at, event.zone()), "shown": shown, "waiting": waiting,
        })
    };
    let has_speech =
        |session: &&Session| session.canceled_at.is_none() && !matches!(session.kind, agenda::Kind::Meal | agenda::Kind::Networking);
    let view = json!({ "sessions": sessions.iter().filter(has_speech).map(row).collect::<Vec<_>>(), "lobby": to(event, "lobby") });
    Page::new(&app, &allowed.asker, "materials/staff").event(event).render(&view)
}

/// A session of the address, by its code.
pub(super) async fn session_named(app: &App, event: &Event, code: &str) -> Result<Session> {
    let (of, code) = (event.id.clone(), code.to_owned());
    app.read(move |db| agenda::get(db, &of, &code)).await
}

/// `GET /staff/events/{event}/materials/{session}`
pub async fn show(app: web::Data<App>, allowed: Sender, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let session = session_named(&app, allowed.event()?, &path.1).await?;
    page(&app, &allowed, session, &Typed::default(), None, &[]).await
}

/// The page; `made` is a speaker's link that was made just now, which is shown this once.
async fn page(
    app: &App,
    allowed: &Sender,
    session: Session,
    typed: &Typed,
    made: Option<(String, String)>,
    wrong: &[FieldError],
) -> Result<HttpResponse> {
    let (event, id) = (allowed.event()?, session.id.clone());
    let read = app.read(move |db| {
        let all = of_session(db, &id)?;
        let files = files_of(db, all.iter().flat_map(|one| &one.versions))?;
        let links = invitations::of_session(db, &id)?;
        let names = Names::of(db, all.iter().flat_map(|one| &one.versions).map(|version| split_label(&version.actor)))?;
        Ok((all, files, links, names))
    });
    let (all, files, links, names) = read.await?;
    let base = to(event, &format!("materials/{}", session.code));
    let who = |version: &Version| match links.iter().find(|link| Some(&link.id) == version.invitation_id.as_ref()) {
        Some(link) => format!("{}, by the speaker's link", link.speaker),
        None => names.of_label(&version.actor),
    };
    let now = app.now();
    let speaker = |name: &String| -> Value {
        let link: Option<&Invitation> = links.iter().find(|link| link.speaker == *name && link.works(now));
        let fresh = made.as_ref().filter(|(speaker, _)| speaker == name).map(|(_, link)| link);
        json!({ "name": name, "until": link.map(|link| days::instant_words(link.expires_at, event.zone())), "fresh": fresh, "speaks": speakers_of(&session).contains(name) })
    };
    // Who does not speak any more may still hold a link.
    let mut speakers = speakers_of(&session);
    for link in links.iter().filter(|link| link.works(now)) {
        if !speakers.contains(&link.speaker) {
            speakers.push(link.speaker.clone());
        }
    }
    let (errors, error_for) = form_errors(wrong);
    let options: Vec<Value> =
        all.iter().map(|one| json!({ "value": one.material.id, "text": format!("New version of “{}”", one.material.title), "selected": one.material.id.as_str() == typed.of })).collect();
    let view = json!({
        "list": to(event, "materials"), "base": base, "code": session.code, "title": session.title,
        "when": days::span_words(session.starts_at, session.ends_at, event.zone()),
        "materials": session_view(event, &all, &files, &base, who), "speakers": speakers.iter().map(speaker).collect::<Vec<_>>(),
        "options": options, "typed_title": typed.title, "typed_link": typed.link, "errors": errors, "error_for": error_for,
        "largest": size_words(Purpose::Material.largest_of_form()),
    });
    Page::new(app, &allowed.asker, "materials/one").event(event).status(if wrong.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /staff/events/{event}/materials/{session}`: a file or an address, as something new or as a new version.
pub async fn create(
    app: web::Data<App>,
    allowed: Sender,
    path: web::Path<(String, String)>,
    form: StreamedForm,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_named(&app, event, &path.1).await?;
    let typed = Typed::of(&form);
    let (own, of) = (event.clone(), session.clone());
    let done = match take(&app, allowed.actor(), event, form, &request).await {
        Ok((wanted, content)) => {
            let handed_in = content.clone();
            let added = app.write(allowed.actor(), move |tx| super::add(tx, &own, &of, &wanted, &content, None)).await;
            taken_or_gone(&app, allowed.actor(), handed_in, added).await
        }
        Err(cause) => Err(cause),
    };
    match done {
        Err(Error::Invalid(wrong)) => page(&app, &allowed, session, &typed, None, &wrong).await,
        Err(Error::Refused { code, message }) => {
            let wrong = [FieldError { field: "file".to_owned(), code, detail: message }];
            page(&app, &allowed, session, &typed, None, &wrong).await
        }
        other => see_other_after(
            &app,
            &to(event, &format!("materials/{}", session.code)),
            other.map(|_| "It is listed for everyone whose registration covers the session."),
        ),
    }
}

/// A speaker of the session.
#[derive(Deserialize)]
pub struct OfSpeaker {
    #[serde(default)]
    speaker: String,
}

/// `POST /staff/events/{event}/materials/{session}/invitations`: a speaker's link, shown once; an older one stops working.
pub async fn invite(
    app: web::Data<App>,
    allowed: Sender,
    path: web::Path<(String, String)>,
    PostedForm(given): PostedForm<OfSpeaker>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_named(&app, event, &path.1).await?;
    let (own, of, name) = (event.clone(), session.clone(), given.speaker.clone());
    match app.write(allowed.actor(), move |tx| invitations::invite(tx, &own, &of, &name)).await {
        Ok(secret) => {
            let link = format!("{}/speakers/{secret}", app.site.config.base_url);
            page(&app, &allowed, session, &Typed::default(), Some((given.speaker.trim().to_owned(), link)), &[]).await
        }
        Err(Error::Invalid(wrong)) => page(&app, &allowed, session, &Typed::default(), None, &wrong).await,
        Err(other) => Err(other),
    }
}

/// `POST /staff/events/{event}/materials/{session}/invitations/withdrawal`
pub async fn withdraw(
    app: web::Data<App>,
    allowed: Sender,
    path: web::Path<(String, String)>,
    PostedForm(given): PostedForm<OfSpeaker>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let session = session_named(&app, event, &path.1).await?;
    let own = event.clone();
    let next = to(event, &format!("materials/{}", session.code));
    let done = app.write(allowed.actor(), move |tx| invitations::withdraw(tx, &own, &session, &given.speaker)).await;
    see_other_after(&app, &next, done.map(|()| "The link works no more. What came by it stays."))
}
