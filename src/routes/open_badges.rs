//! The addresses of Open Badges: what verifiers ask, what holders take, what staff set.

use actix_web::web;

use super::Access::{Attendee, Owner, Public, Staff};
use super::{Entry, get, post};
use crate::credits::open_badges::{admin, alignment_admin, api, keys_admin, pages, public_api};
use crate::staff::Permission as P;

/// All of them.
#[rustfmt::skip]
pub(super) fn all() -> Vec<Entry> {
    vec![
        get("/open-badges/keys", Public, || web::to(public_api::keys)),
        get("/open-badges/keys/{key}", Public, || web::to(public_api::key)),
        get("/open-badges/issuers/{event}", Public, || web::to(public_api::profile)),
        get("/open-badges/achievements/{of}/{credit_type}", Public, || web::to(public_api::achievement)),
        get("/open-badges/achievements/{of}/{credit_type}/picture.png", Public, || web::to(public_api::picture)),
        get("/open-badges/status/{event}/{list}", Public, || web::to(public_api::status)),
        get("/certificates/{serial}/open-badge", Attendee, || web::to(pages::show)),
        get("/my/{registration}/certificates/{serial}/open-badge.png", Attendee, || web::to(pages::picture)),
        get("/my/{registration}/certificates/{serial}/open-badge.jws", Attendee, || web::to(pages::credential)),
        get("/api/v1/registrations/{registration}/certificates/{serial}/open-badge", Owner(P::SeeCredits), || web::to(api::show)),
        get("/api/v1/registrations/{registration}/certificates/{serial}/open-badge.png", Owner(P::SeeCredits), || web::to(api::picture)),
        get("/staff/events/{event}/credits/open-badges", Staff(P::SeeCredits), || web::to(admin::show)),
        post("/staff/events/{event}/credits/open-badges", Staff(P::EditCredits), || web::to(admin::update)),
        get("/staff/events/{event}/credits/activities/{activity}/statements", Staff(P::EditCredits), || web::to(alignment_admin::edit)),
        post("/staff/events/{event}/credits/activities/{activity}/statements", Staff(P::EditCredits), || web::to(alignment_admin::update)),
        get("/staff/signing-keys", Staff(P::ManageStaff), || web::to(keys_admin::index)),
        post("/staff/signing-keys", Staff(P::ManageStaff), || web::to(keys_admin::create)),
        post("/staff/signing-keys/{key}/withdrawal", Staff(P::ManageStaff), || web::to(keys_admin::withdraw)),
    ]
}
