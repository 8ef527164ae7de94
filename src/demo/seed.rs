//! Makes the demo year: hospitals, events, staff, people with their orders, and badges handed out.

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;

use super::people::Window;
use super::year::{self, HospitalPart};
use super::{ACTOR, access, certified, credit, doors, lobby, mark, materials, people, phones, recorded, series};
use crate::app::{App, Tx};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::hospitals::cms_file;
use crate::ids::RecognitionId;
use crate::jobs::{self, Run};
use crate::mail::outbox;
use crate::setup::document;
use crate::{hospitals, pssm, setup};

/// Where the congress is, and what the demo's days and hours mean.
pub const ZONE: Tz = Tz::America__Los_Angeles;

/// When the events were set up, before anything was on sale.
const SET_UP: &str = "2025-09-08T09:00:00-07:00";

/// So many people register in one transaction. Each order touches the same few sessions again and again, and
/// PostgreSQL can only clear away their old versions between transactions.
const AT_ONCE: usize = 20;

/// Makes the year up to `now`. The clock of `app` is set by hand, and stands at `now` in the end; `progress`
/// hears how many of how many people are there. The database is known as half a demo until everything is.
pub fn seed(app: &App, now: Instant, kinds: &[(&'static str, Run)], progress: &mut dyn FnMut(usize, usize)) -> Result<()> {
    app.clock.set(parse(SET_UP)?.min(now));
    app.write_here(ACTOR, |tx| {
        mark::begin(tx)?;
        pssm::seed(tx)?;
        add_hospitals(tx)?;
        add_events(tx)?;
        credit::set_up(tx)?;
        series::set_up(tx)?;
        access::add_staff(tx)
    })?;
    let window = Window::until(now)?;
    // Whoever ordered before this day gets the recognized hospital's discount as a credit (PRC-3).
    let paid_at = recognition_paid_at()?.min(now);
    let mut early = people::in_order(&window)?;
    let count = early.len();
    let late = early.split_off(early.partition_point(|one| one.at < paid_at));
    let already = early.len();
    register(app, window, early, &mut |done| progress(done, count))?;
    app.clock.set(paid_at);
    app.write_here(ACTOR, add_late_recognitions)?;
    jobs::run_due(app, kinds)?;
    register(app, window, late, &mut |done| progress(already + done, count))?;
    app.clock.set(now);
    app.write_here(ACTOR, move |tx| {
        people::decide_claims(tx, &window)?;
        doors::let_in(tx, now)?;
        phones::set_up(tx, now)?;
        certified::finish_the_workshop(tx, now)?;
        lobby::fill(tx, now)?;
        series::register(tx, now)
    })?;
    recorded::publish(app, now)?;
    jobs::run_due(app, kinds)?;
    materials::hand_out(app)?;
    app.write_here(ACTOR, |tx| {
        outbox::mark_as_sent_long_ago(tx)?;
        mark::keep_clock(tx)?;
        mark::finish(tx)
    })
}

fn register(app: &App, window: Window, mut waiting: Vec<people::Coming>, progress: &mut dyn FnMut(usize)) -> Result<()> {
    let mut done = 0;
    while !waiting.is_empty() {
        let some: Vec<people::Coming> = waiting.drain(..waiting.len().min(AT_ONCE)).collect();
        done += some.len();
        app.write_here(ACTOR, move |tx| people::register(tx, &window, &some))?;
        progress(done);
    }
    Ok(())
}

/// An instant of the demo's own tables.
pub fn parse(at: &str) -> Result<Instant> {
    Instant::parse(at).ok_or_else(|| Error::internal(format!("{at} is no instant")))
}

fn add_hospitals(tx: &mut Tx<'_>) -> Result<()> {
    let list = cms_file::read(year::HOSPITALS).map_err(Error::internal)?;
    hospitals::import(tx, &list, false, &mut |_, _| {})?;
    for part in year::hospital_parts()? {
        let hospital = hospitals::find_by_ccn(tx.db, &part.ccn)?.ok_or(Error::NotFound)?;
        for domain in &part.domains {
            hospitals::add_domain(tx, &hospital.id, &domain.domain)?;
        }
        if let Some(code) = &part.staff_code {
            let wanted = hospitals::NewCode { event: None, code: code.code.clone(), cap: code.cap, expires_on: code.expires_on };
            hospitals::add_code(tx, &hospital.id, &wanted)?;
        }
        if !is_late(&part) {
            add_recognition(tx, &part)?;
        }
    }
    Ok(())
}

fn add_recognition(tx: &mut Tx<'_>, part: &HospitalPart) -> Result<()> {
    let Some(term) = &part.recognition else { return Ok(()) };
    let hospital = hospitals::find_by_ccn(tx.db, &part.ccn)?.ok_or(Error::NotFound)?;
    let row = hospitals::Recognition {
        id: RecognitionId::new(),
        hospital_id: hospital.id,
        term_starts_on: term.term_starts_on,
        term_ends_on: term.term_ends_on,
        conditional: term.conditional,
        approved_on: term.approved_on,
        paid_on: term.paid_on,
        revoked_on: None,
    };
    hospitals::save_recognition(tx, &row)
}

/// The day on which the last of the recognized hospitals paid.
fn last_paid_on() -> Result<Option<NaiveDate>> {
    Ok(year::hospital_parts()?.iter().filter_map(|part| part.recognition.as_ref()?.paid_on).max())
}

fn is_late(part: &HospitalPart) -> bool {
    let paid_on = part.recognition.as_ref().and_then(|term| term.paid_on);
    paid_on.is_some() && last_paid_on().ok().flatten() == paid_on
}

fn recognition_paid_at() -> Result<Instant> {
    let day = last_paid_on()?.ok_or_else(|| Error::internal("nobody is recognized in the demo"))?;
    Ok(Instant::start_of_day(day, ZONE).plus(Duration::hours(10)))
}

fn add_late_recognitions(tx: &mut Tx<'_>) -> Result<()> {
    year::hospital_parts()?.iter().filter(|part| is_late(part)).try_for_each(|part| add_recognition(tx, part))
}

fn add_events(tx: &mut Tx<'_>) -> Result<()> {
    for (name, text) in year::EVENTS {
        let document = document::read(text.as_bytes()).map_err(|cause| Error::internal(format!("{name}: {cause}")))?;
        setup::import(tx, &document).map_err(|cause| Error::internal(format!("{name}: {cause}")))?;
    }
    Ok(())
}
