//! Pages for sessions: the list, a new one, changing and canceling one (AGD-1, ENR-7).

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::forms_admin::{Choice, Field, FormPage, Group, ListPage, Row, choices, group, outcome, row, to};
use super::places_admin::known_of;
use super::sessions;
use crate::agenda::{self, Kind, Known, Session, SessionDraft};
use crate::app::App;
use crate::enrollment::queries::{Seats, seats};
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules};
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::pssm;

type Editor = Allowed<permit::EditAgenda>;

/// What the list is searched for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /staff/events/{event}/sessions`
pub async fn index(app: web::Data<App>, allowed: Editor, search: web::Query<Search>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let known = known_of(&app, event).await?;
    let id = event.id.clone();
    let taken = app.read(move |db| seats(db, &id)).await?;
    let q = search.into_inner().q.trim().to_lowercase();
    let rows = known.sessions.iter().map(|session| list_row(event, session, &known, taken.get(&session.id)));
    let fits = |row: &Row| {
        let all = format!("{} {} {}", row.title, row.sub, row.cells.join(" ")).to_lowercase();
        q.split_whitespace().all(|word| all.contains(word))
    };
    let page = ListPage {
        title: "Sessions",
        tab: "Sessions",
        columns: vec!["Session", "When", "Room", "Kind", "Seats"],
        rows: rows.filter(fits).collect(),
        links: vec![
            (to(event, "sessions/new"), "Add a session"),
            (to(event, "setup/schedule"), "Import a schedule file"),
            ("/staff/pssm".to_owned(), "Safety measure"),
        ],
        empty: "Add sessions one by one, or import a schedule file from the program committee's software.",
        search: Some(q).filter(|_| !known.sessions.is_empty()),
        ..ListPage::default()
    };
    page.render(&app, &allowed.asker, event)
}

fn list_row(event: &Event, session: &Session, known: &Known, seats: Option<&Seats>) -> Row {
    let room = known.rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref());
    let (taken, waiting) = seats.map_or((0, 0), |seats| (seats.taken, seats.waiting));
    let line = if waiting > 0 { format!(", {waiting} waiting") } else { String::new() };
    let seats = match session.capacity {
        Some(capacity) if session.registration_required => format!("{taken} of {capacity}{line}"),
        None if session.registration_required => format!("{taken}{line}"),
        _ => "Open".to_owned(),
    };
    Row {
        href: to(event, &format!("sessions/{}", session.code)),
        title: session.title.clone(),
        sub: session.code.clone(),
        cells: vec![
            rules::span_words(session.starts_at, session.ends_at, event.zone()),
            room.map(|room| room.name.clone()).unwrap_or_default(),
            session.kind.words().to_owned(),
            seats,
        ],
        chip: if session.canceled_at.is_some() { ("no", "Canceled".to_owned()) } else { ("", String::new()) },
    }
}

/// `GET /staff/events/{event}/sessions/new`
pub async fn new(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let known = known_of(&app, event).await?;
    let draft = SessionDraft { date: event.starts_on.to_string(), ..SessionDraft::default() };
    render(&app, &allowed, form(event, &draft, None, &known), &[]).await
}

/// `POST /staff/events/{event}/sessions`
pub async fn create(app: web::Data<App>, allowed: Editor, PostedForm(typed): PostedForm<SessionDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| {
        let mut known = Known::load(tx.db, &own.id)?;
        agenda::add_session(tx, &own, &draft, &mut known)
    });
    match outcome(&app, done.await, &to(event, "sessions"), "The session is on the agenda.")? {
        Ok(done) => Ok(done),
        Err(errors) => {
            let known = known_of(&app, event).await?;
            render(&app, &allowed, form(event, &typed, None, &known), &errors).await
        }
    }
}

fn session_in(known: &Known, code: &str) -> Result<Session> {
    known.sessions.iter().find(|session| session.code == code).cloned().ok_or(Error::NotFound)
}

/// `GET /staff/events/{event}/sessions/{session}`
pub async fn edit(app: web::Data<App>, allowed: Editor, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let known = known_of(&app, event).await?;
    let session = session_in(&known, &path.into_inner().1)?;
    let draft = SessionDraft::of(&session, event.zone(), &known);
    render(&app, &allowed, form(event, &draft, Some(&session), &known), &[]).await
}

/// `POST /staff/events/{event}/sessions/{session}`
pub async fn update(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<SessionDraft>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft, code) = (event.clone(), typed.clone(), path.into_inner().1);
    let wanted = code.clone();
    let done = app.write(allowed.actor(), move |tx| {
        let mut known = Known::load(tx.db, &own.id)?;
        let before = session_in(&known, &wanted)?;
        sessions::change(tx, &own, &before, &draft, &mut known)
    });
    let said = "The session is saved. A new time or room is mailed to everyone in it.";
    match outcome(&app, done.await, &to(event, "sessions"), said)? {
        Ok(done) => Ok(done),
        Err(errors) => {
            let known = known_of(&app, event).await?;
            let session = session_in(&known, &code)?;
            render(&app, &allowed, form(event, &typed, Some(&session), &known), &errors).await
        }
    }
}

/// What the canceling form sends.
#[derive(Deserialize)]
pub struct Cancellation {
    #[serde(default)]
    reason: String,
}

/// `POST /staff/events/{event}/sessions/{session}/cancellation`
pub async fn cancel(
    app: web::Data<App>,
    allowed: Editor,
    path: web::Path<(String, String)>,
    PostedForm(given): PostedForm<Cancellation>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let known = known_of(&app, event).await?;
    let session = session_in(&known, &path.into_inner().1)?;
    let (before, reason) = (session.clone(), given.reason.clone());
    let done = app.write(allowed.actor(), move |tx| sessions::cancel(tx, &before, &reason)).await;
    match outcome(&app, done, &to(event, "sessions"), "The session is canceled, and everyone in it is told why.")? {
        Ok(done) => Ok(done),
        Err(errors) => {
            let draft = SessionDraft::of(&session, event.zone(), &known);
            render(&app, &allowed, form(event, &draft, Some(&session), &known), &errors).await
        }
    }
}

/// The form with the words of the safety measure's codes under it.
async fn render(app: &App, allowed: &Editor, page: FormPage, errors: &[FieldError]) -> Result<HttpResponse> {
    let (event, of) = (allowed.event()?, allowed.event()?.clone());
    let measure = app.read(move |db| pssm::of_event(db, &of)).await?;
    let terms = measure.all().map(|(code, words)| (code.to_owned(), words.to_owned())).collect();
    let glossary = Some((format!("The codes of the {}", measure.version.framework), terms));
    FormPage { glossary, ..page }.render(app, &allowed.asker, Some(event), errors)
}

fn form(event: &Event, draft: &SessionDraft, session: Option<&Session>, known: &Known) -> FormPage {
    let own = session.map(|session| to(event, &format!("sessions/{}", session.code)));
    let reason = Field::lines("reason", "Reason", "", 2).hint("Everyone in the session reads it.").required();
    let live = session.is_some_and(|session| session.canceled_at.is_none());
    let cancel = own.clone().filter(|_| live).map(|own| {
        let text = "Canceling tells everyone enrolled or waiting, and cannot be undone.";
        (format!("{own}/cancellation"), "Cancel this session", text, Some(reason))
    });
    let lead = match session {
        Some(session) if session.canceled_at.is_some() => "This session is canceled.",
        Some(_) => "A new time or room is mailed to everyone in the session. Fewer seats take nobody's seat away.",
        None => "",
    };
    FormPage {
        title: session.map_or_else(|| "Add a session".to_owned(), |session| format!("{} · {}", session.code, session.title)),
        lead: lead.to_owned(),
        back: (to(event, "sessions"), "Sessions".to_owned()),
        action: own.unwrap_or_else(|| to(event, "sessions")),
        button: "Save",
        groups: vec![
            what_fields(draft),
            when_fields(draft),
            where_fields(draft, known),
            seat_fields(event, draft),
            rest_fields(draft, session, known),
            measure_fields(draft),
        ],
        other: cancel,
        ..FormPage::default()
    }
}

fn what_fields(draft: &SessionDraft) -> Group {
    group(
        "What it is",
        vec![
            Field::text("title", "Title", &draft.title).required(),
            Field::code("code", "Code", &draft.code).hint("Short and unique, such as B1; it stands on agendas and doors.").required(),
            Field::select("kind", "Kind", choices(Kind::ALL.iter().map(|kind| (kind.as_str(), kind.words())), &draft.kind)),
            Field::lines("abstract", "Abstract", &draft.abstract_text, 6).optional(),
            Field::lines("speakers", "Speakers", &draft.speakers, 3).hint("One a line: name, credentials, role.").optional(),
        ],
    )
}

fn when_fields(draft: &SessionDraft) -> Group {
    row(
        "When",
        vec![
            Field::day("date", "Day", &draft.date).required(),
            Field::time("starts", "Starts", &draft.starts).hint("Local time of the event.").required(),
            Field::time("ends", "Ends", &draft.ends).required(),
            Field::day("ends_date", "Day it ends", &draft.ends_date).hint("Only when it ends after midnight.").optional(),
        ],
    )
}

fn where_fields(draft: &SessionDraft, known: &Known) -> Group {
    let rooms = [("", "None")].into_iter().chain(known.rooms.iter().map(|room| (room.code.as_str(), room.name.as_str())));
    let tracks = [("", "None")].into_iter().chain(known.tracks.iter().map(|track| (track.code.as_str(), track.name.as_str())));
    row(
        "Where",
        vec![Field::select("room", "Room", choices(rooms, &draft.room)), Field::select("track", "Track", choices(tracks, &draft.track))],
    )
}

fn seat_fields(event: &Event, draft: &SessionDraft) -> Group {
    group(
        "Seats",
        vec![
            Field::check("registration_required", "A seat has to be chosen", draft.registration_required),
            Field::check("included", "Everyone covered is in it without choosing, such as a keynote", draft.included),
            Field::whole("capacity", "Seats", &draft.capacity).hint("Empty: as many as come.").optional(),
            Field::price("price", &format!("Its own price in {}", event.currency), &draft.price)
                .hint("Empty: part of what people register for.")
                .optional(),
            Field::check("discountable", "Discounts apply to its price", draft.discountable),
        ],
    )
}

fn measure_fields(draft: &SessionDraft) -> Group {
    let about = Field::text("pssm", "It is about", &draft.pssm)
        .hint("Codes of statements such as 4D, or 4 for the whole domain; several with spaces between.")
        .optional();
    let also = Field::text("pssm_also", "It touches besides", &draft.pssm_also).hint("The same codes, where they matter less.").optional();
    row("Patient Safety Structural Measure", vec![about, also])
}

fn rest_fields(draft: &SessionDraft, session: Option<&Session>, known: &Known) -> Group {
    let none = Choice { value: String::new(), text: "No other session".to_owned(), selected: draft.repeats.is_empty(), checked: false };
    let originals =
        known.sessions.iter().filter(|other| other.repeats_session_id.is_none() && session.is_none_or(|own| own.id != other.id));
    let mut options = vec![none];
    options.extend(choices(originals.map(|other| (other.code.clone(), format!("{} · {}", other.code, other.title))), &draft.repeats));
    group("More", vec![Field::check("recorded", "It is recorded", draft.recorded), Field::select("repeats", "It repeats", options)])
}
