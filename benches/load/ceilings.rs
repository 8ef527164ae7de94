//! What the machine gives at best: a bare route of the same framework, and how often the disk confirms a write.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::programs::Program;

/// A process that serves one bare JSON route.
pub struct Bare {
    port: u16,
    _program: Program,
}

impl Bare {
    pub fn start(port: u16) -> Self {
        let itself = std::env::current_exe().expect("the benchmark's own program");
        let program = Program::start(Command::new(itself).args(["--bare", &port.to_string()]), "TERM");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, _program: program }
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Serves the bare route until it is stopped.
pub fn serve_bare(port: u16) {
    use actix_web::{App, HttpResponse, HttpServer, web};
    let answer = || async { HttpResponse::Ok().json(serde_json::json!({ "outcome": "admitted", "message": "Welcome" })) };
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || App::new().route("/bare", web::get().to(answer))).workers(2).bind(("127.0.0.1", port));
        server.expect("the port is free").run().await.expect("the bare server runs");
    });
}

/// Confirmed writes of 4 KB a second, one after the other.
pub fn fsync_rate(folder: &Path) -> f64 {
    let path = folder.join("fsync-probe");
    let mut file = File::create(&path).expect("a probe file");
    let (block, begun, mut count) = ([7u8; 4096], Instant::now(), 0u32);
    while begun.elapsed() < Duration::from_secs(1) {
        file.write_all(&block).expect("a written block");
        file.sync_data().expect("a confirmed block");
        count += 1;
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    // The probe is of no further use; that it cannot be removed would change nothing.
    let _ = std::fs::remove_file(path);
    rate
}
