//! The learning series of the demo: its credit, where its webinars take place, and who registered for it.

use chrono::Duration;

use super::credit::provider;
use super::people::{order_of, pay_at};
use super::seed::parse;
use super::year;
use crate::agenda::Kind;
use crate::app::{Actor, Tx};
use crate::clock::Instant;
use crate::credits::activities::{self, ActivityDraft};
use crate::credits::disclosures::{self, DisclosureDraft};
use crate::credits::providers;
use crate::credits::rules::{Code, hundredths_words};
use crate::credits::types;
use crate::error::Result;
use crate::evaluations::forms;
use crate::events;
use crate::orders::place::place;
use crate::webinars;

/// The event that the people register for.
const EVENT: &str = "pssm-series-2026";

const TYPES: [Code; 5] = [Code::Ama, Code::Ancc, Code::Cphq, Code::Cpps, Code::Attendance];

/// Each seventh of the congress's people, so many of them, one every 25 hours. The attendee of the access file is none.
const EVERY: usize = 7;
const PEOPLE: usize = 40;
const FROM: &str = "2026-01-20T09:10:00-05:00";

/// Sets up credit and platforms, as staff did long before.
pub fn set_up(tx: &mut Tx<'_>) -> Result<()> {
    let event = events::get(tx.db, EVENT)?;
    forms::take_ready_set(tx, &event)?;
    providers::save(tx, &event, &provider())?;
    for code in TYPES {
        types::switch_on(tx, &event, code)?;
    }
    let all = webinars::queries::list(tx.db, &event.id)?;
    let minutes = |session: &crate::agenda::Session| session.ends_at.since(session.starts_at).num_minutes();
    let lines: Vec<String> = all.iter().map(|session| format!("{} {}", session.code, minutes(session))).collect();
    let maximum = hundredths_words(all.iter().map(minutes).sum::<i64>() * 100 / 60);
    let series = ActivityDraft {
        code: "FD-26".to_owned(),
        title: event.name.clone(),
        format: "live".to_owned(),
        pars_id: "202600002".to_owned(),
        sessions: lines.join("\n"),
        maximums: TYPES.iter().map(|code| format!("{code} {maximum}")).collect(),
        ..ActivityDraft::default()
    };
    activities::save(tx, &event, None, &series)?;
    for (session, number) in all.iter().filter(|session| session.kind == Kind::Webinar).zip(1..) {
        let nothing = DisclosureDraft { nothing_to_disclose: true, ..DisclosureDraft::default() };
        disclosures::publish(tx, &event, session, &nothing)?;
        // No such host exists: example.org is kept free for examples.
        webinars::set_platform(tx, session, &format!("https://webinars.example.org/j/81200000{number:03}?pwd=invented"))?;
    }
    Ok(())
}

/// Registers some people, most of them for the complimentary webinar, as far as `now` has come.
pub fn register(tx: &mut Tx<'_>, now: Instant) -> Result<()> {
    let event = events::get(tx.db, EVENT)?;
    let rows = year::people()?;
    let mut at = parse(FROM)?;
    for (index, row) in rows.iter().enumerate().skip(1).step_by(EVERY).take(PEOPLE) {
        if at > now {
            return Ok(());
        }
        (tx.actor, tx.now) = (Actor::Public, at);
        let mut order = order_of(tx, row)?;
        let takes_all = index % 5 > 2;
        for (line, _) in &mut order.lines {
            line.registration_type = if takes_all { "series" } else { "webinar-1" }.to_owned();
            (line.hospital, line.sessions) = (None, Vec::new());
        }
        let placed = place(tx, &event, &order)?;
        if takes_all && row.paid == "yes" {
            pay_at(tx, at.plus(Duration::days(3)).min(now), index, &placed.order.id)?;
        }
        at = at.plus(Duration::hours(25));
    }
    Ok(())
}
