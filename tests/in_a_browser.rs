//! The main job in a real browser, and every kind of page looked at as its readers do: on a phone and a laptop, in the light and in the dark.

use crate::registering::congress;
use crate::support::app::TestApp;
use crate::support::browser::{self, Browser};
use crate::support::builders::a_registration;
use crate::support::{accessibility, camera};
use fantoccini::Locator;
use lanyard::db::Kind;
use lanyard::events;
use lanyard::people::sign_in;
use lanyard::staff::{self, Role};

/// Tells a story about a service on SQLite that browsers reach.
pub fn tell(story: impl AsyncFnOnce(&TestApp)) {
    let app = TestApp::listening(Kind::Sqlite);
    actix_web::rt::System::new().block_on(story(&app));
}

/// Puts a staff member's or an attendee's cookie into a browser.
pub async fn sign_in(app: &TestApp, browser: &Browser, name: &str, value: &str) {
    let cookie = serde_json::json!({ "url": app.url("/"), "name": name, "value": value, "httpOnly": true });
    browser.devtools("Network.setCookie", cookie).await;
}

pub async fn sign_in_staff(app: &TestApp, browser: &Browser, email: &str, role: Role) {
    let email = email.to_owned();
    let secret = app.must(move |tx| {
        let id = staff::add(tx, &email, "Sam Staff", role, None)?;
        staff::sign_in(tx, &id)
    });
    sign_in(app, browser, lanyard::http::asker::STAFF_COOKIE, &secret).await;
}

/// Registers Maya Okafor of a recognized hospital on a phone; she proves her address with the mailed code.
async fn register_on_a_phone(app: &TestApp) {
    let phone = browser::phone().start().await;
    phone.open(&app.url("/events/congress-2026")).await;
    phone.press("Register").await;
    for (name, text) in [("given_name", "Maya"), ("family_name", "Okafor"), ("email", "maya@emanuel-demo.example")] {
        phone.fill(name, text).await;
    }
    phone.client().find(Locator::Css("[name=profession]")).await.unwrap().select_by_value("physician").await.unwrap();
    // The search answers as one types; the first arrow and Enter take what was found.
    phone.fill("hospital_q", "emanuel").await;
    phone.wait_for("EMANUEL").await;
    phone.fill("hospital_q", "\u{e015}\u{e007}").await;
    phone.press("Choose what you attend").await;
    phone.wait_for("What you attend").await;
    phone.tick("sessions[]", "B1").await;
    phone.press("See the price and check").await;
    phone.wait_for("Check and register").await;
    let letter = app.expect_letter("maya@emanuel-demo.example", "email_code");
    phone.fill("email_code", &letter.code()).await;
    phone.press("Confirm my e-mail").await;
    let text = phone.wait_for("$1,104.15").await;
    assert!(text.contains("15 %"), "the discount is named:\n{text}");
    phone.press("Register and get the invoice").await;
    phone.wait_for("You are registered").await;
    phone.close().await;
}

#[test]
fn somebody_registers_on_a_phone_and_a_camera_at_the_door_reads_the_code_of_the_letter() {
    tell(async |app| {
        congress(app);
        register_on_a_phone(app).await;
        let letter = app.expect_letter("maya@emanuel-demo.example", "registration_confirmed");
        let picture = letter.part("image/png").expect("the badge's code in the letter").body.clone();
        app.set_clock("2026-03-09T08:45:00-07:00");
        let film = tempfile::tempdir().unwrap();
        let film = film.path().join("badge.y4m");
        camera::write_y4m_of_picture(&picture, &film);
        let door = browser::phone().with_camera(&film).start().await;
        sign_in_staff(app, &door, "door@staff.example", Role::Onsite).await;
        door.open(&app.url("/staff/events/congress-2026/checkpoints/door-K1")).await;
        door.press("Camera on").await;
        let text = door.wait_for("ADMIT").await;
        assert!(text.contains("Maya Okafor"), "{text}");
        // The device read it by itself, under the page's own content policy; no frame went to the server.
        let reader = door.client().execute("return document.body.dataset.reader", vec![]).await.expect("the reader's kind");
        assert_eq!(reader, "decoder");
        assert_eq!(accessibility::violations(&door).await, Vec::<String>::new());
        door.close().await;
        app.ignore_jobs();
    });
}

/// What attendees see, what one attendee sees (`{code}` is their registration), and what staff see.
const PUBLIC: [&str; 8] = [
    "/",
    "/events/congress-2026",
    "/events/congress-2026/agenda",
    "/events/congress-2026/sessions/B1",
    "/events/congress-2026/register",
    "/sign-in",
    "/staff/sign-in",
    "/recognized",
];
const OWN: [&str; 6] = ["/my", "/my/{code}", "/my/{code}/agenda", "/my/{code}/sessions", "/my/{code}/badge", "/my/{code}/letters"];
const STAFF: [&str; 29] = [
    "/staff",
    "/staff/events/congress-2026/people",
    "/staff/events/congress-2026/people/{code}",
    "/staff/events/congress-2026/people/{code}/sessions",
    "/staff/events/congress-2026/checkpoints",
    "/staff/events/congress-2026/checkpoints/door-K1",
    "/staff/events/congress-2026/checkpoints/door-K1/search?q=ada",
    "/staff/events/congress-2026/checkpoints/pickup/desk",
    "/staff/events/congress-2026/checkpoints/pickup/desk?q=ada",
    "/staff/events/congress-2026/checkpoints/pickup/desk/people/{code}",
    "/staff/events/congress-2026/checkpoints/pickup/desk/walk-in",
    "/staff/events/congress-2026/sessions/B1/attendance",
    "/staff/events/congress-2026/people/{code}/attendance",
    "/staff/events/congress-2026/collisions",
    "/staff/events/congress-2026/live",
    "/staff/events/congress-2026/devices",
    "/staff/events/congress-2026/devices/new",
    "/staff/events/congress-2026/badges",
    "/staff/events/congress-2026/badges/list",
    "/staff/events/congress-2026/discount-claims",
    "/staff/events/congress-2026/audit",
    "/staff/events/congress-2026/setup",
    "/staff/events/congress-2026/setup/event",
    "/staff/events/congress-2026/setup/types/general",
    "/staff/events/congress-2026/sessions",
    "/staff/events/congress-2026/sessions/B1",
    "/staff/hospitals",
    "/staff/members",
    "/staff/tokens",
];

/// Looks at each page with this browser; what is wrong is said, and pictures are kept where `LANYARD_PICTURES` says.
pub async fn look_at(app: &TestApp, browser: &Browser, name: &str, pages: &[&str], code: &str, wrong: &mut Vec<String>) {
    for page in pages {
        let path = page.replace("{code}", code);
        browser.open(&app.url(&path)).await;
        let overflow = browser.overflow().await;
        if overflow > 0 {
            wrong.push(format!("{name} {page}: {overflow} pixels wider than the screen"));
        }
        wrong.extend(accessibility::violations(browser).await.into_iter().map(|one| format!("{name} {page}: {one}")));
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            let file = page.trim_matches('/').replace(['/', '{', '}', '?', '='], "-");
            browser.screenshot(std::path::Path::new(&format!("{folder}/{file}-{name}.png"))).await;
        }
    }
}

#[test]
fn every_kind_of_page_fits_a_small_phone_and_breaks_no_rule_of_accessibility_in_light_and_dark() {
    tell(async |app| {
        congress(app);
        let event = app.look(|db| events::get(db, "congress-2026"));
        let own = a_registration(&event).named("Ada", "Nakamura-Vandersloot").in_sessions(&["B1"]).make(app);
        app.ignore_letters();
        let person = own.person_id.clone();
        let attendee = app.must(move |tx| sign_in::sign_in(tx, &person));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            look_at(app, &browser, name, &PUBLIC, &own.code, &mut wrong).await;
            sign_in(app, &browser, lanyard::http::asker::ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &OWN, &own.code, &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            look_at(app, &browser, name, &STAFF, &own.code, &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        app.ignore_jobs();
    });
}
