//! A small HTTP/1.1 client that keeps its connections: enough to drive a server, light enough not to be the limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request(Arc<[u8]>);

impl Request {
    pub fn get(path: &str, token: Option<&str>) -> Self {
        Self::bytes("GET", path, token, "")
    }

    pub fn delete(path: &str, token: Option<&str>) -> Self {
        Self::bytes("DELETE", path, token, "")
    }

    pub fn post(path: &str, token: Option<&str>, body: &Value) -> Self {
        Self::bytes("POST", path, token, &body.to_string())
    }

    fn bytes(method: &str, path: &str, token: Option<&str>, body: &str) -> Self {
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let kind =
            if body.is_empty() { String::new() } else { format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()) };
        Self(format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}{kind}\r\n{body}").into_bytes().into())
    }
}

/// What a run of requests showed.
#[derive(Default)]
pub struct Figures {
    pub answered: usize,
    /// 4xx: an answer of the rules, such as a session that is taken already.
    pub refused: usize,
    pub failed: usize,
    lasted: Duration,
    microseconds: Vec<u32>,
}

impl Figures {
    /// Answers per second, refusals included.
    pub fn rate(&self) -> f64 {
        (self.answered + self.refused) as f64 / self.lasted.as_secs_f64()
    }

    /// Milliseconds within which this share of the answers came.
    pub fn percentile(&self, share: f64) -> f64 {
        if self.microseconds.is_empty() {
            return 0.0;
        }
        let index = ((self.microseconds.len() - 1) as f64 * share / 100.0).round() as usize;
        f64::from(self.microseconds[index]) / 1000.0
    }
}

/// Sends requests over so many connections for so long; `make` gives the request of each turn.
pub async fn drive(port: u16, connections: usize, lasts: Duration, make: impl Fn(usize) -> Request + Send + Sync + 'static) -> Figures {
    let (make, turns) = (Arc::new(make), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let hands: Vec<_> = (0..connections)
        .map(|_| {
            let (make, turns) = (Arc::clone(&make), Arc::clone(&turns));
            tokio::spawn(async move {
                let mut own = Figures::default();
                let mut connection = Connection::open(port).await;
                while begun.elapsed() < lasts {
                    let request = make(turns.fetch_add(1, Ordering::Relaxed));
                    let sent = Instant::now();
                    match connection.send(&request).await.map(|(status, _)| status) {
                        Ok(200..=299) => own.answered += 1,
                        Ok(400..=499) => own.refused += 1,
                        _ => {
                            own.failed += 1;
                            connection = Connection::open(port).await;
                        }
                    }
                    own.microseconds.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                }
                own
            })
        })
        .collect();
    let mut all = Figures::default();
    for hand in hands {
        let own = hand.await.expect("a connection's task");
        all.answered += own.answered;
        all.refused += own.refused;
        all.failed += own.failed;
        all.microseconds.extend(own.microseconds);
    }
    all.lasted = begun.elapsed();
    all.microseconds.sort_unstable();
    all
}

/// One request on a connection of its own; panics with the answer when it is not a success.
pub async fn json(port: u16, request: &Request) -> Value {
    let (status, body) = Connection::open(port).await.send(request).await.expect("an answer");
    assert!((200..300).contains(&status), "status {status}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("JSON")
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server takes connections");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends and reads one answer: its status and body.
    async fn send(&mut self, request: &Request) -> std::io::Result<(u16, Vec<u8>)> {
        self.stream.write_all(&request.0).await?;
        self.buffer.clear();
        loop {
            if let Some((status, start, end)) = complete(&self.buffer) {
                return Ok((status, self.buffer[start..end].to_vec()));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Status and body's bounds once the whole answer is there. Answers carry a length, since nothing asks for compression.
fn complete(buffer: &[u8]) -> Option<(u16, usize, usize)> {
    let head_end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..head_end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")))
        .map_or(Ok(0), |(_, value)| value.trim().parse::<usize>())
        .ok()?;
    (buffer.len() >= head_end + length).then_some((status, head_end, head_end + length))
}
