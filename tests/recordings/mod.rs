//! Recordings: sent in parts, checked, published, watched by those who may, and by nobody else (REC-1 to REC-3).

mod browser;
mod publishing;
mod sending;
mod store;
mod watching;

use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::{Answer, Visitor};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use base64::prelude::{BASE64_STANDARD, Engine};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;

/// The staff's address of a session's recording.
pub fn page_of(session: &str) -> String {
    format!("/staff/events/congress-2026/recordings/{session}")
}

/// Sound of so many seconds: a tone, one byte a sample, 8,000 a second.
pub fn wav(seconds: u32) -> Vec<u8> {
    let length = seconds * 8000;
    let samples = (0..length).map(|at| if at / 10 % 2 == 0 { 0x90 } else { 0x70 });
    let mut file = Vec::with_capacity(44 + length as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + length).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&8000u32.to_le_bytes());
    file.extend_from_slice(&8000u32.to_le_bytes());
    file.extend_from_slice(b"\x01\0\x08\0data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(samples);
    file
}

/// Captions that are right.
pub const CAPTIONS: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\nWelcome.\n\n00:02.000 --> 00:04.000\nThis is a tone.\n";

/// A program that sends files in parts, with the cookies and the form token of staff.
pub struct Sender {
    pub staff: Visitor,
    token: String,
}

impl Sender {
    pub async fn of(app: &TestApp) -> Self {
        let staff = app.as_staff(Role::Content).await;
        staff.open("/staff/events/congress-2026/recordings").await;
        let token = staff.form_token().expect("a page with a form");
        Self { staff, token }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, String)], body: &[u8]) -> Answer {
        let mut request = TestRequest::default().method(method).insert_header(("x-csrf-token", self.token.clone()));
        request = request.insert_header(("accept", "application/problem+json"));
        for (name, value) in headers {
            request = request.insert_header((*name, value.clone()));
        }
        self.staff.ask(request.set_payload(body.to_vec()), path).await
    }

    /// Announces a file; the answer says where its parts go.
    pub async fn announce(&self, name: &str, size: usize) -> Answer {
        let metadata = format!("filename {},purpose {}", BASE64_STANDARD.encode(name), BASE64_STANDARD.encode("recording"));
        let headers = [("upload-length", size.to_string()), ("upload-metadata", metadata)];
        self.ask(Method::POST, "/staff/events/congress-2026/uploads", &headers, b"").await
    }

    /// Sends bytes from an offset on.
    pub async fn part(&self, place: &str, offset: usize, bytes: &[u8]) -> Answer {
        self.ask(Method::PATCH, place, &[("upload-offset", offset.to_string())], bytes).await
    }

    /// Asks where an upload stands.
    pub async fn standing(&self, place: &str) -> Answer {
        self.ask(Method::HEAD, place, &[], b"").await
    }

    /// Sends a whole file in one part; the id of the upload.
    pub async fn send(&self, name: &str, bytes: &[u8]) -> String {
        let place = self.announce(name, bytes.len()).await.expect(201).location().to_owned();
        let sent = self.part(&place, 0, bytes).await.expect(204);
        assert_eq!(sent.header("upload-offset"), Some(bytes.len().to_string().as_str()));
        place.rsplit('/').next().expect("an id").to_owned()
    }

    /// Makes a finished upload a session's recording.
    pub async fn attach(&self, session: &str, upload: &str) -> Answer {
        self.staff.open(&page_of(session)).await;
        self.staff.post_with_files(&page_of(session), &[("csrf", &self.token), ("upload", upload)]).await.expect(303);
        self.staff.follow().await
    }

    /// Presses a button of a session's recording.
    pub async fn press(&self, session: &str, button: &str) -> Answer {
        self.staff.open(&page_of(session)).await;
        self.staff.post(&format!("{}/{button}", page_of(session)), &[]).await.expect(303);
        self.staff.follow().await
    }

    /// Sends sound and publishes it.
    pub async fn publish(&self, session: &str, seconds: u32) {
        let upload = self.send("talk.wav", &wav(seconds)).await;
        self.attach(session, &upload).await.says("The recording is here.");
        self.press(session, "publication").await.says("Published.");
    }
}

/// The congress with somebody registered, K1 published, letters read, two days after its end.
pub async fn published(app: &TestApp) -> (Event, Registration, Sender) {
    let event = a_congress().make(app);
    let own = a_registration(&event).email("ada@hospital.example").make(app);
    app.set_clock("2026-03-12T09:00:00-07:00");
    let sender = Sender::of(app).await;
    sender.publish("K1", 60).await;
    app.run_jobs();
    app.expect_letter("ada@hospital.example", "recording_ready");
    (event, own, sender)
}

/// Somebody who registered while that could still be done, as [`published`] leaves the clock.
pub fn before(app: &TestApp, event: &Event) -> Registration {
    app.set_clock("2026-03-09T08:00:00-07:00");
    let own = a_registration(event).make(app);
    app.set_clock("2026-03-12T09:00:00-07:00");
    own
}

/// Where the player of a page gets its bytes.
pub fn source_of(page: &Answer) -> String {
    let html = page.html();
    let after = html.split("id=\"media\"").nth(1).and_then(|rest| rest.split(" src=\"").nth(1)).expect("a player");
    after.split('"').next().expect("an address").to_owned()
}
