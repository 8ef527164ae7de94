//! The addresses of the lobby: what registered people open, and what staff put there.

use actix_web::web;

use super::Access::{Attendee, Staff};
use super::{Entry, get, post};
use crate::lobby::{admin, daily_admin, pages, questions_admin};
use crate::staff::Permission as P;

/// All of them.
#[rustfmt::skip]
pub(super) fn all() -> Vec<Entry> {
    vec![
        get("/events/{event}/lobby", Attendee, || web::to(pages::show)),
        post("/events/{event}/lobby/questions", Attendee, || web::to(pages::ask)),
        get("/staff/events/{event}/lobby", Staff(P::EditAgenda), || web::to(admin::index)),
        post("/staff/events/{event}/lobby/announcements", Staff(P::EditAgenda), || web::to(admin::create)),
        get("/staff/events/{event}/lobby/announcements/new", Staff(P::EditAgenda), || web::to(admin::new)),
        get("/staff/events/{event}/lobby/announcements/{announcement}", Staff(P::EditAgenda), || web::to(admin::edit)),
        post("/staff/events/{event}/lobby/announcements/{announcement}", Staff(P::EditAgenda), || web::to(admin::update)),
        post("/staff/events/{event}/lobby/announcements/{announcement}/removal", Staff(P::EditAgenda), || web::to(admin::take_down)),
        post("/staff/events/{event}/lobby/letters", Staff(P::EditAgenda), || web::to(daily_admin::create)),
        get("/staff/events/{event}/lobby/letters/new", Staff(P::EditAgenda), || web::to(daily_admin::new)),
        get("/staff/events/{event}/lobby/letters/{letter}", Staff(P::EditAgenda), || web::to(daily_admin::edit)),
        post("/staff/events/{event}/lobby/letters/{letter}", Staff(P::EditAgenda), || web::to(daily_admin::update)),
        post("/staff/events/{event}/lobby/letters/{letter}/schedule", Staff(P::EditAgenda), || web::to(daily_admin::schedule)),
        post("/staff/events/{event}/lobby/letters/{letter}/schedule/removal", Staff(P::EditAgenda), || web::to(daily_admin::unschedule)),
        get("/staff/events/{event}/lobby/questions", Staff(P::AnswerQuestions), || web::to(questions_admin::index)),
        post("/staff/events/{event}/lobby/questions/{question}/answer", Staff(P::AnswerQuestions), || web::to(questions_admin::answer)),
    ]
}
