//! The chain of evidence of one registration: seat, minutes, rule, evaluation, claim, session by session (CEU-2).

use std::collections::HashMap;

use chrono::NaiveDate;

use super::activities::{Accredited, accredited};
use super::claims::{self, Standing as Claimed};
use super::deadlines::{self, Extension};
use super::rules::{Code, Method, claims_close_at};
use super::{disclosures, evidence};
use crate::agenda::Session;
use crate::checkin::presence::{Attended, ExitRule};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::queries::{Standing, my_agenda};
use crate::error::Result;
use crate::evaluations::{self, Subject, forms, queries::sessions_of, rules as asking};
use crate::events::Event;
use crate::ids::SessionId;
use crate::registration::Registration;

/// What one credit type makes of one session.
#[derive(Clone, Debug)]
pub struct Share {
    pub code: Code,
    /// Educational minutes, and those of them that count.
    pub of: i64,
    pub counted: i64,
    /// Minutes needed for any credit; none where every minute counts.
    pub needed: Option<i64>,
    /// The most that a line may claim, in hundredths.
    pub most: i64,
    /// What was claimed.
    pub claimed: Option<i64>,
}

/// One session of the chain.
#[derive(Clone, Debug)]
pub struct Link {
    pub session: Session,
    /// The seat, or that it is included; none for who was only seen there.
    pub seat: Option<Standing>,
    /// As the event closes a missing way out.
    pub attended: Option<Attended>,
    pub is_attested: bool,
    /// Where the minutes come from; none without evidence.
    pub source: Option<evidence::Source>,
    /// None where nothing is asked.
    pub evaluation: Option<asking::Standing>,
    pub is_presenter: bool,
    /// The credit types that serve this person and for which the session is designated.
    pub shares: Vec<Share>,
    pub closes_at: Option<Instant>,
}

impl Link {
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.session.ends_at
    }

    /// Whether anything says that the person was there.
    pub fn has_evidence(&self) -> bool {
        evidence::is_evidence(self.attended.as_ref())
    }

    /// Claimed for any credit type.
    pub fn is_claimed(&self) -> bool {
        self.shares.iter().any(|share| share.claimed.is_some())
    }

    /// Credit that could be claimed and was not.
    pub fn is_open(&self) -> bool {
        !self.is_claimed() && !self.is_presenter && self.shares.iter().any(|share| share.most > 0)
    }
}

/// What one credit type makes of one activity.
#[derive(Clone, Debug)]
pub struct Total {
    pub code: Code,
    pub activity: String,
    pub rule: String,
    pub maximum: i64,
    /// By what was attended, and within the maximum.
    pub earned: i64,
    pub claimed: i64,
}

/// The whole chain.
#[derive(Clone, Debug)]
pub struct Chain {
    pub links: Vec<Link>,
    pub totals: Vec<Total>,
    /// The last day to claim, extensions for this person counted; none never ends.
    pub last_day: Option<NaiveDate>,
    /// The evaluation of the event as a whole; none where nothing is asked.
    pub overall: Option<asking::Standing>,
}

impl Chain {
    pub fn is_open(&self, event: &Event, now: Instant) -> bool {
        self.last_day.is_none_or(|day| now < claims_close_at(day, event.zone()))
    }

    /// Whether anything may be claimed: an extension may be for one session alone.
    pub fn is_open_for_some(&self, event: &Event, now: Instant) -> bool {
        self.is_open(event, now) || self.links.iter().any(|link| link.closes_at.is_none_or(|at| now < at))
    }

    /// The credit types that serve this person, each once.
    pub fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = self.totals.iter().map(|total| total.code).collect();
        codes.dedup();
        codes
    }
}

/// Gathers the chain of a registration.
pub fn of_registration(db: &mut Db, event: &Event, registration: &Registration, now: Instant) -> Result<Chain> {
    let mut seats: HashMap<SessionId, Standing> = HashMap::new();
    for item in my_agenda(db, registration)? {
        seats.insert(item.session.id, item.standing);
    }
    let sessions = sessions_of(db, registration)?;
    let seen = evidence::of_registration(db, &registration.id)?;
    let done = evaluations::done(db, &registration.id)?;
    let asks_session = forms::current(db, &event.id, asking::Scope::Session)?.is_some();
    let asks_overall = forms::current(db, &event.id, asking::Scope::Overall)?.is_some();
    let presented = disclosures::presented_by(db, &registration.id)?;
    let claims = claims::of_registration(db, &registration.id)?;
    let extensions = deadlines::extensions(db, &event.id)?;
    let all: Vec<Accredited> = accredited(db, &event.id)?.into_iter().filter(|one| one.kind.serves(&registration.profession)).collect();
    let link = |session: Session| {
        let known = seen.get(&session.id);
        let shares = all.iter().filter_map(|one| share(one, &session, known, &claims));
        Link {
            seat: seats.get(&session.id).copied(),
            attended: known.and_then(|seen| seen.attended(&session, ExitRule::of(event))),
            is_attested: known.is_some_and(|seen| seen.is_attested(&session, ExitRule::of(event))),
            source: known.and_then(|seen| seen.source(&session, ExitRule::of(event))),
            evaluation: asks_session.then(|| done.standing(event, &Subject::of(&session), now)),
            is_presenter: presented.contains(&session.id),
            shares: shares.collect(),
            closes_at: closes_at(event, registration, &extensions, &session),
            session,
        }
    };
    let links: Vec<Link> = sessions.into_iter().map(link).collect();
    let totals = all.iter().map(|one| total(one, &links, &claims)).collect();
    Ok(Chain {
        totals,
        links,
        last_day: deadlines::last_day(event, &extensions, &registration.id, &[]),
        overall: asks_overall.then(|| done.standing(event, &Subject::Overall, now)),
    })
}

fn closes_at(event: &Event, registration: &Registration, extensions: &[Extension], session: &Session) -> Option<Instant> {
    let day = deadlines::last_day(event, extensions, &registration.id, std::slice::from_ref(&session.id))?;
    Some(claims_close_at(day, event.zone()))
}

fn share(one: &Accredited, session: &Session, seen: Option<&evidence::Seen>, claims: &[Claimed]) -> Option<Share> {
    let of = one.minutes_of(&session.id)?;
    let terms = one.rule.terms();
    let minutes = seen.and_then(|seen| seen.attended(session, one.rule.exit())).map_or(0, |attended| attended.minutes);
    let counted = terms.counted(minutes, of);
    let claimed = claims.iter().filter(|claim| claim.code == one.kind.code).flat_map(|claim| &claim.lines);
    let claimed = claimed.filter(|line| line.session_id == session.id).map(|line| i64::from(line.hundredths)).next();
    let most = if counted == 0 { 0 } else { terms.ceiling(counted).min(one.maximum) };
    Some(Share { code: one.kind.code, of, counted, needed: terms.needed(of), most, claimed })
}

fn total(one: &Accredited, links: &[Link], claims: &[Claimed]) -> Total {
    let terms = one.rule.terms();
    let of_link = |link: &Link| {
        let share = link.shares.iter().find(|share| share.code == one.kind.code)?;
        one.minutes_of(&link.session.id).filter(|_| !link.is_presenter).map(|of| (share.counted, of))
    };
    let mut minutes: Vec<(i64, i64)> = links.iter().filter_map(of_link).collect();
    // All or nothing needs the sessions that are not among the person's too.
    if terms.method == Method::Whole && minutes.len() < one.sessions.len() {
        minutes.push((0, 1));
    }
    let own = claims.iter().filter(|claim| claim.code == one.kind.code && claim.claim.activity_id == one.activity.id);
    Total {
        code: one.kind.code,
        activity: one.activity.title.clone(),
        rule: terms.words(),
        maximum: one.maximum,
        earned: terms.earned(&minutes, one.maximum),
        claimed: own.map(|claim| i64::from(claim.claim.hundredths)).sum(),
    }
}
