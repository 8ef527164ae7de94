//! One registration at a glance: what is next, what waits, what is owed.

use serde::Serialize;
use serde_json::{Value, json};

use super::views::{Pass, Wifi, deck, own_card};
use crate::agenda::Session;
use crate::agenda::cards::{Card, Chip};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment;
use crate::enrollment::queries::{AgendaItem, Standing, my_agenda};
use crate::enrollment::rules::ordinal;
use crate::error::Result;
use crate::events::{Event, rules as days};
use crate::money::format_cents;
use crate::orders::claims::{self, ClaimStatus};
use crate::orders::receipt::{Receipt, of_lines};
use crate::orders::rules::Standing as OrderStanding;
use crate::orders::{self, Order, conversion};
use crate::registration::rules::profession_words;
use crate::registration::{Registration, Represents, Status};
use crate::webinars::{queries as webinars, rules as opening};
use crate::{badges, hospitals, people, pricing};

/// The overview's fields.
#[derive(Debug, Serialize)]
pub struct Overview {
    base: String,
    code: String,
    event_name: String,
    event_href: String,
    dates: String,
    chips: Vec<Chip>,
    notices: Vec<Notice>,
    next: Option<Next>,
    may_choose: bool,
    has_lobby: bool,
    /// Webinars are part of it; the next has its join link beside it.
    has_webinars: bool,
    join: Option<Join>,
    /// What it may be taken on into: name and price.
    offer: Option<Value>,
    money: MoneyView,
    pass: Pass,
    wifi: Option<Wifi>,
    facts: Vec<Value>,
}

/// Something the person should know.
#[derive(Debug, Serialize)]
struct Notice {
    kind: &'static str,
    title: String,
    text: String,
}

/// The session that comes next, or goes on.
#[derive(Debug, Serialize)]
struct Next {
    heading: &'static str,
    day: String,
    card: Card,
}

/// The webinar that comes next or goes on, and the way to it.
#[derive(Debug, Serialize)]
struct Join {
    title: String,
    href: String,
    is_open: bool,
    opens: String,
}

#[derive(Debug, Serialize)]
struct MoneyView {
    order_code: String,
    receipt: Receipt,
    /// What is owed, where something is and nothing is undecided.
    due: Option<String>,
    due_on: Option<String>,
    over: bool,
    held: bool,
    refund: Option<String>,
    free: bool,
    credits: Vec<Value>,
    help_email: String,
}

/// Gathers the overview of a registration.
pub fn overview(db: &mut Db, event: &Event, registration: &Registration, now: Instant) -> Result<Overview> {
    let order = orders::get(db, &registration.order_id)?;
    let standing = orders::standing(db, &order.id)?;
    let items = my_agenda(db, registration)?;
    let sessions = webinars::of_registration(db, registration)?;
    let offer = conversion::offer(db, event, registration, now)?;
    let has_badge = registration.status == Status::Confirmed && badges::of_registration(db, &registration.id)?.is_some();
    Ok(Overview {
        base: format!("/my/{}", registration.code),
        code: registration.code.clone(),
        event_name: event.name.clone(),
        event_href: format!("/events/{}", event.slug),
        dates: days::dates_words(event.starts_on, event.ends_on),
        chips: chips(registration.status, standing),
        notices: notices(db, event, registration, &items)?,
        next: next(db, event, &items, now)?,
        may_choose: registration.status == Status::Confirmed && now < event.ends_at(),
        has_lobby: registration.status != Status::Canceled,
        has_webinars: !sessions.is_empty(),
        join: if registration.status == Status::Confirmed { join(registration, &sessions, now) } else { None },
        offer: offer.map(|offer| json!({ "name": offer.kind.name, "price": format_cents(offer.quote.total_cents(), &event.currency) })),
        money: money(db, event, registration, &order, standing, now)?,
        pass: Pass::of(registration, has_badge),
        wifi: Wifi::of(event, registration),
        facts: facts(db, registration)?,
    })
}

fn join(registration: &Registration, sessions: &[Session], now: Instant) -> Option<Join> {
    let session = sessions.iter().find(|session| session.ends_at > now)?;
    let opens_at = opening::opens_at(session.starts_at);
    Some(Join {
        title: session.title.clone(),
        href: format!("/my/{}/webinars/{}", registration.code, session.code),
        is_open: now >= opens_at,
        opens: opening::left_words(opens_at, now),
    })
}

/// The chips of a registration and its order.
pub fn chips(status: Status, standing: OrderStanding) -> Vec<Chip> {
    let of_status = match status {
        Status::Confirmed => Chip::new("yes", "Confirmed"),
        Status::Pending => Chip::new("wait", "Waiting for approval"),
        Status::Canceled => return vec![Chip::new("no", "Canceled")],
    };
    let kind = match standing {
        OrderStanding::Paid => "yes",
        OrderStanding::Held | OrderStanding::AwaitingPayment => "wait",
        OrderStanding::Canceled => "no",
    };
    vec![of_status, Chip::new(kind, standing.words())]
}

fn notices(db: &mut Db, event: &Event, registration: &Registration, items: &[AgendaItem]) -> Result<Vec<Notice>> {
    let mut notices = Vec::new();
    if registration.status == Status::Pending {
        notices.push(Notice {
            kind: "wait",
            title: "Our staff approve your registration first".to_owned(),
            text: "You get a letter as soon as they have decided, and choose your sessions then.".to_owned(),
        });
    }
    if let Some(claim) = claims::of_registration(db, &registration.id)?.filter(|claim| claim.status == ClaimStatus::Pending) {
        let name = hospitals::get(db, &claim.hospital_id)?.name;
        notices.push(Notice {
            kind: "wait",
            title: "Your hospital's discount is being checked".to_owned(),
            text: format!("Our staff check that you work at {name}. Your place is held, and the invoice waits."),
        });
    }
    let enrollments = enrollment::of_registration(db, &registration.id)?;
    for item in items {
        let Standing::Waiting(position) = item.standing else { continue };
        let session = &item.session;
        let when = days::span_words(session.starts_at, session.ends_at, event.zone());
        let was_passed = enrollments.iter().any(|own| own.session_id == session.id && own.passed_over_at.is_some());
        let text = match enrollment::conflict_with(db, session, &registration.id)? {
            Some(other) if was_passed => format!(
                "{when}. A seat went to the next in line, because you sit in {}, “{}”, at that time. Your place stays; give up the other seat to be next.",
                other.code, other.title
            ),
            Some(other) => format!(
                "{when}. You sit in {}, “{}”, at that time: give that seat up before it is your turn, or the next in line gets the seat. Your place stays.",
                other.code, other.title
            ),
            None => format!("{when}. The seat is yours as soon as one is free and you are first; we write to you then."),
        };
        notices.push(Notice {
            kind: "wait",
            title: format!("You are {} in line for {}, “{}”", ordinal(position), session.code, session.title),
            text,
        });
    }
    Ok(notices)
}

fn next(db: &mut Db, event: &Event, items: &[AgendaItem], now: Instant) -> Result<Option<Next>> {
    let coming = items.iter().find(|item| item.session.ends_at > now && !matches!(item.standing, Standing::Waiting(_)));
    let Some(item) = coming else { return Ok(None) };
    let deck = deck(db, event)?;
    Ok(Some(Next {
        heading: if item.session.starts_at <= now { "On now" } else { "Next" },
        day: days::day_words(item.session.starts_at.date_in(event.zone())),
        card: own_card(&deck, &item.session, item.standing),
    }))
}

fn money(
    db: &mut Db,
    event: &Event,
    registration: &Registration,
    order: &Order,
    standing: OrderStanding,
    now: Instant,
) -> Result<MoneyView> {
    let own: Vec<_> = orders::lines(db, &order.id)?.into_iter().filter(|line| line.registration_id == registration.id).collect();
    let balance = orders::balance_cents(db, &order.id)?;
    let held = standing == OrderStanding::Held;
    let text = |cents: i64| format_cents(cents, &order.currency);
    let credits = orders::money_rows(db, &order.id)?;
    let credits = credits.iter().map(|row| {
        let what = match row.kind {
            orders::MoneyKind::Payment => "Payment received",
            orders::MoneyKind::Credit => "Credit",
            orders::MoneyKind::Refund => "Refund",
        };
        json!({ "what": what, "when": days::day_words(row.at.date_in(event.zone())), "amount": text(row.amount_cents), "reference": row.reference })
    });
    Ok(MoneyView {
        order_code: order.code.clone(),
        receipt: of_lines(&own, &order.currency, None),
        due: (balance > 0 && !held).then(|| text(balance)),
        due_on: order.due_on.map(days::day_words),
        over: order.due_on.is_some_and(|day| days::has_ended(day, event.zone(), now)),
        held,
        refund: (balance < 0).then(|| text(-balance)),
        free: own.iter().all(|line| line.net_cents == 0),
        credits: credits.collect(),
        help_email: event.help_email.clone(),
    })
}

fn facts(db: &mut Db, registration: &Registration) -> Result<Vec<Value>> {
    let come_as = match registration.represents {
        Represents::Professional => "A professional",
        Represents::PatientFamily => "A patient or family member",
    };
    let sponsors = if registration.sponsors_opt_in { "May learn your name and organization" } else { "Learn nothing about you" };
    let rows = [
        ("Registration", pricing::get_type_by_id(db, &registration.registration_type_id)?.name),
        ("Name on the badge", registration.badge_name.clone()),
        ("Name on certificates", registration.certificate_name.clone()),
        ("E-mail", people::get(db, &registration.person_id)?.email),
        ("Profession", profession_words(&registration.profession).to_owned()),
        ("Credentials", registration.credentials.clone()),
        ("Organization", registration.organization.clone()),
        ("You come as", come_as.to_owned()),
        ("Dietary needs", registration.dietary.clone()),
        ("What you need", registration.accommodation.clone()),
        ("Sponsors", sponsors.to_owned()),
    ];
    Ok(rows.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| json!({ "label": label, "text": text })).collect())
}

/// A registration in the list of somebody who has several.
#[derive(Debug, Serialize)]
pub struct Brief {
    pub href: String,
    /// Where the event's lobby is, unless the registration is canceled.
    pub lobby: Option<String>,
    pub code: String,
    pub event: String,
    pub dates: String,
    pub name: String,
    pub kind: String,
    pub chips: Vec<Chip>,
}

impl Brief {
    pub fn of(db: &mut Db, registration: &Registration) -> Result<Self> {
        let event = crate::events::get_by_id(db, &registration.event_id)?;
        Ok(Self {
            href: format!("/my/{}", registration.code),
            lobby: (registration.status != Status::Canceled).then(|| format!("/events/{}/lobby", event.slug)),
            code: registration.code.clone(),
            dates: days::dates_words(event.starts_on, event.ends_on),
            event: event.name,
            name: registration.full_name(),
            kind: pricing::get_type_by_id(db, &registration.registration_type_id)?.name,
            chips: chips(registration.status, orders::standing(db, &registration.order_id)?),
        })
    }
}
