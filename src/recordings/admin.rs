//! Recordings for staff: what is due, a session's recording with its file and captions, publishing and taking back.

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::captions::{self, LANGUAGES, language_words};
use super::rules::{self, Due};
use super::views::DueView;
use super::{attach, file_of, find, publish, published_at, remove, settings, unpublish};
use crate::agenda::{self, Session};
use crate::app::{App, Tx};
use crate::clock::Instant;
use crate::db::Db;
use crate::desk::history::{Names, split_label};
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::http::headers::allow_media_from;
use crate::http::pages::see_other_after;
use crate::http::streamed::StreamedForm;
use crate::http::uploads::PostedFile;
use crate::http::{Page, PostedForm};
use crate::ids::UploadId;
use crate::uploads::admin::Sender;
use crate::uploads::rules::{Purpose, size_words};
use crate::uploads::{New, Upload, taking};

/// The largest file of captions in megabytes; six hours have half of one.
const CAPTIONS: usize = 2;

/// Event and session of an address.
type Named = web::Path<(String, String)>;

/// `GET /staff/events/{event}/recordings`: what is to be recorded, and what is late (REC-1).
pub async fn index(app: web::Data<App>, allowed: Sender) -> Result<HttpResponse> {
    let (own, now) = (allowed.event()?.clone(), app.now());
    let view = app.read(move |db| DueView::build(db, &own, now)).await?;
    Page::new(&app, &allowed.asker, "recordings/due").event(allowed.event()?).render(&view)
}

fn page_of(event: &Event, code: &str) -> String {
    format!("/staff/events/{}/recordings/{code}", event.slug)
}

/// `GET /staff/events/{event}/recordings/{session}`
pub async fn show(app: web::Data<App>, allowed: Sender, path: Named) -> Result<HttpResponse> {
    let (event, now) = (allowed.event()?.clone(), app.now());
    let view = app.read(move |db| one(db, &event, &path.1, now)).await?;
    let mut response = Page::new(&app, &allowed.asker, "recordings/one").event(allowed.event()?).render(&view)?;
    allow_media_from(&mut response, app.storage.origin());
    Ok(response)
}

fn one(db: &mut Db, event: &Event, code: &str, now: Instant) -> Result<Value> {
    let session = agenda::get(db, &event.id, code)?;
    let recording = find(db, &session.id)?;
    let published = recording.as_ref().map(|recording| published_at(db, &recording.id)).transpose()?.flatten();
    let zone = event.zone();
    let due_days = settings::of_event(db, event)?.due_days;
    let on = rules::due_on(event.is_congress(), event.ends_on, session.ends_at.date_in(zone), due_days);
    let (kind, text) = Due::of(session.ends_at, published.is_some(), on, zone, now).chip();
    let (file, tracks) = match &recording {
        Some(recording) => {
            let upload = file_of(db, recording)?;
            let names = Names::of(db, [split_label(&recording.actor)].into_iter())?;
            let tracks = captions::list(db, &recording.id)?;
            (Some(file_view(&upload, &names.of_label(&recording.actor), recording.added_at, event)), tracks)
        }
        None => (None, Vec::new()),
    };
    let tracks: Vec<Value> =
        tracks.iter().map(|(language, cues)| json!({ "language": language, "name": language_words(language), "cues": cues })).collect();
    let languages: Vec<Value> = LANGUAGES.iter().map(|(code, name)| json!({ "value": code, "text": name })).collect();
    let base = page_of(event, &session.code);
    Ok(json!({
        "list": format!("/staff/events/{}/recordings", event.slug), "base": base, "code": session.code, "title": session.title,
        "when": days::span_words(session.starts_at, session.ends_at, zone), "due": days::day_words(on), "chip": { "kind": kind, "text": text },
        "published": published.map(|at| days::instant_words(at, zone)), "file": file, "tracks": tracks, "languages": languages,
        "uploads": format!("/staff/events/{}/uploads", event.slug), "watch": format!("/events/{}/recordings/{}", event.slug, session.code),
        "largest": size_words(Purpose::Recording.largest()), "largest_of_form": size_words(Purpose::Recording.largest_of_form()),
    }))
}

fn file_view(upload: &Upload, who: &str, added_at: Instant, event: &Event) -> Value {
    json!({
        "name": upload.original_name, "size": size_words(upload.size()), "kind": upload.kind().words(), "media_type": upload.kind(),
        "is_sound": upload.kind().is_sound(), "sum": upload.sha256, "who": who, "when": days::instant_words(added_at, event.zone()),
        "is_ours": upload.is_ours,
    })
}

async fn session_of(app: &App, event: &Event, code: &str) -> Result<Session> {
    let (event, code) = (event.id.clone(), code.to_owned());
    app.read(move |db| agenda::get(db, &event, &code)).await
}

/// `POST /staff/events/{event}/recordings/{session}`: the file itself, or the upload that a script has finished.
pub async fn create(app: web::Data<App>, allowed: Sender, path: Named, form: StreamedForm, request: HttpRequest) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let session = session_of(&app, &event, &path.1).await?;
    let done = add(&app, &allowed, (event, session), form, &request).await;
    let said = done.map(|_| "The recording is here. Add captions, look at it, then publish it.");
    see_other_after(&app, &page_of(allowed.event()?, &path.1), said)
}

/// Takes what the form holds; a session that has a recording already is told so before gigabytes come.
async fn add(app: &App, allowed: &Sender, (event, session): (Event, Session), form: StreamedForm, request: &HttpRequest) -> Result<()> {
    let id = session.id.clone();
    if app.read(move |db| super::find(db, &id)).await?.is_some() {
        return Err(super::Refusal::ThereAlready.into());
    }
    if !form.field("upload").is_empty() {
        // Named by the form, so it may be anybody's: refused it stays as it is, and goes after a day when nobody uses it.
        let id = UploadId::from(form.field("upload").to_owned());
        return app.write(allowed.actor(), move |tx| attach(tx, &event, &session, &id).map(drop)).await;
    }
    let upload = taken(app, allowed, &event, form, request).await?;
    let id = upload.clone();
    let done = app.write(allowed.actor(), move |tx| attach(tx, &event, &session, &id).map(drop)).await;
    taking::unwanted(app, allowed.actor(), upload, done).await
}

async fn taken(app: &App, allowed: &Sender, event: &Event, form: StreamedForm, request: &HttpRequest) -> Result<UploadId> {
    let Some(name) = form.file_name.clone() else { return Err(Error::invalid("file", "required", "Choose a file first.")) };
    let largest = Purpose::Recording.largest_of_form();
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > largest) {
        let said =
            format!("Without scripts a file may have {}. Allow scripts for this page to send larger ones in parts.", size_words(largest));
        return Err(Error::invalid("file", "too_large", said));
    }
    let new = New { event: event.id.clone(), purpose: Purpose::Recording, name, size: announced.unwrap_or(largest) };
    Ok(taking::take_whole(app, allowed.actor(), new, form.file()).await?.id)
}

/// The name of an object that is in the storage already.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Known {
    object_key: String,
}

/// `POST /staff/events/{event}/recordings/{session}/object`
pub async fn register(app: web::Data<App>, allowed: Sender, path: Named, PostedForm(known): PostedForm<Known>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let session = session_of(&app, &event, &path.1).await?;
    let done = match taking::look_at(&app, &event.id, Purpose::Recording, &known.object_key).await {
        Ok(lying) => {
            let work = move |tx: &mut Tx<'_>| {
                let upload = lying.enter(tx)?;
                attach(tx, &event, &session, &upload.id)
            };
            app.write(allowed.actor(), work).await
        }
        Err(cause) => Err(cause),
    };
    see_other_after(&app, &page_of(allowed.event()?, &path.1), done.map(|_| "The object is the recording of this session."))
}

/// A button: changes the recording of the session that the address names, and says what came of it.
async fn press<T: Send + 'static>(
    app: &App,
    allowed: &Sender,
    path: &Named,
    said: &str,
    work: impl FnOnce(&mut Tx<'_>, &Event, &Session) -> Result<T> + Send + 'static,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let session = session_of(app, &event, &path.1).await?;
    let done = app.write(allowed.actor(), move |tx| work(tx, &event, &session)).await;
    see_other_after(app, &page_of(allowed.event()?, &path.1), done.map(|_| said))
}

/// A form with nothing but its button.
#[derive(Debug, Default, Deserialize)]
pub struct Pressed {}

/// `POST /staff/events/{event}/recordings/{session}/publication`
pub async fn publish_one(app: web::Data<App>, allowed: Sender, path: Named, _: PostedForm<Pressed>) -> Result<HttpResponse> {
    press(&app, &allowed, &path, "Published. Whoever may watch it gets a letter.", publish).await
}

/// `POST /staff/events/{event}/recordings/{session}/publication/removal`
pub async fn unpublish_one(app: web::Data<App>, allowed: Sender, path: Named, _: PostedForm<Pressed>) -> Result<HttpResponse> {
    press(&app, &allowed, &path, "Taken back. Nobody can watch it now; nobody is mailed twice when you publish it again.", unpublish).await
}

/// `POST /staff/events/{event}/recordings/{session}/removal`
pub async fn remove_one(app: web::Data<App>, allowed: Sender, path: Named, _: PostedForm<Pressed>) -> Result<HttpResponse> {
    press(&app, &allowed, &path, "The recording is removed.", |tx, event, session| remove(tx, event, session, "removed by staff")).await
}

/// `POST /staff/events/{event}/recordings/{session}/captions`: what is wrong with a file is said with its line.
pub async fn create_captions(app: web::Data<App>, allowed: Sender, path: Named, form: PostedFile<CAPTIONS>) -> Result<HttpResponse> {
    let language = form.fields.get("language").cloned().unwrap_or_default();
    let read = match form.bytes.is_empty() {
        true => Err(Error::invalid("captions", "required", "Choose the file with the captions first.")),
        false => rules::captions::read(&form.bytes).map_err(|wrong| Error::invalid("captions", "malformed", format!("Captions: {wrong}"))),
    };
    press(&app, &allowed, &path, "The captions are right and stand under the recording.", move |tx, event, session| {
        captions::save(tx, event, session, &language, read?)
    })
    .await
}

/// Captions in one language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct InLanguage {
    language: String,
}

/// `POST /staff/events/{event}/recordings/{session}/captions/removal`
pub async fn remove_captions(
    app: web::Data<App>,
    allowed: Sender,
    path: Named,
    PostedForm(given): PostedForm<InLanguage>,
) -> Result<HttpResponse> {
    press(&app, &allowed, &path, "The captions are removed.", move |tx, event, session| {
        captions::remove(tx, event, session, &given.language)
    })
    .await
}
