//! Pages for rooms and tracks.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::forms_admin::{Field, FormPage, ListPage, Row, group, outcome, to};
use crate::agenda::{self, Known, Room, RoomDraft, Track, TrackDraft};
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::see_other_saying;

type Editor = Allowed<permit::EditAgenda>;

/// What the agenda has, for lists and forms.
pub(super) async fn known_of(app: &App, event: &Event) -> Result<Known> {
    let id = event.id.clone();
    app.read(move |db| Known::load(db, &id)).await
}

fn session_count(count: usize) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

/// `GET /staff/events/{event}/setup/rooms`
pub async fn rooms(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let known = known_of(&app, event).await?;
    let rows = known.rooms.iter().map(|room| {
        let used = known.sessions.iter().filter(|session| session.room_id.as_ref() == Some(&room.id)).count();
        Row {
            href: to(event, &format!("setup/rooms/{}", room.code)),
            title: room.name.clone(),
            sub: room.code.clone(),
            cells: vec![room.capacity.map(|seats| seats.to_string()).unwrap_or_default(), session_count(used)],
            chip: ("", String::new()),
        }
    });
    let page = ListPage {
        title: "Rooms",
        tab: "Rooms",
        columns: vec!["Room", "Places", "Used by"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/rooms/new"), "Add a room")],
        empty: "Add the rooms that sessions are in.",
        ..ListPage::default()
    };
    page.render(&app, &allowed.asker, event)
}

/// `GET /staff/events/{event}/setup/rooms/new`
pub async fn new_room(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let event = allowed.event()?;
    room_form(event, &RoomDraft::default(), None).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/rooms`
pub async fn create_room(app: web::Data<App>, allowed: Editor, PostedForm(typed): PostedForm<RoomDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let mut known = Known::load(tx.db, &own.id)?;
        agenda::add_room(tx, &own, &draft, &mut known)
    });
    match outcome(&app, done.await, &to(event, "setup/rooms"), "The room is there.")? {
        Ok(done) => Ok(done),
        Err(errors) => room_form(event, &typed, None).render(&app, &allowed.asker, Some(event), &errors),
    }
}

async fn room_of(app: &App, event: &Event, path: (String, String)) -> Result<Room> {
    known_of(app, event).await?.rooms.into_iter().find(|room| room.code == path.1).ok_or(Error::NotFound)
}

/// `GET /staff/events/{event}/setup/rooms/{room}`
pub async fn edit_room(app: web::Data<App>, allowed: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let room = room_of(&app, event, path.into_inner()).await?;
    room_form(event, &RoomDraft::of(&room), Some(&room)).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/rooms/{room}`
pub async fn update_room(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<RoomDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let room = room_of(&app, event, path.into_inner()).await?;
    let (own, before, draft) = (event.id.clone(), room.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let mut known = Known::load(tx.db, &own)?;
        agenda::change_room(tx, &before, &draft, &mut known)
    });
    match outcome(&app, done.await, &to(event, "setup/rooms"), "The room is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => room_form(event, &typed, Some(&room)).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// `POST /staff/events/{event}/setup/rooms/{room}/removal`
pub async fn delete_room(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let room = room_of(&app, event, path.into_inner()).await?;
    let removed = app.write(allowed.actor(), move |tx| agenda::remove_room(tx, &room)).await;
    back_to(&app, &to(event, "setup/rooms"), removed, "The room is removed.")
}

fn back_to(app: &App, list: &str, removed: Result<()>, said: &str) -> Result<HttpResponse> {
    match removed {
        Ok(()) => Ok(see_other_saying(app, list, "yes", said)),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(app, list, "no", &message)),
        Err(other) => Err(other),
    }
}

fn room_form(event: &Event, draft: &RoomDraft, room: Option<&Room>) -> FormPage {
    let own = room.map(|room| to(event, &format!("setup/rooms/{}", room.code)));
    let fields = vec![
        Field::text("name", "Name", &draft.name).hint("As it stands on the door, such as Alder Room, level 1.").required(),
        Field::code("code", "Code", &draft.code).hint("Short, for links and files, such as alder.").required(),
        Field::whole("capacity", "Places", &draft.capacity).optional(),
        Field::whole("position", "Order", &draft.position).optional(),
    ];
    FormPage {
        title: if room.is_some() { "Change a room" } else { "Add a room" }.to_owned(),
        lead: if room.is_some() { "A new name reaches the calendars of everyone in its sessions." } else { "" }.to_owned(),
        back: (to(event, "setup/rooms"), "Rooms".to_owned()),
        action: own.clone().unwrap_or_else(|| to(event, "setup/rooms")),
        button: "Save",
        groups: vec![group("", fields)],
        other: own.map(|own| (format!("{own}/removal"), "Remove the room", "A room can be removed while no session is in it.", None)),
        ..FormPage::default()
    }
}

/// `GET /staff/events/{event}/setup/tracks`
pub async fn tracks(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let known = known_of(&app, event).await?;
    let rows = known.tracks.iter().map(|track| {
        let used = known.sessions.iter().filter(|session| session.track_id.as_ref() == Some(&track.id)).count();
        Row {
            href: to(event, &format!("setup/tracks/{}", track.code)),
            title: track.name.clone(),
            sub: track.code.clone(),
            cells: vec![session_count(used)],
            chip: ("", String::new()),
        }
    });
    let page = ListPage {
        title: "Tracks",
        tab: "Tracks",
        columns: vec!["Track", "Used by"],
        rows: rows.collect(),
        links: vec![(to(event, "setup/tracks/new"), "Add a track")],
        empty: "Tracks are the areas of the program that people filter the agenda by. An event can do without.",
        ..ListPage::default()
    };
    page.render(&app, &allowed.asker, event)
}

/// `GET /staff/events/{event}/setup/tracks/new`
pub async fn new_track(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let event = allowed.event()?;
    track_form(event, &TrackDraft::default(), None).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/tracks`
pub async fn create_track(app: web::Data<App>, allowed: Editor, PostedForm(typed): PostedForm<TrackDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let mut known = Known::load(tx.db, &own.id)?;
        agenda::add_track(tx, &own, &draft, &mut known)
    });
    match outcome(&app, done.await, &to(event, "setup/tracks"), "The track is there.")? {
        Ok(done) => Ok(done),
        Err(errors) => track_form(event, &typed, None).render(&app, &allowed.asker, Some(event), &errors),
    }
}

async fn track_of(app: &App, event: &Event, path: (String, String)) -> Result<Track> {
    known_of(app, event).await?.tracks.into_iter().find(|track| track.code == path.1).ok_or(Error::NotFound)
}

/// `GET /staff/events/{event}/setup/tracks/{track}`
pub async fn edit_track(app: web::Data<App>, allowed: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let track = track_of(&app, event, path.into_inner()).await?;
    track_form(event, &TrackDraft::of(&track), Some(&track)).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/setup/tracks/{track}`
pub async fn update_track(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<TrackDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let track = track_of(&app, event, path.into_inner()).await?;
    let (own, before, draft) = (event.id.clone(), track.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let mut known = Known::load(tx.db, &own)?;
        agenda::change_track(tx, &before, &draft, &mut known)
    });
    match outcome(&app, done.await, &to(event, "setup/tracks"), "The track is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => track_form(event, &typed, Some(&track)).render(&app, &allowed.asker, Some(event), &errors),
    }
}

/// `POST /staff/events/{event}/setup/tracks/{track}/removal`
pub async fn delete_track(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let track = track_of(&app, event, path.into_inner()).await?;
    let removed = app.write(allowed.actor(), move |tx| agenda::remove_track(tx, &track)).await;
    back_to(&app, &to(event, "setup/tracks"), removed, "The track is removed.")
}

fn track_form(event: &Event, draft: &TrackDraft, track: Option<&Track>) -> FormPage {
    let own = track.map(|track| to(event, &format!("setup/tracks/{}", track.code)));
    let fields = vec![
        Field::text("name", "Name", &draft.name).required(),
        Field::code("code", "Code", &draft.code).hint("Short, for links and files, such as culture.").required(),
        Field::whole("position", "Order", &draft.position).optional(),
    ];
    FormPage {
        title: if track.is_some() { "Change a track" } else { "Add a track" }.to_owned(),
        back: (to(event, "setup/tracks"), "Tracks".to_owned()),
        action: own.clone().unwrap_or_else(|| to(event, "setup/tracks")),
        button: "Save",
        groups: vec![group("", fields)],
        other: own.map(|own| (format!("{own}/removal"), "Remove the track", "A track can be removed while no session is in it.", None)),
        ..FormPage::default()
    }
}
