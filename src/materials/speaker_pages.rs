//! A speaker's own page, by the link that staff gave out: no sign-in, one session, and nothing of anybody else.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::invitations::{self, Invitation};
use super::taking_pages::{Typed, take, taken_or_gone};
use super::views::content_words;
use super::{Version, Whole, files_of, of_session};
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
    let speaker = invitation.speaker.clone();
    let (all, files, links) = app
        .read(move |db| {
            let all = of_session(db, &id)?;
            let files = files_of(db, all.iter().flat_map(|one| &one.versions))?;
            Ok((all, files, invitations::of_speaker(db, &id, &speaker)?))
        })
        .await?;
    // What this speaker sent, also by a link that was replaced; what others did is theirs.
    let by_speaker = |version: &&Version| version.invitation_id.as_ref().is_some_and(|id| links.contains(id));
    let own: Vec<&Whole> = all.iter().filter(|one| one.versions.iter().any(|version| by_speaker(&version))).collect();
    let sent = |one: &&Whole| -> Vec<Value> {
        let versions = one.versions.iter().filter(by_speaker);
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

/// A new version is only of something that came from the same speaker.
async fn own_or_new(app: &App, opened: &Opened, typed: &Typed) -> Result<()> {
    let Some(of) = typed.wanted().of else { return Ok(()) };
    let (session, speaker) = (opened.session.id.clone(), opened.invitation.speaker.clone());
    let (all, links) = app.read(move |db| Ok((of_session(db, &session)?, invitations::of_speaker(db, &session, &speaker)?))).await?;
    let by_speaker = |version: &Version| version.invitation_id.as_ref().is_some_and(|id| links.contains(id));
    let is_own = |one: &Whole, id: &MaterialId| one.material.id == *id && one.versions.iter().any(by_speaker);
    if all.iter().any(|one| is_own(one, &of)) { Ok(()) } else { Err(Error::NotFound) }
}

async fn hand_in(app: &App, opened: &Opened, secret: &str, form: StreamedForm, request: &HttpRequest) -> Result<()> {
    let (id, secret) = (opened.session.id.clone(), secret.to_owned());
    app.read(move |db| super::check_count(db, &id)).await?;
    let (wanted, content) = take(app, Actor::Public, &opened.event, form, request).await?;
    let (event, session, handed_in) = (opened.event.clone(), opened.session.clone(), content.clone());
    let done = app.write(Actor::Public, move |tx| {
        // Asked again: the link may have been taken back while the file came.
        let invitation = invitations::find(tx.db, &secret, tx.now)?;
        super::add(tx, &event, &session, &wanted, &content, Some(&invitation.id)).map(drop)
    });
    taken_or_gone(app, Actor::Public, handed_in, done.await).await
}
