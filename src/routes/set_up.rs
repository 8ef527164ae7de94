//! The addresses where events and hospitals are set up.

use actix_web::web;

use super::Access::{Public, Staff};
use super::{Entry, get, post};
use crate::staff::Permission as P;
use crate::{hospitals, pssm, setup};

/// An event, its rooms, sessions, prices, doors and imports.
#[rustfmt::skip]
pub(super) fn events() -> Vec<Entry> {
    vec![
        get("/staff/events/new", Staff(P::SetUpEvents), || web::to(setup::event_admin::new)),
        post("/staff/events", Staff(P::SetUpEvents), || web::to(setup::event_admin::create)),
        get("/staff/event-document", Staff(P::SetUpEvents), || web::to(setup::upload_admin::new_document)),
        post("/staff/event-document", Staff(P::SetUpEvents), || web::to(setup::upload_admin::create_document)),
        post("/staff/event-document/preview", Staff(P::SetUpEvents), || web::to(setup::upload_admin::preview_document)),
        get("/staff/events/{event}/setup", Staff(P::SetUpEvents), || web::to(setup::event_admin::show)),
        get("/staff/events/{event}/setup/event", Staff(P::SetUpEvents), || web::to(setup::event_admin::edit)),
        post("/staff/events/{event}/setup/event", Staff(P::SetUpEvents), || web::to(setup::event_admin::update)),
        post("/staff/events/{event}/setup/publication", Staff(P::SetUpEvents), || web::to(setup::event_admin::publish)),
        get("/staff/events/{event}/setup/info", Staff(P::SetUpEvents), || web::to(setup::info_admin::index)),
        post("/staff/events/{event}/setup/info", Staff(P::SetUpEvents), || web::to(setup::info_admin::create)),
        get("/staff/events/{event}/setup/info/new", Staff(P::SetUpEvents), || web::to(setup::info_admin::new)),
        get("/staff/events/{event}/setup/info/{item}", Staff(P::SetUpEvents), || web::to(setup::info_admin::edit)),
        post("/staff/events/{event}/setup/info/{item}", Staff(P::SetUpEvents), || web::to(setup::info_admin::update)),
        post("/staff/events/{event}/setup/info/{item}/removal", Staff(P::SetUpEvents), || web::to(setup::info_admin::delete)),
        get("/staff/events/{event}/setup/badge-places", Staff(P::SetUpEvents), || web::to(setup::info_admin::places)),
        post("/staff/events/{event}/setup/badge-places", Staff(P::SetUpEvents), || web::to(setup::info_admin::create_place)),
        get("/staff/events/{event}/setup/badge-places/new", Staff(P::SetUpEvents), || web::to(setup::info_admin::new_place)),
        get("/staff/events/{event}/setup/badge-places/{place}", Staff(P::SetUpEvents), || web::to(setup::info_admin::edit_place)),
        post("/staff/events/{event}/setup/badge-places/{place}", Staff(P::SetUpEvents), || web::to(setup::info_admin::update_place)),
        post("/staff/events/{event}/setup/badge-places/{place}/removal", Staff(P::SetUpEvents), || web::to(setup::info_admin::delete_place)),
        get("/staff/events/{event}/setup/types", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::index)),
        post("/staff/events/{event}/setup/types", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::create)),
        get("/staff/events/{event}/setup/types/new", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::new)),
        get("/staff/events/{event}/setup/types/{type}", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::edit)),
        post("/staff/events/{event}/setup/types/{type}", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::update)),
        get("/staff/events/{event}/setup/codes", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::codes)),
        post("/staff/events/{event}/setup/codes", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::create_code)),
        get("/staff/events/{event}/setup/codes/new", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::new_code)),
        get("/staff/events/{event}/setup/codes/{code}", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::edit_code)),
        post("/staff/events/{event}/setup/codes/{code}", Staff(P::SetUpEvents), || web::to(setup::pricing_admin::update_code)),
        get("/staff/events/{event}/setup/rooms", Staff(P::EditAgenda), || web::to(setup::places_admin::rooms)),
        post("/staff/events/{event}/setup/rooms", Staff(P::EditAgenda), || web::to(setup::places_admin::create_room)),
        get("/staff/events/{event}/setup/rooms/new", Staff(P::EditAgenda), || web::to(setup::places_admin::new_room)),
        get("/staff/events/{event}/setup/rooms/{room}", Staff(P::EditAgenda), || web::to(setup::places_admin::edit_room)),
        post("/staff/events/{event}/setup/rooms/{room}", Staff(P::EditAgenda), || web::to(setup::places_admin::update_room)),
        post("/staff/events/{event}/setup/rooms/{room}/removal", Staff(P::EditAgenda), || web::to(setup::places_admin::delete_room)),
        get("/staff/events/{event}/setup/tracks", Staff(P::EditAgenda), || web::to(setup::places_admin::tracks)),
        post("/staff/events/{event}/setup/tracks", Staff(P::EditAgenda), || web::to(setup::places_admin::create_track)),
        get("/staff/events/{event}/setup/tracks/new", Staff(P::EditAgenda), || web::to(setup::places_admin::new_track)),
        get("/staff/events/{event}/setup/tracks/{track}", Staff(P::EditAgenda), || web::to(setup::places_admin::edit_track)),
        post("/staff/events/{event}/setup/tracks/{track}", Staff(P::EditAgenda), || web::to(setup::places_admin::update_track)),
        post("/staff/events/{event}/setup/tracks/{track}/removal", Staff(P::EditAgenda), || web::to(setup::places_admin::delete_track)),
        get("/staff/events/{event}/sessions", Staff(P::EditAgenda), || web::to(setup::sessions_admin::index)),
        post("/staff/events/{event}/sessions", Staff(P::EditAgenda), || web::to(setup::sessions_admin::create)),
        get("/staff/events/{event}/sessions/new", Staff(P::EditAgenda), || web::to(setup::sessions_admin::new)),
        get("/staff/events/{event}/sessions/{session}", Staff(P::EditAgenda), || web::to(setup::sessions_admin::edit)),
        post("/staff/events/{event}/sessions/{session}", Staff(P::EditAgenda), || web::to(setup::sessions_admin::update)),
        get("/events/{event}/pssm", Public, || web::to(pssm::pages::show)),
        get("/staff/pssm", Staff(P::EditAgenda), || web::to(pssm::admin::index)),
        get("/staff/pssm/new", Staff(P::EditAgenda), || web::to(pssm::admin::new)),
        post("/staff/pssm", Staff(P::EditAgenda), || web::to(pssm::admin::create)),
        post("/staff/events/{event}/sessions/{session}/cancellation", Staff(P::EditAgenda), || web::to(setup::sessions_admin::cancel)),
    ]
}

/// An agenda from a file, and the doors.
#[rustfmt::skip]
pub(super) fn agenda_and_doors() -> Vec<Entry> {
    vec![
        get("/staff/events/{event}/setup/schedule", Staff(P::EditAgenda), || web::to(setup::upload_admin::new_schedule)),
        post("/staff/events/{event}/setup/schedule", Staff(P::EditAgenda), || web::to(setup::upload_admin::create_schedule)),
        post("/staff/events/{event}/setup/schedule/preview", Staff(P::EditAgenda), || web::to(setup::upload_admin::preview_schedule)),
        get("/staff/events/{event}/setup/checkpoints", Staff(P::SetUpEvents), || web::to(setup::checkpoints_admin::index)),
        post("/staff/events/{event}/setup/checkpoints", Staff(P::SetUpEvents), || web::to(setup::checkpoints_admin::create)),
        get("/staff/events/{event}/setup/checkpoints/new", Staff(P::SetUpEvents), || web::to(setup::checkpoints_admin::new)),
        get("/staff/events/{event}/setup/checkpoints/{checkpoint}", Staff(P::SetUpEvents), || web::to(setup::checkpoints_admin::edit)),
        post("/staff/events/{event}/setup/checkpoints/{checkpoint}", Staff(P::SetUpEvents), || web::to(setup::checkpoints_admin::update)),
        post("/staff/events/{event}/setup/checkpoints/{checkpoint}/removal", Staff(P::SetUpEvents), || web::to(setup::checkpoints_admin::delete)),
    ]
}

/// Hospitals, their recognition, domains and codes.
#[rustfmt::skip]
pub(super) fn hospitals() -> Vec<Entry> {
    vec![
        get("/recognized", Public, || web::to(hospitals::pages::recognized)),
        get("/api/v1/hospitals", Public, || web::to(hospitals::api::index)),
        get("/staff/hospitals", Staff(P::SeeHospitals), || web::to(hospitals::admin::index)),
        post("/staff/hospitals", Staff(P::EditHospitals), || web::to(hospitals::admin::create)),
        get("/staff/hospitals/new", Staff(P::EditHospitals), || web::to(hospitals::admin::new)),
        get("/staff/hospitals/list", Staff(P::EditHospitals), || web::to(hospitals::list_admin::new)),
        post("/staff/hospitals/list", Staff(P::EditHospitals), || web::to(hospitals::list_admin::create)),
        post("/staff/hospitals/list/preview", Staff(P::EditHospitals), || web::to(hospitals::list_admin::preview)),
        get("/staff/hospitals/{hospital}", Staff(P::SeeHospitals), || web::to(hospitals::admin::show)),
        post("/staff/hospitals/{hospital}", Staff(P::EditHospitals), || web::to(hospitals::admin::update)),
        get("/pssm/{secret}", Public, || web::to(pssm::learned_pages::show)),
        get("/staff/hospitals/{hospital}/pssm", Staff(P::SeeHospitals), || web::to(pssm::hospital_admin::show)),
        post("/staff/hospitals/{hospital}/pssm/link", Staff(P::EditHospitals), || web::to(pssm::hospital_admin::make_link)),
        post("/staff/hospitals/{hospital}/pssm/link/withdrawal", Staff(P::EditHospitals), || web::to(pssm::hospital_admin::withdraw_link)),
        get("/staff/hospitals/{hospital}/edit", Staff(P::EditHospitals), || web::to(hospitals::admin::edit)),
        post("/staff/hospitals/{hospital}/domains", Staff(P::EditHospitals), || web::to(hospitals::admin::add_domain)),
        post("/staff/hospitals/{hospital}/domains/removal", Staff(P::EditHospitals), || web::to(hospitals::admin::remove_domain)),
        post("/staff/hospitals/{hospital}/recognitions", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::create_term)),
        get("/staff/hospitals/{hospital}/recognitions/new", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::new_term)),
        get("/staff/hospitals/{hospital}/recognitions/{recognition}", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::edit_term)),
        post("/staff/hospitals/{hospital}/recognitions/{recognition}", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::update_term)),
        post("/staff/hospitals/{hospital}/codes", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::create_code)),
        get("/staff/hospitals/{hospital}/codes/new", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::new_code)),
        get("/staff/hospitals/{hospital}/codes/{code}", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::edit_code)),
        post("/staff/hospitals/{hospital}/codes/{code}", Staff(P::EditHospitals), || web::to(hospitals::terms_admin::update_code)),
    ]
}
