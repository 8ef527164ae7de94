//! Every address in one table, with who may ask for it.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::{Route, web};

use crate::checkin::known_doors::KnownDoors;
use crate::http::statics;
use crate::staff::Permission;
use crate::{badges, checkin};

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
        get("/api/v1/events/{event}/checkpoints", Staff(P::ScanBadges), || web::to(checkin::api::index)),
        post("/api/v1/scans", Staff(P::ScanBadges), || web::to(checkin::api::create)),
        post("/api/v1/scans/batch", Staff(P::ScanBadges), || web::to(checkin::api::create_batch)),
        get("/api/v1/registrations/{code}/badge", Owner(P::SeePeople), || web::to(badges::api::show)),
        get("/staff/events/{event}/checkpoints", Staff(P::ScanBadges), || web::to(checkin::admin::index)),
        get("/staff/events/{event}/checkpoints/{checkpoint}", Staff(P::ScanBadges), || web::to(checkin::admin::show)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/scans", Staff(P::ScanBadges), || web::to(checkin::admin::create)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/frames", Staff(P::ScanBadges), || web::to(checkin::admin::read_frame)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/search", Staff(P::SeePeople), || web::to(checkin::search_admin::index)),

        // --

        // -- staff: sign-in, people, members

        // --

        // -- staff: setting up events, sessions, hospitals

        // --

        // -- the service itself: health, API document, demo mailbox

        // --
    ]
}

/// Puts the table into the application; addresses that several methods share become one resource.
pub fn configure(config: &mut web::ServiceConfig) {
    config.app_data(web::Data::new(KnownDoors::default()));
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
