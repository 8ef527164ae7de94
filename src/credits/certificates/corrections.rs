//! Attendance that was corrected after credit was given: what is known now against what was claimed and certified, and
//! the credit lowered to it (CEU-4).

use std::collections::{BTreeMap, HashMap};

use super::issuing::{Settled, follow};
use super::printed::{Printed, Setting};
use super::rules::{lowered, minutes_attended};
use super::{PARTICIPATION, Whole};
use crate::app::Tx;
use crate::checkin::presence::ExitRule;
use crate::credits::activities::Accredited;
use crate::credits::claims::{self, ClaimLine, Standing};
use crate::credits::evidence::{self, Seen};
use crate::credits::rules::Code;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::evaluations::rules::is_evaluated;
use crate::events::Event;
use crate::ids::{ActivityId, ClaimId, CreditTypeId, RegistrationId, SessionId};
use crate::registration::{self, Registration};

/// What was seen of one person, by session.
type SeenOf = HashMap<SessionId, Seen>;

/// Minutes of a claimed session that count by what is known now, and those that it has.
fn counted_now(setting: &Setting, one: &Accredited, claim: &Standing, line: &ClaimLine, seen: &SeenOf) -> (i64, i64) {
    let rule = setting.rule_of(one, claim);
    let of = one.minutes_of(&line.session_id).unwrap_or_else(|| line.minutes.into());
    let session = setting.session(&line.session_id);
    let there = session.and_then(|session| seen.get(&session.id)?.attended(session, rule.exit()));
    (rule.terms().counted(there.map_or(0, |there| there.minutes), of), of)
}

/// The credit that attendance, as it is known now, gives at most for these claims.
pub fn attended_now(setting: &Setting, one: &Accredited, own: &[&Standing], seen: &SeenOf) -> i64 {
    let of_claim = |claim: &&Standing| claim.lines.iter().map(|line| counted_now(setting, one, claim, line, seen)).collect::<Vec<_>>();
    let minutes: Vec<(i64, i64)> = own.iter().flat_map(of_claim).collect();
    let rule = own.last().map_or(&one.rule, |claim| setting.rule_of(one, claim));
    rule.terms().earned(&minutes, one.maximum)
}

/// What somebody attended in all, as it is known now: the minutes, and those of each session.
pub fn participation_now(setting: &Setting, seen: &SeenOf) -> (i64, Vec<(SessionId, i64)>) {
    let (mut stays, mut said, mut attended) = (Vec::new(), Vec::new(), Vec::new());
    for (id, seen) in seen {
        let Some(session) = setting.session(id).filter(|session| is_evaluated(session.kind)) else { continue };
        let Some(there) = seen.attended(session, ExitRule::of(&setting.event)).filter(|there| there.minutes > 0) else { continue };
        attended.push((id.clone(), there.minutes));
        if seen.is_attested(session, ExitRule::of(&setting.event)) {
            said.push((session.starts_at, session.ends_at, there.minutes));
        } else {
            stays.extend(there.stays);
        }
    }
    (minutes_attended(&stays, &said), attended)
}

/// The hours of participation that so many minutes are, in hundredths.
pub fn participation_credit(minutes: i64) -> i64 {
    Code::Attendance.known().terms.credit(minutes)
}

/// Credit that says more than attendance gives now.
#[derive(Clone, Debug)]
pub struct Contradicted {
    pub registration: Registration,
    pub code: Code,
    /// The number of the certificate that says so; none while none is good.
    pub number: Option<String>,
    /// One of the claims that it is the sum of; none of participation, which nobody claims.
    pub claim: Option<ClaimId>,
    pub credited: i64,
    pub attended: i64,
}

/// The credit of an event, certified or only claimed, that is more than attendance gives since it was corrected.
pub fn contradicted(db: &mut Db, setting: &Setting) -> Result<Vec<Contradicted>> {
    let claims = claims::of_event(db, &setting.event.id)?;
    let seen = evidence::of_event(db, &setting.event.id)?;
    let certificates = super::of_event(db, &setting.event.id)?;
    among(db, setting, claims, &seen, &certificates)
}

/// The same of one person.
pub fn contradicted_of(db: &mut Db, setting: &Setting, registration: &Registration) -> Result<Vec<Contradicted>> {
    let claims = claims::of_registration(db, &registration.id)?;
    let seen = HashMap::from([(registration.id.clone(), evidence::of_registration(db, &registration.id)?)]);
    let own = super::of_registration(db, &registration.id)?.into_iter().map(|whole| (registration.clone(), whole));
    let own: Vec<(Registration, Whole)> = own.collect();
    among(db, setting, claims, &seen, &own)
}

fn among(
    db: &mut Db,
    setting: &Setting,
    claims: Vec<Standing>,
    seen: &HashMap<RegistrationId, SeenOf>,
    certificates: &[(Registration, Whole)],
) -> Result<Vec<Contradicted>> {
    let mut groups: BTreeMap<(RegistrationId, ActivityId, CreditTypeId), Vec<Standing>> = BTreeMap::new();
    for one in claims {
        let claim = &one.claim;
        let group = (claim.registration_id.clone(), claim.activity_id.clone(), claim.credit_type_id.clone());
        groups.entry(group).or_default().push(one);
    }
    let none = HashMap::new();
    let mut found = Vec::new();
    for ((registration, activity, kind), own) in &groups {
        let Some(one) = setting.accredited.iter().find(|one| one.activity.id == *activity && one.kind.id == *kind) else { continue };
        let own: Vec<&Standing> = own.iter().collect();
        let credited = own.iter().map(|claim| i64::from(claim.claim.hundredths)).sum();
        let attended = attended_now(setting, one, &own, seen.get(registration).unwrap_or(&none));
        if credited > attended {
            let is_about = |whole: &Whole| {
                let certificate = &whole.certificate;
                certificate.registration_id == *registration
                    && certificate.activity_id.as_ref() == Some(activity)
                    && certificate.credit_type_id.as_ref() == Some(kind)
            };
            let whole = certificates.iter().map(|(_, whole)| whole).find(|whole| is_about(whole));
            let number = match whole {
                Some(whole) => certified(whole)?.map(|_| whole.number()),
                None => None,
            };
            let registration = registration::get_by_id(db, registration)?;
            let claim = own.first().map(|claim| claim.claim.id.clone());
            found.push(Contradicted { registration, code: one.kind.code, number, claim, credited, attended });
        }
    }
    for (registration, whole) in certificates.iter().filter(|(_, whole)| whole.certificate.subject == PARTICIPATION) {
        let Some(printed) = certified(whole)? else { continue };
        let attended = participation_credit(participation_now(setting, seen.get(&registration.id).unwrap_or(&none)).0);
        if printed.hundredths > attended {
            let (number, registration) = (Some(whole.number()), registration.clone());
            let (code, credited) = (Code::Attendance, printed.hundredths);
            found.push(Contradicted { registration, code, number, claim: None, credited, attended });
        }
    }
    found.sort_by_key(|one| one.registration.full_name());
    Ok(found)
}

/// What a certificate certifies now; none where it is revoked.
fn certified(whole: &Whole) -> Result<Option<Printed>> {
    match whole.newest()? {
        (_, Some(_)) => Ok(None),
        (version, None) => version.read().map(Some),
    }
}

crate::words! {
    /// How much of the credit is left.
    Left { Attended => "attended", Nothing => "nothing" }
}

/// Lowers the credit of the activity and type of this claim to what attendance gives now, or to nothing, whatever the
/// deadline; its certificate gets a new version or is revoked. Without a claim it is the certificate of participation.
pub fn lower(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    claim: Option<&ClaimId>,
    left: Left,
    reason: &str,
) -> Result<Settled> {
    claims::check_reason(reason)?;
    registration::hold(tx, &registration.id)?;
    let Some(claim) = claim else { return follow(tx, event, registration, reason) };
    let all = claims::of_registration(tx.db, &registration.id)?;
    let named = &all.iter().find(|one| one.claim.id == *claim).ok_or(Error::NotFound)?.claim;
    let setting = Setting::of(tx.db, event)?;
    let is_about = |one: &&Accredited| one.activity.id == named.activity_id && one.kind.id == named.credit_type_id;
    let one = setting.accredited.iter().find(is_about).ok_or(Error::NotFound)?;
    let of_same = |one: &&Standing| one.claim.activity_id == named.activity_id && one.claim.credit_type_id == named.credit_type_id;
    let own: Vec<&Standing> = all.iter().filter(of_same).collect();
    let seen = evidence::of_registration(tx.db, &registration.id)?;
    let attended = attended_now(&setting, one, &own, &seen);
    if left == Left::Attended && own.iter().map(|one| i64::from(one.claim.hundredths)).sum::<i64>() <= attended {
        return Err(Error::refused("credits.not_contradicted", "Attendance gives as much as was claimed. Nothing was changed."));
    }
    let mut rest = if left == Left::Nothing { 0 } else { attended };
    for standing in own {
        let terms = setting.rule_of(one, standing).terms();
        let counted: Vec<i64> = standing.lines.iter().map(|line| counted_now(&setting, one, standing, line, &seen).0).collect();
        let most = counted.iter().map(|minutes| if *minutes == 0 { 0 } else { terms.ceiling(*minutes) });
        let lines: Vec<(i64, i64)> = standing.lines.iter().map(|line| i64::from(line.hundredths)).zip(most).collect();
        let now = lowered(&lines, &mut rest);
        if lines.iter().zip(&now).any(|((claimed, _), now)| claimed != now) {
            let left: Vec<(i64, i64)> = counted.into_iter().zip(now).collect();
            claims::lower(tx, event, registration, standing, &left, reason)?;
        }
    }
    follow(tx, event, registration, reason)
}
