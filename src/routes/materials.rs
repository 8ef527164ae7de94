//! The addresses of materials: what registered people get, what staff list, what speakers hand in.

use actix_web::web;

use super::Access::{Attendee, Public, Staff};
use super::{Entry, get, post};
use crate::materials::{admin, files_admin, pages, speaker_pages};
use crate::staff::Permission as P;

/// All of them.
#[rustfmt::skip]
pub(super) fn all() -> Vec<Entry> {
    vec![
        get("/events/{event}/materials", Attendee, || web::to(pages::index)),
        get("/events/{event}/materials/{material}", Attendee, || web::to(pages::show)),
        get("/events/{event}/materials/{material}/{token}", Attendee, || web::to(pages::file)),
        get("/speakers/{secret}", Public, || web::to(speaker_pages::show)),
        post("/speakers/{secret}", Public, || web::to(speaker_pages::create)),
        get("/staff/events/{event}/materials", Staff(P::EditAgenda), || web::to(admin::index)),
        get("/staff/events/{event}/materials/{session}", Staff(P::EditAgenda), || web::to(admin::show)),
        post("/staff/events/{event}/materials/{session}", Staff(P::EditAgenda), || web::to(admin::create)),
        post("/staff/events/{event}/materials/{session}/invitations", Staff(P::EditAgenda), || web::to(admin::invite)),
        post("/staff/events/{event}/materials/{session}/invitations/withdrawal", Staff(P::EditAgenda), || web::to(admin::withdraw)),
        get("/staff/events/{event}/materials/{session}/versions/{version}/file", Staff(P::EditAgenda), || web::to(files_admin::file)),
        post("/staff/events/{event}/materials/{session}/versions/{version}/showing", Staff(P::EditAgenda), || web::to(files_admin::show)),
        post("/staff/events/{event}/materials/{session}/items/{material}/removal", Staff(P::EditAgenda), || web::to(files_admin::take_down)),
    ]
}
