//! Attendance that was corrected after a certificate was issued: what is known now against what was claimed (CEU-4).

use std::collections::HashMap;

use super::Whole;
use super::printed::{Printed, Setting};
use crate::credits::activities::Accredited;
use crate::credits::claims::{self, Standing};
use crate::credits::evidence::{self, Seen};
use crate::credits::rules::Code;
use crate::db::Db;
use crate::error::Result;
use crate::ids::{RegistrationId, SessionId};
use crate::registration::Registration;

/// The credit that attendance, as it is known now, gives at most for these claims.
pub fn attended_now(setting: &Setting, one: &Accredited, own: &[&Standing], seen: &HashMap<SessionId, Seen>) -> i64 {
    let mut minutes = Vec::new();
    for claim in own {
        let rule = setting.rule_of(one, claim);
        for line in &claim.lines {
            let of = one.minutes_of(&line.session_id).unwrap_or_else(|| line.minutes.into());
            let session = setting.session(&line.session_id);
            let there = session.and_then(|session| seen.get(&session.id)?.attended(session, rule.exit()));
            minutes.push((rule.terms().counted(there.map_or(0, |there| there.minutes), of), of));
        }
    }
    let rule = own.last().map_or(&one.rule, |claim| setting.rule_of(one, claim));
    rule.terms().earned(&minutes, one.maximum)
}

/// A certificate that says more than attendance gives now.
#[derive(Clone, Debug)]
pub struct Contradicted {
    pub registration: Registration,
    pub code: Code,
    pub number: String,
    pub certified: i64,
    pub attended: i64,
}

/// The certificates of an event that say more than attendance gives since it was corrected. Staff take the claim
/// back, which makes a new version, or correct the attendance again.
pub fn contradicted(db: &mut Db, setting: &Setting) -> Result<Vec<Contradicted>> {
    let mut claims: HashMap<RegistrationId, Vec<Standing>> = HashMap::new();
    for one in claims::of_event(db, &setting.event.id)? {
        claims.entry(one.claim.registration_id.clone()).or_default().push(one);
    }
    let seen = evidence::of_event(db, &setting.event.id)?;
    let none = HashMap::new();
    let mut found = Vec::new();
    for (registration, whole) in super::of_event(db, &setting.event.id)? {
        let certificate = &whole.certificate;
        let is_about = |one: &&Accredited| {
            certificate.activity_id.as_ref() == Some(&one.activity.id) && certificate.credit_type_id.as_ref() == Some(&one.kind.id)
        };
        let Some(one) = setting.accredited.iter().find(is_about) else { continue };
        let Some(certified) = certified(&whole)? else { continue };
        let own = claims.get(&registration.id).into_iter().flatten().filter(|claim| certified.claims.contains(&claim.claim.id));
        let own: Vec<&Standing> = own.collect();
        let attended = attended_now(setting, one, &own, seen.get(&registration.id).unwrap_or(&none));
        if certified.hundredths > attended {
            let (number, certified) = (whole.number(), certified.hundredths);
            found.push(Contradicted { registration, code: one.kind.code, number, certified, attended });
        }
    }
    Ok(found)
}

/// What a certificate certifies now; none where it is revoked.
fn certified(whole: &Whole) -> Result<Option<Printed>> {
    match whole.newest()? {
        (_, Some(_)) => Ok(None),
        (version, None) => version.read().map(Some),
    }
}
