//! Every address in one table, with who may ask for it.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::{Route, web};

use crate::http::{health, statics};
use crate::{demo, mail};
use crate::staff::Permission;

/// Who may ask for an address. The handler's signature enforces it; tests hold the two against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// A signed-in attendee.
    Attendee,
    /// Staff with this permission.
    Staff(Permission),
    /// Staff with this permission, or the attendee whose registration it is.
    Owner(Permission),
    /// Anybody, in the demo only.
    Demo,
}

/// One line of the table.
pub struct Entry {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    route: fn() -> Route,
}

fn get(path: &'static str, access: Access, route: fn() -> Route) -> Entry {
    Entry { method: Method::GET, path, access, route }
}

#[allow(dead_code)]
fn post(path: &'static str, access: Access, route: fn() -> Route) -> Entry {
    Entry { method: Method::POST, path, access, route }
}

#[allow(dead_code)]
fn delete(path: &'static str, access: Access, route: fn() -> Route) -> Entry {
    Entry { method: Method::DELETE, path, access, route }
}

/// The table.
#[rustfmt::skip]
pub fn table() -> Vec<Entry> {
    #[allow(unused_imports)]
    use Access::{Public, Attendee, Staff, Owner, Demo};
    #[allow(unused_imports)]
    use Permission as P;
    vec![
        get("/static/{file:.*}", Public, || web::to(statics::show)),

        // -- events and agenda (pages and API)

        // --

        // -- registering (pages, quotes, orders)

        // --

        // -- signing in, the portal, registrations API

        // --

        // -- doors: checkpoints and scans

        // --

        // -- staff: sign-in, people, members

        // --

        // -- staff: setting up events, sessions, hospitals

        // --

        // -- the service itself: health, API document, demo mailbox
        get("/healthz", Public, || web::to(health::healthz)),
        get("/readyz", Public, || web::to(health::readyz)),
        get("/metrics", Public, || web::to(health::metrics)),
        get("/enter/{secret}", Demo, || web::to(demo::pages::enter)),
        get("/dev/mail", Demo, || web::to(mail::pages::index)),
        get("/dev/mail/{id}", Demo, || web::to(mail::pages::show)),
        get("/dev/mail/{id}/html", Demo, || web::to(mail::pages::html)),
        get("/dev/mail/{id}/text", Demo, || web::to(mail::pages::text)),
        get("/dev/mail/{id}/badge.png", Demo, || web::to(mail::pages::badge)),
        get("/dev/mail/{id}/my-agenda.ics", Demo, || web::to(mail::pages::calendar)),
        get("/dev/mail/{id}/raw", Demo, || web::to(mail::pages::raw)),

        // --
    ]
}

/// Puts the table into the application; addresses that several methods share become one resource.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut order = Vec::new();
    let mut by_path: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    for entry in table() {
        if !by_path.contains_key(entry.path) {
            order.push(entry.path);
        }
        by_path.entry(entry.path).or_default().push(entry);
    }
    for path in order {
        let mut resource = web::resource(path);
        for entry in by_path.remove(path).unwrap_or_default() {
            resource = resource.route((entry.route)().method(entry.method));
        }
        config.service(resource);
    }
}
