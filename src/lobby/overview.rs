//! What the lobby shows one person: news, now and next, their sessions, today's places, and the help desk.

use serde::Serialize;

use super::audience::attending;
use super::personal::Sheet;
use super::rules::now_and_next;
use super::{announcements, questions, recordings};
use crate::agenda::cards::{Card, Chip};
use crate::agenda::queries::Listed;
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::queries::{AgendaItem, Coverage, Standing, my_agenda};
use crate::error::{Error, Result};
use crate::events::{self, Event, rules as days};
use crate::ids::RegistrationId;
use crate::materials::views::ListView;
use crate::portal::views::{DayOfCards, Wifi, by_day, deck, own_card};
use crate::registration::{Registration, Status};

/// The lobby's fields.
#[derive(Debug, Serialize)]
pub struct Overview {
    slug: String,
    event_name: String,
    dates: String,
    zone: String,
    clock: String,
    registrations: Vec<Own>,
    is_confirmed: bool,
    announcements: Vec<News>,
    now: Vec<Card>,
    next: Vec<Card>,
    /// `10:30 AM`, with the day where it is not today.
    next_at: String,
    is_over: bool,
    mine: Vec<DayOfCards>,
    today: Option<Today>,
    wifi: Option<Wifi>,
    recordings: Option<recordings::Part>,
    /// How many materials there are for them: `3 files and links`.
    materials: String,
    help: Help,
}

/// A registration of the person: its code, and the way to its agenda.
#[derive(Debug, Serialize)]
struct Own {
    code: String,
    agenda: String,
    /// `My agenda`; where there are several, each says whose.
    agenda_text: String,
}

impl Own {
    fn of(registration: &Registration, is_one_of_several: bool) -> Self {
        let code = registration.code.clone();
        let agenda_text = if is_one_of_several { format!("My agenda, {code}") } else { "My agenda".to_owned() };
        Self { agenda: format!("/my/{code}/agenda"), agenda_text, code }
    }
}

/// An announcement as its readers see it.
#[derive(Debug, Serialize)]
struct News {
    title: String,
    body: String,
    posted: String,
    changed: Option<String>,
}

/// Places of the day.
#[derive(Debug, Serialize)]
struct Today {
    day: String,
    badge_place: String,
    lunch: Option<String>,
}

#[derive(Debug, Serialize)]
struct Help {
    bodies: Vec<String>,
    email: String,
    phone: String,
    phone_link: String,
    questions: Vec<Asked>,
}

/// A question of the person, with its answer where it has one.
#[derive(Debug, Serialize)]
struct Asked {
    question: String,
    asked: String,
    answer: Option<String>,
    answered: Option<String>,
    chip: Chip,
}

/// Reads the lobby of somebody with these registrations, which are all confirmed or all waiting; the oldest first.
pub fn overview(db: &mut Db, event: &Event, own: &[Registration], now: Instant, base_url: &str) -> Result<Overview> {
    let first = own.first().ok_or(Error::NotFound)?;
    let zone = event.zone();
    let is_confirmed = first.status == Status::Confirmed;
    let items = merged_agenda(db, own)?;
    let deck = deck(db, event)?;
    let open = if is_confirmed { open_sessions(db, event, own, &items)? } else { Vec::new() };
    let spans: Vec<(Instant, Instant)> = open.iter().map(|(session, _)| (session.starts_at, session.ends_at)).collect();
    let (on, next) = now_and_next(&spans, now);
    let card = |number: &usize| match &open[*number] {
        (session, Some(standing)) => own_card(&deck, session, *standing),
        (session, None) => Card { seats: None, price: None, ..deck.card(&Listed::from(session), 0, 0) },
    };
    let next_at = next.first().map(|number| when(open[*number].0.starts_at, now, event)).unwrap_or_default();
    let coming: Vec<AgendaItem> = items.iter().filter(|item| item.session.ends_at > now).cloned().collect();
    Ok(Overview {
        slug: event.slug.clone(),
        event_name: event.name.clone(),
        dates: days::dates_words(event.starts_on, event.ends_on),
        zone: days::zone_words(zone),
        clock: days::instant_words(now, zone),
        registrations: own.iter().map(|one| Own::of(one, own.len() > 1)).collect(),
        is_confirmed,
        announcements: if is_confirmed { news(db, event, own)? } else { Vec::new() },
        now: on.iter().map(card).collect(),
        next: next.iter().map(card).collect(),
        next_at,
        is_over: now >= event.ends_at(),
        mine: by_day(&deck, event, &coming),
        today: if is_confirmed { today(db, event, first, now, base_url)? } else { None },
        wifi: Wifi::of(event, first),
        recordings: if is_confirmed { recordings::recordings_with_progress(db, event, &first.person_id, now)? } else { None },
        materials: if is_confirmed { materials_words(ListView::build(db, event, &first.person_id, now)?.count()) } else { String::new() },
        help: help(db, event, own)?,
    })
}

/// What all of somebody's registrations bring, by start, each session once: a seat before a place in the line.
fn merged_agenda(db: &mut Db, own: &[Registration]) -> Result<Vec<AgendaItem>> {
    let mut items: Vec<AgendaItem> = Vec::new();
    for registration in own {
        for item in my_agenda(db, registration)? {
            match items.iter_mut().find(|known| known.session.id == item.session.id) {
                Some(known) if matches!(known.standing, Standing::Waiting(_)) => *known = item,
                Some(_) => {}
                None => items.push(item),
            }
        }
    }
    items.sort_by_key(|item| item.session.starts_at);
    Ok(items)
}

/// The sessions somebody may walk into: their own, and those that a registration covers and that need no seat.
fn open_sessions(db: &mut Db, event: &Event, own: &[Registration], items: &[AgendaItem]) -> Result<Vec<(Session, Option<Standing>)>> {
    let coverages: Vec<Coverage> = own.iter().map(|one| Coverage::of(db, one)).collect::<Result<_>>()?;
    let standing = |session: &Session| items.iter().find(|item| item.session.id == session.id).map(|item| item.standing);
    let is_covered = |session: &Session| coverages.iter().any(|coverage| coverage.covers(session));
    let mut open = Vec::new();
    for session in agenda::list(db, &event.id)?.into_iter().filter(|session| session.canceled_at.is_none()) {
        match standing(&session) {
            Some(Standing::Waiting(_)) => {}
            Some(own) => open.push((session, Some(own))),
            None if !session.registration_required && is_covered(&session) => open.push((session, None)),
            None => {}
        }
    }
    Ok(open)
}

fn materials_words(count: usize) -> String {
    match count {
        0 => "Nothing is listed yet.".to_owned(),
        1 => "1 file or link".to_owned(),
        more => format!("{more} files and links"),
    }
}

/// A time of the event; with its day where that is not today.
fn when(at: Instant, now: Instant, event: &Event) -> String {
    let zone = event.zone();
    let time = days::time_words(at, zone);
    if at.date_in(zone) == now.date_in(zone) { time } else { format!("{}, {time}", days::day_words(at.date_in(zone))) }
}

fn news(db: &mut Db, event: &Event, own: &[Registration]) -> Result<Vec<News>> {
    let attending = attending(db, &event.id, own)?;
    let all = announcements::list(db, &event.id)?.into_iter().filter(|one| one.taken_down_at.is_none());
    let theirs = all.filter(|news| own.iter().any(|one| news.audience().has(one, &attending)));
    let words = |at| days::instant_words(at, event.zone());
    Ok(theirs
        .map(|one| News { posted: words(one.posted_at), changed: one.changed_at.map(words), title: one.title, body: one.body })
        .collect())
}

fn today(db: &mut Db, event: &Event, registration: &Registration, now: Instant, base_url: &str) -> Result<Option<Today>> {
    let day = now.date_in(event.zone());
    if day < event.starts_on || day > event.ends_on {
        return Ok(None);
    }
    let sheet = Sheet::load(db, event, day, std::slice::from_ref(registration), base_url)?;
    let (badge_place, lunch) = (sheet.badge_place(registration), sheet.lunch(registration));
    let has_any = !badge_place.is_empty() || lunch.is_some();
    Ok(has_any.then(|| Today { day: days::day_words(day), badge_place, lunch }))
}

fn help(db: &mut Db, event: &Event, own: &[Registration]) -> Result<Help> {
    let items = events::info_items(db, &event.id)?.into_iter().filter(|item| item.topic == "help");
    let words = |at| days::instant_words(at, event.zone());
    let ids: Vec<RegistrationId> = own.iter().map(|one| one.id.clone()).collect();
    let asked = questions::of_registrations(db, &ids)?.into_iter().map(|one| Asked {
        chip: if one.answer.is_some() { Chip::new("yes", "Answered") } else { Chip::new("wait", "Waiting for an answer") },
        asked: words(one.asked_at),
        answered: one.answered_at.map(words),
        question: one.question,
        answer: one.answer,
    });
    Ok(Help {
        bodies: items.map(|item| item.body).collect(),
        email: event.help_email.clone(),
        phone: event.help_phone.clone(),
        phone_link: event.help_phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
        questions: asked.collect(),
    })
}
