//! What a person fills in to register, tidied and checked (EVT-3).

use serde::{Deserialize, Serialize};

use super::Represents;
use crate::agenda::Session;
use crate::error::Checks;
use crate::people::rules::{email_key, fold, full_name, tidy};

/// The longest names that badges, letters and certificates are made for.
const LONGEST_NAME: usize = 120;
const LONGEST_LINE: usize = 200;
const LONGEST_TEXT: usize = 2000;

/// The professions people choose from; the word is stored, the words are shown.
pub const PROFESSIONS: &[(&str, &str)] = &[
    ("physician", "Physician"),
    ("nurse", "Nurse"),
    ("pharmacist", "Pharmacist"),
    ("pharmacy_technician", "Pharmacy technician"),
    ("physician_associate", "Physician associate"),
    ("social_worker", "Social worker"),
    ("quality", "Quality or safety professional"),
    ("executive", "Executive or administrator"),
    ("patient_partner", "Patient or family partner"),
    ("other", "Something else"),
];

/// Who registers, as typed. Fields that are left out are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    /// Name on the badge; empty means given and family name.
    pub badge_name: String,
    /// Name on certificates; empty means given and family name.
    pub certificate_name: String,
    pub credentials: String,
    pub profession: String,
    pub organization: String,
    pub dietary: String,
    pub accommodation: String,
    pub represents: Option<Represents>,
    pub sponsors_opt_in: bool,
}

impl Details {
    /// The same with every line tidied and the two printed names filled in.
    pub fn tidied(&self) -> Self {
        let (given, family) = (tidy(&self.given_name), tidy(&self.family_name));
        let whole = full_name(&given, &family);
        let or_whole = |name: &str| Some(tidy(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| whole.clone());
        Self {
            email: self.email.trim().to_owned(),
            badge_name: or_whole(&self.badge_name),
            certificate_name: or_whole(&self.certificate_name),
            given_name: given,
            family_name: family,
            credentials: tidy(&self.credentials),
            profession: self.profession.trim().to_owned(),
            organization: tidy(&self.organization),
            dietary: self.dietary.trim().to_owned(),
            accommodation: self.accommodation.trim().to_owned(),
            represents: self.represents,
            sponsors_opt_in: self.sponsors_opt_in,
        }
    }

    /// Adds what is wrong, field by field; `prefix` stands before each field's name (`person.` in the API).
    pub fn check(&self, prefix: &str, checks: &mut Checks) {
        let field = |name: &str| format!("{prefix}{name}");
        if email_key(&self.email).is_none() {
            checks.wrong(&field("email"), "email", "Enter a complete e-mail address, such as name@hospital.org.");
        }
        if full_name(&tidy(&self.given_name), &tidy(&self.family_name)).is_empty() {
            checks.wrong(&field("given_name"), "required", "Enter your name. If you have one name, put it in either field.");
        }
        for (name, text) in [
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("badge_name", &self.badge_name),
            ("certificate_name", &self.certificate_name),
        ] {
            checks.at_most(&field(name), text, LONGEST_NAME);
        }
        for (name, text) in [("credentials", &self.credentials), ("organization", &self.organization)] {
            checks.at_most(&field(name), text, LONGEST_LINE);
        }
        for (name, text) in [("dietary", &self.dietary), ("accommodation", &self.accommodation)] {
            checks.at_most(&field(name), text, LONGEST_TEXT);
        }
        if !self.profession.trim().is_empty() && !PROFESSIONS.iter().any(|(word, _)| *word == self.profession.trim()) {
            let known: Vec<&str> = PROFESSIONS.iter().map(|(word, _)| *word).collect();
            checks.wrong(&field("profession"), "unknown", format!("Choose one of: {}.", known.join(", ")));
        }
    }
}

/// What the desk's search looks in: names, e-mail, organization and code, folded.
pub fn search_key(details: &Details, code: &str) -> String {
    let parts = [details.family_name.as_str(), &details.given_name, &details.badge_name, &details.certificate_name, &details.organization];
    let mut words = Vec::new();
    for part in parts {
        let folded = fold(part);
        if !words.contains(&folded) {
            words.push(folded);
        }
    }
    // The address and the code are kept as they are typed, apart from case.
    words.push(details.email.to_lowercase());
    words.push(code.to_lowercase());
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// The first two of these sessions, sorted by start, that are at the same time (ENR-2).
pub fn first_overlap<'a>(sessions: &[&'a Session]) -> Option<(&'a Session, &'a Session)> {
    sessions.iter().enumerate().find_map(|(index, first)| {
        let other = sessions.get(index + 1..)?.iter().find(|second| first.overlaps(second))?;
        Some((*first, *other))
    })
}

/// How a profession is shown.
pub fn profession_words(word: &str) -> &str {
    PROFESSIONS.iter().find(|(known, _)| *known == word).map_or(word, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maya() -> Details {
        Details {
            email: "maya@hospital.example".to_owned(),
            given_name: "Maya".to_owned(),
            family_name: "Okafor".to_owned(),
            ..Details::default()
        }
    }

    fn fields(details: &Details) -> Vec<String> {
        let mut checks = Checks::new();
        details.check("", &mut checks);
        match checks.finish() {
            Err(crate::error::Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn badge_and_certificate_names_default_to_the_whole_name() {
        let tidied = Details { certificate_name: "  Maya  A. Okafor ".to_owned(), ..maya() }.tidied();
        assert_eq!((tidied.badge_name.as_str(), tidied.certificate_name.as_str()), ("Maya Okafor", "Maya A. Okafor"));
    }

    #[test]
    fn one_name_is_enough() {
        assert!(fields(&Details { given_name: String::new(), ..maya() }).is_empty());
        assert_eq!(fields(&Details { given_name: " ".to_owned(), family_name: "\u{200B}".to_owned(), ..maya() }), vec!["given_name"]);
    }

    #[test]
    fn what_is_wrong_is_said_field_by_field() {
        let wrong = Details { email: "nobody".to_owned(), profession: "wizard".to_owned(), badge_name: "x".repeat(121), ..maya() };
        assert_eq!(fields(&wrong), vec!["email", "badge_name", "profession"]);
    }
}
