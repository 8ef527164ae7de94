//! Files on their way: in parts, cut off, refused by their bytes, thrown away.

use super::{Sender, page_of, wav};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::databases::is_wanted;
use diesel::prelude::*;
use lanyard::db::Kind;
use lanyard::db::schema::{audit_entries, object_removals, uploads};
use lanyard::staff::Role;
use lanyard::uploads::{Upload, cleaning};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::TcpStream;

fn all(app: &TestApp) -> Vec<Upload> {
    app.look(|db| Ok(uploads::table.order(uploads::id.asc()).select(Upload::as_select()).load(db)?))
}

/// Every file of the storage with its bytes.
pub fn stored(app: &TestApp) -> Vec<Vec<u8>> {
    let (mut found, mut left) = (Vec::new(), vec![app.storage.folder().expect("a folder").to_path_buf()]);
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { left.push(entry.path()) } else { found.push(std::fs::read(entry.path()).unwrap()) }
        }
    }
    found
}

on_both! {
    async fn a_file_that_comes_in_parts_is_whole_with_its_sum_and_kind(app) {
        a_congress().make(app);
        let (sender, file) = (Sender::of(app).await, wav(2));
        let place = sender.announce("../../Opening <b>.mp4", file.len()).await.expect(201).location().to_owned();
        assert_eq!(sender.standing(&place).await.expect(200).header("upload-offset"), Some("0"));
        sender.part(&place, 0, &file[..5000]).await.expect(204);
        sender.part(&place, 5000, &file[5000..9000]).await.expect(204);
        // A part that comes twice, or from elsewhere, is told where the upload stands.
        let again = sender.part(&place, 5000, &file[5000..9000]).await.expect(409);
        assert_eq!(again.code(), "uploads.moved");
        let standing = sender.standing(&place).await.expect(200);
        assert_eq!((standing.header("upload-offset"), standing.header("upload-length")), (Some("9000"), Some("16044")));
        assert!(all(app)[0].finished_at.is_none());
        sender.part(&place, 9000, &file[9000..]).await.expect(204);
        let upload = all(app).remove(0);
        assert!(upload.is_finished());
        assert_eq!(upload.sha256, Some(lanyard::ids::hex(&Sha256::digest(&file))));
        assert_eq!((upload.kind().as_str(), upload.original_name.as_str()), ("audio/wav", "Opening <b>.mp4"));
        assert!(upload.object_key.starts_with("objects/") && !upload.object_key.contains("pening"), "{}", upload.object_key);
        assert_eq!(stored(app), std::slice::from_ref(&file));
        // An empty part of a whole upload changes nothing; more bytes than announced are not taken.
        sender.part(&place, file.len(), b"").await.expect(204);
        sender.part(&place, file.len(), b"x").await.expect(413);
        let actions: Vec<String> = app.look(|db| Ok(audit_entries::table
            .filter(audit_entries::subject_kind.eq("upload")).order(audit_entries::id.asc()).select(audit_entries::action).load(db)?));
        assert_eq!(actions, ["upload.begun", "upload.finished"]);
        let id = place.rsplit('/').next().unwrap();
        let page = sender.attach("K1", id).await.says("The recording is here.").says("Opening <b>.mp4").says("sound, 16 KB");
        assert!(!page.html().contains("Opening <b>"), "a name is text");
        sender.attach("B1", id).await.says("This upload is in use already.");
    }

    async fn what_is_no_video_is_refused_by_its_bytes_and_thrown_away(app) {
        a_congress().make(app);
        let sender = Sender::of(app).await;
        let cases: [(&[u8], &str); 4] = [
            (b"%PDF-1.7 and so on", "This file is a PDF, whatever its name says."),
            (b"<!doctype html><script>alert(1)</script>", "This file is a web page"),
            (b"MZ\x90\0\x03\0\0\0", "This file is of a kind that is not known here"),
            (b"\0\0\0\x14ftypqt  qt  ", "This file is a QuickTime film, which not every browser plays"),
        ];
        for (file, said) in cases {
            let place = sender.announce("talk.mp4", file.len()).await.expect(201).location().to_owned();
            let refused = sender.part(&place, 0, file).await.expect(409);
            assert!(refused.json()["detail"].as_str().unwrap().starts_with(said), "{}", refused.html());
            assert_eq!(refused.code(), "uploads.not_taken");
            sender.standing(&place).await.expect(404);
        }
        assert!(all(app).is_empty());
        cleaning::sweep(app).await.unwrap();
        assert!(stored(app).is_empty());
    }

    async fn a_file_that_is_empty_or_too_large_is_not_even_begun(app) {
        a_congress().make(app);
        let sender = Sender::of(app).await;
        assert!(sender.announce("a.wav", 0).await.expect(422).html().contains("This file is empty."));
        let large = sender.announce("a.wav", 30 * 1024 * 1024 * 1024).await;
        // Where the disk has no room for it, that is said first.
        assert!(large.status == 422 && large.html().contains("The most is 20 GB.") || large.code() == "uploads.disk_full", "{}", large.html());
        let disk = sender.announce("a.wav", usize::MAX / 2).await;
        assert!(disk.status == 409 && disk.code() == "uploads.disk_full", "{}", disk.html());
        assert!(all(app).is_empty());
    }

    async fn an_upload_that_nobody_finished_or_used_goes_after_a_day_with_its_bytes(app) {
        a_congress().make(app);
        let (sender, file) = (Sender::of(app).await, wav(2));
        let half = sender.announce("half.wav", file.len()).await.location().to_owned();
        sender.part(&half, 0, &file[..8000]).await.expect(204);
        let unused = sender.send("unused.wav", &file).await;
        let used = sender.send("used.wav", &file).await;
        sender.attach("K1", &used).await.says("The recording is here.");
        app.wait_minutes(23 * 60);
        // A sign-in lasts a working day.
        let again = Sender::of(app).await;
        again.part(&half, 8000, &file[8000..9000]).await.expect(204);
        app.wait_minutes(2 * 60);
        forget(app);
        let left: Vec<String> = all(app).into_iter().map(|upload| upload.original_name).collect();
        assert_eq!(left, ["half.wav", "used.wav"], "one that goes on is not given up");
        app.wait_minutes(24 * 60);
        forget(app);
        let last = Sender::of(app).await;
        last.standing(&half).await.expect(404);
        last.attach("B1", &unused).await.says("This upload is gone. Send the file again.");
        assert_eq!(cleaning::sweep(app).await.unwrap(), 2);
        assert_eq!(app.look(|db| Ok(object_removals::table.count().get_result::<i64>(db)?)), 0);
        assert_eq!(stored(app), [file]);
    }

    async fn a_form_that_names_an_upload_that_is_not_finished_leaves_it_as_it_is(app) {
        a_congress().make(app);
        let (sender, file) = (Sender::of(app).await, wav(2));
        let half = sender.announce("half.wav", file.len()).await.location().to_owned();
        sender.part(&half, 0, &file[..8000]).await.expect(204);
        let id = half.rsplit('/').next().unwrap();
        sender.attach("K1", id).await.says("This upload is not finished yet.");
        assert_eq!(sender.standing(&half).await.expect(200).header("upload-offset"), Some("8000"));
        sender.part(&half, 8000, &file[8000..]).await.expect(204);
        sender.attach("K1", id).await.says("The recording is here.");
    }

    async fn without_scripts_a_form_sends_the_file_whole(app) {
        a_congress().make(app);
        let staff = app.as_staff(Role::Content).await;
        staff.open(&page_of("K1")).await;
        staff.upload(&page_of("K1"), "file", b"").await.expect(303);
        staff.follow().await.says("Choose a file first.");
        staff.upload(&page_of("K1"), "file", b"%PDF-1.7").await.expect(303);
        staff.follow().await.says("This file is a PDF, whatever its name says.");
        staff.upload(&page_of("K1"), "file", &wav(1)).await.expect(303);
        staff.follow().await.says("The recording is here.").says("sound, 8.0 KB");
        staff.upload(&page_of("K1"), "file", &wav(1)).await.expect(303);
        staff.follow().await.says("This session has a recording. Remove it before you add another.");
        assert_eq!(all(app).iter().filter(|upload| upload.kept_at.is_some()).count(), 1);
    }

    async fn an_object_that_is_in_the_storage_already_is_registered_by_its_name(app) {
        a_congress().make(app);
        let staff = app.as_staff(Role::Content).await;
        let incoming = app.storage.folder().unwrap().join("incoming");
        std::fs::create_dir_all(&incoming).unwrap();
        std::fs::write(incoming.join("K1-final.wav"), wav(1)).unwrap();
        std::fs::write(incoming.join("notes.txt"), "not a recording").unwrap();
        for (name, said) in [
            ("incoming/../lanyard.db", "Give the object's name as it lies in the storage"),
            ("/etc/passwd", "Give the object's name"),
            ("objects/ab/cd", "Give the object's name"),
            ("", "Give the object's name"),
            ("incoming/nothing.mp4", "There is no such object in the storage."),
            ("incoming/notes.txt", "This file is text, whatever its name says."),
        ] {
            staff.open(&page_of("K1")).await;
            staff.submit("/object", &[("object_key", name)]).await.expect(303);
            staff.follow().await.says(said);
        }
        staff.submit("/object", &[("object_key", "incoming/K1-final.wav")]).await.expect(303);
        staff.follow().await.says("The object is the recording of this session.").says("K1-final.wav");
        staff.open(&page_of("B1")).await;
        staff.submit("/object", &[("object_key", "incoming/K1-final.wav")]).await.expect(303);
        staff.follow().await.says("This object is registered already.");
        // It was there before us, so it stays when the recording goes.
        staff.open(&page_of("K1")).await.says("The object stays in the storage.");
        staff.submit("/removal", &[]).await.expect(303);
        staff.follow().await.says("The recording is removed.");
        cleaning::sweep(app).await.unwrap();
        assert_eq!(stored(app).len(), 2);
    }
}

fn forget(app: &TestApp) {
    app.must(|tx| lanyard::jobs::enqueue(tx, cleaning::FORGET, &(), tx.now));
    app.run_jobs();
}

/// A line that breaks: half of the announced bytes come, then nothing more.
fn send_half(app: &TestApp, place: &str, cookies: &str, token: &str, announced: usize, bytes: &[u8]) {
    let address = app.site.config.base_url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookies}\r\nX-CSRF-Token: {token}\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {announced}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = stream.read(&mut [0; 64]);
}

#[test]
fn an_upload_that_is_cut_off_goes_on_where_it_was() {
    for kind in [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| is_wanted(*kind)) {
        let app = TestApp::listening(kind);
        actix_web::rt::System::new().block_on(async {
            a_congress().make(&app);
            let (sender, file) = (Sender::of(&app).await, wav(3));
            let place = sender.announce("talk.wav", file.len()).await.expect(201).location().to_owned();
            let cookies = format!(
                "{}={}; {}={}",
                lanyard::http::asker::STAFF_COOKIE,
                sender.staff.cookie(lanyard::http::asker::STAFF_COOKIE).unwrap(),
                lanyard::http::asker::VISIT_COOKIE,
                sender.staff.cookie(lanyard::http::asker::VISIT_COOKIE).unwrap()
            );
            send_half(&app, &place, &cookies, &sender.token, file.len(), &file[..10_000]);
            let mut at = 0;
            for _ in 0..100 {
                at = sender.standing(&place).await.header("upload-offset").unwrap().parse().unwrap();
                if at > 0 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert_eq!(at, 10_000, "what came is kept");
            sender.part(&place, at, &file[at..]).await.expect(204);
            assert!(all(&app)[0].is_finished());
            assert_eq!(stored(&app), [file]);
        });
    }
}

#[test]
fn nobody_sends_files_without_being_asked_to() {
    let app = TestApp::start(Kind::Sqlite);
    actix_web::rt::System::new().block_on(async {
        a_congress().make(&app);
        let sender = Sender::of(&app).await;
        let place = sender.announce("talk.wav", 100).await.expect(201).location().to_owned();
        // Without the token of the page, as another site would.
        let stranger = Sender { staff: app.as_staff(Role::Owner).await, token: "0000".to_owned() };
        assert_eq!((stranger.announce("x.wav", 100).await.status, stranger.part(&place, 0, b"RIFF").await.status), (403, 403));
        let onsite = app.as_staff(Role::Onsite).await;
        onsite.get(&place).await.expect(403);
        assert_eq!(sender.standing(&place).await.header("upload-offset"), Some("0"));
    });
}
