//! The measure's map of an event: which sessions are about which statement, drawn as five by five.

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::drawing::{Picture, draw};
use super::rules::{self, Weight};
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;
use crate::events::rules::span_words;
use crate::http::rendered::public_page;
use crate::people::Person;

/// What every page about the measure says plainly.
pub const ATTESTS_NOTHING: &str = "Attending a session attests nothing. A hospital answers the measure for itself, statement by statement, \
    by what it does; a domain counts only when all five of its statements are true.";

/// `GET /events/{event}/pssm`
pub async fn show(request: HttpRequest) -> Result<HttpResponse> {
    public_page(&request, "pssm/map", "", MapView::build).await
}

#[derive(Serialize)]
struct MapView {
    slug: String,
    framework: String,
    address: String,
    attests_nothing: &'static str,
    picture: Picture,
    domains: Vec<DomainView>,
    told: String,
    is_empty: bool,
}

#[derive(Serialize)]
struct DomainView {
    code: &'static str,
    name: String,
    agenda: String,
    /// Sessions about the domain as a whole.
    whole: Vec<Item>,
    statements: Vec<StatementView>,
    has_sessions: bool,
}

#[derive(Serialize)]
struct StatementView {
    code: &'static str,
    words: String,
    sessions: Vec<Item>,
}

/// A session under a statement.
#[derive(Clone, Serialize)]
struct Item {
    code: String,
    title: String,
    href: String,
    when: String,
    /// It touches the statement, and is about something else.
    touches: bool,
}

/// A session with each code it carries.
struct Tagged {
    item: Item,
    codes: Vec<(&'static str, Weight)>,
}

impl MapView {
    fn build(db: &mut Db, event: &Event, _: Instant, _: Option<&Person>) -> Result<Self> {
        let catalogue = super::of_event(db, event)?;
        let sessions = agenda::list(db, &event.id)?;
        let live = sessions.iter().filter(|session| session.canceled_at.is_none());
        let tagged: Vec<Tagged> = live.map(|session| tag(event, session)).filter(|one| !one.codes.is_empty()).collect();
        let of = |code: &str| -> Vec<Item> {
            let carries = |one: &&Tagged| one.codes.iter().any(|(own, _)| *own == code);
            let item = |one: &Tagged| Item { touches: one.codes.contains(&(code_of(code), Weight::Secondary)), ..one.item.clone() };
            let mut items: Vec<Item> = tagged.iter().filter(carries).map(item).collect();
            items.sort_by_key(|item| item.touches);
            items
        };
        let words = |code: &str| catalogue.words_of(code).unwrap_or_default().to_owned();
        let domain = |code: &'static str| {
            let statement = |code: &'static str| StatementView { code, words: words(code), sessions: of(code) };
            let (whole, statements) = (of(code), rules::statements_of(code).map(statement).collect::<Vec<_>>());
            let has_sessions = !whole.is_empty() || statements.iter().any(|statement| !statement.sessions.is_empty());
            let agenda = format!("/events/{}/agenda?domain={code}", event.slug);
            DomainView { code, name: words(code), agenda, whole, statements, has_sessions }
        };
        let picture = draw(|code| {
            let count = of(code).len();
            (count, count.to_string(), format!("{code}, {}", sessions_words(count)))
        });
        Ok(Self {
            slug: event.slug.clone(),
            framework: catalogue.version.framework.clone(),
            address: catalogue.version.address.clone(),
            attests_nothing: ATTESTS_NOTHING,
            picture,
            domains: rules::domains().map(domain).collect(),
            told: format!("{} of {} {} a part of the measure.", tagged.len(), sessions_words(sessions.len()), carries(tagged.len())),
            is_empty: tagged.is_empty(),
        })
    }
}

fn code_of(code: &str) -> &'static str {
    rules::known(code).unwrap_or_default()
}

fn carries(count: usize) -> &'static str {
    if count == 1 { "is about" } else { "are about" }
}

fn sessions_words(count: usize) -> String {
    format!("{count} session{}", if count == 1 { "" } else { "s" })
}

fn tag(event: &Event, session: &Session) -> Tagged {
    let item = Item {
        code: session.code.clone(),
        title: session.title.clone(),
        href: format!("/events/{}/sessions/{}", event.slug, session.code),
        when: span_words(session.starts_at, session.ends_at, event.zone()),
        touches: false,
    };
    Tagged { item, codes: rules::about(&session.pssm, &session.pssm_also) }
}
