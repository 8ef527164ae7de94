//! The public agenda: a day at a time, filtered in the address, and a session's own page.

use std::collections::HashMap;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::Serialize;

use super::Session;
use super::cards::{Card, Chip, Deck};
use super::export::{self, Format};
use super::filters::{Choices, Filter, Link, choices};
use super::queries::{self, Listed};
use super::rules;
use crate::app::App;
use crate::clock::Instant;
use crate::credits::views::{self as credit, Notes};
use crate::db::Db;
use crate::enrollment::queries::{self as enrollments, Seats, Standing};
use crate::error::Result;
use crate::events::Event;
use crate::events::rules as words;
use crate::http::Caller;
use crate::http::rendered::public_page;
use crate::ids::SessionId;
use crate::people::Person;
use crate::pssm::{self, rules::Weight};
use crate::registration::{self, Registration};

/// `GET /events/{event}/agenda?day=&track=&kind=&room=&domain=`.
pub async fn index(request: HttpRequest, filter: web::Query<Filter>) -> Result<HttpResponse> {
    let filter = filter.into_inner();
    let query = filter.query();
    public_page(&request, "agenda/index", &query, move |db, event, now, person| DayView::build(db, event, now, person, &filter)).await
}

/// `GET /events/{event}/sessions/{session}`.
pub async fn show(request: HttpRequest, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    public_page(&request, "agenda/show", "", move |db, event, now, person| SessionView::build(db, event, now, person, &code)).await
}

/// `GET /events/{event}/agenda.ics`: every session as a calendar.
pub async fn calendar(app: web::Data<App>, caller: Caller, slug: web::Path<String>) -> Result<HttpResponse> {
    export(app, caller, slug, Format::Ics).await
}

/// `GET /events/{event}/schedule.json`.
pub async fn schedule_json(app: web::Data<App>, caller: Caller, slug: web::Path<String>) -> Result<HttpResponse> {
    export(app, caller, slug, Format::Json).await
}

/// `GET /events/{event}/schedule.xml`.
pub async fn schedule_xml(app: web::Data<App>, caller: Caller, slug: web::Path<String>) -> Result<HttpResponse> {
    export(app, caller, slug, Format::Xml).await
}

async fn export(app: web::Data<App>, caller: Caller, slug: web::Path<String>, format: Format) -> Result<HttpResponse> {
    let (now, base_url) = (app.now(), app.site.config.base_url.clone());
    let file = app
        .read(move |db| {
            let event = crate::events::api::visible(db, &slug, &caller)?;
            export::file(db, &event, format, &base_url, now)
        })
        .await?;
    let name = format!("inline; filename=\"{}\"", format.file_name());
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-cache")).insert_header((CONTENT_DISPOSITION, name));
    Ok(response.content_type(format.content_type()).body(file))
}

#[derive(Serialize)]
struct DayView {
    slug: String,
    heading: String,
    days: Vec<Link>,
    choices: Choices,
    slots: Vec<Slot>,
    told: String,
    is_empty: bool,
    /// Some session carries a part of the safety measure.
    has_measure: bool,
    is_filtered: bool,
    /// What the filters are set to, in words.
    chosen: String,
    unfiltered: String,
    viewer: Viewer,
    /// The statement of accreditation (CEU-9).
    accreditation: Option<String>,
}

/// Sessions that start together.
#[derive(Serialize)]
struct Slot {
    /// The day above the first of its slots, where several days are on one page.
    day: Option<String>,
    at: String,
    from: String,
    until: Option<String>,
    sessions: Vec<Card>,
}

/// What an agenda offers to whoever looks at it.
#[derive(Serialize)]
struct Viewer {
    is_registered: bool,
    /// Where the own sessions are changed.
    sessions: String,
    may_register: bool,
}

impl Viewer {
    fn of(event: &Event, now: Instant, own: Option<&Registration>) -> Self {
        Self {
            is_registered: own.is_some(),
            sessions: own.map(|own| format!("/my/{}/sessions", own.code)).unwrap_or_default(),
            may_register: own.is_none() && now < event.ends_at(),
        }
    }
}

impl DayView {
    fn build(db: &mut Db, event: &Event, now: Instant, person: Option<&Person>, filter: &Filter) -> Result<Self> {
        let zone = event.zone();
        let days = queries::days(db, &event.id, zone)?;
        // The few webinars of a series are far apart: they stand on one page.
        let shown = if event.is_congress() { rules::day_to_show(&days, filter.day(), now.date_in(zone)) } else { None };
        let span = shown.or(days.first().copied()).zip(shown.or(days.last().copied()));
        let listed = match span {
            Some((first, last)) => queries::between(db, &event.id, Instant::start_of_day(first, zone), words::end_of_day(last, zone))?,
            None => Vec::new(),
        };
        let (rooms, tracks) = (super::rooms(db, &event.id)?, super::tracks(db, &event.id)?);
        let filter = filter.on(shown);
        let choices = choices(&filter, &listed, &rooms, &tracks, &pssm::of_event(db, event)?);
        let fits = filter.matcher(&rooms, &tracks);
        let kept: Vec<&Listed> = listed.iter().filter(|session| fits(session)).collect();

        let seats = enrollments::seats(db, &event.id)?;
        let registration = own_registration(db, event, person)?;
        let own = standings(db, registration.as_ref())?;
        let deck = Deck::new(event, &rooms, &tracks);
        let cards = kept.iter().map(|session| {
            let Seats { taken, waiting } = seats.get(&session.id).copied().unwrap_or_default();
            marked(deck.card(session, taken, waiting), session, &own)
        });
        let count = kept.len();
        let accreditation = credit::accreditation(db, event)?;
        let slots = slots(kept.iter().copied().zip(cards), event, shown.is_none());
        Ok(Self {
            slug: event.slug.clone(),
            heading: shown.map_or_else(|| "Agenda".to_owned(), |day| format!("Agenda, {}", words::day_words(day))),
            days: if shown.is_some() { day_links(&days, &filter, shown) } else { Vec::new() },
            told: format!("{count} session{}. Times are {}.", if count == 1 { "" } else { "s" }, words::zone_words(zone)),
            is_empty: days.is_empty(),
            has_measure: listed.iter().any(|session| !session.pssm.is_empty() || !session.pssm_also.is_empty()),
            is_filtered: filter.is_narrow(),
            chosen: choices.iter().filter_map(|choice| choice.chosen.clone()).collect::<Vec<_>>().join(", "),
            unfiltered: filter.day_only().href(),
            choices,
            slots,
            viewer: Viewer::of(event, now, registration.as_ref()),
            accreditation,
        })
    }
}

/// The confirmed registration of who looks, for this event.
fn own_registration(db: &mut Db, event: &Event, person: Option<&Person>) -> Result<Option<Registration>> {
    let Some(person) = person else { return Ok(None) };
    let all = registration::of_person(db, &person.id)?;
    Ok(all.into_iter().find(|own| own.event_id == event.id && own.status == registration::Status::Confirmed))
}

/// What each session is to who looks.
type Standings = HashMap<SessionId, Standing>;

fn standings(db: &mut Db, registration: Option<&Registration>) -> Result<Standings> {
    let Some(registration) = registration else { return Ok(Standings::new()) };
    let items = enrollments::my_agenda(db, registration)?;
    Ok(items.into_iter().map(|item| (item.session.id, item.standing)).collect())
}

/// The card with what the session is to who looks at it.
fn marked(mut card: Card, session: &Listed, own: &Standings) -> Card {
    if let Some(standing) = own.get(&session.id).filter(|_| !card.canceled) {
        card.chip = Some(chip(*standing));
        card.mine = true;
    }
    card
}

fn chip(standing: Standing) -> Chip {
    let kind = if matches!(standing, Standing::Waiting(_)) { "wait" } else { "yes" };
    Chip::new(kind, standing.words())
}

fn day_links(days: &[NaiveDate], filter: &Filter, shown: Option<NaiveDate>) -> Vec<Link> {
    days.iter()
        .map(|day| Link { text: day.format("%a %-d %b").to_string(), href: filter.on(Some(*day)).href(), current: Some(*day) == shown })
        .collect()
}

fn slots<'a>(cards: impl Iterator<Item = (&'a Listed, Card)>, event: &Event, with_days: bool) -> Vec<Slot> {
    let zone = event.zone();
    let mut slots: Vec<Slot> = Vec::new();
    let (mut start, mut ends): (Option<Instant>, Option<Instant>) = (None, None);
    for (session, card) in cards {
        if start != Some(session.starts_at) {
            let day = session.starts_at.date_in(zone);
            let is_new_day = start.is_none_or(|before| before.date_in(zone) != day);
            slots.push(Slot {
                day: (with_days && is_new_day).then(|| words::day_words(day)),
                at: session.starts_at.rfc3339_in(zone),
                from: words::time_words(session.starts_at, zone),
                until: None,
                sessions: Vec::new(),
            });
            (start, ends) = (Some(session.starts_at), Some(session.ends_at));
        }
        // The end is told once where all that start together also end together.
        ends = ends.filter(|end| *end == session.ends_at);
        if let Some(slot) = slots.last_mut() {
            slot.until = ends.map(|end| words::time_words(end, zone));
            slot.sessions.push(card);
        }
    }
    slots
}

#[derive(Serialize)]
struct SessionView {
    slug: String,
    code: String,
    title: String,
    kind: &'static str,
    canceled: bool,
    day_href: String,
    at: String,
    when: String,
    room: Option<String>,
    track: Option<String>,
    seats: Option<String>,
    of_capacity: Option<i32>,
    price: Option<String>,
    no_credit: bool,
    /// Credit, disclosures and the statement of accreditation (CEU-9).
    notes: Notes,
    recorded: bool,
    /// Statements of the safety measure that it is about.
    measure: Vec<Statement>,
    abstract_text: String,
    speakers: Vec<Speaker>,
    repeats: Vec<Card>,
    chip: Option<Chip>,
    registration_required: bool,
    viewer: Viewer,
}

/// A domain or statement of the safety measure.
#[derive(Serialize)]
struct Statement {
    code: &'static str,
    words: String,
    touches: bool,
}

#[derive(Serialize)]
struct Speaker {
    name: String,
    post: String,
}

impl SessionView {
    fn build(db: &mut Db, event: &Event, now: Instant, person: Option<&Person>, code: &str) -> Result<Self> {
        let session = super::get(db, &event.id, code)?;
        let zone = event.zone();
        let deck = Deck::new(event, &super::rooms(db, &event.id)?, &super::tracks(db, &event.id)?);
        let seats = enrollments::seats(db, &event.id)?;
        let of = |id: &SessionId| seats.get(id).copied().unwrap_or_default();
        let here = of(&session.id);
        let registration = own_registration(db, event, person)?;
        let own = standings(db, registration.as_ref())?;
        let repeats = queries::repeats(db, &session)?;
        let repeats = repeats.iter().map(|other| {
            let mut card = marked(deck.card(other, of(&other.id).taken, of(&other.id).waiting), other, &own);
            card.time = words::span_words(other.starts_at, other.ends_at, zone);
            card
        });
        let canceled = session.canceled_at.is_some();
        let notes = credit::notes(db, event, &session)?;
        Ok(Self {
            slug: event.slug.clone(),
            kind: session.kind.words(),
            canceled,
            day_href: format!("/events/{}/agenda?day={}", event.slug, session.starts_at.date_in(zone)),
            at: session.starts_at.rfc3339_in(zone),
            when: format!("{} {}", words::span_words(session.starts_at, session.ends_at, zone), words::zone_words(zone)),
            room: deck.room(session.room_id.as_ref()),
            track: deck.track(session.track_id.as_ref()),
            seats: rules::seats_words(session.registration_required, session.capacity, here.taken, here.waiting).filter(|_| !canceled),
            of_capacity: session.capacity.filter(|_| session.registration_required),
            price: deck.price(session.price_cents, session.included),
            no_credit: session.kind == super::Kind::InnovationTheater && notes.credit.is_none(),
            notes,
            recorded: session.recorded,
            measure: statements(db, event, &session)?,
            speakers: speakers(&session.speakers),
            repeats: repeats.collect(),
            chip: own.get(&session.id).copied().map(chip).filter(|_| !canceled),
            registration_required: session.registration_required,
            viewer: Viewer::of(event, now, registration.as_ref()),
            code: session.code,
            title: session.title,
            abstract_text: session.abstract_text,
        })
    }
}

fn statements(db: &mut Db, event: &Event, session: &Session) -> Result<Vec<Statement>> {
    let named = pssm::rules::about(&session.pssm, &session.pssm_also);
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let catalogue = pssm::of_event(db, event)?;
    let statement = |(code, weight): (&'static str, Weight)| {
        let words = catalogue.words_of(code).unwrap_or_default().to_owned();
        Statement { code, words, touches: weight == Weight::Secondary }
    };
    Ok(named.into_iter().map(statement).collect())
}

fn speakers(lines: &str) -> Vec<Speaker> {
    let speaker = |line: &str| {
        let (name, post) = line.split_once(',').unwrap_or((line, ""));
        Speaker { name: name.trim().to_owned(), post: post.trim().to_owned() }
    };
    lines.lines().filter(|line| !line.trim().is_empty()).map(speaker).collect()
}
