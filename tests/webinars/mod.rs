//! Webinars: joining by a personal link, letters before the start, and the first one taken on into the series (WEB-1).

mod conversion;
mod corrections;
mod joining;
mod letters;
mod looks;
mod reports;
mod totals;
mod who_is_who;
mod whole_story;

use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::webinars::{self, links};

use crate::support::app::TestApp;
use crate::support::builders::{a_registration, a_series};

/// Where the platform is: no page, letter or trail may show it.
pub const PLATFORM: &str = "https://platform.example/j/812345?pwd=hidden-word";
pub const STAFF: &str = "/staff/events/series-2026/webinars/P1";

/// A series whose first webinar has its platform.
pub fn a_ready_series(app: &TestApp) -> Event {
    let event = a_series().make(app);
    let own = event.clone();
    app.must(move |tx| {
        let session = webinars::get(tx.db, &own, "P1")?;
        webinars::set_platform(tx, &session, PLATFORM)
    });
    event
}

/// Somebody registered for the complimentary webinar.
pub fn a_guest(app: &TestApp, event: &Event, given: &str, family: &str) -> Registration {
    let email = format!("{}@hospital.example", given.to_lowercase());
    a_registration(event).buying("webinar-1").named(given, family).email(&email).make(app)
}

/// The path of somebody's join link to P1.
pub fn link(app: &TestApp, event: &Event, registration: &Registration) -> String {
    let (event, registration) = (event.clone(), registration.clone());
    let token = app.must(move |tx| {
        let session = webinars::get(tx.db, &event, "P1")?;
        links::find_or_make(tx, &session, &registration)?.token(tx.site)
    });
    format!("/join/{token}")
}

/// Lets the timetable look, as it does every few minutes, and runs what that gives.
pub fn look_around(app: &TestApp) {
    let mut known = vec![i64::MIN; lanyard::timetable::PERIODIC.len()];
    lanyard::timetable::enqueue_periodic(&app.app(), &mut known).expect("the timetable");
    app.run_jobs();
}
