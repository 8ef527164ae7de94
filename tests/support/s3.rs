//! A real S3-compatible server on loopback (moto), with one bucket; what it holds is gone with it.

use super::programs::{Folder, Program};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

/// The bucket that is there.
pub const BUCKET: &str = "recordings";

/// The server; dropping it stops it.
pub struct S3Server {
    port: u16,
    _program: Program,
    _folder: Folder,
}

impl S3Server {
    /// Starts it on a free port of 127.0.0.1 and makes its bucket.
    pub fn start() -> Self {
        let itself = std::env::current_exe().expect("the tests' own program");
        let tools = itself.ancestors().map(|folder| folder.join("tools/s3")).find(|folder| folder.join("requirements.txt").is_file());
        let tools = tools.expect("no S3 server in target/tools: bin/test installs it from tests/tools/s3-requirements.txt");
        let folder = Folder::in_memory();
        for _ in 0..5 {
            let port = super::free_port();
            let log = std::fs::File::create(folder.path().join("log")).expect("the server's log");
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", &tools).args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
            command.stdout(log.try_clone().expect("the log")).stderr(log).current_dir(folder.path());
            let mut program = Program::start(&mut command, "TERM");
            let deadline = Instant::now() + Duration::from_secs(30);
            while program.is_running() && Instant::now() < deadline {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    let server = Self { port, _program: program, _folder: folder };
                    assert!(server.ask(&format!("PUT /{BUCKET}"), b"").0 == 200, "the bucket is made");
                    return server;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        panic!("the S3 server does not start: {}", std::fs::read_to_string(folder.path().join("log")).unwrap_or_default());
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// One request, as the server takes it without a signature: `GET /bucket/key`; its status, head and body.
    pub fn ask(&self, line: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        self.ask_with(line, "", body)
    }

    /// The same with more headers, each ended by a line break.
    pub fn ask_with(&self, line: &str, headers: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the S3 server answers");
        let head = format!(
            "{line} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).expect("the request is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let at = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..at]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head, answer.split_off(at + 4))
    }

    /// The settings of a service that keeps its files there.
    pub fn configure(&self, config: &mut lanyard::config::Config) {
        config.storage_url = format!("s3://{BUCKET}/a-prefix");
        let settings = [
            ("AWS_ENDPOINT_URL", self.url()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "tester".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "testing".to_owned()),
        ];
        config.aws = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    }
}
