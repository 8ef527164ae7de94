//! Until when claims are open: the event's deadline, extensions of it, and late claims that staff decide (CEU-5).

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::letters;
use super::rules::{claims_close_at, closing_day};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{claim_extensions, late_decisions, late_requests, registrations};
use crate::error::{Checks, Error, Result};
use crate::events::{self, Event};
use crate::ids::{EventId, ExtensionId, LateRequestId, RegistrationId, SessionId};
use crate::registration::{self, Registration};

/// An extension, as it is stored: for one person, one session, or everybody.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_extensions, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Extension {
    pub id: ExtensionId,
    pub event_id: EventId,
    pub registration_id: Option<RegistrationId>,
    pub session_id: Option<SessionId>,
    pub until_on: NaiveDate,
    pub reason: String,
    pub at: Instant,
    pub actor: String,
}

impl Extension {
    /// Whether it moves the deadline of this person for one of these sessions.
    pub fn is_for(&self, registration: &RegistrationId, sessions: &[SessionId]) -> bool {
        self.registration_id.as_ref().is_none_or(|own| own == registration)
            && self.session_id.as_ref().is_none_or(|one| sessions.contains(one))
    }
}

/// Somebody asks to claim late.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = late_requests, check_for_backend(crate::db::Either))]
pub struct LateRequest {
    pub id: LateRequestId,
    pub event_id: EventId,
    pub registration_id: RegistrationId,
    pub words: String,
    pub asked_at: Instant,
}

/// What staff decided.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = late_decisions, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct LateDecision {
    pub request_id: LateRequestId,
    pub approved: bool,
    pub reply: String,
    pub extension_id: Option<ExtensionId>,
    pub at: Instant,
    pub actor: String,
}

/// An event's extensions, newest first.
pub fn extensions(db: &mut Db, event: &EventId) -> Result<Vec<Extension>> {
    let of_event = claim_extensions::table.filter(claim_extensions::event_id.eq(event)).order(claim_extensions::id.desc());
    Ok(of_event.select(Extension::as_select()).load(db)?)
}

/// The last day on which somebody may claim these sessions; none never ends.
pub fn last_day(event: &Event, extensions: &[Extension], registration: &RegistrationId, sessions: &[SessionId]) -> Option<NaiveDate> {
    let own = extensions.iter().filter(|extension| extension.is_for(registration, sessions));
    closing_day(event.claims_close_on, own.map(|extension| extension.until_on))
}

/// The first instant at which somebody may no longer claim these sessions: page, reminder, API and claim ask this.
pub fn closes_at(db: &mut Db, event: &Event, registration: &RegistrationId, sessions: &[SessionId]) -> Result<Option<Instant>> {
    let extensions = extensions(db, &event.id)?;
    Ok(last_day(event, &extensions, registration, sessions).map(|day| claims_close_at(day, event.zone())))
}

/// Whom an extension is for.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub registration: Option<Registration>,
    pub session: Option<SessionId>,
}

/// Lets claims in until the end of a day, for one person, one session or all.
pub fn extend(tx: &mut Tx<'_>, event: &Event, scope: &Scope, until_on: NaiveDate, reason: &str) -> Result<ExtensionId> {
    events::hold(tx, &event.id)?;
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why claims stay open longer.");
    checks.at_most("reason", reason, 500);
    if claims_close_at(until_on, event.zone()) <= tx.now {
        checks.wrong("until_on", "past", "Choose today or a later day.");
    } else if event.claims_close_on.is_none_or(|day| until_on <= day) {
        checks.wrong("until_on", "early", "Claims are open until then anyway.");
    }
    checks.finish()?;
    let extension = Extension {
        id: ExtensionId::new(),
        event_id: event.id.clone(),
        registration_id: scope.registration.as_ref().map(|registration| registration.id.clone()),
        session_id: scope.session.clone(),
        until_on,
        reason: reason.trim().to_owned(),
        at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(claim_extensions::table).values(&extension).execute(tx.db)?;
    let facts = json!({ "until_on": until_on, "registration": extension.registration_id, "session": extension.session_id });
    let entry = Entry::of("claims.extended", "event", &event.id).event(&event.id).after(facts).reason(&extension.reason);
    match &extension.registration_id {
        Some(registration) => entry.registration(registration).record(tx)?,
        None => entry.record(tx)?,
    }
    Ok(extension.id)
}

/// The newest request of somebody, with what was decided.
pub fn request_of(db: &mut Db, registration: &RegistrationId) -> Result<Option<(LateRequest, Option<LateDecision>)>> {
    let of_person = late_requests::table.left_join(late_decisions::table).filter(late_requests::registration_id.eq(registration));
    let newest = of_person.order(late_requests::id.desc()).select((LateRequest::as_select(), Option::<LateDecision>::as_select()));
    Ok(newest.first(db).optional()?)
}

/// The requests of an event with who asks and what was decided, open ones first, then newest first.
pub fn requests(db: &mut Db, event: &EventId) -> Result<Vec<(LateRequest, Registration, Option<LateDecision>)>> {
    let mut all: Vec<(LateRequest, Registration, Option<LateDecision>)> = late_requests::table
        .inner_join(registrations::table)
        .left_join(late_decisions::table)
        .filter(late_requests::event_id.eq(event))
        .order(late_requests::id.desc())
        .select((LateRequest::as_select(), Registration::as_select(), Option::<LateDecision>::as_select()))
        .load(db)?;
    all.sort_by_key(|(.., decision)| decision.is_some());
    Ok(all)
}

/// Asks to claim late; one open request at a time.
pub fn ask(tx: &mut Tx<'_>, event: &Event, registration: &Registration, words: &str) -> Result<()> {
    registration::hold(tx, &registration.id)?;
    let mut checks = Checks::new();
    checks.required("words", words, "Say why you could not claim in time.");
    checks.at_most("words", words, 1000);
    checks.finish()?;
    if closes_at(tx.db, event, &registration.id, &[])?.is_none_or(|at| tx.now < at) {
        return Err(Error::refused("credits.still_open", "Claims are open. Claim your credit now; nobody has to be asked."));
    }
    if request_of(tx.db, &registration.id)?.is_some_and(|(_, decision)| decision.is_none()) {
        return Err(Error::refused("credits.asked_before", "You have asked already. We write to you as soon as it is decided."));
    }
    let row = LateRequest {
        id: LateRequestId::new(),
        event_id: event.id.clone(),
        registration_id: registration.id.clone(),
        words: crate::typed::tidy_text(words),
        asked_at: tx.now,
    };
    diesel::insert_into(late_requests::table).values(&row).execute(tx.db)?;
    let words = crate::audit::personal(tx, &registration.person_id, &row.words)?;
    let entry = Entry::of("late_claim.asked", "late_request", &row.id).event(&event.id).registration(&registration.id);
    entry.after(json!({ "words": words })).record(tx)
}

/// Decides a request: approved, its person may claim until the end of a day; either way they get a letter.
pub fn decide(tx: &mut Tx<'_>, event: &Event, id: &LateRequestId, until_on: Option<NaiveDate>, reply: &str) -> Result<()> {
    events::hold(tx, &event.id)?;
    let (request, registration, decision) =
        requests(tx.db, &event.id)?.into_iter().find(|(request, ..)| request.id == *id).ok_or(Error::NotFound)?;
    if decision.is_some() {
        return Err(Error::refused("credits.decided_before", "This request was decided already."));
    }
    let mut checks = Checks::new();
    checks.required("reply", reply, "Write the reply that goes into the letter.");
    checks.at_most("reply", reply, 2000);
    checks.finish()?;
    let extension_id = match until_on {
        Some(day) => {
            let scope = Scope { registration: Some(registration.clone()), session: None };
            Some(extend(tx, event, &scope, day, "late claim approved")?)
        }
        None => None,
    };
    let row = LateDecision {
        request_id: request.id.clone(),
        approved: extension_id.is_some(),
        reply: crate::typed::tidy_text(reply),
        extension_id,
        at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(late_decisions::table).values(&row).execute(tx.db)?;
    let entry = Entry::of("late_claim.decided", "late_request", &request.id).event(&event.id).registration(&registration.id);
    entry.after(json!({ "approved": row.approved, "until_on": until_on })).reason(&row.reply).record(tx)?;
    letters::late_claim_decided(tx, event, &registration, until_on, &row.reply)
}
