//! Certificates: what was earned, as it was printed, in versions under one number (CEU-4, CEU-6).

pub mod admin;
pub mod api;
pub mod changing;
pub mod corrections;
pub mod issuing;
pub mod letters;
pub mod pages;
pub mod press;
pub mod printed;
pub mod rules;
pub mod run_admin;
pub mod runs;
pub mod sheet;
pub mod verification_pages;
pub mod views;

use std::collections::HashMap;

use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{certificate_revocations, certificate_versions, certificates, registrations};
use crate::error::{Error, Result};
use crate::ids::{ActivityId, CertificateId, CertificateVersionId, CreditTypeId, EventId, RegistrationId};
use crate::registration::Registration;

use printed::Printed;
use rules::{Cause, Held, Revoked, Status, grouped, serial_of, status};

/// The subject of a certificate that is about the event and no credit type.
pub const PARTICIPATION: &str = "participation";

/// A certificate, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificates, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Certificate {
    pub id: CertificateId,
    /// Twenty letters, without hyphens.
    pub serial: String,
    pub registration_id: RegistrationId,
    /// Activity and credit type, or [`PARTICIPATION`].
    pub subject: String,
    pub activity_id: Option<ActivityId>,
    pub credit_type_id: Option<CreditTypeId>,
    pub issued_at: Instant,
}

/// A version of a certificate, as it is stored; never changed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificate_versions, check_for_backend(crate::db::Either))]
pub struct Version {
    pub id: CertificateVersionId,
    pub certificate_id: CertificateId,
    pub version: i32,
    /// A name of its own for each version, as credentials need it.
    pub credential_id: String,
    pub cause: Cause,
    pub reason: String,
    pub hundredths: i32,
    /// [`Printed`] as JSON.
    pub printed: String,
    pub issued_at: Instant,
    pub actor: String,
}

impl Version {
    /// What it says.
    pub fn read(&self) -> Result<Printed> {
        serde_json::from_str(&self.printed).map_err(|cause| Error::internal(format!("a certificate's version: {cause}")))
    }
}

/// That a version is no longer good, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificate_revocations, check_for_backend(crate::db::Either))]
pub struct Revocation {
    pub version_id: CertificateVersionId,
    pub withdrawn: bool,
    pub reason: String,
    pub at: Instant,
    pub actor: String,
}

/// A certificate with its versions, oldest first, each with its revocation.
#[derive(Clone, Debug)]
pub struct Whole {
    pub certificate: Certificate,
    pub versions: Vec<(Version, Option<Revocation>)>,
}

impl Whole {
    /// The newest version. Every certificate is made with its first.
    pub fn newest(&self) -> Result<&(Version, Option<Revocation>)> {
        self.versions.last().ok_or_else(|| Error::internal("a certificate without a version"))
    }

    /// The version of this number.
    pub fn version(&self, number: i32) -> Option<&(Version, Option<Revocation>)> {
        self.versions.iter().find(|(version, _)| version.version == number)
    }

    /// How a version stands.
    pub fn status_of(&self, (version, revocation): &(Version, Option<Revocation>)) -> Status {
        let newest = self.versions.last().map_or(version.version, |(newest, _)| newest.version);
        status(version.version, newest, revocation.is_some())
    }

    /// How the certificate stands.
    pub fn status(&self) -> Status {
        self.versions.last().map_or(Status::Revoked, |newest| self.status_of(newest))
    }

    /// What the rules want to know of it.
    pub fn held(&self, registration: &Registration) -> Result<Held> {
        let (version, revocation) = self.newest()?;
        let revoked = revocation.as_ref().map(|one| if one.withdrawn { Revoked::Withdrawn } else { Revoked::ByStaff });
        let printed = version.read()?;
        let is_misnamed = printed.name != registration.certificate_name || printed.credentials != registration.credentials;
        Ok(Held { hundredths: version.hundredths.into(), claims: printed.claims, is_misnamed, revoked })
    }

    /// The number as it is printed.
    pub fn number(&self) -> String {
        grouped(&self.certificate.serial)
    }
}

fn with_versions(db: &mut Db, certificates: Vec<Certificate>) -> Result<Vec<Whole>> {
    let ids: Vec<&CertificateId> = certificates.iter().map(|certificate| &certificate.id).collect();
    let rows: Vec<(Version, Option<Revocation>)> = certificate_versions::table
        .left_join(certificate_revocations::table)
        .filter(certificate_versions::certificate_id.eq_any(&ids))
        .order(certificate_versions::version.asc())
        .select((Version::as_select(), Option::<Revocation>::as_select()))
        .load(db)?;
    let mut of: HashMap<CertificateId, Vec<(Version, Option<Revocation>)>> = HashMap::new();
    for row in rows {
        of.entry(row.0.certificate_id.clone()).or_default().push(row);
    }
    let whole = |certificate: Certificate| Whole { versions: of.remove(&certificate.id).unwrap_or_default(), certificate };
    Ok(certificates.into_iter().map(whole).collect())
}

/// A registration's certificates, oldest first.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Whole>> {
    let rows = certificates::table
        .filter(certificates::registration_id.eq(registration))
        .order(certificates::id.asc())
        .select(Certificate::as_select())
        .load(db)?;
    with_versions(db, rows)
}

/// Everybody's certificates at an event, by name.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<Vec<(Registration, Whole)>> {
    let rows: Vec<(Registration, Certificate)> = certificates::table
        .inner_join(registrations::table)
        .filter(registrations::event_id.eq(event))
        .order((registrations::family_name.asc(), registrations::given_name.asc(), certificates::id.asc()))
        .select((Registration::as_select(), Certificate::as_select()))
        .load(db)?;
    let (people, some): (Vec<Registration>, Vec<Certificate>) = rows.into_iter().unzip();
    let mut all = Vec::new();
    let mut people = people.into_iter();
    for some in some.chunks(500) {
        // What ends is asked first, or a person would be lost between two parts.
        all.extend(with_versions(db, some.to_vec())?.into_iter().zip(people.by_ref()).map(|(whole, person)| (person, whole)));
    }
    Ok(all)
}

/// The certificate with this number, however it is typed: one look-up, whether it is there or not.
pub fn find(db: &mut Db, typed: &str) -> Result<Option<Whole>> {
    let serial = serial_of(typed).unwrap_or_default();
    let row: Option<Certificate> =
        certificates::table.filter(certificates::serial.eq(serial)).select(Certificate::as_select()).first(db).optional()?;
    Ok(with_versions(db, row.into_iter().collect())?.pop())
}

/// The certificate with this number where it is this registration's, or not found.
pub fn get(db: &mut Db, registration: &RegistrationId, typed: &str) -> Result<Whole> {
    find(db, typed)?.filter(|whole| whole.certificate.registration_id == *registration).ok_or(Error::NotFound)
}

/// How many certificates of an event are valid and how many are revoked, each by its newest version.
pub fn count(db: &mut Db, event: &EventId) -> Result<(usize, usize)> {
    let rows: Vec<(CertificateId, Option<CertificateVersionId>)> = certificate_versions::table
        .inner_join(certificates::table.inner_join(registrations::table))
        .left_join(certificate_revocations::table)
        .filter(registrations::event_id.eq(event))
        .order(certificate_versions::version.asc())
        .select((certificate_versions::certificate_id, certificate_revocations::version_id.nullable()))
        .load(db)?;
    // Later versions replace earlier ones.
    let newest: HashMap<CertificateId, bool> = rows.into_iter().map(|(id, revoked)| (id, revoked.is_some())).collect();
    let revoked = newest.values().filter(|revoked| **revoked).count();
    Ok((newest.len() - revoked, revoked))
}
