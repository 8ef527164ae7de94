//! A real SMTP server on loopback that can go away, come back and refuse, and the letters it took.

use super::programs::{Folder, Program, find_program};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub use super::letters::Letter;

/// A letter as the server took it, with its envelope.
fn read_letter(path: &Path) -> Letter {
    let raw = fs::read(path).expect("a letter that was kept");
    let envelope = fs::read(path.with_extension("json")).expect("an envelope that was kept");
    let envelope: serde_json::Value = serde_json::from_slice(&envelope).expect("an envelope in JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let to = envelope["to"].as_array().into_iter().flatten().map(text).collect();
    Letter { from: text(&envelope["from"]), to, ..Letter::parse(raw) }
}

/// An SMTP server without TLS or sign-in; dropping it stops it.
pub struct SmtpServer {
    program: Option<Program>,
    folder: Folder,
    port: u16,
}

impl SmtpServer {
    /// Starts it on a free port of 127.0.0.1.
    pub fn start() -> Self {
        let folder = Folder::in_memory();
        fs::create_dir(folder.path().join("letters")).expect("a folder for letters");
        fs::write(folder.path().join("letterbox.py"), include_str!("letterbox.py")).expect("the letterbox");
        let mut server = Self { program: None, folder, port: super::free_port() };
        for attempt in 1.. {
            match server.launch() {
                Ok(()) => break,
                Err(log) if attempt < 5 && log.contains("in use") => server.port = super::free_port(),
                Err(log) => panic!("the SMTP server does not start:\n{log}"),
            }
        }
        server
    }

    /// Its address as a URL, `smtp://127.0.0.1:PORT`, the same after coming back.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Goes away: connections are cut, new ones are refused.
    pub fn stop(&mut self) {
        self.program = None;
    }

    /// Comes back on the same port, with the letters it has.
    pub fn start_again(&mut self) {
        self.launch().unwrap_or_else(|log| panic!("the SMTP server does not come back:\n{log}"));
    }

    /// Answers every recipient with `answer`, such as `451 4.3.0 Try again later`, until `accept`.
    pub fn refuse(&self, answer: &str) {
        fs::write(self.letters_folder().join("refusal"), answer).expect("the refusal");
    }

    /// Takes letters again.
    pub fn accept(&self) {
        let _ = fs::remove_file(self.letters_folder().join("refusal"));
    }

    /// The letters taken so far, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        let files = fs::read_dir(self.letters_folder()).expect("the folder for letters").flatten();
        let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths.iter().map(|path| read_letter(path)).collect()
    }

    /// Waits up to ten seconds until `count` letters are there, and returns what is there then.
    pub fn wait_for_letters(&self, count: usize) -> Vec<Letter> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let letters = self.letters();
            if letters.len() >= count || Instant::now() > deadline {
                return letters;
            }
            sleep(Duration::from_millis(20));
        }
    }

    fn letters_folder(&self) -> PathBuf {
        self.folder.path().join("letters")
    }

    /// Runs the server and waits for its greeting; the error is what the server printed.
    fn launch(&mut self) -> Result<(), String> {
        let log = self.folder.path().join("log");
        let output = fs::File::create(&log).expect("the server's log");
        let mut command = Command::new(python());
        command.args(["-m", "aiosmtpd", "--nosetuid", "--smtputf8"]);
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command.args(["--class", "letterbox.Letterbox"]).arg(self.letters_folder());
        command.env("PYTHONPATH", self.folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("PYTHONWARNINGS", "ignore").current_dir(self.folder.path());
        command.stderr(output.try_clone().expect("the server's log")).stdout(output);
        let mut program = Program::start(&mut command, "TERM");
        let deadline = Instant::now() + Duration::from_secs(30);
        while !greets(self.port) {
            if !program.is_running() || Instant::now() > deadline {
                return Err(fs::read_to_string(&log).unwrap_or_default());
            }
            sleep(Duration::from_millis(20));
        }
        self.program = Some(program);
        Ok(())
    }
}

fn greets(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let mut line = String::new();
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    BufReader::new(stream).read_line(&mut line).is_ok() && line.starts_with("220")
}

/// The Python that has the SMTP server; the system's first, since another may come first in PATH.
fn python() -> PathBuf {
    let candidates = [Some(PathBuf::from("/usr/bin/python3")), find_program(&["python3"], &[])];
    let has_server = |python: &PathBuf| {
        let import = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        import.is_ok_and(|status| status.success())
    };
    candidates
        .into_iter()
        .flatten()
        .find(has_server)
        .expect("no SMTP server on this machine: bin/test installs it (Debian's package python3-aiosmtpd)")
}
