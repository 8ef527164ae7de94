//! Two hundred viewers of one recording, each asking for ranges of it, next to nginx with the same file in the same run.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::programs::{Program, find_program};
use crate::server::Server;

/// What one request asks for: about a quarter of a minute of a talk.
const ASKED: u64 = 1024 * 1024;
const VIEWERS: [usize; 2] = [8, 200];
const OBJECT: &str = "incoming/load.wav";
const PAGE: &str = "/staff/events/congress-2026/recordings/K1";

/// Makes a recording of so many megabytes, publishes it, and lets it be watched.
pub async fn watch(server: &Server, megabytes: u64, lasts: Duration) {
    let file = server.folder().join("files").join(OBJECT);
    let size = make(&file, megabytes);
    let (cookies, path) = publish(server).await;
    let nginx = Nginx::start(server.folder(), file.parent().expect("a folder"));
    // Once through, so that both find the file in the system's memory.
    drain(nginx.port, "/load.wav", "", 0, size).await;
    println!("a recording of {megabytes} MB, ranges of {} KB; memory {:.0} MB", ASKED / 1024, server.memory_mb());
    for viewers in VIEWERS {
        let plain = drive(nginx.port, "/load.wav", "", size, viewers, lasts).await;
        let ours = drive(server.port(), &path, &cookies, size, viewers, lasts).await;
        let again = drive(nginx.port, "/load.wav", "", size, viewers, lasts).await;
        println!(
            "{viewers:>4} viewers  nginx {plain:>7.0} MB/s  lanyard {ours:>7.0} MB/s  nginx again {again:>7.0} MB/s  memory {:.0} MB",
            server.memory_mb()
        );
    }
}

/// Sound that is a recording by its head; its bytes differ, so that nothing on the way can make them fewer.
fn make(path: &Path, megabytes: u64) -> u64 {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the storage's folder");
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    file.write_all(b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\xff\xff\xff\x7f")
        .expect("a head");
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut block = vec![0u8; 1024 * 1024];
    for _ in 0..megabytes {
        for eight in block.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            eight.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block).expect("a block");
    }
    file.flush().expect("the file is written");
    std::fs::metadata(path).expect("the file").len()
}

/// Registers the object as staff and publishes it; gives an attendee's cookies and link.
async fn publish(server: &Server) -> (String, String) {
    let token = server.token("content");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let page = ask(server.port(), "GET", PAGE, &bearer, "").await;
    let visit = cookie(&page, "lanyard_visit");
    let csrf = between(&page, "name=\"csrf-token\" content=\"", "\"").to_owned();
    let headers = format!("{bearer}Cookie: {visit}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    for (path, body) in [("/object", format!("csrf={csrf}&object_key={OBJECT}")), ("/publication", format!("csrf={csrf}"))] {
        let answer = ask(server.port(), "POST", &format!("{PAGE}{path}"), &headers, &body).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    }
    let enter = server.attendee_sign_in();
    let entered = ask(server.port(), "GET", &enter, "", "").await;
    let cookies = format!("Cookie: {}\r\n", cookie(&entered, "lanyard_attendee"));
    let player = ask(server.port(), "GET", "/events/congress-2026/recordings/K1", &cookies, "").await;
    let src = player.split("id=\"media\"").nth(1).unwrap_or_else(|| panic!("no player: {player}"));
    (cookies, between(src, " src=\"", "\"").to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("no {before:?} in {text}"));
    rest.split(after).next().unwrap_or_default()
}

fn cookie<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = answer.lines().find(|line| line.to_lowercase().starts_with("set-cookie:") && line.contains(name));
    line.and_then(|line| line.split(':').nth(1)?.split(';').next()).unwrap_or_else(|| panic!("no {name} in {answer}")).trim()
}

/// One request on a connection of its own; the whole answer as text.
async fn ask(port: u16, method: &str, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// nginx with one folder, as the system's package brings it.
struct Nginx {
    port: u16,
    _program: Program,
}

impl Nginx {
    fn start(folder: &Path, root: &Path) -> Self {
        let program = find_program(&["nginx"], &["/usr/sbin"]).expect("no nginx: install the system's package nginx-light");
        let (port, place) = (crate::free_port(), folder.join("nginx"));
        std::fs::create_dir_all(&place).expect("a folder");
        let (place, root) = (place.display().to_string(), root.display());
        let settings = format!(
            "daemon off; worker_processes 2; pid {place}/pid; error_log {place}/log; events {{ worker_connections 1024; }} \
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; client_body_temp_path {place}/a; \
             proxy_temp_path {place}/b; fastcgi_temp_path {place}/c; uwsgi_temp_path {place}/d; scgi_temp_path {place}/e; \
             server {{ listen 127.0.0.1:{port}; root {root}; }} }}"
        );
        // Where root starts it, nginx would read as another user, who may not look into the storage.
        let settings = if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            format!("user root; {settings}")
        } else {
            settings
        };
        let file = format!("{place}/nginx.conf");
        std::fs::write(&file, settings).expect("its settings");
        let mut command = Command::new(program);
        command.args(["-p", &place, "-c", &file]).stdout(Stdio::null()).stderr(Stdio::inherit());
        let program = Program::start(&mut command, "QUIT");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, _program: program }
    }
}

/// So many viewers ask for one range after the other; megabytes a second of all together.
async fn drive(port: u16, path: &str, cookies: &str, size: u64, viewers: usize, lasts: Duration) -> f64 {
    let head: Arc<str> = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookies}").into();
    let begun = Instant::now();
    let hands: Vec<_> = (0..viewers)
        .map(|viewer| {
            let head = Arc::clone(&head);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
                let (mut bytes, mut turn, mut buffer) = (0u64, viewer as u64 * 7919, vec![0; 128 * 1024]);
                while begun.elapsed() < lasts {
                    let start = (turn * 104_729 * 4096) % (size - ASKED);
                    turn += 1;
                    bytes += one(&mut stream, &head, start, start + ASKED, &mut buffer).await;
                }
                bytes
            })
        })
        .collect();
    let mut bytes = 0;
    for hand in hands {
        bytes += hand.await.expect("a viewer");
    }
    bytes as f64 / 1_000_000.0 / begun.elapsed().as_secs_f64()
}

async fn drain(port: u16, path: &str, cookies: &str, from: u64, until: u64) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookies}");
    one(&mut stream, &head, from, until, &mut vec![0; 128 * 1024]).await;
}

/// Asks for a range and reads it away; its length.
async fn one(stream: &mut TcpStream, head: &str, from: u64, until: u64, buffer: &mut [u8]) -> u64 {
    let request = format!("{head}Range: bytes={from}-{}\r\n\r\n", until - 1);
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut seen = Vec::new();
    let body = loop {
        let read = stream.read(buffer).await.expect("an answer");
        assert!(read > 0, "the answer was cut off: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..read]);
        if let Some(at) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    assert!(seen.starts_with(b"HTTP/1.1 206"), "{}", String::from_utf8_lossy(&seen[..body]));
    let mut left = (until - from) - (seen.len() - body) as u64;
    while left > 0 {
        let read = stream.read(buffer).await.expect("more of the answer");
        assert!(read > 0, "the answer was cut off");
        left -= read as u64;
    }
    until - from
}
