//! The same with a store that speaks S3: parts become a multipart upload, people get links of the store that expire.

use super::{Sender, page_of, source_of, wav};
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::databases::{Database, is_wanted};
use crate::support::s3::{BUCKET, S3Server};
use lanyard::db::Kind;
use lanyard::mailer::Mailer;
use lanyard::storage::PART;
use lanyard::uploads::cleaning;

const PLAYER: &str = "/events/congress-2026/recordings/K1";

/// Path and query of a link of the store.
fn path_of<'a>(store: &S3Server, link: &'a str) -> &'a str {
    let url = store.url();
    assert!(link.starts_with(&format!("{url}/{BUCKET}/a-prefix/objects/")), "{link}");
    &link[url.len()..]
}

async fn story(app: &TestApp, store: &S3Server) {
    app.ignore_letters();
    let event = a_congress().make(app);
    let own = a_registration(&event).make(app);
    let other = a_registration(&event).make(app);
    assert!(app.storage.check().await.unwrap().contains(&store.url()));
    let (sender, file) = (Sender::of(app).await, wav(700));
    let place = sender.announce("talk.wav", file.len()).await.expect(201).location().to_owned();
    // The store takes no part below five megabytes but the last; what is too small is to come again.
    assert_eq!(sender.part(&place, 0, &file[..10_000]).await.expect(204).header("upload-offset"), Some("0"));
    let first = sender.part(&place, 0, &file[..PART + 10]).await.expect(204);
    assert_eq!(first.header("upload-offset"), Some(PART.to_string().as_str()));
    sender.part(&place, PART, &file[PART..]).await.expect(204);
    sender.attach("K1", place.rsplit('/').next().unwrap()).await.says("The recording is here.");
    sender.press("K1", "publication").await.says("Published.");
    app.run_jobs();

    let ada = app.as_attendee(&own).await;
    let page = ada.open(PLAYER).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("media-src 'self' {} blob:", store.url())), "{policy}");
    let src = source_of(&page);
    let link = ada.get(&src).await.expect(302).location().to_owned();
    assert!(link.contains("X-Amz-Expires=600") && link.contains("X-Amz-Signature="), "{link}");
    let (status, head, body) = store.ask(&format!("GET {}", path_of(store, &link)), b"");
    assert_eq!((status, body.len()), (200, file.len()));
    assert!(body == file, "what comes back is what was sent");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: audio/wav") && head.contains("content-disposition: inline; filename=\"talk.wav\""), "{head}");
    let (status, _, part) = store.ask_with(&format!("GET {}", path_of(store, &link)), "Range: bytes=5242870-5242889\r\n", b"");
    assert_eq!((status, part.as_slice()), (206, &file[5_242_870..5_242_890]));
    app.as_attendee(&other).await.get(&src).await.expect(404);
    app.visitor().await.get(&src).await.expect(303);

    // An object that others put there; then one that nobody finished, and one that is removed: nothing is left of both.
    assert_eq!(store.ask(&format!("PUT /{BUCKET}/a-prefix/incoming/b1.wav"), &wav(1)).0, 200);
    sender.staff.open(&page_of("B1")).await;
    sender.staff.submit("/object", &[("object_key", "incoming/b1.wav")]).await.expect(303);
    sender.staff.follow().await.says("The object is the recording of this session.");
    let half = sender.announce("half.wav", file.len()).await.location().to_owned();
    sender.part(&half, 0, &file[..PART]).await.expect(204);
    let unfinished = || String::from_utf8(store.ask(&format!("GET /{BUCKET}?uploads"), b"").2).unwrap().matches("<Upload>").count();
    assert_eq!(unfinished(), 1);
    sender.press("K1", "publication/removal").await;
    sender.press("K1", "removal").await.says("The recording is removed.");
    app.wait_minutes(25 * 60);
    app.must(|tx| lanyard::jobs::enqueue(tx, cleaning::FORGET, &(), tx.now));
    app.run_jobs();
    assert_eq!(cleaning::sweep(app).await.unwrap(), 2);
    assert_eq!(unfinished(), 0);
    let (object, _) = path_of(store, &link).split_once('?').unwrap();
    assert_eq!(store.ask(&format!("GET {object}"), b"").0, 404);
    // What others put there stays; the store shows it to nobody without a signature.
    assert_eq!(store.ask(&format!("GET /{BUCKET}/a-prefix/incoming/b1.wav"), b"").0, 403);
}

#[test]
fn a_recording_in_a_bucket_is_sent_in_parts_and_watched_by_links_of_the_store() {
    for kind in [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| is_wanted(*kind)) {
        let store = S3Server::start();
        let memory = Mailer::Memory(std::sync::Mutex::default());
        let app = TestApp::start_with(Database::new(kind), memory, |config| store.configure(config));
        actix_web::rt::System::new().block_on(story(&app, &store));
    }
}
