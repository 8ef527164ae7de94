//! The demo, with the morning that `docs/ONSITE.md` plays: phones that are paired, people who come as the clock goes, a
//! network that fails at the door, and what stands on the live page at ten (CHK-2, CHK-4, ACC-3).

use std::time::{Duration, Instant};

use lanyard::badges;
use lanyard::checkin::Outcome;
use lanyard::db::schema::{room_counts, scans};
use lanyard::db::{Db, Kind};
use lanyard::demo::{doors, phones, seed};
use lanyard::registration::Registration;
use lanyard::staff::Role;
use lanyard::{agenda, devices, events, pricing, registration, timetable};

use diesel::prelude::*;

use crate::in_a_browser::sign_in_staff;
use crate::offline_door::{scan, token, wait_for_state};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::browser::{self, Browser};
use crate::support::wire::Wire;

const PAGE: &str = include_str!("../docs/ONSITE.md");
const EVENT: &str = "/staff/events/congress-2026";

fn make(app: &TestApp, now: &str) {
    app.ignore_letters();
    app.ignore_jobs();
    let now = seed::parse(now).unwrap();
    seed::seed(&app.app(), now, timetable::JOBS, &mut |_, _| {}).unwrap();
}

/// How many are in the keynote.
fn in_the_ballroom(app: &TestApp) -> i64 {
    app.look(|db| {
        let event = events::get(db, "congress-2026")?;
        let keynote = agenda::get(db, &event.id, "K1")?;
        let inside: Vec<i32> = room_counts::table.filter(room_counts::session_id.eq(keynote.id)).select(room_counts::inside).load(db)?;
        Ok(inside.into_iter().map(i64::from).sum())
    })
}

fn scanned(app: &TestApp) -> i64 {
    app.look(|db| Ok(scans::table.count().get_result(db)?))
}

/// People of the general conference whom the demo leaves to whoever plays.
fn left_to_play(db: &mut Db) -> lanyard::error::Result<Vec<Registration>> {
    let event = events::get(db, "congress-2026")?;
    let general = pricing::get_type(db, &event.id, "general")?;
    Ok(registration::of_type(db, &general.id)?.into_iter().skip(100).take(4).collect())
}

on_both! {
    async fn in_the_demo_people_come_to_the_keynote_as_the_clock_goes_and_nobody_is_scanned_twice(app) {
        make(app, "2026-03-09T08:30:00-07:00");
        assert_eq!((in_the_ballroom(app), scanned(app)), (0, 181), "all badges are handed out, nobody is seated");
        let mut every_second = doors::every_second();
        app.set_clock("2026-03-09T08:31:33-07:00");
        every_second(&app.app()).unwrap();
        assert_eq!(in_the_ballroom(app), 4);
        app.set_clock("2026-03-09T10:00:00-07:00");
        every_second(&app.app()).unwrap();
        assert_eq!(in_the_ballroom(app), 181, "with the attendee of the access file");
        let all = scanned(app);
        // Another start of the demo knows what was made.
        doors::every_second()(&app.app()).unwrap();
        let outcomes: Vec<Outcome> = app.look(|db| Ok(scans::table.select(scans::outcome).distinct().load(db)?));
        assert_eq!((scanned(app), in_the_ballroom(app)), (all, 181));
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Admitted | Outcome::Unpaid)), "{outcomes:?}");
    }

    async fn the_demo_has_phones_with_battery_and_queue_and_one_that_waits_for_a_code(app) {
        make(app, "2026-03-09T08:30:00-07:00");
        let first = app.must(phones::offer);
        let again = app.must(phones::offer);
        assert_ne!(first.code, again.code, "a start replaces the code of the last one");
        let staff = app.as_staff(Role::Onsite).await;
        let list = format!("{EVENT}/devices");
        let shown = staff.open(&list).await;
        shown.says("Phone 1").says("81 %").says("Phone 2").says("17 %").says("6 minutes ago").says("Silent").says("Scanner at the desk").says("Waits for the phone");
        app.wait_minutes(20);
        doors::every_second()(&app.app()).unwrap();
        staff.open(&list).await.says("just now").says("26 minutes ago");
        let phone = app.visitor().await;
        phone.open("/pair").await;
        phone.submit("/pair", &[("code", &first.code)]).await.expect(422);
        phone.submit("/pair", &[("code", &again.code)]).await.expect(303);
        phone.follow().await.expect(200).says("Badge pick-up").says("Door of K1");
        let event = app.look(|db| events::get(db, "congress-2026"));
        let mine = app.look(|db| devices::list(db, &event.id)).into_iter().find(|one| one.device.name == "Your phone").unwrap();
        app.must(move |tx| devices::revoke(tx, &event, &mine.device.id));
        app.must(phones::offer);
        staff.open(&list).await.says("Revoked").says("Waits for the phone");
    }
}

/// Pairs this browser with the code that the demo prints, and opens the keynote's door.
async fn pair(app: &TestApp, wire: &Wire, phone: &Browser) {
    let code = app.must(phones::offer).code;
    phone.open(&wire.url("/pair")).await;
    phone.fill("code", &code).await;
    phone.press("Pair this phone").await;
    phone.wait_for("Badge pick-up").await;
    phone.press("Door of K1: The quiet alarm: what we stopped hearing").await;
    phone.wait_for("Your phone").await;
    wait_for_state(phone, "document.body.dataset.roster", "kept").await;
    wait_for_state(phone, "document.body.dataset.page", "kept").await;
}

async fn keep_picture(browser: &Browser, name: &str) {
    if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
        browser.screenshot(std::path::Path::new(&format!("{folder}/morning-{name}.png"))).await;
    }
}

/// Waits until the page, opened again and again, has these words.
async fn reload_until(browser: &Browser, url: &str, words: &str) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        browser.open(url).await;
        let text = browser.text().await;
        if text.contains(words) {
            return text;
        }
        assert!(Instant::now() < until, "{url} does not say {words:?}:\n{text}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn a_morning_is_played_as_its_page_says() {
    let app = TestApp::listening(Kind::Sqlite);
    let service = app.site.config.base_url.trim_start_matches("http://").parse().expect("an address and a port");
    let wire = Wire::to(service);
    for words in ["Pair this phone", "Badge lost", "Collisions", "Phones that scan", "Live numbers", "Arrived today"] {
        assert!(PAGE.contains(words), "the page names “{words}” as it stands on the screen");
    }
    actix_web::rt::System::new().block_on(async {
        make(&app, "2026-03-09T08:40:00-07:00");
        let people = app.look(left_to_play);
        let tokens: Vec<String> = people.iter().map(|one| token(&app, one)).collect();
        let (phone, laptop) = (browser::phone().start().await, browser::laptop().start().await);
        pair(&app, &wire, &phone).await;
        sign_in_staff(&app, &laptop, "desk@staff.example", Role::Onsite).await;
        laptop.open(&app.url(&format!("{EVENT}/devices"))).await;
        laptop.wait_for("Phones that scan").await;
        keep_picture(&laptop, "phones").await;

        assert_eq!(scan(&phone, &tokens[0]).await, "ADMIT");
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        let before = in_the_ballroom(&app);
        // The network fails, and while the phone hears nothing, the desk takes a lost badge back.
        wire.cut();
        let lost = people[1].id.clone();
        app.must(move |tx| badges::replace(tx, &lost, "lost"));
        for token in &tokens[1..] {
            assert_eq!(scan(&phone, token).await, "ADMIT");
        }
        phone.wait_for("3 waiting to send").await;
        keep_picture(&phone, "offline").await;
        assert_eq!(in_the_ballroom(&app), before);
        wire.mend();
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        assert_eq!(in_the_ballroom(&app), before + 3, "whoever was let in counts until a mark is voided");
        laptop.open(&app.url(&format!("{EVENT}/checkpoints"))).await;
        laptop.press("Decide 1").await;
        let text = laptop.wait_for("Collisions").await;
        assert!(text.contains(&people[1].full_name()), "{text}");
        keep_picture(&laptop, "collisions").await;

        app.set_clock("2026-03-09T10:00:00-07:00");
        doors::every_second()(&app.app()).unwrap();
        let number = in_the_ballroom(&app);
        laptop.open(&app.url(&format!("{EVENT}/checkpoints"))).await;
        laptop.press("Live numbers").await;
        let text = reload_until(&laptop, &app.url(&format!("{EVENT}/live")), "Grand Ballroom A").await;
        assert!(number > 181 && text.contains(&number.to_string()) && text.contains("Arrived today"), "{number}:\n{text}");
        keep_picture(&laptop, "live").await;
        phone.close().await;
        laptop.close().await;
    });
}
