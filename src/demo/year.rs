//! The documents of the demo year, which are part of the program.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::{Error, Result};

/// The demo's clock begins here unless it is told otherwise: the Monday of the congress, before the keynote.
pub const BEGINS: &str = "2026-03-09T08:30:00-07:00";

/// The congress and the learning series, as `lanyard event import` reads them.
pub const EVENTS: [(&str, &str); 2] = [
    ("congress-2026.toml", include_str!("../../data/demo/congress-2026.toml")),
    ("pssm-series-2026.toml", include_str!("../../data/demo/pssm-series-2026.toml")),
];

/// Hospitals of all states, as `lanyard hospitals import` reads them.
pub const HOSPITALS: &[u8] = include_bytes!("../../data/demo_hospitals.csv");

const PARTS: &str = include_str!("../../data/demo/hospitals.toml");
const PEOPLE: &str = include_str!("../../data/demo/people.csv");

/// A hospital's part in the demo.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HospitalPart {
    pub role: String,
    pub ccn: String,
    #[serde(default)]
    pub domains: Vec<DomainPart>,
    pub recognition: Option<RecognitionPart>,
    pub staff_code: Option<CodePart>,
}

impl HospitalPart {
    /// A domain of its own where it has one, otherwise one that it shares.
    pub fn domain(&self) -> &str {
        let own = self.domains.iter().find(|domain| !domain.shared).or(self.domains.first());
        own.map_or("", |domain| domain.domain.as_str())
    }
}

/// An e-mail domain; a shared one belongs to several hospitals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainPart {
    pub domain: String,
    #[serde(default)]
    pub shared: bool,
}

/// A term of recognition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecognitionPart {
    pub term_starts_on: NaiveDate,
    pub term_ends_on: NaiveDate,
    #[serde(default)]
    pub conditional: bool,
    pub approved_on: Option<NaiveDate>,
    pub paid_on: Option<NaiveDate>,
}

/// A code that a hospital gives its staff.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodePart {
    pub code: String,
    pub cap: i32,
    pub expires_on: NaiveDate,
}

#[derive(Deserialize)]
struct Parts {
    hospitals: Vec<HospitalPart>,
}

/// The hospitals with a part in the demo.
pub fn hospital_parts() -> Result<Vec<HospitalPart>> {
    let parts: Parts = toml::from_str(PARTS).map_err(|cause| Error::internal(format!("hospitals.toml: {cause}")))?;
    Ok(parts.hospitals)
}

/// A person of the demo.
#[derive(Debug, Deserialize)]
pub struct PersonRow {
    pub given_name: String,
    pub family_name: String,
    pub badge_name: String,
    pub certificate_name: String,
    pub credentials: String,
    pub profession: String,
    pub organization: String,
    pub email: String,
    pub hospital_ccn: String,
    #[serde(rename = "type")]
    pub registration_type: String,
    /// Codes of sessions, separated by spaces.
    pub sessions: String,
    pub dietary: String,
    pub accommodation: String,
    pub represents: String,
    pub sponsors_opt_in: String,
    pub paid: String,
}

/// The people of the demo; the first is the attendee of the access file.
pub fn people() -> Result<Vec<PersonRow>> {
    let mut reader = csv::Reader::from_reader(PEOPLE.as_bytes());
    reader.deserialize().collect::<std::result::Result<_, _>>().map_err(|cause| Error::internal(format!("people.csv: {cause}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::people::rules::email_key;
    use crate::registration::rules::PROFESSIONS;

    #[test]
    fn the_demo_has_the_hospitals_that_its_access_file_names() {
        let parts = hospital_parts().unwrap();
        let file = crate::hospitals::cms_file::read(HOSPITALS).unwrap();
        for part in &parts {
            assert!(file.hospitals.iter().any(|hospital| hospital.ccn == part.ccn), "{}", part.ccn);
        }
        for role in ["recognized", "ended", "conditional", "sibling"] {
            assert!(parts.iter().any(|part| part.role == role && !part.domain().is_empty()), "{role}");
        }
    }

    #[test]
    fn the_demo_has_300_people_with_addresses_of_their_own() {
        let people = people().unwrap();
        let addresses: BTreeSet<String> = people.iter().filter_map(|person| email_key(&person.email)).collect();
        assert_eq!((people.len(), addresses.len()), (300, 300));
        for person in &people {
            assert!(PROFESSIONS.iter().any(|(word, _)| *word == person.profession), "{}", person.profession);
        }
        let first = people.first().unwrap();
        assert_eq!((first.registration_type.as_str(), first.sessions.as_str(), first.profession.as_str()), ("general", "B1", "physician"));
    }
}
