//! The pick-up desk in a browser: by keyboard, and on without a network from the list on the laptop (CHK-4).

use crate::support::accessibility;
use crate::support::app::TestApp;
use crate::support::browser::{self, Browser};
use crate::support::builders::{a_congress, a_registration};
use crate::support::wire::Wire;
use diesel::prelude::*;
use fantoccini::Locator;
use lanyard::badges;
use lanyard::checkin::Scan;
use lanyard::db::Kind;
use lanyard::db::schema::{printed_badges, scans};
use lanyard::events::{self, Event};
use lanyard::http::asker::STAFF_COOKIE;
use lanyard::registration::Registration;
use lanyard::staff::{self, Role};
use std::time::{Duration, Instant};

const DESK: &str = "/staff/events/congress-2026/checkpoints/pickup/desk";
const ENTER: &str = "\u{e007}";

fn tell(story: impl AsyncFnOnce(&TestApp, &Wire)) {
    let app = TestApp::listening(Kind::Sqlite);
    let service = app.site.config.base_url.trim_start_matches("http://").parse().expect("an address and a port");
    let wire = Wire::to(service);
    actix_web::rt::System::new().block_on(story(&app, &wire));
    app.ignore_jobs();
    app.ignore_letters();
}

fn congress(app: &TestApp) -> Event {
    app.set_clock("2026-03-09T07:42:00-07:00");
    a_congress().make(app)
}

/// A laptop at the desk with somebody of the staff signed in.
async fn laptop(app: &TestApp, wire: &Wire) -> Browser {
    let laptop = browser::laptop().start().await;
    let secret = app.must(|tx| {
        let id = staff::add(tx, "desk@staff.example", "Sam Staff", Role::Onsite, None)?;
        staff::sign_in(tx, &id)
    });
    let cookie = serde_json::json!({ "url": wire.url("/"), "name": STAFF_COOKIE, "value": secret, "httpOnly": true });
    laptop.devtools("Network.setCookie", cookie).await;
    laptop.open(&wire.url(DESK)).await;
    laptop
}

/// Waits until this script says so.
async fn wait_for_state(laptop: &Browser, script: &str, wanted: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let now = laptop.client().execute(&format!("return String({script})"), vec![]).await.expect("the page's state");
        if now.as_str() == Some(wanted) {
            return;
        }
        assert!(Instant::now() < until, "{script} is {now} and not {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const WORD: &str = "document.getElementById('card').hidden ? '' : document.getElementById('answer-word').textContent";

/// Types into the field that is focused, as it stands.
async fn keys(laptop: &Browser, text: &str) {
    let focused = laptop.client().active_element().await.expect("something is focused");
    focused.send_keys(text).await.expect("keys are taken");
}

/// Types letters of a name, and Enter; waits for the word on the card.
async fn find(laptop: &Browser, typed: &str, word: &str) {
    keys(laptop, typed).await;
    wait_for_state(laptop, "document.querySelectorAll('#hits > li[role=option]').length", "1").await;
    keys(laptop, ENTER).await;
    wait_for_state(laptop, WORD, word).await;
    // Until a moment after a card is shown, Enter is taken for the scanner's second line end.
    tokio::time::sleep(Duration::from_millis(700)).await;
}

fn token(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| {
        let event = events::get_by_id(db, &registration.event_id)?;
        badges::of_registration(db, &registration.id)?.expect("a badge").token(&event)
    })
}

fn kept(app: &TestApp) -> Vec<Scan> {
    app.look(|db| Ok(scans::table.order(scans::scanned_at.asc()).select(Scan::as_select()).load(db)?))
}

async fn picture(laptop: &Browser, name: &str) {
    if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
        laptop.screenshot(std::path::Path::new(&format!("{folder}/pickup-{name}.png"))).await;
    }
}

#[test]
fn a_desk_goes_on_without_a_network_through_a_reload_and_the_pick_ups_arrive_once_with_their_own_times() {
    tell(async |app, wire| {
        let event = congress(app);
        let [maya, sam, ines] = [("Maya", "Okafor"), ("Sam", "Rivera"), ("Inês", "Ítalo")].map(|(given, family)| {
            let details = |details: &mut lanyard::registration::rules::Details| details.organization = "Harborview".to_owned();
            a_registration(&event).named(given, family).with_details(details).make(app)
        });
        let laptop = laptop(app, wire).await;
        wait_for_state(&laptop, "document.body.dataset.list", "kept").await;
        wait_for_state(&laptop, "document.body.dataset.page", "kept").await;
        // Online: letters, Enter opens, Enter prints and hands out.
        find(&laptop, "oka", "HAND OVER").await;
        picture(&laptop, "card").await;
        assert_eq!(accessibility::violations(&laptop).await, Vec::<String>::new());
        keys(&laptop, ENTER).await;
        laptop.wait_for("Picked up 7:42 AM by Sam Staff").await;
        wait_for_state(&laptop, "document.body.dataset.press", "printed").await;
        let printed: i64 = app.look(|db| Ok(printed_badges::table.count().get_result(db)?));
        assert_eq!((kept(app).len(), printed), (1, 1));

        wire.cut();
        find(&laptop, "ital", "HAND OVER").await;
        let text = laptop.text().await;
        assert!(text.contains("Inês Ítalo") && text.contains("Harborview") && text.contains("Decided by this laptop"), "{text}");
        assert!(!text.contains("Print and hand out"), "without a network nothing is printed:\n{text}");
        keys(&laptop, ENTER).await;
        wait_for_state(&laptop, WORD, "HANDED OUT").await;
        laptop.wait_for("Offline, 1 waiting to send").await;
        picture(&laptop, "offline").await;
        laptop.press("Register a walk-in").await;
        laptop.wait_for("Walk-ins need the network").await;

        laptop.open(&wire.url(DESK)).await;
        laptop.wait_for("Offline, 1 waiting to send").await;
        // Also a page that was opened anew knows who has a badge, finds the code of a letter, and hands out.
        find(&laptop, "ital", "PICKED UP").await;
        keys(&laptop, &format!("{}{ENTER}", token(app, &sam))).await;
        laptop.wait_for("Sam Rivera").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        keys(&laptop, ENTER).await;
        wait_for_state(&laptop, WORD, "HANDED OUT").await;
        assert_eq!(kept(app).len(), 1, "nothing came through");
        wire.mend();
        wait_for_state(&laptop, "document.getElementById('net').dataset.waiting", "0").await;
        laptop.wait_for("Online").await;
        let all = kept(app);
        let told: Vec<_> = all.iter().map(|scan| (scan.registration_id.clone().unwrap(), scan.offline, scan.outcome.as_str())).collect();
        assert_eq!(told, [(maya.id, false, "unpaid"), (ines.id, true, "unpaid"), (sam.id, true, "unpaid")]);
        assert!(all[0].scanned_at < all[1].scanned_at && all[1].scanned_at < all[2].scanned_at, "own times");
        laptop.close().await;
    });
}

#[test]
fn who_signs_out_leaves_no_list_on_the_laptop() {
    tell(async |app, wire| {
        let event = congress(app);
        a_registration(&event).named("Maya", "Okafor").make(app);
        let laptop = laptop(app, wire).await;
        wait_for_state(&laptop, "document.body.dataset.list", "kept").await;
        let kept = r"
            const done = arguments[0];
            const asked = indexedDB.open('lanyard-door', 1);
            asked.onsuccess = () => {
                const all = asked.result.transaction('rosters').objectStore('rosters');
                const keys = all.getAllKeys(), values = all.getAll();
                values.onsuccess = () => {
                    const lists = values.result.filter((one, at) => String(keys.result[at]).startsWith('desk:'));
                    const names = JSON.stringify(lists).includes('Okafor');
                    asked.result.close();
                    done(lists.map((one) => `${names} ${one.key instanceof CryptoKey} ${one.key.extractable}`));
                };
            };";
        let before = laptop.client().execute_async(kept, vec![]).await.expect("what is kept");
        assert_eq!(before, serde_json::json!(["false true false"]), "sealed, under a key that no script can read");
        let button = laptop.client().find(Locator::XPath("//button[contains(., 'Sign out')]")).await.expect("a button");
        button.click().await.expect("signing out");
        laptop.wait_for("You are signed out").await;
        let after = laptop.client().execute_async(kept, vec![]).await.expect("what is kept");
        assert_eq!(after, serde_json::json!([]));
        laptop.close().await;
    });
}

#[test]
fn the_list_is_deleted_when_the_sign_in_is_over_though_nobody_can_be_asked() {
    tell(async |app, wire| {
        let event = congress(app);
        a_registration(&event).named("Maya", "Okafor").make(app);
        let laptop = laptop(app, wire).await;
        wait_for_state(&laptop, "document.body.dataset.list", "kept").await;
        wire.cut();
        let later = "const now = Date.now; Date.now = () => now() + 12 * 3600 * 1000 + 1000";
        laptop.client().execute(later, vec![]).await.expect("twelve hours go by");
        keys(&laptop, &format!("oka{ENTER}")).await;
        laptop.wait_for("The list on this laptop has expired and was deleted").await;
        wait_for_state(&laptop, WORD, "NO ANSWER").await;
        assert!(!laptop.text().await.contains("Okafor"));
        laptop.close().await;
    });
}

#[test]
fn a_walk_in_gets_a_badge_by_keyboard_alone_with_few_keys() {
    tell(async |app, wire| {
        congress(app);
        let laptop = laptop(app, wire).await;
        keys(&laptop, "Haddad").await;
        laptop.wait_for("Nobody found").await;
        laptop.press("Register a walk-in").await;
        laptop.wait_for("Name and e-mail are enough").await;
        // Three fields and Enter; the registration type, the invoice and today's price stand there already.
        keys(&laptop, &format!("Noor\tHaddad\tnoor@hospital.example{ENTER}")).await;
        let text = laptop.wait_for("Registered, $1,299.00 to pay").await;
        assert!(text.contains("Noor Haddad") && text.contains("HAND OVER"), "{text}");
        wait_for_state(&laptop, "document.activeElement.id", "q").await;
        wait_for_state(&laptop, "location.pathname.endsWith('/desk')", "true").await;
        laptop.wait_for("Noor Haddad: HAND OVER").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        keys(&laptop, ENTER).await;
        laptop.wait_for("Picked up 7:42 AM by Sam Staff").await;
        wait_for_state(&laptop, "document.body.dataset.press", "printed").await;
        assert_eq!(kept(app).len(), 1);
        laptop.close().await;
    });
}
