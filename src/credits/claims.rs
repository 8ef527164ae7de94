//! Claims: credit that somebody asked for and got, line by line, under the rule's version of that moment (CEU-4).

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use super::activities::{Accredited, accredited};
use super::certificates::issuing::{self, Settled};
use super::rules::{self, Code, Designated, Earlier, Facts, Line, Refusal, hundredths_words};
use super::{deadlines, disclosures, evidence, types};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{claim_reversals, credit_claim_lines, credit_claims, credit_types, sessions};
use crate::error::{Checks, Error, Result};
use crate::evaluations::{self, Subject, forms, rules::Scope};
use crate::events::Event;
use crate::ids::{ActivityId, ClaimId, ClaimLineId, CreditRuleId, CreditTypeId, EventId, RegistrationId, SessionId};
use crate::on_either;
use crate::registration::{self, Registration, Status};

/// Credit awarded for one activity and type, as it is stored. Several of a person add up.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_claims, check_for_backend(crate::db::Either))]
pub struct Claim {
    pub id: ClaimId,
    pub registration_id: RegistrationId,
    pub activity_id: ActivityId,
    pub credit_type_id: CreditTypeId,
    /// The version of the rule that it was awarded under.
    pub rule_id: CreditRuleId,
    pub hundredths: i32,
    pub decided_at: Instant,
    pub actor: String,
}

/// One session of a claim, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_claim_lines, check_for_backend(crate::db::Either))]
pub struct ClaimLine {
    pub id: ClaimLineId,
    pub claim_id: ClaimId,
    pub registration_id: RegistrationId,
    pub session_id: SessionId,
    /// Minutes that counted.
    pub minutes: i32,
    pub hundredths: i32,
}

/// What somebody asks for: a session's code and credit in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub session: String,
    pub hundredths: i64,
}

/// A claim that stands, with its credit type and lines.
#[derive(Clone, Debug)]
pub struct Standing {
    pub claim: Claim,
    pub code: Code,
    pub lines: Vec<ClaimLine>,
}

/// The claims of a registration that stand, oldest first; those taken back are left out.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Standing>> {
    let claims: Vec<(Claim, Code)> = credit_claims::table
        .inner_join(credit_types::table)
        .left_join(claim_reversals::table)
        .filter(credit_claims::registration_id.eq(registration))
        .filter(claim_reversals::claim_id.is_null())
        .order(credit_claims::id.asc())
        .select((Claim::as_select(), credit_types::code))
        .load(db)?;
    let lines: Vec<ClaimLine> = credit_claim_lines::table
        .filter(credit_claim_lines::registration_id.eq(registration))
        .order(credit_claim_lines::id.asc())
        .select(ClaimLine::as_select())
        .load(db)?;
    Ok(with_lines(claims, lines))
}

/// The claims of everybody at an event that stand, oldest first.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<Vec<Standing>> {
    let claims: Vec<(Claim, Code)> = credit_claims::table
        .inner_join(credit_types::table)
        .left_join(claim_reversals::table)
        .filter(credit_types::event_id.eq(event))
        .filter(claim_reversals::claim_id.is_null())
        .order(credit_claims::id.asc())
        .select((Claim::as_select(), credit_types::code))
        .load(db)?;
    let lines: Vec<ClaimLine> = credit_claim_lines::table
        .inner_join(sessions::table)
        .filter(sessions::event_id.eq(event))
        .order(credit_claim_lines::id.asc())
        .select(ClaimLine::as_select())
        .load(db)?;
    Ok(with_lines(claims, lines))
}

fn with_lines(claims: Vec<(Claim, Code)>, lines: Vec<ClaimLine>) -> Vec<Standing> {
    let mut by_claim: HashMap<ClaimId, Vec<ClaimLine>> = HashMap::new();
    for line in lines {
        by_claim.entry(line.claim_id.clone()).or_default().push(line);
    }
    claims.into_iter().map(|(claim, code)| Standing { lines: by_claim.remove(&claim.id).unwrap_or_default(), code, claim }).collect()
}

/// Refuses with `credits.claims_closed` when the deadline of this person and these sessions is over (CEU-5).
pub fn check_open(db: &mut Db, event: &Event, registration: &RegistrationId, sessions: &[SessionId], now: Instant) -> Result<()> {
    match deadlines::closes_at(db, event, registration, sessions)? {
        Some(at) if now >= at => Err(Refusal::ClaimsClosed { at, zone: event.zone() }.into()),
        _ => Ok(()),
    }
}

/// Finds the sessions that are claimed and refuses when any of them is closed to this person: tested before
/// everything else, binding staff too.
pub fn check_deadline(tx: &mut Tx<'_>, event: &Event, registration: &Registration, wanted: &[Wanted]) -> Result<Vec<Option<Session>>> {
    let mut found = Vec::new();
    for line in wanted {
        found.push(agenda::find(tx.db, &event.id, &line.session)?);
    }
    let ids: Vec<SessionId> = found.iter().flatten().map(|session| session.id.clone()).collect();
    // One by one: an extended session opens nothing for the others.
    for id in &ids {
        check_open(tx.db, event, &registration.id, std::slice::from_ref(id), tx.now)?;
    }
    if ids.is_empty() {
        check_open(tx.db, event, &registration.id, &[], tx.now)?;
    }
    Ok(found)
}

/// What a claim brought: credit, and the certificates that followed it.
#[derive(Clone, Debug)]
pub struct Awarded {
    pub claims: Vec<Claim>,
    pub certificates: Settled,
}

impl Awarded {
    /// The credit of this claim over all of its activities, in hundredths.
    pub fn hundredths(&self) -> i64 {
        self.claims.iter().map(|claim| i64::from(claim.hundredths)).sum()
    }
}

/// Claims credit: awarded at once, or refused with the reason. The deadline is tested before everything else.
/// Certificates follow in the same transaction.
pub fn claim(tx: &mut Tx<'_>, event: &Event, registration: &Registration, credit_type: &str, wanted: &[Wanted]) -> Result<Awarded> {
    registration::hold(tx, &registration.id)?;
    let registration = &registration::get_by_id(tx.db, &registration.id)?;
    let found = check_deadline(tx, event, registration, wanted)?;
    let code = check_words(credit_type, wanted, &found)?;
    let Some((kind, rule)) = types::find(tx.db, &event.id, code)? else {
        let title = found.iter().flatten().next().map(|session| session.title.clone()).unwrap_or_default();
        return Err(Refusal::NotDesignated { title, name: code.known().name }.into());
    };
    let all: Vec<Accredited> = accredited(tx.db, &event.id)?.into_iter().filter(|one| one.kind.id == kind.id).collect();
    let sessions: Vec<Session> = found.into_iter().flatten().collect();
    let lines = gather(tx.db, event, registration, &sessions, wanted, &all)?;
    let earlier = earlier(tx.db, &registration.id, code)?;
    let activities: Vec<Designated> = all.iter().map(designated).collect();
    rules::judge(&Facts {
        code,
        is_active: registration.status == Status::Confirmed,
        is_served: kind.serves(&registration.profession),
        terms: rule.terms(),
        now: tx.now,
        lines: &lines,
        earlier: &earlier,
        activities: &activities,
    })?;
    let mut claims = Vec::new();
    for one in &all {
        let own: Vec<&Line> =
            lines.iter().filter(|line| line.designated.as_ref().is_some_and(|(activity, _)| *activity == one.activity.id)).collect();
        if !own.is_empty() {
            claims.push(award(tx, event, registration, one, &own)?);
        }
    }
    let certificates = issuing::follow(tx, event, registration, "")?;
    Ok(Awarded { claims, certificates })
}

fn check_words(credit_type: &str, wanted: &[Wanted], found: &[Option<Session>]) -> Result<Code> {
    let mut checks = Checks::new();
    let code = checks.word("credit_type", credit_type, Code::ALL);
    if wanted.is_empty() {
        checks.wrong("lines", "required", "Name at least one session.");
    }
    for (index, (line, session)) in wanted.iter().zip(found).enumerate() {
        if session.is_none() {
            checks.wrong(&format!("lines[{index}].session"), "unknown", format!("There is no session {} at this event.", line.session));
        }
    }
    checks.finish()?;
    code.ok_or(Error::NotFound)
}

fn designated(one: &Accredited) -> Designated {
    Designated {
        activity: one.activity.id.clone(),
        title: one.activity.title.clone(),
        maximum: one.maximum,
        sessions: one.sessions.clone(),
    }
}

fn gather(
    db: &mut Db,
    event: &Event,
    registration: &Registration,
    sessions: &[Session],
    wanted: &[Wanted],
    all: &[Accredited],
) -> Result<Vec<Line>> {
    let seen = evidence::of_registration(db, &registration.id)?;
    let done = evaluations::done(db, &registration.id)?;
    let asks = forms::current(db, &event.id, Scope::Session)?.is_some();
    let presented = disclosures::presented_by(db, &registration.id)?;
    let line = |(session, wanted): (&Session, &Wanted)| {
        let of = all.iter().find_map(|one| Some((one, one.minutes_of(&session.id)?)));
        let exit = of.map_or(crate::checkin::presence::ExitRule::SessionEnd, |(one, _)| one.rule.exit());
        Line {
            session: session.id.clone(),
            code: session.code.clone(),
            title: session.title.clone(),
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            content: session.repeats_session_id.clone().unwrap_or_else(|| session.id.clone()),
            asked: wanted.hundredths,
            attended: seen.get(&session.id).and_then(|seen| seen.attended(session, exit)).map(|attended| attended.minutes),
            is_presenter: presented.contains(&session.id),
            evaluation_missing: asks && done.submitted_at(&Subject::of(session)).is_none(),
            designated: of.map(|(one, minutes)| (one.activity.id.clone(), minutes)),
        }
    };
    Ok(sessions.iter().zip(wanted).map(line).collect())
}

/// Everything that a registration claimed before and that stands.
fn earlier(db: &mut Db, registration: &RegistrationId, code: Code) -> Result<Vec<Earlier>> {
    let mut earlier = Vec::new();
    for Standing { claim, code: of, lines } in of_registration(db, registration)? {
        for line in lines {
            let session: Session = sessions::table.find(&line.session_id).select(Session::as_select()).first(db)?;
            earlier.push(Earlier {
                content: session.repeats_session_id.clone().unwrap_or_else(|| session.id.clone()),
                session: session.id,
                code: session.code,
                title: session.title,
                starts_at: session.starts_at,
                ends_at: session.ends_at,
                activity: claim.activity_id.clone(),
                is_same_type: of == code,
                minutes: line.minutes.into(),
                hundredths: line.hundredths.into(),
            });
        }
    }
    Ok(earlier)
}

fn award(tx: &mut Tx<'_>, event: &Event, registration: &Registration, one: &Accredited, lines: &[&Line]) -> Result<Claim> {
    let small = |number: i64| i32::try_from(number).map_err(Error::internal);
    let claim = Claim {
        id: ClaimId::new(),
        registration_id: registration.id.clone(),
        activity_id: one.activity.id.clone(),
        credit_type_id: one.kind.id.clone(),
        rule_id: one.rule.id.clone(),
        hundredths: small(lines.iter().map(|line| line.asked).sum())?,
        decided_at: tx.now,
        actor: tx.actor.label(),
    };
    let mut rows = Vec::new();
    for line in lines {
        let of = line.designated.as_ref().map_or(0, |(_, minutes)| *minutes);
        rows.push(ClaimLine {
            id: ClaimLineId::new(),
            claim_id: claim.id.clone(),
            registration_id: registration.id.clone(),
            session_id: line.session.clone(),
            minutes: small(one.rule.terms().counted(line.attended.unwrap_or_default(), of))?,
            hundredths: small(line.asked)?,
        });
    }
    write(tx, &claim, &rows)?;
    let told: Vec<String> = lines.iter().map(|line| format!("{} {}", line.code, hundredths_words(line.asked))).collect();
    let facts = json!({ "credit_type": one.kind.code, "activity": one.activity.code, "lines": told, "rule_version": one.rule.version });
    Entry::of("credit.awarded", "claim", &claim.id).event(&event.id).registration(&registration.id).after(facts).record(tx)?;
    Ok(claim)
}

fn write(tx: &mut Tx<'_>, claim: &Claim, rows: &[ClaimLine]) -> Result<()> {
    diesel::insert_into(credit_claims::table).values(claim).execute(tx.db)?;
    on_either!(&mut *tx.db, connection => diesel::insert_into(credit_claim_lines::table).values(rows).execute(connection))?;
    Ok(())
}

/// Takes a claim back; it stays on record, its sessions may be claimed again, and its certificate says less.
pub fn reverse(tx: &mut Tx<'_>, event: &Event, registration: &Registration, id: &ClaimId, reason: &str) -> Result<()> {
    registration::hold(tx, &registration.id)?;
    let standing =
        of_registration(tx.db, &registration.id)?.into_iter().find(|standing| standing.claim.id == *id).ok_or(Error::NotFound)?;
    check_reason(reason)?;
    take_back(tx, event, registration, &standing, reason)?;
    issuing::follow(tx, event, registration, reason).map(drop)
}

/// Refuses to take credit without saying why.
pub fn check_reason(reason: &str) -> Result<()> {
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why the credit is taken back.");
    checks.at_most("reason", reason, 500);
    checks.finish()
}

fn take_back(tx: &mut Tx<'_>, event: &Event, registration: &Registration, standing: &Standing, reason: &str) -> Result<()> {
    let id = &standing.claim.id;
    let columns = (
        claim_reversals::claim_id.eq(id),
        claim_reversals::at.eq(tx.now),
        claim_reversals::actor.eq(tx.actor.label()),
        claim_reversals::reason.eq(reason.trim()),
    );
    diesel::insert_into(claim_reversals::table).values(columns).execute(tx.db)?;
    let before = json!({ "credit_type": standing.code, "hundredths": standing.claim.hundredths });
    let entry = Entry::of("credit.taken_back", "claim", id).event(&event.id).registration(&registration.id);
    entry.before(before).reason(reason.trim()).record(tx)
}

/// Takes a claim back and puts what is left of its lines in its place, under the same version of the rule: minutes and
/// hundredths, line by line. Its certificate is left to the caller.
pub fn lower(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    standing: &Standing,
    left: &[(i64, i64)],
    reason: &str,
) -> Result<()> {
    take_back(tx, event, registration, standing, reason)?;
    let small = |number: i64| i32::try_from(number).map_err(Error::internal);
    let id = ClaimId::new();
    let mut rows = Vec::new();
    for (line, (minutes, hundredths)) in standing.lines.iter().zip(left).filter(|(_, (_, hundredths))| *hundredths > 0) {
        let line = ClaimLine { id: ClaimLineId::new(), claim_id: id.clone(), ..line.clone() };
        rows.push(ClaimLine { minutes: small(*minutes)?, hundredths: small(*hundredths)?, ..line });
    }
    if rows.is_empty() {
        return Ok(());
    }
    let hundredths: i32 = rows.iter().map(|row| row.hundredths).sum();
    let claim = Claim { id, hundredths, decided_at: tx.now, actor: tx.actor.label(), ..standing.claim.clone() };
    write(tx, &claim, &rows)?;
    let entry = Entry::of("credit.lowered", "claim", &claim.id).event(&event.id).registration(&registration.id);
    let entry = entry.before(json!({ "hundredths": standing.claim.hundredths })).after(json!({ "hundredths": hundredths }));
    entry.reason(reason.trim()).record(tx)
}
