//! The addresses of recordings and of uploads: what attendees watch, what staff send and publish.

use actix_web::web;

use super::Access::{Attendee, Staff};
use super::{Entry, get, patch, post};
use crate::recordings::{admin, media_admin, pages, settings_admin};
use crate::staff::Permission as P;
use crate::uploads;

/// All of them.
#[rustfmt::skip]
pub(super) fn all() -> Vec<Entry> {
    vec![
        get("/events/{event}/recordings", Attendee, || web::to(pages::index)),
        get("/events/{event}/recordings/{session}", Attendee, || web::to(pages::show)),
        get("/events/{event}/recordings/{session}/link", Attendee, || web::to(pages::link)),
        get("/events/{event}/recordings/{session}/media/{token}", Attendee, || web::to(pages::media)),
        get("/events/{event}/recordings/{session}/captions/{language}", Attendee, || web::to(pages::captions)),
        post("/events/{event}/recordings/{session}/progress", Attendee, || web::to(pages::progress)),
        get("/staff/events/{event}/recordings", Staff(P::EditAgenda), || web::to(admin::index)),
        get("/staff/events/{event}/recording-settings", Staff(P::EditAgenda), || web::to(settings_admin::edit)),
        post("/staff/events/{event}/recording-settings", Staff(P::EditAgenda), || web::to(settings_admin::update)),
        get("/staff/events/{event}/recordings/{session}", Staff(P::EditAgenda), || web::to(admin::show)),
        post("/staff/events/{event}/recordings/{session}", Staff(P::EditAgenda), || web::to(admin::create)),
        post("/staff/events/{event}/recordings/{session}/object", Staff(P::EditAgenda), || web::to(admin::register)),
        get("/staff/events/{event}/recordings/{session}/media", Staff(P::EditAgenda), || web::to(media_admin::show)),
        post("/staff/events/{event}/recordings/{session}/captions", Staff(P::EditAgenda), || web::to(admin::create_captions)),
        get("/staff/events/{event}/recordings/{session}/captions/{language}", Staff(P::EditAgenda), || web::to(media_admin::track)),
        post("/staff/events/{event}/recordings/{session}/captions/removal", Staff(P::EditAgenda), || web::to(admin::remove_captions)),
        post("/staff/events/{event}/recordings/{session}/publication", Staff(P::EditAgenda), || web::to(admin::publish_one)),
        post("/staff/events/{event}/recordings/{session}/publication/removal", Staff(P::EditAgenda), || web::to(admin::unpublish_one)),
        post("/staff/events/{event}/recordings/{session}/removal", Staff(P::EditAgenda), || web::to(admin::remove_one)),
        post("/staff/events/{event}/uploads", Staff(P::EditAgenda), || web::to(uploads::admin::create)),
        get("/staff/events/{event}/uploads/{upload}", Staff(P::EditAgenda), || web::to(uploads::admin::show)),
        patch("/staff/events/{event}/uploads/{upload}", Staff(P::EditAgenda), || web::to(uploads::admin::update)),
        post("/staff/events/{event}/uploads/{upload}/removal", Staff(P::EditAgenda), || web::to(uploads::admin::remove)),
    ]
}
