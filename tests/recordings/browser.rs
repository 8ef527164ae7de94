//! A real video, made in a browser: sent by staff, published, played with a jump by an attendee, refused to somebody else.

use super::page_of;
use crate::in_a_browser::{look_at, sign_in, sign_in_staff};
use crate::support::app::TestApp;
use crate::support::browser::{self, Browser};
use crate::support::builders::{a_congress, a_registration};
use crate::support::s3::S3Server;
use diesel::prelude::*;
use lanyard::db::Kind;
use lanyard::db::schema::{recording_views, uploads};
use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::people;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use std::time::{Duration, Instant};

const PLAYER: &str = "/events/congress-2026/recordings/K1";

/// Films a canvas for three seconds and puts the film into the page's file field.
const FILM: &str = "const done = arguments[arguments.length - 1];\
    const canvas = document.createElement('canvas'); canvas.width = 320; canvas.height = 180;\
    const pen = canvas.getContext('2d'); let frame = 0;\
    const draw = () => { pen.fillStyle = `hsl(${frame * 6} 60% 40%)`; pen.fillRect(0, 0, 320, 180); pen.fillStyle = '#fff';\
      pen.font = '48px sans-serif'; pen.fillText(String(frame++), 130, 110); };\
    draw(); const timer = setInterval(draw, 50);\
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' }); const pieces = [];\
    recorder.ondataavailable = (event) => pieces.push(event.data);\
    recorder.onstop = () => { clearInterval(timer); const file = new File(pieces, 'Keynote ../<final>.webm', { type: 'video/webm' });\
      const carrier = new DataTransfer(); carrier.items.add(file); document.getElementById('file').files = carrier.files; done(file.size); };\
    recorder.start(); setTimeout(() => recorder.stop(), 3000);";

/// Plays without sound: a browser lets nobody be shouted at who has not pressed anything.
const PLAY: &str =
    "const media = document.getElementById('media'); media.muted = true; return media.play().then(() => true, (e) => String(e))";

/// What the browser itself says was played, in seconds.
const PLAYED: &str = "const played = document.getElementById('media').played, all = [];\
    for (let i = 0; i < played.length; i++) all.push([played.start(i), played.end(i)]); return all;";

async fn attendee(app: &TestApp, registration: &Registration) -> Browser {
    let person = registration.person_id.clone();
    let cookie = app.must(move |tx| people::sign_in::sign_in(tx, &person));
    let browser = browser::laptop().start().await;
    sign_in(app, &browser, ATTENDEE_COOKIE, &cookie).await;
    browser
}

async fn value(browser: &Browser, script: &str) -> serde_json::Value {
    browser.client().execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
}

/// Waits until a script says true, at most fifteen seconds.
async fn until(browser: &Browser, script: &str) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while value(browser, script).await != serde_json::Value::Bool(true) {
        let media = "const m = document.getElementById('media'); return m && [m.currentTime, m.duration, m.readyState, m.error?.message, m.paused].join(' ')";
        assert!(Instant::now() < deadline, "never came: {script}\n{}\n{}", value(browser, media).await, browser.text().await);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Staff film something, send it in parts and publish it.
async fn send_and_publish(app: &TestApp) {
    let staff = browser::laptop().start().await;
    sign_in_staff(app, &staff, "content@staff.example", Role::Content).await;
    staff.open(&app.url(&page_of("K1"))).await;
    let size = staff.client().execute_async(FILM, vec![]).await.expect("a film").as_i64().expect("its size");
    assert!(size > 1000, "{size} bytes");
    staff.press("Send").await;
    let text = staff.wait_for("The recording is here.").await;
    assert!(text.contains("<final>.webm") && text.contains("a WebM video"), "{text}");
    let kept: (i64, i64, bool) =
        app.look(|db| Ok(uploads::table.select((uploads::size_bytes, uploads::received_bytes, uploads::is_ours)).first(db)?));
    assert_eq!(kept, (size, size, true));
    until(&staff, "return document.querySelector('video').readyState >= 1").await;
    staff.press("Publish and mail who may watch it").await;
    staff.wait_for("Published. Whoever may watch it gets a letter.").await;
    staff.close().await;
    app.run_jobs();
}

/// Ada plays a second, jumps, and plays to the end; gives where her bytes come from.
async fn play_with_a_jump(app: &TestApp, ada: &Browser) -> String {
    ada.open(&app.url(PLAYER)).await;
    let source = value(ada, "return document.getElementById('media').getAttribute('src')").await.as_str().unwrap().to_owned();
    until(ada, "return document.getElementById('media').readyState >= 2").await;
    assert_eq!(value(ada, PLAY).await, serde_json::json!(true));
    until(ada, "return document.getElementById('media').currentTime >= 0.8").await;
    value(ada, "document.getElementById('media').currentTime = 2").await;
    until(ada, "return document.getElementById('media').ended").await;
    source
}

async fn story(app: &TestApp) {
    app.ignore_letters();
    app.ignore_jobs();
    let event = a_congress().make(app);
    let (own, other) = (a_registration(&event).make(app), a_registration(&event).make(app));
    app.set_clock("2026-03-12T09:00:00-07:00");
    send_and_publish(app).await;
    let ada = attendee(app, &own).await;
    let source = play_with_a_jump(app, &ada).await;
    ada.wait_for("watched").await;
    until(&ada, "return !document.getElementById('watched-words').textContent.startsWith('Not')").await;
    let played: Vec<(f64, f64)> = serde_json::from_value(value(&ada, PLAYED).await).unwrap();
    let truth: f64 = played.iter().map(|(from, until)| until - from).sum();
    let (watched_ms, intervals): (i64, String) = wait_for_report(app, truth).await;
    let told = watched_ms as f64 / 1000.0;
    assert!((told - truth).abs() < 0.35, "{told} s are kept as {intervals}, the browser played {played:?}");
    assert!(truth < 2.9, "the part that was jumped over was not watched: {played:?}");
    assert!(ada.text().await.contains("it earns no credit for it"));
    ada.close().await;
    // Somebody else with the same link, and nobody.
    let bob = attendee(app, &other).await;
    bob.open(&app.url(&source)).await;
    bob.wait_for("There is nothing at this address").await;
    bob.open(&app.url(PLAYER)).await;
    until(&bob, "return document.getElementById('media').readyState >= 1").await;
    bob.client().delete_all_cookies().await.unwrap();
    bob.open(&app.url(&source)).await;
    bob.wait_for("Sign in").await;
    bob.close().await;
}

/// The last report may still be on its way.
async fn wait_for_report(app: &TestApp, seconds: f64) -> (i64, String) {
    let mut kept = (0, String::new());
    for _ in 0..100 {
        kept = app.look(|db| Ok(recording_views::table.select((recording_views::watched_ms, recording_views::watched)).first(db)?));
        if (kept.0 as f64 / 1000.0 - seconds).abs() < 0.35 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    kept
}

#[test]
fn a_video_is_sent_published_played_with_a_jump_and_refused_to_somebody_else() {
    let app = TestApp::listening(Kind::Sqlite);
    actix_web::rt::System::new().block_on(story(&app));
}

#[test]
fn a_video_in_a_bucket_is_sent_published_played_with_a_jump_and_refused_to_somebody_else() {
    let store = S3Server::start();
    let app = TestApp::listening_with(Kind::Sqlite, |config| store.configure(config));
    actix_web::rt::System::new().block_on(story(&app));
}

#[test]
fn pages_of_recordings_fit_a_phone_and_break_no_rule_of_accessibility() {
    let app = TestApp::listening(Kind::Sqlite);
    actix_web::rt::System::new().block_on(async {
        let (_, own, sender) = super::published(&app).await;
        sender.publish("IT1", 90).await;
        app.run_jobs();
        app.ignore_letters();
        let upload = sender.send("talk.wav", &super::wav(2)).await;
        sender.attach("B1", &upload).await;
        let person = own.person_id.clone();
        let cookie = app.must(move |tx| people::sign_in::sign_in(&mut *tx, &person));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            sign_in(&app, &browser, ATTENDEE_COOKIE, &cookie).await;
            look_at(&app, &browser, name, &["/events/congress-2026/recordings", PLAYER], "", &mut wrong).await;
            sign_in_staff(&app, &browser, &format!("{name}@staff.example"), Role::Content).await;
            let pages = ["", "/K1", "/B1", "/B2", "-settings"]
                .map(|one| format!("/staff/events/congress-2026/recordings{}", one).replace("recordings-settings", "recording-settings"));
            let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
            look_at(&app, &browser, name, &pages, "", &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        app.ignore_jobs();
    });
}
