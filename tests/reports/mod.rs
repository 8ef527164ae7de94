//! Reports of credit: what accreditors and boards are told, what people are asked for it, and everybody's transcript (CEU-7, CEU-8).

mod details;
mod files;
mod looks;
mod transcripts;

use lanyard::agenda;
use lanyard::credits::claims::{self, Wanted};
use lanyard::credits::providers::{self, ProviderDraft};
use lanyard::credits::rules::Code;
use lanyard::credits::{activities, evidence, types};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::reports::details as told;
use lanyard::staff::Role;

use crate::credits::{a_provider, an_activity};
use crate::support::app::TestApp;
use crate::support::builders::{EventMaker, a_registration};
use crate::support::visitor::{Answer, Visitor};

const FREE: &str = "code = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{ name = 'Free', price = '0.00' }]";
const REPORTS: &str = "/staff/events/congress-2026/credits/reports";

/// A congress whose credit can be reported: Monday for physicians and nurses, B1 for pharmacists; nothing is asked.
pub fn a_reported(app: &TestApp, congress: EventMaker) -> Event {
    app.ignore_letters();
    app.ignore_jobs();
    let event = congress.with("registration_types", FREE).make(app);
    let own = event.clone();
    app.must(move |tx| {
        let provider = ProviderDraft { accme_number: "0001234".to_owned(), acpe_number: "0999".to_owned(), ..a_provider() };
        providers::save(tx, &own, &provider)?;
        for code in [Code::Ama, Code::Ancc, Code::Acpe, Code::Cphq, Code::Cpps, Code::Attendance] {
            types::switch_on(tx, &own, code)?;
        }
        let maximums = "ama 2.00\nancc 2.00\ncphq 2.00\ncpps 2.00\nattendance 2.00";
        let monday = activities::ActivityDraft { pars_id: "202600001".to_owned(), ..an_activity("MONDAY", "K1\nB1", maximums) };
        activities::save(tx, &own, None, &monday)?;
        let pharmacy = activities::ActivityDraft { uan: "0999-9999-26-101-L05-P".to_owned(), ..an_activity("RX", "B1", "acpe 1.00") };
        activities::save(tx, &own, None, &pharmacy).map(drop)
    });
    event
}

/// Somebody with this name and profession.
pub fn a(app: &TestApp, event: &Event, (given, family): (&str, &str), profession: &str) -> Registration {
    let profession = profession.to_owned();
    let maker = a_registration(event).named(given, family).buying("free").in_sessions(&["B1"]);
    maker.with_details(|details| details.profession = profession).make(app)
}

/// Says that somebody attended and claims so much credit, after the congress.
pub fn earns(app: &TestApp, event: &Event, who: &Registration, kind: &'static str, lines: &[(&str, i64)]) {
    let (event, who) = (event.clone(), who.clone());
    let lines: Vec<(String, i64)> = lines.iter().map(|(session, hundredths)| ((*session).to_owned(), *hundredths)).collect();
    app.must(move |tx| {
        let mut wanted = Vec::new();
        for (session, hundredths) in lines {
            let found = agenda::get(tx.db, &event.id, &session)?;
            evidence::attest(tx, &event, &who, &found, found.ends_at.since(found.starts_at).num_minutes(), None)?;
            wanted.push(Wanted { session, hundredths });
        }
        claims::claim(tx, &event, &who, kind, &wanted).map(drop)
    });
}

/// Tells what the report needs, as the person's own form does.
pub fn tells(app: &TestApp, who: &Registration, fields: &[(&str, &str)]) {
    let person = who.person_id.clone();
    let typed = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    app.must(move |tx| told::save(tx, &person, &typed));
}

const LICENSE: [(&str, &str); 3] = [("license_state_1", "FL"), ("license_profession_1", "md"), ("license_number_1", "ME12345")];
const BIRTHDAY: [(&str, &str); 2] = [("birth_month", "3"), ("birth_day", "9")];

/// Education staff of the event.
pub async fn education(app: &TestApp, event: &Event) -> Visitor {
    app.as_staff_of(Role::Education, Some(event.id.clone())).await
}

/// Exports by the form of a page.
async fn export(staff: &Visitor, page: &str, fields: &[(&str, &str)]) -> Answer {
    staff.open(page).await.expect(200);
    staff.submit("/exports", fields).await
}
