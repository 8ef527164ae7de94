//! Every address in one table, with who may ask for it.

use actix_web::http::Method;
use actix_web::{Route, web};

use crate::badges::press::Press;
use crate::checkin::known_doors::KnownDoors;
use crate::checkin::{DoorLine, scan_all, scan_together};
use crate::credits::certificates::{self, verification_pages};
use crate::http::asker::KnownTokens;
use crate::http::{health, statics};
use crate::portal::sign_in_pages;
use crate::staff::{Permission, admin as members, pages as staff_pages, tokens_admin};
use crate::{
    agenda, badges, checkin, credits, demo, desk, devices, evaluations, events, live, mail, openapi, orders, pickup, portal, registration,
    reports,
};

mod lobby;
mod materials;
mod open_badges;
mod recordings;
mod set_up;
mod tree;
mod webinars;

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

fn patch(path: &'static str, access: Access, route: fn() -> Route) -> Entry {
    Entry { method: Method::PATCH, path, access, route }
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
    let mut table = vec![
        get("/static/decoder/{file:.*}", Public, || web::to(statics::decoder)),
        get("/static/{file:.*}", Public, || web::to(statics::show)),

        // -- events and agenda (pages and API)
        get("/", Public, || web::to(events::pages::home)),
        get("/events", Public, || web::to(events::pages::index)),
        get("/events/{event}", Public, || web::to(events::pages::show)),
        get("/events/{event}/agenda", Public, || web::to(agenda::pages::index)),
        get("/events/{event}/agenda.ics", Public, || web::to(agenda::pages::calendar)),
        get("/events/{event}/schedule.json", Public, || web::to(agenda::pages::schedule_json)),
        get("/events/{event}/schedule.xml", Public, || web::to(agenda::pages::schedule_xml)),
        get("/events/{event}/sessions/{session}", Public, || web::to(agenda::pages::show)),
        get("/api/v1/events", Public, || web::to(events::api::index)),
        get("/api/v1/events/{event}", Public, || web::to(events::api::show)),
        get("/api/v1/events/{event}/sessions", Public, || web::to(agenda::api::index)),

        // --

        // -- registering (pages, quotes, orders)
        get("/events/{event}/register", Public, || web::to(registration::pages::new)),
        post("/events/{event}/register", Public, || web::to(registration::pages::create)),
        get("/events/{event}/register/{draft}", Public, || web::to(registration::pages::edit)),
        post("/events/{event}/register/{draft}", Public, || web::to(registration::pages::update)),
        get("/events/{event}/register/{draft}/sessions", Public, || web::to(registration::choice_pages::edit)),
        post("/events/{event}/register/{draft}/sessions", Public, || web::to(registration::choice_pages::update)),
        get("/events/{event}/register/{draft}/review", Public, || web::to(registration::review_pages::show)),
        post("/events/{event}/register/{draft}/review", Public, || web::to(registration::review_pages::create)),
        get("/events/{event}/register/{draft}/confirmation", Public, || web::to(registration::confirmation_pages::show)),
        get("/events/{event}/register/{draft}/badge.svg", Public, || web::to(registration::confirmation_pages::badge)),
        get("/events/{event}/register/{draft}/agenda.ics", Public, || web::to(registration::confirmation_pages::calendar)),
        post("/api/v1/events/{event}/quotes", Public, || web::to(orders::api::create_quote)),
        post("/api/v1/events/{event}/orders", Public, || web::to(orders::api::create_order)),

        // --

        // -- signing in, the portal, registrations API
        get("/sign-in", Public, || web::to(sign_in_pages::new)),
        post("/sign-in", Public, || web::to(sign_in_pages::create)),
        get("/sign-in/code", Public, || web::to(sign_in_pages::new_code)),
        post("/sign-in/code", Public, || web::to(sign_in_pages::create_by_code)),
        get("/sign-in/link/{secret}", Public, || web::to(sign_in_pages::show_link)),
        post("/sign-in/link/{secret}", Public, || web::to(sign_in_pages::create_by_link)),
        post("/sign-out", Public, || web::to(sign_in_pages::delete)),
        get("/my", Attendee, || web::to(portal::pages::index)),
        get("/my/{registration}", Attendee, || web::to(portal::pages::show)),
        get("/my/{registration}/agenda", Attendee, || web::to(portal::pages::agenda)),
        get("/my/{registration}/agenda.ics", Attendee, || web::to(portal::pages::calendar)),
        get("/my/{registration}/badge", Attendee, || web::to(portal::pages::badge)),
        get("/my/{registration}/badge.svg", Attendee, || web::to(portal::pages::badge_picture)),
        get("/my/{registration}/letters", Attendee, || web::to(portal::letters_pages::index)),
        get("/my/{registration}/letters/{letter}", Attendee, || web::to(portal::letters_pages::show)),
        get("/my/{registration}/sessions", Attendee, || web::to(portal::selection_pages::index)),
        post("/my/{registration}/sessions/{session}/seat", Attendee, || web::to(portal::selection_pages::create)),
        post("/my/{registration}/sessions/{session}/departure", Attendee, || web::to(portal::selection_pages::delete)),
        get("/api/v1/registrations/{registration}", Owner(P::SeePeople), || web::to(registration::api::show)),
        get("/api/v1/registrations/{registration}/agenda", Owner(P::SeePeople), || web::to(registration::api::agenda)),
        get("/api/v1/registrations/{registration}/badge", Owner(P::SeePeople), || web::to(registration::api::badge)),
        post("/api/v1/registrations/{registration}/enrollments", Owner(P::EditRegistrations), || web::to(registration::api::enroll)),
        delete("/api/v1/registrations/{registration}/enrollments/{session}", Owner(P::EditRegistrations), || web::to(registration::api::leave)),

        // --

        // -- evaluations and credit
        get("/my/{registration}/evaluations", Attendee, || web::to(evaluations::pages::index)),
        post("/my/{registration}/evaluations", Attendee, || web::to(evaluations::pages::create)),
        post("/my/{registration}/evaluations/drafts", Attendee, || web::to(evaluations::pages::save)),
        get("/my/{registration}/credits", Attendee, || web::to(credits::pages::index)),
        post("/my/{registration}/credits/late-request", Attendee, || web::to(credits::pages::ask_late)),
        get("/my/{registration}/credits/{credit_type}", Attendee, || web::to(credits::pages::new)),
        post("/my/{registration}/credits/{credit_type}", Attendee, || web::to(credits::pages::create)),
        get("/api/v1/registrations/{registration}/credits", Owner(P::SeePeople), || web::to(credits::api::show)),
        post("/api/v1/registrations/{registration}/claims", Owner(P::EditCredits), || web::to(credits::api::create)),
        post("/api/v1/registrations/{registration}/evaluations", Owner(P::EditCredits), || web::to(evaluations::api::create)),
        get("/staff/events/{event}/credits", Staff(P::SeeCredits), || web::to(credits::admin::index)),
        get("/staff/events/{event}/credits/provider", Staff(P::EditCredits), || web::to(credits::admin::edit_provider)),
        post("/staff/events/{event}/credits/provider", Staff(P::EditCredits), || web::to(credits::admin::update_provider)),
        get("/staff/events/{event}/credits/statements", Staff(P::SeeCredits), || web::to(credits::admin::statements)),
        get("/staff/events/{event}/credits/statements/{statement}", Staff(P::EditCredits), || web::to(credits::admin::edit_statement)),
        post("/staff/events/{event}/credits/statements/{statement}", Staff(P::EditCredits), || web::to(credits::admin::update_statement)),
        get("/staff/events/{event}/credits/types", Staff(P::SeeCredits), || web::to(credits::types_admin::index)),
        get("/staff/events/{event}/credits/types/{credit_type}", Staff(P::EditCredits), || web::to(credits::types_admin::edit)),
        post("/staff/events/{event}/credits/types/{credit_type}", Staff(P::EditCredits), || web::to(credits::types_admin::create)),
        post("/staff/events/{event}/credits/types/{credit_type}/rule", Staff(P::EditCredits), || web::to(credits::types_admin::update)),
        get("/staff/events/{event}/credits/activities", Staff(P::SeeCredits), || web::to(credits::activities_admin::index)),
        post("/staff/events/{event}/credits/activities", Staff(P::EditCredits), || web::to(credits::activities_admin::create)),
        get("/staff/events/{event}/credits/activities/new", Staff(P::EditCredits), || web::to(credits::activities_admin::new)),
        get("/staff/events/{event}/credits/activities/{activity}", Staff(P::EditCredits), || web::to(credits::activities_admin::edit)),
        post("/staff/events/{event}/credits/activities/{activity}", Staff(P::EditCredits), || web::to(credits::activities_admin::update)),
        get("/staff/events/{event}/credits/sessions", Staff(P::SeeCredits), || web::to(credits::sessions_admin::index)),
        get("/staff/events/{event}/credits/sessions/{session}", Staff(P::EditCredits), || web::to(credits::sessions_admin::edit)),
        post("/staff/events/{event}/credits/sessions/{session}", Staff(P::EditCredits), || web::to(credits::sessions_admin::update)),
        get("/staff/events/{event}/credits/extensions", Staff(P::SeeCredits), || web::to(credits::deadline_admin::extensions)),
        post("/staff/events/{event}/credits/extensions", Staff(P::EditCredits), || web::to(credits::deadline_admin::extend)),
        get("/staff/events/{event}/credits/late-claims", Staff(P::SeeCredits), || web::to(credits::deadline_admin::late_claims)),
        post("/staff/events/{event}/credits/late-claims/{request}/decision", Staff(P::EditCredits), || web::to(credits::deadline_admin::decide)),
        get("/staff/events/{event}/credits/forecast", Staff(P::SeeCredits), || web::to(credits::forecast_admin::show)),
        post("/staff/events/{event}/credits/forecast/reminders", Staff(P::EditCredits), || web::to(credits::forecast_admin::remind)),
        get("/staff/events/{event}/credits/people", Staff(P::SeeCredits), || web::to(credits::people_admin::index)),
        get("/staff/events/{event}/credits/people/{registration}", Staff(P::SeeCredits), || web::to(credits::people_admin::show)),
        post("/staff/events/{event}/credits/people/{registration}/attestations", Staff(P::EditCredits), || web::to(credits::people_admin::attest)),
        post("/staff/events/{event}/credits/people/{registration}/claims/{claim}/reversal", Staff(P::EditCredits), || web::to(credits::people_admin::reverse)),
        post("/staff/events/{event}/credits/people/{registration}/reminder", Staff(P::EditCredits), || web::to(credits::people_admin::remind)),

        // --

        // -- reports of credit and transcripts
        get("/my/{registration}/reporting", Attendee, || web::to(reports::pages::edit)),
        post("/my/{registration}/reporting", Attendee, || web::to(reports::pages::update)),
        get("/my/{registration}/transcript", Attendee, || web::to(reports::transcript_pages::show)),
        get("/my/{registration}/transcript.pdf", Attendee, || web::to(reports::transcript_pages::pdf)),
        get("/staff/events/{event}/credits/people/{registration}/transcript", Staff(P::SeeCredits), || web::to(reports::transcript_admin::show)),
        get("/staff/events/{event}/credits/people/{registration}/transcript.pdf", Staff(P::SeeCredits), || web::to(reports::transcript_admin::pdf)),
        get("/staff/events/{event}/credits/reports", Staff(P::SeeCredits), || web::to(reports::admin::index)),
        get("/staff/events/{event}/credits/reports/settings", Staff(P::EditCredits), || web::to(reports::settings_admin::edit)),
        post("/staff/events/{event}/credits/reports/settings", Staff(P::EditCredits), || web::to(reports::settings_admin::update)),
        get("/staff/events/{event}/credits/reports/{report}", Staff(P::SeeCredits), || web::to(reports::check_admin::show)),
        post("/staff/events/{event}/credits/reports/{report}/exports", Staff(P::EditCredits), || web::to(reports::exports_admin::create)),
        post("/staff/events/{event}/credits/reports/{report}/letters", Staff(P::EditCredits), || web::to(reports::check_admin::ask)),

        // --

        // -- evaluations
        get("/staff/events/{event}/evaluations", Staff(P::SeeCredits), || web::to(evaluations::admin::index)),
        post("/staff/events/{event}/evaluations/ready-set", Staff(P::EditCredits), || web::to(evaluations::admin::take_ready_set)),
        get("/staff/events/{event}/evaluations/forms/{scope}", Staff(P::EditCredits), || web::to(evaluations::admin::edit)),
        post("/staff/events/{event}/evaluations/forms/{scope}", Staff(P::EditCredits), || web::to(evaluations::admin::update)),
        get("/staff/events/{event}/evaluations/results/{scope}", Staff(P::SeeCredits), || web::to(evaluations::admin::results)),

        // --

        // -- certificates
        get("/certificates", Public, || web::to(verification_pages::new)),
        get("/certificates/{serial}", Public, || web::to(verification_pages::show)),
        get("/api/v1/certificates/{serial}", Public, || web::to(certificates::api::show)),
        get("/api/v1/registrations/{registration}/certificates", Owner(P::SeeCredits), || web::to(certificates::api::index)),
        get("/api/v1/registrations/{registration}/certificates/{serial}/pdf", Owner(P::SeeCredits), || web::to(certificates::api::pdf)),
        get("/my/{registration}/certificates.pdf", Attendee, || web::to(certificates::pages::index)),
        get("/my/{registration}/certificates/{serial}/certificate.pdf", Attendee, || web::to(certificates::pages::show)),
        get("/staff/events/{event}/credits/certificates", Staff(P::SeeCredits), || web::to(certificates::run_admin::index)),
        post("/staff/events/{event}/credits/certificates/runs", Staff(P::EditCredits), || web::to(certificates::run_admin::create)),
        get("/staff/events/{event}/credits/certificates/runs/{run}", Staff(P::SeeCredits), || web::to(certificates::run_admin::show)),
        get("/staff/events/{event}/credits/people/{registration}/certificates.pdf", Staff(P::SeeCredits), || web::to(certificates::admin::index)),
        post("/staff/events/{event}/credits/people/{registration}/certificates", Staff(P::EditCredits), || web::to(certificates::admin::create)),
        post("/staff/events/{event}/credits/people/{registration}/lowering", Staff(P::EditCredits), || web::to(certificates::admin::lower)),
        post("/staff/events/{event}/credits/people/{registration}/certificate-name", Staff(P::EditCredits), || web::to(certificates::admin::correct_name)),
        get("/staff/events/{event}/credits/people/{registration}/certificates/{serial}/certificate.pdf", Staff(P::SeeCredits), || web::to(certificates::admin::show)),
        post("/staff/events/{event}/credits/people/{registration}/certificates/{serial}/sending", Staff(P::EditCredits), || web::to(certificates::admin::send)),
        post("/staff/events/{event}/credits/people/{registration}/certificates/{serial}/revocation", Staff(P::EditCredits), || web::to(certificates::admin::revoke)),

        // --

        // -- doors: checkpoints and scans
        get("/api/v1/events/{event}/checkpoints", Staff(P::ScanBadges), || web::to(checkin::api::index)),
        post("/api/v1/scans", Staff(P::ScanBadges), || web::to(checkin::api::create)),
        post("/api/v1/scans/batch", Staff(P::ScanBadges), || web::to(checkin::api::create_batch)),
        get("/staff/events/{event}/checkpoints", Staff(P::ScanBadges), || web::to(checkin::admin::index)),
        get("/staff/events/{event}/checkpoints/{checkpoint}", Staff(P::ScanBadges), || web::to(checkin::admin::show)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/scans", Staff(P::ScanBadges), || web::to(checkin::admin::create)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/frames", Staff(P::ScanBadges), || web::to(checkin::admin::read_frame)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/roster", Staff(P::ScanBadges), || web::to(checkin::device_admin::roster)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/manifest", Staff(P::ScanBadges), || web::to(checkin::device_admin::manifest)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/search", Staff(P::ScanBadges), || web::to(checkin::search_admin::index)),
        get("/staff/events/{event}/sessions/{session}/attendance", Staff(P::SeePeople), || web::to(checkin::attendance_admin::index)),
        get("/staff/events/{event}/sessions/{session}/attendance.csv", Staff(P::SeePeople), || web::to(checkin::attendance_admin::export)),
        get("/staff/events/{event}/people/{registration}/attendance", Staff(P::SeePeople), || web::to(checkin::marks_admin::index)),
        post("/staff/events/{event}/people/{registration}/attendance", Staff(P::CorrectAttendance), || web::to(checkin::marks_admin::create)),
        get("/staff/events/{event}/people/{registration}/attendance/{mark}/voiding", Staff(P::CorrectAttendance), || web::to(checkin::marks_admin::ask_voiding)),
        post("/staff/events/{event}/people/{registration}/attendance/{mark}/voiding", Staff(P::CorrectAttendance), || web::to(checkin::marks_admin::void)),
        get("/staff/events/{event}/collisions", Staff(P::SeePeople), || web::to(checkin::collisions_admin::index)),
        post("/staff/events/{event}/collisions/{collision}/decision", Staff(P::CorrectAttendance), || web::to(checkin::collisions_admin::decide)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/heartbeats", Staff(P::ScanBadges), || web::to(devices::report_admin::create)),

        // --

        // -- the pick-up desk
        get("/staff/events/{event}/desk", Staff(P::HandOutBadges), || web::to(pickup::desk_admin::index)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/desk", Staff(P::HandOutBadges), || web::to(pickup::desk_admin::show)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/desk/people", Staff(P::HandOutBadges), || web::to(pickup::desk_admin::search)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/desk/people/{registration}", Staff(P::HandOutBadges), || web::to(pickup::desk_admin::show_person)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/desk/list", Staff(P::HandOutBadges), || web::to(pickup::desk_admin::list)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/desk/pick-ups", Staff(P::HandOutBadges), || web::to(pickup::pick_up_admin::create)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/desk/paper", Staff(P::HandOutBadges), || web::to(pickup::pick_up_admin::choose_paper)),
        get("/staff/events/{event}/checkpoints/{checkpoint}/desk/walk-in", Staff(P::HandOutBadges), || web::to(pickup::walk_in_admin::new)),
        post("/staff/events/{event}/checkpoints/{checkpoint}/desk/walk-in", Staff(P::HandOutBadges), || web::to(pickup::walk_in_admin::create)),

        // --

        // -- paired phones
        get("/pair", Public, || web::to(devices::pages::new)),
        post("/pair", Public, || web::to(devices::pages::create_by_code)),
        get("/pair/{secret}", Public, || web::to(devices::pages::show_link)),
        post("/pair/{secret}", Public, || web::to(devices::pages::create_by_link)),
        get("/staff/events/{event}/live", Staff(P::ScanBadges), || web::to(live::admin::show)),
        get("/staff/events/{event}/live/events", Staff(P::ScanBadges), || web::to(live::admin::events)),
        get("/staff/events/{event}/devices", Staff(P::PairDevices), || web::to(devices::admin::index)),
        post("/staff/events/{event}/devices", Staff(P::PairDevices), || web::to(devices::admin::create)),
        get("/staff/events/{event}/devices/new", Staff(P::PairDevices), || web::to(devices::admin::new)),
        get("/staff/events/{event}/devices/{device}", Staff(P::PairDevices), || web::to(devices::admin::show)),
        post("/staff/events/{event}/devices/{device}/codes", Staff(P::PairDevices), || web::to(devices::admin::create_code)),
        post("/staff/events/{event}/devices/{device}/extension", Staff(P::PairDevices), || web::to(devices::admin::extend)),
        post("/staff/events/{event}/devices/{device}/revocation", Staff(P::PairDevices), || web::to(devices::admin::revoke)),

        // --

        // -- badges on paper
        get("/staff/events/{event}/badges", Staff(P::PrintBadges), || web::to(badges::print_admin::index)),
        post("/staff/events/{event}/badges/prints", Staff(P::PrintBadges), || web::to(badges::print_admin::create)),
        get("/staff/events/{event}/badges/prints/{print}", Staff(P::PrintBadges), || web::to(badges::print_admin::show)),
        get("/staff/events/{event}/badges/prints/{print}/badges.pdf", Staff(P::PrintBadges), || web::to(badges::print_admin::pdf)),
        post("/staff/events/{event}/badges/printer", Staff(P::PrintBadges), || web::to(badges::print_admin::update_printer)),
        get("/staff/events/{event}/badges/list", Staff(P::PrintBadges), || web::to(badges::list_admin::index)),

        // --

        // -- staff: sign-in, people, members
        get("/staff", Staff(P::EnterBackOffice), || web::to(desk::home_admin::index)),
        get("/staff/sign-in", Public, || web::to(staff_pages::new)),
        post("/staff/sign-in", Public, || web::to(staff_pages::create)),
        post("/staff/sign-out", Public, || web::to(staff_pages::delete)),
        get("/staff/links/{secret}", Public, || web::to(staff_pages::edit_password)),
        post("/staff/links/{secret}", Public, || web::to(staff_pages::update_password)),
        get("/staff/enter/{secret}", Demo, || web::to(staff_pages::enter)),
        get("/staff/members", Staff(P::ManageStaff), || web::to(members::index)),
        post("/staff/members", Staff(P::ManageStaff), || web::to(members::create)),
        get("/staff/members/{member}", Staff(P::ManageStaff), || web::to(members::show)),
        post("/staff/members/{member}/roles", Staff(P::ManageStaff), || web::to(members::add_role)),
        post("/staff/members/{member}/roles/{role}/removal", Staff(P::ManageStaff), || web::to(members::remove_role)),
        post("/staff/members/{member}/links", Staff(P::ManageStaff), || web::to(members::create_link)),
        post("/staff/members/{member}/disabling", Staff(P::ManageStaff), || web::to(members::disable)),
        post("/staff/members/{member}/enabling", Staff(P::ManageStaff), || web::to(members::enable)),
        get("/staff/tokens", Staff(P::ManageStaff), || web::to(tokens_admin::index)),
        post("/staff/tokens", Staff(P::ManageStaff), || web::to(tokens_admin::create)),
        post("/staff/tokens/{token}/revocation", Staff(P::ManageStaff), || web::to(tokens_admin::revoke)),
        get("/staff/events/{event}/people", Staff(P::SeePeople), || web::to(desk::admin::index)),
        get("/staff/events/{event}/people.csv", Staff(P::SeePeople), || web::to(desk::admin::export)),
        get("/staff/events/{event}/people/{registration}", Staff(P::SeePeople), || web::to(desk::person_admin::show)),
        get("/staff/events/{event}/people/{registration}/sessions", Staff(P::EditRegistrations), || web::to(desk::sessions_admin::index)),
        post("/staff/events/{event}/people/{registration}/enrollments", Staff(P::EditRegistrations), || web::to(desk::sessions_admin::create)),
        post("/staff/events/{event}/people/{registration}/enrollments/removal", Staff(P::EditRegistrations), || web::to(desk::sessions_admin::delete)),
        get("/staff/events/{event}/people/{registration}/correction", Staff(P::EditRegistrations), || web::to(desk::correction_admin::edit)),
        post("/staff/events/{event}/people/{registration}/correction", Staff(P::EditRegistrations), || web::to(desk::correction_admin::update)),
        get("/staff/events/{event}/people/{registration}/licenses", Staff(P::EditLicenses), || web::to(reports::licenses_admin::edit)),
        post("/staff/events/{event}/people/{registration}/licenses", Staff(P::EditLicenses), || web::to(reports::licenses_admin::update)),
        get("/staff/events/{event}/people/{registration}/cancellation", Staff(P::EditRegistrations), || web::to(desk::ask_admin::ask_cancellation)),
        post("/staff/events/{event}/people/{registration}/cancellation", Staff(P::EditRegistrations), || web::to(desk::ask_admin::cancel)),
        get("/staff/events/{event}/people/{registration}/conversion/removal", Staff(P::EditRegistrations), || web::to(desk::ask_admin::ask_taking_back)),
        post("/staff/events/{event}/people/{registration}/conversion/removal", Staff(P::EditRegistrations), || web::to(desk::ask_admin::take_back)),
        get("/staff/events/{event}/people/{registration}/badge", Staff(P::ScanBadges), || web::to(desk::ask_admin::ask_badge)),
        post("/staff/events/{event}/people/{registration}/badge", Staff(P::ScanBadges), || web::to(desk::ask_admin::replace_badge)),
        post("/staff/events/{event}/people/{registration}/badge/print", Staff(P::PrintBadges), || web::to(badges::one_admin::create)),
        post("/staff/events/{event}/people/{registration}/badge/loss", Staff(P::PrintBadges), || web::to(badges::one_admin::report_loss)),
        get("/staff/events/{event}/people/{registration}/sign-in-code", Staff(P::GiveSignInCodes), || web::to(desk::ask_admin::ask_sign_in_code)),
        post("/staff/events/{event}/people/{registration}/sign-in-code", Staff(P::GiveSignInCodes), || web::to(desk::ask_admin::give_sign_in_code)),
        get("/staff/events/{event}/people/{registration}/payments", Staff(P::RecordPayments), || web::to(desk::ask_admin::ask_payment)),
        post("/staff/events/{event}/people/{registration}/payments", Staff(P::RecordPayments), || web::to(desk::ask_admin::record_payment)),
        get("/staff/events/{event}/people/{registration}/letters/{letter}", Staff(P::SeePeople), || web::to(desk::letters_admin::show)),
        post("/staff/events/{event}/people/{registration}/letters/{letter}/sending", Staff(P::EditRegistrations), || web::to(desk::letters_admin::send_again)),
        get("/staff/events/{event}/discount-claims", Staff(P::DecideDiscounts), || web::to(orders::admin::index)),
        post("/staff/events/{event}/discount-claims/{claim}/decision", Staff(P::DecideDiscounts), || web::to(orders::admin::decide_claim)),
        post("/staff/events/{event}/approvals/{registration}/decision", Staff(P::DecideDiscounts), || web::to(orders::admin::decide_approval)),
        get("/staff/events/{event}/audit", Staff(P::SeeAudit), || web::to(desk::audit_admin::index)),

        // --

        // -- the service itself: health, API document, demo mailbox
        get("/api/openapi.json", Public, || web::to(openapi::show)),
        get("/api/docs", Public, || web::to(openapi::docs)),
        get("/api/docs/{file:.*}", Public, || web::to(openapi::docs_file)),
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

    ];
    table.extend(open_badges::all());
    table.extend(lobby::all());
    table.extend(materials::all());
    table.extend(recordings::all());
    table.extend(webinars::all());
    table.extend(set_up::events());
    table.extend(set_up::agenda_and_doors());
    table.extend(set_up::hospitals());
    table
}

/// What all workers of a node share beside the [`crate::app::App`]: copies, the line at the doors, type that is set.
#[derive(Clone)]
pub struct Shared {
    doors: web::Data<KnownDoors>,
    tokens: web::Data<KnownTokens>,
    line: web::Data<DoorLine>,
    press: web::Data<Press>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            doors: web::Data::new(KnownDoors::default()),
            tokens: web::Data::new(KnownTokens::default()),
            line: web::Data::new(DoorLine::new(scan_together, scan_all)),
            press: web::Data::new(Press::default()),
        }
    }
}

/// Puts the table into the application.
pub fn configure(config: &mut web::ServiceConfig, shared: Shared) {
    let Shared { doors, tokens, line, press } = shared;
    config.app_data(doors).app_data(tokens).app_data(line).app_data(press);
    tree::of(table()).plant(config);
}
