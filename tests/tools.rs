//! The servers, the browser and the camera of the tests do what the tests rely on.

use crate::support::programs::Folder;
use crate::support::smtp::SmtpServer;
use crate::support::{accessibility, browser, camera, postgres};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use lettre::message::{Attachment, MultiPart, SinglePart, header::ContentType};
use lettre::{Message, SmtpTransport, Transport};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Instant;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    setting: String,
}

fn count(url: &str, sql: &str) -> i64 {
    let mut connection = PgConnection::establish(url).unwrap();
    diesel::sql_query(sql).get_result::<Count>(&mut connection).unwrap().count
}

fn setting(url: &str, name: &str) -> String {
    let mut connection = PgConnection::establish(url).unwrap();
    let sql = format!("SELECT current_setting('{name}') AS setting");
    diesel::sql_query(sql).get_result::<Setting>(&mut connection).unwrap().setting
}

#[test]
fn forty_at_once_copy_one_template_and_drop_their_copies() {
    let begun = Instant::now();
    let template = postgres::create_database(None);
    eprintln!("first database after {:?}", begun.elapsed());
    let mut connection = PgConnection::establish(&template).unwrap();
    connection.batch_execute("CREATE TABLE seat (id int); INSERT INTO seat SELECT generate_series(1, 7)").unwrap();
    drop(connection);
    postgres::seal_template(&template);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                let url = postgres::create_database(Some(&template));
                let mut open = PgConnection::establish(&url).unwrap();
                assert_eq!(count(&url, "SELECT count(*) FROM seat"), 7);
                postgres::drop_database(&url);
                assert!(open.batch_execute("SELECT 1").is_err(), "the drop cuts connections");
                assert!(PgConnection::establish(&url).is_err());
            });
        }
    });
    eprintln!("40 copies and drops in {:?}", begun.elapsed());
    let url = postgres::server_url();
    assert_eq!(setting(&url, "fsync"), "off");
    assert_eq!(setting(&url, "max_connections"), "300");
}

#[test]
fn a_durable_cluster_keeps_its_rows_through_a_stop_and_a_crash() {
    let cluster = postgres::DurableCluster::start();
    let url = cluster.create_database(None);
    assert_eq!(setting(&url, "fsync"), "on");
    let mut connection = PgConnection::establish(&url).unwrap();
    connection.batch_execute("CREATE TABLE seat (id int); INSERT INTO seat VALUES (1)").unwrap();
    cluster.stop();
    assert!(connection.batch_execute("SELECT 1").is_err());
    cluster.start_again();
    let mut connection = PgConnection::establish(&url).unwrap();
    connection.batch_execute("INSERT INTO seat VALUES (2)").unwrap();
    cluster.crash();
    assert!(connection.batch_execute("SELECT 1").is_err());
    cluster.start_again();
    assert_eq!(count(&url, "SELECT count(*) FROM seat"), 2);
}

fn letter() -> Message {
    let text = MultiPart::alternative()
        .singlepart(SinglePart::plain("Grüße, your place is kept.\n.\n.dot".to_owned()))
        .singlepart(SinglePart::html("<p>Grüße <img src=\"cid:badge\"></p>".to_owned()));
    let picture = Attachment::new_inline("badge".to_owned()).body(vec![137_u8, 80, 78, 71], "image/png".parse().unwrap());
    let calendar = Attachment::new("agenda.ics".to_owned())
        .body("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(), ContentType::parse("text/calendar; method=PUBLISH").unwrap());
    Message::builder()
        .from("Congress <congress@example.org>".parse().unwrap())
        .to("Zoë Ångström <zoe@example.org>".parse().unwrap())
        .subject("You are registered — Überblick")
        .multipart(MultiPart::mixed().multipart(MultiPart::related().multipart(text).singlepart(picture)).singlepart(calendar))
        .unwrap()
}

#[test]
fn the_smtp_server_goes_away_comes_back_refuses_and_keeps_letters() {
    let mut server = SmtpServer::start();
    let send = |server: &SmtpServer| SmtpTransport::from_url(&server.url()).unwrap().build().send(&letter());
    send(&server).unwrap();
    server.stop();
    assert!(send(&server).is_err());
    server.start_again();
    server.refuse("451 4.3.0 Try again later");
    assert!(send(&server).unwrap_err().is_transient());
    server.refuse("550 5.1.1 Nobody here");
    assert!(send(&server).unwrap_err().is_permanent());
    server.accept();
    send(&server).unwrap();
    let letters = server.wait_for_letters(2);
    assert_eq!(letters.len(), 2);
    let letter = &letters[1];
    assert_eq!(letter.from, "congress@example.org");
    assert_eq!(letter.to, ["zoe@example.org"]);
    assert_eq!(letter.subject, "You are registered — Überblick");
    let kinds: Vec<&str> = letter.parts.iter().map(|part| part.media_type.as_str()).collect();
    assert_eq!(kinds, ["text/plain", "text/html", "image/png", "text/calendar"]);
    assert_eq!(letter.text_of("text/plain").replace("\r\n", "\n"), "Grüße, your place is kept.\n.\n.dot");
    assert_eq!(letter.part("image/png").unwrap().content_id.as_deref(), Some("badge"));
    assert_eq!(letter.part("image/png").unwrap().body, [137, 80, 78, 71]);
    assert_eq!(letter.part("text/calendar").unwrap().file_name.as_deref(), Some("agenda.ics"));
    assert!(letter.raw.starts_with(b"From: "));
}

#[test]
fn an_international_address_is_taken() {
    let server = SmtpServer::start();
    let letter = Message::builder()
        .from("congress@example.org".parse().unwrap())
        .to("zoë@example.org".parse().unwrap())
        .subject("Hello")
        .body("Hello".to_owned())
        .unwrap();
    SmtpTransport::from_url(&server.url()).unwrap().build().send(&letter).unwrap();
    assert_eq!(server.wait_for_letters(1)[0].to, ["zoë@example.org"]);
}

const HEAD: &str = "<!doctype html><html lang=en><title>Congress</title><meta name=viewport content='width=device-width'>\
    <link rel=stylesheet href=/style.css><main><h1>Congress</h1>";
const STYLE: &str = "body{background:#fff;color:#111;margin:0}.faint{color:#ddd}.wide{width:700px;display:block}\
    .small{display:inline-block;width:10px;height:10px;padding:0}\
    @media (prefers-color-scheme:dark){body{background:#000;color:#fff}}";
const CAMERA: &str = "navigator.mediaDevices.getUserMedia({video:true}).then(s=>{const v=document.querySelector('video');\
    v.srcObject=s;return v.play()}).then(()=>document.title='filming').catch(e=>document.title=String(e))";

/// Serves a few pages with a strict content policy on a free port, as long as the process runs.
fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap()));
        }
    });
    base
}

fn answer(mut stream: std::net::TcpStream) {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    reader.read_line(&mut line).unwrap();
    let mut header = String::new();
    while reader.read_line(&mut header).unwrap() > 2 {
        header.clear();
    }
    let (kind, body) = match line.split(' ').nth(1).unwrap_or_default() {
        "/style.css" => ("text/css", STYLE.to_owned()),
        "/camera.js" => ("text/javascript", CAMERA.to_owned()),
        "/camera" => ("text/html", format!("{HEAD}<video muted playsinline></video><script src=/camera.js></script></main>")),
        "/bad" => (
            "text/html",
            format!(
                "{HEAD}<p class=faint>Faint</p><img src=x><input class=wide>\
            <button class=small>a</button><button class=small>b</button></main>"
            ),
        ),
        _ => ("text/html", format!("{HEAD}<p>Welcome, Zoë.</p><p><a href=/bad>Sessions</a></p></main>")),
    };
    let policy = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; \
        require-trusted-types-for 'script'";
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
        Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = reader.read(&mut [0]);
}

#[tokio::test]
async fn a_phone_shows_a_page_and_names_what_is_wrong_with_it() {
    let site = site();
    let begun = Instant::now();
    let phone = browser::phone().start().await;
    eprintln!("phone after {:?}", begun.elapsed());
    phone.open(&site).await;
    assert!(phone.text().await.contains("Welcome, Zoë."));
    assert_eq!(
        phone
            .client()
            .execute("return [innerWidth, innerHeight, devicePixelRatio, matchMedia('(pointer: coarse)').matches]", vec![])
            .await
            .unwrap(),
        serde_json::json!([360, 740, 2, true])
    );
    assert_eq!(accessibility::violations(&phone).await, Vec::<String>::new());
    assert_eq!(phone.overflow().await, 0);
    phone.open(&format!("{site}/bad")).await;
    let violations = accessibility::violations(&phone).await;
    eprintln!("{violations:#?}");
    for rule in ["color-contrast", "image-alt", "label", "target-size"] {
        assert!(violations.iter().any(|one| one.starts_with(&format!("{rule}:"))), "{rule}");
    }
    assert!(phone.overflow().await > 300);
    let picture = phone.folder().join("page.png");
    phone.screenshot(&picture).await;
    eprintln!("{:?}", image::image_dimensions(&picture).unwrap());
    phone.close().await;
}

#[tokio::test]
async fn a_dark_laptop_is_dark() {
    let site = site();
    for (options, color) in [(browser::laptop().dark(), "rgb(0, 0, 0)"), (browser::laptop(), "rgb(255, 255, 255)")] {
        let laptop = options.start().await;
        laptop.open(&site).await;
        let script = "return [innerWidth, innerHeight, getComputedStyle(document.body).backgroundColor]";
        assert_eq!(laptop.client().execute(script, vec![]).await.unwrap(), serde_json::json!([1280, 800, color]));
        laptop.open(&format!("{site}/bad")).await;
        assert_eq!(laptop.client().execute(script, vec![]).await.unwrap(), serde_json::json!([1280, 800, color]));
    }
}

const FRAME: &str = "const done = arguments[arguments.length - 1], video = document.querySelector('video');\
    const canvas = document.createElement('canvas'); canvas.width = video.videoWidth; canvas.height = video.videoHeight;\
    const pen = canvas.getContext('2d'); pen.drawImage(video, 0, 0);\
    const all = pen.getImageData(0, 0, canvas.width, canvas.height).data, light = [];\
    for (let i = 0; i < all.length; i += 4) light.push(all[i]); done([canvas.width, canvas.height, light])";

async fn seen_by_the_camera(site: &str, film: &std::path::Path) -> String {
    let phone = browser::phone().with_camera(film).start().await;
    phone.open(&format!("{site}/camera")).await;
    for _ in 0..100 {
        if phone.client().title().await.unwrap() != "Congress" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(phone.client().title().await.unwrap(), "filming");
    let frame = phone.client().execute_async(FRAME, vec![]).await.unwrap();
    let side = |index: usize| frame[index].as_u64().unwrap() as usize;
    let light: Vec<u8> = frame[2].as_array().unwrap().iter().map(|one| one.as_u64().unwrap() as u8).collect();
    let (width, height) = (side(0), side(1));
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| light[y * width + x]);
    let grids = picture.detect_grids();
    grids[0].decode().unwrap().1
}

#[tokio::test]
async fn the_camera_shows_a_code_that_can_be_read() {
    let site = site();
    let folder = Folder::in_memory();
    let film = folder.path().join("code.y4m");
    camera::write_y4m_of_qr("LY1.abcdefghijklmnopqrstuvwxyz0123456789", &film);
    assert_eq!(seen_by_the_camera(&site, &film).await, "LY1.abcdefghijklmnopqrstuvwxyz0123456789");
    let code = qrcode::QrCode::new("the letter's own picture").unwrap();
    let side = code.width() as u32;
    let colors = code.to_colors();
    let picture = image::GrayImage::from_fn(side + 8, side + 8, |x, y| {
        let dark =
            (4..side + 4).contains(&x) && (4..side + 4).contains(&y) && colors[((y - 4) * side + x - 4) as usize] == qrcode::Color::Dark;
        image::Luma([if dark { 0 } else { 255 }])
    });
    let picture = image::imageops::resize(&picture, (side + 8) * 3, (side + 8) * 3, image::imageops::FilterType::Nearest);
    let png = folder.path().join("code.png");
    picture.save(&png).unwrap();
    camera::write_y4m_of_picture(&std::fs::read(&png).unwrap(), &film);
    assert_eq!(seen_by_the_camera(&site, &film).await, "the letter's own picture");
}
