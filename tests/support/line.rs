//! A program at the other end of a real connection, which may break at any moment.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection to a service on this machine; where it broke, the next question opens it again. Without a token it
/// keeps cookies, as a browser does.
pub struct Line {
    port: u16,
    token: String,
    cookies: BTreeMap<String, String>,
    stream: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

impl Line {
    /// A line to this port, with this token.
    pub fn to(port: u16, token: &str) -> Self {
        Self { port, token: token.to_owned(), cookies: BTreeMap::new(), stream: None }
    }

    pub fn get(&mut self, path: &str) -> Result<Reply> {
        self.ask("GET", path, "", "")
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Result<Reply> {
        self.ask("POST", path, "", &body.to_string())
    }

    /// A write that may be repeated under this key.
    pub fn post_once(&mut self, path: &str, key: &str, body: &Value) -> Result<Reply> {
        self.ask("POST", path, &format!("Idempotency-Key: {key}\r\n"), &body.to_string())
    }

    /// What a page's script sends, with the page's form token.
    pub fn post_as_page(&mut self, path: &str, form_token: &str, body: &Value) -> Result<Reply> {
        self.ask("POST", path, &format!("{}: {form_token}\r\n", lanyard::http::api::TOKEN_HEADER), &body.to_string())
    }

    fn ask(&mut self, method: &str, path: &str, more: &str, body: &str) -> Result<Reply> {
        let who = if self.token.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("Cookie: {}", cookies.join("; "))
        } else {
            format!("Authorization: Bearer {}", self.token)
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{more}\r\n{body}",
            body.len()
        );
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => open(self.port)?,
        };
        stream.get_mut().write_all(request.as_bytes())?;
        let reply = read(&mut stream)?;
        let given = reply.head.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let given = given.filter_map(|(_, cookie)| cookie.trim().split(';').next()?.split_once('='));
        self.cookies.extend(given.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self.stream = Some(stream);
        Ok(reply)
    }
}

fn open(port: u16) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::new(stream))
}

/// One whole answer; anything less is an error. Answers carry a length, since nothing here asks for compression.
fn read(stream: &mut BufReader<TcpStream>) -> Result<Reply> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(Error::from(ErrorKind::InvalidData))?;
    let mut reply = Reply { status, head, body: String::new() };
    let length = reply.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    reply.body = String::from_utf8_lossy(&body).into_owned();
    Ok(reply)
}
