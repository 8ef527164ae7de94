//! A speaker's own page, by the link that staff gave out: no sign-in, one session, and nothing of anybody else.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::invitations::{self, Invitation};
use super::taking_pages::{Typed, take};
use super::views::content_words;
use super::{Whole, files_of, of_session};
use crate::agenda::{self, Session};
use crate::app::{Actor, App};
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event, rules as days};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::streamed::StreamedForm;
use crate::http::{Asker, Page};
use crate::ids::MaterialId;
use crate::uploads::rules::{Purpose, size_words};

/// What a link opens.
struct Opened {
    invitation: Invitation,
    session: Session,
    event: Event,
}

async fn open(app: &App, asker: &Asker, secret: &str) -> Result<Opened> {
    app.limits.public.take_address(&asker.address)?;
    let (secret, now) = (secret.to_owned(), app.now());
    app.read(move |db| {
        let invitation = invitations::find(db, &secret, now)?;
        let session = agenda::get_by_id(db, &invitation.session_id)?;
        let event = events::get_by_id(db, &session.event_id)?;
        Ok(Opened { invitation, session, event })
    })
    .await
}

/// `GET /speakers/{secret}`
pub async fn show(app: web::Data<App>, asker: Asker, secret: web::Path<String>) -> Result<HttpResponse> {
    let opened = open(&app, &asker, &secret).await?;
    page(&app, &asker, &secret, &opened, &Typed::default(), &[]).await
}

async fn page(app: &App, asker: &Asker, secret: &str, opened: &Opened, typed: &Typed, wrong: &[FieldError]) -> Result<HttpResponse> {
    let Opened { invitation, session, event } = opened;
    let id = session.id.clone();
    let (all, files) = app
        .read(move |db| {
            let all = of_session(db, &id)?;
            let files = files_of(db, all.iter().flat_map(|one| &one.versions))?;
            Ok((all, files))
        })
        .await?;
    // What this speaker sent; what others did is theirs.
    let is_own = |one: &&Whole| one.versions.iter().any(|version| version.invitation_id.as_ref() == Some(&invitation.id));
    let own: Vec<&Whole> = all.iter().filter(is_own).collect();
    let sent = |one: &&Whole| -> Vec<Value> {
        let versions = one.versions.iter().filter(|version| version.invitation_id.as_ref() == Some(&invitation.id));
        let row = versions.map(|version| {
            let name = version.upload_id.as_ref().and_then(|id| files.get(id)).map(|file| file.original_name.clone());
            let (kind, text) = if version.shown_at.is_some() { ("yes", "Accepted") } else { ("wait", "The program team looks at it") };
            json!({
                "title": one.material.title, "what": content_words(version, &files), "name": name.or(version.link.clone()),
                "when": days::instant_words(version.added_at, event.zone()), "chip": { "kind": kind, "text": text },
            })
        });
        row.collect()
    };
    let options = own.iter().map(|one| {
        json!({ "value": one.material.id, "text": format!("New version of “{}”", one.material.title), "selected": one.material.id.as_str() == typed.of })
    });
    let (errors, error_for) = form_errors(wrong);
    let view = json!({
        "action": format!("/speakers/{secret}"), "speaker": invitation.speaker, "title": session.title, "code": session.code,
        "when": format!("{} {}", days::span_words(session.starts_at, session.ends_at, event.zone()), days::zone_words(event.zone())),
        "until": days::instant_words(invitation.expires_at, event.zone()), "sent": own.iter().flat_map(sent).collect::<Vec<_>>(),
        "options": options.collect::<Vec<_>>(), "typed_title": typed.title, "typed_link": typed.link, "errors": errors, "error_for": error_for,
        "largest": size_words(Purpose::Material.largest_of_form()), "help_email": event.help_email,
    });
    Page::new(app, asker, "materials/speaker").event(event).status(if wrong.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /speakers/{secret}`: a file or an address; staff look at it before anybody gets it.
pub async fn create(
    app: web::Data<App>,
    asker: Asker,
    secret: web::Path<String>,
    form: StreamedForm,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let opened = open(&app, &asker, &secret).await?;
    let typed = Typed::of(&form);
    let done = match own_or_new(&app, &opened, &typed).await {
        Ok(()) => hand_in(&app, &opened, &secret, form, &request).await,
        Err(cause) => Err(cause),
    };
    match done {
        Ok(()) => {
            let said = "Thank you. The program team looks at it and puts it on the list.";
            Ok(see_other_saying(&app, &format!("/speakers/{}", *secret), "yes", said))
        }
        Err(Error::Invalid(wrong)) => page(&app, &asker, &secret, &opened, &typed, &wrong).await,
        Err(Error::Refused { code, message }) => {
            let wrong = [FieldError { field: "file".to_owned(), code, detail: message }];
            page(&app, &asker, &secret, &opened, &typed, &wrong).await
        }
        Err(other) => Err(other),
    }
}

/// A new version is only of something that came by the same link.
async fn own_or_new(app: &App, opened: &Opened, typed: &Typed) -> Result<()> {
    let Some(of) = typed.wanted().of else { return Ok(()) };
    let (session, link) = (opened.session.id.clone(), opened.invitation.id.clone());
    let all = app.read(move |db| of_session(db, &session)).await?;
    let is_own =
        |one: &Whole, id: &MaterialId| one.material.id == *id && one.versions.iter().any(|own| own.invitation_id.as_ref() == Some(&link));
    if all.iter().any(|one| is_own(one, &of)) { Ok(()) } else { Err(Error::NotFound) }
}

async fn hand_in(app: &App, opened: &Opened, secret: &str, form: StreamedForm, request: &HttpRequest) -> Result<()> {
    let (wanted, content) = take(app, Actor::Public, &opened.event, form, request).await?;
    let (event, session, secret) = (opened.event.clone(), opened.session.clone(), secret.to_owned());
    app.write(Actor::Public, move |tx| {
        // Asked again: the link may have been taken back while the file came.
        let invitation = invitations::find(tx.db, &secret, tx.now)?;
        super::add(tx, &event, &session, &wanted, &content, Some(&invitation.id)).map(drop)
    })
    .await
}
