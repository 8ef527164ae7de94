//! Events, registrations and hospitals for stories, made through the service's own verbs, right unless told otherwise.

use super::app::TestApp;
use chrono::NaiveDate;
use lanyard::agenda::{self, Session};
use lanyard::enrollment::{self, Status};
use lanyard::error::Result;
use lanyard::events::{self, Event};
use lanyard::hospitals::{self, Facts, Hospital, NewCode, Recognition};
use lanyard::ids::{HospitalId, RecognitionId};
use lanyard::orders::Payment;
use lanyard::orders::place::{Buyer, NewOrder, PlacedOrder, place};
use lanyard::orders::quote::{Trust, WantedLine};
use lanyard::registration::Registration;
use lanyard::registration::rules::Details;
use lanyard::setup::{self, document};
use std::sync::atomic::{AtomicU32, Ordering};
use toml::{Table, Value};

/// An event on its way: `a_congress().seats("B1", 1).event("claims_close_on = '2026-04-20'").make(app)`.
pub struct EventMaker(Table);

/// The congress of tests/data/congress.toml: published, Pacific time, with sessions, types, codes and doors.
pub fn a_congress() -> EventMaker {
    EventMaker(include_str!("../data/congress.toml").parse().expect("a document"))
}

/// The learning series of tests/data/series.toml: published, Eastern time, three webinars, the first complimentary.
pub fn a_series() -> EventMaker {
    EventMaker(include_str!("../data/series.toml").parse().expect("a document"))
}

impl EventMaker {
    /// Sets fields of the event, written in TOML.
    pub fn event(mut self, fields: &str) -> Self {
        let fields: Table = fields.parse().expect("fields in TOML");
        self.0["event"].as_table_mut().expect("the event").extend(fields);
        self
    }

    /// Adds a thing to a list, such as `with("sessions", "code = 'B9' …")`.
    pub fn with(mut self, list: &str, fields: &str) -> Self {
        let fields: Table = fields.parse().expect("fields in TOML");
        let items = self.0.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        items.as_array_mut().expect("a list").push(Value::Table(fields));
        self
    }

    /// Sets fields of the thing with this code.
    pub fn but(mut self, list: &str, code: &str, fields: &str) -> Self {
        let fields: Table = fields.parse().expect("fields in TOML");
        let items = self.0[list].as_array_mut().expect("a list");
        let item = items.iter_mut().find(|item| item["code"].as_str() == Some(code)).unwrap_or_else(|| panic!("no {code} in {list}"));
        item.as_table_mut().expect("a thing").extend(fields);
        self
    }

    /// Gives a session so many seats.
    pub fn seats(self, session: &str, seats: u32) -> Self {
        self.but("sessions", session, &format!("capacity = {seats}"))
    }

    /// Imports it.
    pub fn make(self, app: &TestApp) -> Event {
        let text = toml::to_string(&self.0).expect("a document");
        let slug = self.0["event"]["slug"].as_str().expect("a slug").to_owned();
        app.must(move |tx| {
            setup::import(tx, &document::read(text.as_bytes())?)?;
            events::get(tx.db, &slug)
        })
    }
}

/// A registration on its way: `a_registration(&event).named("Maya", "Okafor").in_sessions(&["B1"]).make(app)`.
#[derive(Clone)]
pub struct RegistrationMaker {
    event: Event,
    line: WantedLine,
    codes: Vec<String>,
    details: Details,
}

/// Somebody who buys the general conference on invoice, with a name and an address of their own.
pub fn a_registration(event: &Event) -> RegistrationMaker {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let email = format!("person-{number}@hospital.example");
    let details = Details {
        email: email.clone(),
        given_name: "Ada".to_owned(),
        family_name: format!("Person{number}"),
        profession: "nurse".to_owned(),
        ..Details::default()
    };
    let line = WantedLine { registration_type: "general".to_owned(), email, ..WantedLine::default() };
    RegistrationMaker { event: event.clone(), line, codes: Vec::new(), details }
}

impl RegistrationMaker {
    pub fn named(mut self, given: &str, family: &str) -> Self {
        given.clone_into(&mut self.details.given_name);
        family.clone_into(&mut self.details.family_name);
        self
    }

    pub fn email(mut self, email: &str) -> Self {
        email.clone_into(&mut self.details.email);
        email.clone_into(&mut self.line.email);
        self
    }

    /// Another registration type than `general`.
    pub fn buying(mut self, registration_type: &str) -> Self {
        registration_type.clone_into(&mut self.line.registration_type);
        self
    }

    pub fn at_hospital(mut self, hospital: &Hospital) -> Self {
        self.line.hospital = Some(hospital.clone());
        self
    }

    pub fn in_sessions(mut self, sessions: &[&str]) -> Self {
        self.line.sessions = sessions.iter().map(|code| (*code).to_owned()).collect();
        self
    }

    pub fn with_code(mut self, code: &str) -> Self {
        self.codes.push(code.to_owned());
        self
    }

    /// Other answers of the form.
    pub fn with_details(mut self, change: impl FnOnce(&mut Details)) -> Self {
        change(&mut self.details);
        self
    }

    /// The order as the verb takes it.
    pub fn order(&self) -> NewOrder {
        let name = format!("{} {}", self.details.given_name, self.details.family_name);
        let buyer = Buyer { name, email: self.line.email.clone(), organization: String::new() };
        NewOrder {
            lines: vec![(self.line.clone(), self.details.clone())],
            codes: self.codes.clone(),
            buyer,
            payment: Payment::Invoice,
            trust: Trust::AsIfVerified,
        }
    }

    /// Places the order and reads its letters.
    pub fn place(&self, app: &TestApp) -> PlacedOrder {
        let (event, order) = (self.event.clone(), self.order());
        let placed = app.must(move |tx| place(tx, &event, &order));
        app.letters_to(&self.line.email);
        placed
    }

    /// Places the order, reads its letters, and gives the registration.
    pub fn make(self, app: &TestApp) -> Registration {
        self.place(app).registered.remove(0).registration
    }
}

/// So many registrations with nothing chosen; their letters are read.
pub fn registrations(app: &TestApp, event: &Event, count: usize) -> Vec<Registration> {
    let orders: Vec<NewOrder> = (0..count).map(|_| a_registration(event).order()).collect();
    let event = event.clone();
    let made = app.must(move |tx| {
        let one = |order: &NewOrder| -> Result<Registration> { Ok(place(tx, &event, order)?.registered.remove(0).registration) };
        orders.iter().map(one).collect()
    });
    app.letters();
    made
}

/// A hospital on its way: `a_hospital("Harborview").domain("harborview.example").recognized("2025-07-01", "2027-06-30").make(app)`.
pub struct HospitalMaker {
    known: Option<Hospital>,
    facts: Facts,
    domains: Vec<String>,
    terms: Vec<Recognition>,
    codes: Vec<(String, i32)>,
}

/// A hospital in California with a CCN of its own, no domain and no recognition.
pub fn a_hospital(name: &str) -> HospitalMaker {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let ccn = format!("05{:04}", COUNT.fetch_add(1, Ordering::Relaxed));
    let text = str::to_owned;
    let facts = Facts { ccn: Some(ccn), name: text(name), city: text("Port Alder"), state: text("CA"), ..Facts::default() };
    HospitalMaker { known: None, facts, domains: Vec::new(), terms: Vec::new(), codes: Vec::new() }
}

impl HospitalMaker {
    /// Adds what follows to a hospital that is there.
    pub fn of(mut self, hospital: &Hospital) -> Self {
        self.known = Some(hospital.clone());
        self
    }

    pub fn domain(mut self, domain: &str) -> Self {
        self.domains.push(domain.to_owned());
        self
    }

    /// Recognized in this term: approved and paid on its first day, or on 2 March 2026 where that is earlier.
    pub fn recognized(self, starts_on: &str, ends_on: &str) -> Self {
        let on: NaiveDate = starts_on.min("2026-03-02").parse().expect("a day");
        self.term(starts_on, ends_on, |term| (term.approved_on, term.paid_on) = (Some(on), Some(on)))
    }

    /// Recognized conditionally: notified, not paid.
    pub fn conditional(self, starts_on: &str, ends_on: &str) -> Self {
        self.term(starts_on, ends_on, |term| term.conditional = true)
    }

    /// Approved and not paid.
    pub fn unpaid(self, starts_on: &str, ends_on: &str) -> Self {
        self.term(starts_on, ends_on, |term| term.approved_on = Some(term.term_starts_on))
    }

    /// Recognized, and revoked on a day.
    pub fn revoked(self, starts_on: &str, ends_on: &str, on: &str) -> Self {
        let on: NaiveDate = on.parse().expect("a day");
        self.term(starts_on, ends_on, |term| {
            (term.approved_on, term.paid_on, term.revoked_on) = (Some(term.term_starts_on), Some(term.term_starts_on), Some(on));
        })
    }

    /// A code for its staff that may be used so often.
    pub fn staff_code(mut self, code: &str, cap: i32) -> Self {
        self.codes.push((code.to_owned(), cap));
        self
    }

    fn term(mut self, starts_on: &str, ends_on: &str, change: impl FnOnce(&mut Recognition)) -> Self {
        let mut term = Recognition {
            id: RecognitionId::new(),
            // Known only when the hospital is made.
            hospital_id: HospitalId::new(),
            term_starts_on: starts_on.parse().expect("a day"),
            term_ends_on: ends_on.parse().expect("a day"),
            conditional: false,
            approved_on: None,
            paid_on: None,
            revoked_on: None,
        };
        change(&mut term);
        self.terms.push(term);
        self
    }

    /// Adds it.
    pub fn make(self, app: &TestApp) -> Hospital {
        let hospital = app.must(move |tx| {
            let id = match self.known {
                Some(hospital) => hospital.id,
                None => hospitals::add(tx, &self.facts)?,
            };
            self.domains.iter().try_for_each(|domain| hospitals::add_domain(tx, &id, domain))?;
            for term in self.terms {
                hospitals::save_recognition(tx, &Recognition { hospital_id: id.clone(), ..term })?;
            }
            for (code, cap) in self.codes {
                let expires_on = "2026-12-31".parse().expect("a day");
                hospitals::add_code(tx, &id, &NewCode { event: None, code, cap, expires_on })?;
            }
            hospitals::get(tx.db, &id)
        });
        app.run_jobs();
        hospital
    }
}

/// A session of an event.
pub fn session(app: &TestApp, event: &Event, code: &str) -> Session {
    app.look(|db| agenda::get(db, &event.id, code))
}

/// Where a registration stands with a session, and its place in the line.
pub fn standing(app: &TestApp, registration: &Registration, session: &Session) -> Option<(Status, Option<i64>)> {
    app.look(|db| {
        let Some(enrollment) = enrollment::find(db, &registration.id, &session.id)? else { return Ok(None) };
        let position = if enrollment.status == Status::Waitlisted { Some(enrollment::position(db, &enrollment)?) } else { None };
        Ok(Some((enrollment.status, position)))
    })
}
