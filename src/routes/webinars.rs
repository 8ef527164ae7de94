//! The addresses of webinars: join links, the attendee's list, staff's pages, and participant reports.

use actix_web::web;

use super::Access::{Attendee, Public, Staff};
use super::{Entry, get, post};
use crate::orders::conversion_pages;
use crate::participation::{queue_admin, report_admin};
use crate::staff::Permission as P;
use crate::webinars::{admin, join_pages, my_pages, people_admin};

/// All of them.
#[rustfmt::skip]
pub(super) fn all() -> Vec<Entry> {
    vec![
        get("/join/{token}", Public, || web::to(join_pages::show)),
        post("/join/{token}", Public, || web::to(join_pages::create)),
        get("/my/{registration}/webinars", Attendee, || web::to(my_pages::index)),
        get("/my/{registration}/webinars/{session}", Attendee, || web::to(my_pages::show)),
        get("/my/{registration}/conversion", Attendee, || web::to(conversion_pages::show)),
        post("/my/{registration}/conversion", Attendee, || web::to(conversion_pages::create)),
        get("/staff/events/{event}/webinars", Staff(P::EnterBackOffice), || web::to(admin::index)),
        get("/staff/events/{event}/webinars/{session}", Staff(P::EnterBackOffice), || web::to(admin::show)),
        post("/staff/events/{event}/webinars/{session}/platform", Staff(P::EditAgenda), || web::to(admin::update)),
        get("/staff/events/{event}/webinars/{session}/people/{registration}", Staff(P::SeePeople), || web::to(people_admin::show)),
        post("/staff/events/{event}/webinars/{session}/people/{registration}/link", Staff(P::EditRegistrations), || web::to(people_admin::create)),
        get("/staff/events/{event}/sessions/{session}/report", Staff(P::CorrectAttendance), || web::to(report_admin::new)),
        post("/staff/events/{event}/sessions/{session}/report", Staff(P::CorrectAttendance), || web::to(report_admin::create)),
        post("/staff/events/{event}/sessions/{session}/report/preview", Staff(P::CorrectAttendance), || web::to(report_admin::preview)),
        get("/staff/events/{event}/sessions/{session}/participants", Staff(P::CorrectAttendance), || web::to(queue_admin::index)),
        post("/staff/events/{event}/sessions/{session}/participants", Staff(P::CorrectAttendance), || web::to(queue_admin::accept)),
        post("/staff/events/{event}/sessions/{session}/participants/{participant}", Staff(P::CorrectAttendance), || web::to(queue_admin::update)),
        get("/staff/events/{event}/sessions/{session}/reports/{report}/withdrawal", Staff(P::CorrectAttendance), || web::to(report_admin::ask_withdrawal)),
        post("/staff/events/{event}/sessions/{session}/reports/{report}/withdrawal", Staff(P::CorrectAttendance), || web::to(report_admin::create_withdrawal)),
    ]
}
