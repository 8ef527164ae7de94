//! Issuing: a person's certificates follow their claims, in the transaction that changes them (CEU-3, CEU-4, CEU-6).

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use super::corrections::{attended_now, participation_credit, participation_now};
use super::printed::{Printed, Setting};
use super::rules::{Cause, Credit, Gate, Lack, Next, next};
use super::{Certificate, PARTICIPATION, Version, Whole, letters, of_registration};
use crate::app::Tx;
use crate::audit::Entry;
use crate::credits::activities::Accredited;
use crate::credits::claims::{self, Standing};
use crate::credits::evidence::{self, Seen};
use crate::db::schema::{certificate_revocations, certificate_versions, certificates};
use crate::error::{Error, Result};
use crate::evaluations::rules::Scope;
use crate::evaluations::{self, Subject, forms};
use crate::events::Event;
use crate::ids::{CertificateId, CertificateVersionId, SessionId, random_letters};
use crate::registration::{self, Registration, Status};

/// What makes somebody look at a person's certificates.
#[derive(Clone, Debug, Default)]
pub struct Occasion {
    /// Why, where staff said so; empty otherwise.
    pub reason: String,
    /// Staff issue what lacks the overall evaluation or was revoked, because of the reason.
    pub by_staff: bool,
}

/// What was done, and what is missing for more.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    pub issued: Vec<Printing>,
    pub renewed: Vec<Printing>,
    pub withdrawn: Vec<Printing>,
    pub lacks: Vec<Lack>,
    /// Certificates that were there and are as they should be.
    pub kept: usize,
}

impl Settled {
    /// Certificates that were issued or renewed.
    pub fn made(&self) -> usize {
        self.issued.len() + self.renewed.len()
    }

    fn waits_for(&mut self, lack: Lack) {
        if !self.lacks.contains(&lack) {
            self.lacks.push(lack);
        }
    }
}

/// A version that was just made or withdrawn.
#[derive(Clone, Debug)]
pub struct Printing {
    pub serial: String,
    pub version: i32,
    pub cause: Cause,
    pub printed: Printed,
}

/// Brings a person's certificates in line with what they claimed, after a claim, an evaluation or a correction.
pub fn follow(tx: &mut Tx<'_>, event: &Event, registration: &Registration, reason: &str) -> Result<Settled> {
    if waits_for_overall(tx, event, registration)? {
        return Ok(Settled { lacks: vec![Lack::Overall], ..Settled::default() });
    }
    let setting = Setting::of(tx.db, event)?;
    settle(tx, &setting, registration, &Occasion { reason: reason.trim().to_owned(), by_staff: false })
}

/// Most claims come before the evaluation of the whole event: then nothing else need be looked at.
fn waits_for_overall(tx: &mut Tx<'_>, event: &Event, registration: &Registration) -> Result<bool> {
    Ok(forms::current(tx.db, &event.id, Scope::Overall)?.is_some()
        && evaluations::done(tx.db, &registration.id)?.submitted_at(&Subject::Overall).is_none()
        && of_registration(tx.db, &registration.id)?.is_empty())
}

/// Staff issue what is ready, and with a reason also what lacks the overall evaluation or was revoked.
pub fn issue(tx: &mut Tx<'_>, event: &Event, registration: &Registration, reason: &str) -> Result<Settled> {
    let reason = reason.trim().to_owned();
    let setting = Setting::of(tx.db, event)?;
    let by_staff = !reason.is_empty();
    let settled = settle(tx, &setting, registration, &Occasion { reason, by_staff })?;
    if settled.made() > 0 {
        return Ok(settled);
    }
    if let Some(lack) = settled.lacks.iter().find(|lack| matches!(lack, Lack::Overall | Lack::Revoked)) {
        let said = format!("{}. Say why the certificate is issued all the same.", lack.words());
        return Err(Error::invalid("reason", "required", said));
    }
    let missing: Vec<&str> = settled.lacks.iter().map(|lack| lack.words()).collect();
    let said = if missing.is_empty() { "Everything is issued already.".to_owned() } else { format!("{}.", missing.join(". ")) };
    Err(Error::refused("certificates.nothing_to_issue", said))
}

/// What is known of one person while their certificates are looked at.
struct Case<'a> {
    setting: &'a Setting,
    registration: &'a Registration,
    claims: Vec<Standing>,
    seen: HashMap<SessionId, Seen>,
    held: Vec<Whole>,
    gate: Gate,
    occasion: &'a Occasion,
}

/// Issues, renews and withdraws whatever the rules say, and writes the letters.
pub fn settle(tx: &mut Tx<'_>, setting: &Setting, registration: &Registration, occasion: &Occasion) -> Result<Settled> {
    registration::hold(tx, &registration.id)?;
    let registration = registration::get_by_id(tx.db, &registration.id)?;
    let done = evaluations::done(tx.db, &registration.id)?;
    let case = Case {
        claims: claims::of_registration(tx.db, &registration.id)?,
        seen: evidence::of_registration(tx.db, &registration.id)?,
        held: of_registration(tx.db, &registration.id)?,
        gate: Gate {
            is_active: registration.status == Status::Confirmed,
            overall_missing: setting.asks_overall && done.submitted_at(&Subject::Overall).is_none(),
            is_waived: occasion.by_staff,
        },
        setting,
        registration: &registration,
        occasion,
    };
    let mut settled = Settled::default();
    for one in &setting.accredited {
        case.settle_credit(tx, one, &mut settled)?;
    }
    if !setting.accredited.iter().any(|one| one.kind.serves(&registration.profession)) {
        case.settle_participation(tx, &mut settled)?;
    } else if case.claims.is_empty() && case.held.is_empty() {
        settled.waits_for(if case.seen.is_empty() { Lack::Attendance } else { Lack::Claim });
    }
    letters::tell(tx, &setting.event, &registration, &settled, &occasion.reason)?;
    Ok(settled)
}

impl Case<'_> {
    fn settle_credit(&self, tx: &mut Tx<'_>, one: &Accredited, settled: &mut Settled) -> Result<()> {
        let is_own = |claim: &&Standing| claim.claim.activity_id == one.activity.id && claim.claim.credit_type_id == one.kind.id;
        let own: Vec<&Standing> = self.claims.iter().filter(is_own).collect();
        let subject = format!("{}/{}", one.activity.id, one.kind.id);
        if own.is_empty() && !self.held.iter().any(|whole| whole.certificate.subject == subject) {
            return Ok(());
        }
        let credit = self.credit_of(one, &own);
        let mut certificate = blank(self.registration, subject);
        (certificate.activity_id, certificate.credit_type_id) = (Some(one.activity.id.clone()), Some(one.kind.id.clone()));
        let print = || self.setting.of_claims(self.registration, one, &own);
        self.settle_one(tx, certificate, &credit, &print, settled)
    }

    fn credit_of(&self, one: &Accredited, own: &[&Standing]) -> Credit {
        Credit {
            hundredths: own.iter().map(|claim| i64::from(claim.claim.hundredths)).sum(),
            claims: own.iter().map(|claim| claim.claim.id.clone()).collect(),
            attended: attended_now(self.setting, one, own, &self.seen),
        }
    }

    fn settle_participation(&self, tx: &mut Tx<'_>, settled: &mut Settled) -> Result<()> {
        let (minutes, attended) = participation_now(self.setting, &self.seen);
        let hundredths = participation_credit(minutes);
        let is_held = self.held.iter().any(|whole| whole.certificate.subject == PARTICIPATION);
        if hundredths == 0 && !is_held {
            settled.waits_for(Lack::Attendance);
            return Ok(());
        }
        if tx.now < self.setting.event.ends_at() && !is_held {
            settled.waits_for(Lack::End);
            return Ok(());
        }
        let credit = Credit { hundredths, claims: Vec::new(), attended: hundredths };
        let print = || self.setting.of_participation(self.registration, minutes, &attended);
        self.settle_one(tx, blank(self.registration, PARTICIPATION.to_owned()), &credit, &print, settled)
    }

    fn settle_one(
        &self,
        tx: &mut Tx<'_>,
        certificate: Certificate,
        credit: &Credit,
        print: &dyn Fn() -> Printed,
        settled: &mut Settled,
    ) -> Result<()> {
        let held = self.held.iter().find(|whole| whole.certificate.subject == certificate.subject);
        let known = held.map(|whole| whole.held(self.registration)).transpose()?;
        match (next(credit, known.as_ref(), &self.gate, self.occasion.by_staff), held) {
            (Next::Keep, _) => settled.kept += 1,
            (Next::Wait(lack), _) => settled.waits_for(lack),
            (Next::Issue, _) => {
                let certificate = Certificate { issued_at: tx.now, ..certificate };
                diesel::insert_into(certificates::table).values(&certificate).execute(tx.db)?;
                settled.issued.push(self.write(tx, &certificate, 1, Cause::Issued, print())?);
            }
            (Next::Renew(cause), Some(whole)) => {
                let version = whole.newest()?.0.version + 1;
                settled.renewed.push(self.write(tx, &whole.certificate, version, cause, print())?);
            }
            (Next::Withdraw, Some(whole)) => settled.withdrawn.push(self.withdraw(tx, whole)?),
            (Next::Renew(_) | Next::Withdraw, None) => {}
        }
        Ok(())
    }

    fn write(&self, tx: &mut Tx<'_>, certificate: &Certificate, number: i32, cause: Cause, printed: Printed) -> Result<Printing> {
        let version = Version {
            id: CertificateVersionId::new(),
            certificate_id: certificate.id.clone(),
            version: number,
            credential_id: format!("urn:uuid:{}", uuid::Uuid::new_v4()),
            cause,
            reason: self.occasion.reason.clone(),
            hundredths: i32::try_from(printed.hundredths).map_err(Error::internal)?,
            printed: serde_json::to_string(&printed).map_err(Error::internal)?,
            issued_at: tx.now,
            actor: tx.actor.label(),
        };
        diesel::insert_into(certificate_versions::table).values(&version).execute(tx.db)?;
        let action = if number == 1 { "certificate.issued" } else { "certificate.renewed" };
        let facts = json!({ "credit_type": printed.code, "hundredths": printed.hundredths, "version": number, "cause": cause });
        self.record(tx, Entry::of(action, "certificate", &certificate.id).after(facts))?;
        Ok(Printing { serial: certificate.serial.clone(), version: number, cause, printed })
    }

    fn withdraw(&self, tx: &mut Tx<'_>, whole: &Whole) -> Result<Printing> {
        let (version, _) = whole.newest()?;
        let reason = if self.occasion.reason.is_empty() { "The credit was taken back." } else { &self.occasion.reason };
        let columns = (
            certificate_revocations::version_id.eq(&version.id),
            certificate_revocations::withdrawn.eq(true),
            certificate_revocations::reason.eq(reason),
            certificate_revocations::at.eq(tx.now),
            certificate_revocations::actor.eq(tx.actor.label()),
        );
        diesel::insert_into(certificate_revocations::table).values(columns).execute(tx.db)?;
        let facts = json!({ "version": version.version });
        self.record(tx, Entry::of("certificate.withdrawn", "certificate", &whole.certificate.id).before(facts))?;
        let printed = version.read()?;
        Ok(Printing { serial: whole.certificate.serial.clone(), version: version.version, cause: Cause::TakenBack, printed })
    }

    fn record(&self, tx: &mut Tx<'_>, entry: Entry) -> Result<()> {
        let entry = entry.event(&self.setting.event.id).registration(&self.registration.id);
        if self.occasion.reason.is_empty() { entry.record(tx) } else { entry.reason(&self.occasion.reason).record(tx) }
    }
}

fn blank(registration: &Registration, subject: String) -> Certificate {
    Certificate {
        id: CertificateId::new(),
        serial: random_letters(super::rules::SERIAL_LETTERS),
        registration_id: registration.id.clone(),
        subject,
        activity_id: None,
        credit_type_id: None,
        issued_at: registration.created_at,
    }
}
