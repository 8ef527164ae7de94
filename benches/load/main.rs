//! Whole-server figures: starts the release server on a fresh database, drives it over HTTP, counts
//! the rows afterwards, and prints rate, p50, p99 and memory beside the ceilings of the same run.
//!
//! `cargo bench --bench load` measures SQLite; `cargo bench --bench load -- --postgres` a throw-away
//! PostgreSQL cluster with fsync on; with `--crowd` only scans, among a thousand, a hundred thousand and a million badges;
//! with `--viewers` (and `--megabytes 1000`) only viewers of one recording, next to nginx.

mod ceilings;
mod client;
mod crowd;
mod server;
mod viewers;

#[path = "../../tests/support/postgres.rs"]
#[allow(dead_code)]
mod postgres;
#[path = "../../tests/support/programs.rs"]
#[allow(dead_code)]
mod programs;

use std::sync::Arc;
use std::time::Duration;

use client::{Figures, Request};
use serde_json::{Value, json};
use server::Server;

/// People who are registered for the measurement, on top of those of the demo.
const PEOPLE: usize = 700;
/// How long each row of the table is driven.
const LASTS: Duration = Duration::from_secs(6);
/// The scans of the load program; those of the demo's own people, who come as its clock goes, are not counted.
const SCANS: &str = "scans WHERE actor LIKE 'token:%'";
/// So long nobody asks anything before the server counts as idle.
const IDLE: Duration = Duration::from_secs(7);

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .expect("a free port")
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--bare") {
        return ceilings::serve_bare(arguments[at + 1].parse().expect("a port"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let on_postgres = arguments.iter().any(|argument| argument == "--postgres");
    let cluster = on_postgres.then(postgres::DurableCluster::start);
    let database = cluster.as_ref().map(|cluster| cluster.create_database(None));
    println!("database: {}", if on_postgres { "PostgreSQL, fsync on" } else { "SQLite, synchronous = FULL" });
    let server = Server::start(database);
    println!("fdatasync of 4 KB beside the database: {:.0}/s", ceilings::fsync_rate(server.folder()));
    std::thread::sleep(IDLE);
    let before = server.memory_mb();
    println!("start until ready: {} ms; memory when idle: {before:.0} MB", server.started_in().as_millis());
    if arguments.iter().any(|argument| argument == "--viewers") {
        let named = arguments.iter().position(|argument| argument == "--megabytes").and_then(|at| arguments.get(at + 1));
        let megabytes = named.map_or(1000, |text| text.parse().expect("a number of megabytes"));
        runtime.block_on(viewers::watch(&server, megabytes, LASTS));
        std::thread::sleep(IDLE);
        return println!("memory afterwards: {:.0} MB", server.memory_mb());
    }
    let bare = runtime.block_on(bare_route());
    if arguments.iter().any(|argument| argument == "--crowd") {
        return runtime.block_on(crowds(&server));
    }
    let rates = runtime.block_on(drive(&server));
    println!("memory after the run: {:.0} MB", server.memory_mb());
    println!("scans_over_bare: {:.2}", rates / bare);
    server.check_restart();
}

/// The ceiling: a bare JSON route of the same framework on the same machine, driven by the same client.
async fn bare_route() -> f64 {
    let bare = ceilings::Bare::start(free_port());
    let request = Request::get("/bare", None);
    let mut best = 0.0;
    for connections in [1, 8, 32, 100] {
        let request = request.clone();
        let figures = client::drive(bare.port(), connections, LASTS / 2, move |_| request.clone()).await;
        print_row("bare route", connections, &figures);
        // The last, with 100 connections, is what scans are held against.
        best = figures.rate();
        assert_eq!(figures.failed, 0);
    }
    best
}

/// Drives what the issue of performance is about; returns the rate of scans at 100 connections.
async fn drive(server: &Server) -> f64 {
    let tokens = register_people(server).await;
    let tokens = Arc::new(tokens);
    let onsite = server.token("onsite");
    let mut at_100 = 0.0;
    for connections in [1, 8, 32, 500, 100] {
        // The last, with 100 connections, is what is held against the bare route.
        at_100 = scans(server, &tokens, &onsite, connections).await.rate();
    }
    batches(server, &tokens, &onsite).await;
    enrollments(server).await;
    pages(server).await;
    at_100
}

async fn scans(server: &Server, tokens: &Arc<Vec<String>>, onsite: &str, connections: usize) -> Figures {
    let rows_before = server.count(SCANS);
    let (tokens, onsite) = (Arc::clone(tokens), onsite.to_owned());
    let figures = client::drive(server.port(), connections, LASTS, move |turn| scan(&tokens, &onsite, turn)).await;
    print_row("scans", connections, &figures);
    let rows = server.count(SCANS) - rows_before;
    assert_eq!(rows, figures.answered as i64, "every acknowledged scan is one row");
    assert_eq!(figures.failed, 0, "no scan failed");
    figures
}

/// How a scan's time grows with the number of badges in the database.
async fn crowds(server: &Server) {
    register_people(server).await;
    let onsite = server.token("onsite");
    for badges in [1_100, 100_000, 1_000_000] {
        let begun = std::time::Instant::now();
        let tokens = Arc::new(crowd::fill(server, badges, 700));
        println!("{} badges, made in {:.0} s; memory {:.0} MB", server.count("badges"), begun.elapsed().as_secs_f64(), server.memory_mb());
        for connections in [1, 100] {
            scans(server, &tokens, &onsite, connections).await;
        }
    }
    println!("memory after the run: {:.0} MB", server.memory_mb());
}

fn scan(tokens: &[String], onsite: &str, turn: usize) -> Request {
    Request::post("/api/v1/scans", Some(onsite), &scan_body(tokens, turn))
}

/// Everyone comes in, then everyone goes out again: each scan moves somebody. The ids rise, as those of a door's page do.
fn scan_body(tokens: &[String], turn: usize) -> Value {
    let token = &tokens[turn % tokens.len()];
    let direction = if (turn / tokens.len()).is_multiple_of(2) { "in" } else { "out" };
    json!({ "id": uuid::Uuid::now_v7().to_string(), "checkpoint": "door-K1", "token": token, "direction": direction })
}

async fn batches(server: &Server, tokens: &Arc<Vec<String>>, onsite: &str) {
    for connections in [1, 8] {
        let rows_before = server.count(SCANS);
        let (tokens, onsite) = (Arc::clone(tokens), onsite.to_owned());
        let figures = client::drive(server.port(), connections, LASTS, move |turn| {
            let scans: Vec<Value> = (0..100).map(|index| scan_body(&tokens, turn * 100 + index)).collect();
            Request::post("/api/v1/scans/batch", Some(&onsite), &json!({ "scans": scans }))
        })
        .await;
        print_row("batches of 100 scans", connections, &figures);
        assert_eq!(server.count(SCANS) - rows_before, figures.answered as i64 * 100);
    }
}

/// Everyone takes a seat in B1 or B2 and gives it up again; every answer but a refusal counts.
async fn enrollments(server: &Server) {
    let registrar = server.token("registrar");
    let codes: Arc<Vec<String>> = Arc::new(server.codes().await);
    for connections in [8, 32] {
        let (codes, registrar) = (Arc::clone(&codes), registrar.clone());
        let figures = client::drive(server.port(), connections, LASTS, move |turn| {
            let code = &codes[(turn / 2) % codes.len()];
            if turn % 2 == 0 {
                Request::post(&format!("/api/v1/registrations/{code}/enrollments"), Some(&registrar), &json!({ "session": "B2" }))
            } else {
                Request::delete(&format!("/api/v1/registrations/{code}/enrollments/B2"), Some(&registrar))
            }
        })
        .await;
        print_row("enrollments and leaves", connections, &figures);
        let (taken, capacity) = server.seats("B2");
        assert!(taken <= capacity, "{taken} of {capacity} seats taken");
    }
}

async fn pages(server: &Server) {
    for (name, path) in [("agenda page", "/events/congress-2026/agenda"), ("event page", "/events/congress-2026")] {
        for connections in [8, 100] {
            let request = Request::get(path, None);
            let figures = client::drive(server.port(), connections, LASTS / 2, move |_| request.clone()).await;
            print_row(name, connections, &figures);
            assert_eq!(figures.failed, 0);
        }
    }
}

/// Registers people over the API and fetches their badges' tokens.
async fn register_people(server: &Server) -> Vec<String> {
    let registrar = server.token("registrar");
    let (mut codes, mut tokens) = (Vec::with_capacity(PEOPLE), Vec::with_capacity(PEOPLE));
    for index in 0..PEOPLE {
        let email = format!("load{index}@example.org");
        let body = json!({
            "lines": [{
                "registration_type": "general", "email": email, "sessions": [],
                "person": { "given_name": "Load", "family_name": format!("Person{index}"), "email": email }
            }],
            "codes": [], "buyer": { "name": "Load", "email": "load@example.org" }, "payment": "invoice"
        });
        let placed = client::json(server.port(), &Request::post("/api/v1/events/congress-2026/orders", Some(&registrar), &body)).await;
        let code = placed["registrations"][0]["code"].as_str().unwrap_or_else(|| panic!("not registered: {placed}")).to_owned();
        let badge = client::json(server.port(), &Request::get(&format!("/api/v1/registrations/{code}/badge"), Some(&registrar))).await;
        tokens.push(badge["token"].as_str().expect("a token").to_owned());
        codes.push(code);
    }
    server.remember_codes(codes);
    tokens
}

fn print_row(name: &str, connections: usize, figures: &Figures) {
    println!(
        "{name:<24} {connections:>4} connections  {:>8.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms  ({} answered, {} refused)",
        figures.rate(),
        figures.percentile(50.0),
        figures.percentile(99.0),
        figures.answered,
        figures.refused,
    );
}
