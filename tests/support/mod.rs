//! What the tests stand on: a service for each story, throw-away servers, a real browser, and the programs' guard.

// A tool may be here before the story that needs it.
#![allow(dead_code)]

pub mod accessibility;
pub mod app;
pub mod big_schedule;
pub mod browser;
pub mod builders;
pub mod camera;
pub mod databases;
pub mod hands;
pub mod html;
pub mod letters;
pub mod line;
pub mod open_badge;
pub mod postgres;
pub mod paper;
pub mod programs;
pub mod s3;
pub mod sheets;
pub mod smtp;
pub mod source;
pub mod visitor;
pub mod wire;

use std::net::TcpListener;

/// A TCP port of 127.0.0.1 that was free a moment ago; another program may still take it first.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("no free port on 127.0.0.1");
    listener.local_addr().expect("a bound listener has an address").port()
}
