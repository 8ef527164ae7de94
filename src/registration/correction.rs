//! Correcting what stands in a registration: names, credentials, organization, needs, the address (EVT-3).

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::rules::{self, Details};
use super::{Registration, of_person};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::registrations;
use crate::error::{Checks, Result};
use crate::people;

impl Registration {
    /// What the person filled in, as a form shows it again; the address is the person's.
    pub fn details(&self, email: &str) -> Details {
        Details {
            email: email.to_owned(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            badge_name: self.badge_name.clone(),
            certificate_name: self.certificate_name.clone(),
            credentials: self.credentials.clone(),
            profession: self.profession.clone(),
            organization: self.organization.clone(),
            dietary: self.dietary.clone(),
            accommodation: self.accommodation.clone(),
            represents: Some(self.represents),
            sponsors_opt_in: self.sponsors_opt_in,
        }
    }
}

/// Corrects a registration and, with it, the person behind it; nothing is written where nothing differs.
/// Personal values stand in the audit entry as references only (ACC-4).
pub fn correct(tx: &mut Tx<'_>, registration: &Registration, typed: &Details, reason: &str) -> Result<Registration> {
    let mut checks = Checks::new();
    typed.check("", &mut checks);
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    super::hold(tx, &registration.id)?;
    let current = super::get_by_id(tx.db, &registration.id)?;
    let person = people::get(tx.db, &current.person_id)?;
    let old = current.details(&person.email);
    let new = following_names(&old, typed);
    if new == old {
        return Ok(current);
    }
    people::correction::correct(tx, &person, &new.email, (&old.given_name, &old.family_name), (&new.given_name, &new.family_name))?;
    let corrected = Registration {
        search_key: rules::search_key(&new, &current.code),
        given_name: new.given_name.clone(),
        family_name: new.family_name.clone(),
        badge_name: new.badge_name.clone(),
        certificate_name: new.certificate_name.clone(),
        credentials: new.credentials.clone(),
        profession: new.profession.clone(),
        organization: new.organization.clone(),
        dietary: new.dietary.clone(),
        accommodation: new.accommodation.clone(),
        represents: new.represents.unwrap_or(current.represents),
        sponsors_opt_in: new.sponsors_opt_in,
        ..current
    };
    diesel::update(registrations::table.find(&corrected.id)).set(&corrected).execute(tx.db)?;
    if new.email != old.email {
        refresh_search_keys(tx, &corrected, &new.email)?;
    }
    record(tx, &corrected, &old, &new, reason)?;
    tx.event_changed(&corrected.event_id);
    Ok(corrected)
}

/// Badge and certificate names that were simply the whole name follow it when the name is corrected.
fn following_names(old: &Details, typed: &Details) -> Details {
    let whole = people::rules::full_name(&old.given_name, &old.family_name);
    let follow = |name: &str| if name.trim() == whole { String::new() } else { name.to_owned() };
    let mut typed = typed.clone();
    typed.badge_name = follow(&typed.badge_name);
    typed.certificate_name = follow(&typed.certificate_name);
    typed.represents = typed.represents.or(old.represents);
    typed.tidied()
}

/// The search finds every registration of a person by the new address.
fn refresh_search_keys(tx: &mut Tx<'_>, corrected: &Registration, email: &str) -> Result<()> {
    for other in of_person(tx.db, &corrected.person_id)? {
        let key = rules::search_key(&other.details(email), &other.code);
        diesel::update(registrations::table.find(&other.id)).set(registrations::search_key.eq(key)).execute(tx.db)?;
    }
    Ok(())
}

fn record(tx: &mut Tx<'_>, registration: &Registration, old: &Details, new: &Details, reason: &str) -> Result<()> {
    let (mut before, mut after) = (Map::new(), Map::new());
    let personal = [
        ("email", &old.email, &new.email),
        ("given_name", &old.given_name, &new.given_name),
        ("family_name", &old.family_name, &new.family_name),
        ("badge_name", &old.badge_name, &new.badge_name),
        ("certificate_name", &old.certificate_name, &new.certificate_name),
        ("credentials", &old.credentials, &new.credentials),
        ("organization", &old.organization, &new.organization),
        ("dietary", &old.dietary, &new.dietary),
        ("accommodation", &old.accommodation, &new.accommodation),
    ];
    for (name, from, to) in personal.into_iter().filter(|(_, from, to)| from != to) {
        for (facts, value) in [(&mut before, from), (&mut after, to)] {
            if !value.is_empty() {
                facts.insert(name.to_owned(), audit::personal(tx, &registration.person_id, value)?);
            }
        }
    }
    let plain = [
        ("profession", json!(old.profession), json!(new.profession)),
        ("represents", json!(old.represents), json!(new.represents)),
        ("sponsors_opt_in", json!(old.sponsors_opt_in), json!(new.sponsors_opt_in)),
    ];
    for (name, from, to) in plain.into_iter().filter(|(_, from, to)| from != to) {
        before.insert(name.to_owned(), from);
        after.insert(name.to_owned(), to);
    }
    let entry = Entry::of("registration.corrected", "registration", &registration.id)
        .event(&registration.event_id)
        .registration(&registration.id)
        .before(Value::Object(before))
        .after(Value::Object(after));
    if reason.trim().is_empty() { entry.record(tx) } else { entry.reason(reason.trim()).record(tx) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_name_is_followed_by_printed_names_that_were_the_same() {
        let old = Details {
            given_name: "Maja".to_owned(),
            family_name: "Okafor".to_owned(),
            badge_name: "Maja Okafor".to_owned(),
            certificate_name: "Maja A. Okafor".to_owned(),
            ..Details::default()
        };
        let new = following_names(&old, &Details { given_name: "Maya".to_owned(), ..old.clone() });
        assert_eq!((new.badge_name.as_str(), new.certificate_name.as_str()), ("Maya Okafor", "Maja A. Okafor"));
    }

    #[test]
    fn what_stays_the_same_is_no_correction() {
        let old = Details {
            given_name: "Maya".to_owned(),
            badge_name: "Maya".to_owned(),
            certificate_name: "Maya".to_owned(),
            ..Details::default()
        };
        assert_eq!(following_names(&old, &Details { given_name: " Maya ".to_owned(), ..old.clone() }), old);
    }
}
