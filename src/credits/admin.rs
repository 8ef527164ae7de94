//! Credit for education staff: what is set up, the provider of record, statements (CEU-1, CEU-9).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue::{WORDINGS, wording_of};
use super::certificates::corrections::contradicted;
use super::certificates::printed::Setting;
use super::providers::{self, ProviderDraft};
use super::{activities, deadlines, disclosures, types};
use crate::agenda;
use crate::app::App;
use crate::error::{Error, Result};
use crate::evaluations::forms;
use crate::evaluations::rules::Scope;
use crate::events::Event;
use crate::events::deadline::Deadline;
use crate::http::asker::Allowed;
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::{Field, FormPage, group, outcome, row, to};
use crate::staff::Permission;

/// The permissions of this module's handlers.
pub mod permits {
    use crate::http::asker::Permit;
    use crate::staff::Permission;

    /// See how credit stands.
    pub struct SeeCredits;

    impl Permit for SeeCredits {
        const PERMISSION: Permission = Permission::SeeCredits;
    }

    /// Set up credit, decide late claims, claim for others.
    pub struct EditCredits;

    impl Permit for EditCredits {
        const PERMISSION: Permission = Permission::EditCredits;
    }
}

/// Who may look.
pub type Reader = Allowed<permits::SeeCredits>;
/// Who may change.
pub type Educator = Allowed<permits::EditCredits>;

/// What the overview counts.
struct Counts {
    provider: Option<String>,
    types: usize,
    activities: usize,
    undesignated: usize,
    undisclosed: usize,
    has_forms: bool,
    open_requests: usize,
    extensions: usize,
    /// Credit that is more than attendance gives since it was corrected.
    contradicted: usize,
}

fn counts(db: &mut crate::db::Db, event: &Event) -> Result<Counts> {
    let all = activities::list(db, &event.id)?;
    let sessions = agenda::list(db, &event.id)?;
    let designated = |session: &agenda::Session| all.iter().any(|whole| whole.sessions.iter().any(|(id, _)| *id == session.id));
    let published = disclosures::published(db, &event.id)?;
    let disclosed = |session: &agenda::Session| published.iter().any(|(id, at)| *id == session.id && *at < session.starts_at);
    let (accredited, others): (Vec<_>, Vec<_>) =
        sessions.iter().filter(|session| session.canceled_at.is_none()).partition(|one| designated(one));
    let setting = Setting::of(db, event)?;
    Ok(Counts {
        provider: providers::find(db, &event.id)?.map(|provider| provider.name),
        types: types::list(db, &event.id)?.len(),
        activities: all.len(),
        undesignated: others.iter().filter(|session| crate::evaluations::rules::is_evaluated(session.kind)).count(),
        undisclosed: accredited.iter().filter(|session| !disclosed(session)).count(),
        has_forms: forms::current(db, &event.id, Scope::Session)?.is_some(),
        open_requests: deadlines::requests(db, &event.id)?.iter().filter(|(.., decision)| decision.is_none()).count(),
        extensions: deadlines::extensions(db, &event.id)?.len(),
        contradicted: contradicted(db, &setting)?.len(),
    })
}

/// `GET /staff/events/{event}/credits`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let own = event.clone();
    let counts = app.read(move |db| counts(db, &own)).await?;
    let deadline = event.claims_close_on.map(|day| Deadline::of_day(day, event.zone(), app.now()));
    let may_edit = allowed.identity.may(Permission::EditCredits, &event.id);
    let chip = |is_done: bool, done: String, missing: String| {
        if is_done { json!({ "kind": "yes", "text": done }) } else { json!({ "kind": "wait", "text": missing }) }
    };
    let some = |count: usize, what: &str| format!("{count} {what}");
    let item = |path: &str, text: &str, sub: &str, chip: Value| json!({ "href": to(event, path), "text": text, "sub": sub, "chip": chip });
    let set_up = vec![
        item(
            "credits/provider",
            "Provider of record",
            &counts.provider.clone().unwrap_or_default(),
            chip(counts.provider.is_some(), "Entered".to_owned(), "Missing".to_owned()),
        ),
        item("credits/types", "Credit types and their rules", "", chip(counts.types > 0, some(counts.types, "on"), "None on".to_owned())),
        item("credits/statements", "Statements", "Wording that accreditors fix, in versions", json!({ "kind": "yes", "text": "Ready" })),
        item(
            "credits/activities",
            "Activities and designations",
            &some(counts.undesignated, "sessions without credit"),
            chip(counts.activities > 0, some(counts.activities, "designated"), "None".to_owned()),
        ),
        item(
            "credits/sessions",
            "Disclosures and presenters",
            "",
            chip(counts.undisclosed == 0, "All published".to_owned(), some(counts.undisclosed, "not published before the start")),
        ),
        item("evaluations", "Evaluations", "", chip(counts.has_forms, "Questions in force".to_owned(), "No questions".to_owned())),
    ];
    let work = vec![
        item("credits/forecast", "Who is about to lose hours", "Forecast and reminders", json!({ "kind": "note", "text": "Look" })),
        item(
            "credits/late-claims",
            "Late claims",
            "",
            chip(counts.open_requests == 0, "None waits".to_owned(), some(counts.open_requests, "to decide")),
        ),
        item("credits/extensions", "Extensions of the deadline", "", json!({ "kind": "note", "text": some(counts.extensions, "given") })),
        item(
            "credits/certificates",
            "Certificates",
            "Issue for everybody, and credit that attendance contradicts",
            chip(counts.contradicted == 0, "Nothing contradicts".to_owned(), some(counts.contradicted, "to decide")),
        ),
        item("credits/open-badges", "Open Badges", "Certificates for wallets and profiles", json!({ "kind": "note", "text": "Look" })),
        item("credits/people", "People and their credit", "", json!({ "kind": "note", "text": "Search" })),
        item("credits/reports", "Reports", "PARS, CE Broker, CPE Monitor, attendance", json!({ "kind": "note", "text": "Look" })),
    ];
    let view = json!({ "set_up": set_up, "work": work, "deadline": deadline, "may_edit": may_edit });
    Page::new(&app, &allowed.asker, "credits/index").event(event).render(&view)
}

fn back(event: &Event) -> (String, String) {
    (to(event, "credits"), "Credit".to_owned())
}

/// `GET /staff/events/{event}/credits/provider`
pub async fn edit_provider(app: web::Data<App>, allowed: Educator) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let found = app.read(move |db| providers::find(db, &id)).await?;
    let draft = found.as_ref().map(ProviderDraft::of).unwrap_or_default();
    provider_form(event, &draft).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/credits/provider`
pub async fn update_provider(app: web::Data<App>, allowed: Educator, PostedForm(typed): PostedForm<ProviderDraft>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, draft) = (event.clone(), typed.clone());
    let done = app.write(allowed.actor(), move |tx| providers::save(tx, &own, &draft)).await;
    match outcome(&app, done, &to(event, "credits"), "The provider of record is saved.")? {
        Ok(done) => Ok(done),
        Err(errors) => provider_form(event, &typed).render(&app, &allowed.asker, Some(event), &errors),
    }
}

fn provider_form(event: &Event, draft: &ProviderDraft) -> FormPage {
    FormPage {
        title: "Provider of record".to_owned(),
        lead: "The accredited organization that gives the credit. Without it only attendance can be counted.".to_owned(),
        back: back(event),
        action: to(event, "credits/provider"),
        button: "Save",
        groups: vec![
            group(
                "",
                vec![
                    Field::text("name", "Name as accredited", &draft.name).required(),
                    Field::lines("address", "Address", &draft.address, 3).required(),
                    Field::text("web_address", "Web address", &draft.web_address).optional(),
                    Field::text("joint_with", "Partners that are not accredited", &draft.joint_with)
                        .hint("Named in a sentence of their own.")
                        .optional(),
                ],
            ),
            row(
                "Numbers",
                vec![
                    Field::code("accme_number", "ACCME", &draft.accme_number).hint("Seven digits").optional(),
                    Field::code("acpe_number", "ACPE", &draft.acpe_number).hint("Four digits").optional(),
                    Field::code("ancc_number", "ANCC", &draft.ancc_number).optional(),
                    Field::code("aswb_number", "ASWB ACE", &draft.aswb_number).optional(),
                    Field::code("cep_number", "California nursing (CEP)", &draft.cep_number).optional(),
                ],
            ),
            row(
                "Who signs certificates",
                vec![
                    Field::text("signatory", "Name", &draft.signatory).optional(),
                    Field::text("signatory_post", "Post", &draft.signatory_post).optional(),
                ],
            ),
        ],
        ..FormPage::default()
    }
}

/// `GET /staff/events/{event}/credits/statements`
pub async fn statements(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let versions =
        app.read(move |db| WORDINGS.iter().map(|wording| providers::statement(db, &id, wording.kind)).collect::<Result<Vec<_>>>()).await?;
    let may_edit = allowed.identity.may(Permission::EditCredits, &event.id);
    let listed = WORDINGS.iter().zip(versions).map(|(wording, newest)| {
        json!({
            "title": wording.title, "words": newest.as_ref().map_or(wording.words, |newest| newest.words.as_str()),
            "version": newest.as_ref().map(|newest| newest.version), "href": to(event, &format!("credits/statements/{}", wording.kind)),
        })
    });
    let view = json!({ "back": to(event, "credits"), "statements": listed.collect::<Vec<_>>(), "may_edit": may_edit });
    Page::new(&app, &allowed.asker, "credits/statements").event(event).render(&view)
}

/// A statement as it is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Words {
    words: String,
}

/// `GET /staff/events/{event}/credits/statements/{kind}`
pub async fn edit_statement(app: web::Data<App>, allowed: Educator, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let kind = path.into_inner().1;
    let wording = wording_of(&kind).ok_or(Error::NotFound)?;
    let id = event.id.clone();
    let newest = app.read(move |db| providers::statement(db, &id, wording.kind)).await?;
    let words = newest.map_or_else(|| wording.words.to_owned(), |newest| newest.words);
    statement_form(event, &kind, wording.title, &words).render(&app, &allowed.asker, Some(event), &[])
}

/// `POST /staff/events/{event}/credits/statements/{kind}`: the next version.
pub async fn update_statement(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(Words { words }): PostedForm<Words>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let kind = path.into_inner().1;
    let wording = wording_of(&kind).ok_or(Error::NotFound)?;
    let (own, typed) = (event.clone(), words.clone());
    let done = app.write(allowed.actor(), move |tx| providers::save_statement(tx, &own, wording.kind, &typed)).await;
    match outcome(&app, done, &to(event, "credits/statements"), "The new version is in force.")? {
        Ok(done) => Ok(done),
        Err(errors) => statement_form(event, &kind, wording.title, &words).render(&app, &allowed.asker, Some(event), &errors),
    }
}

fn statement_form(event: &Event, kind: &str, title: &str, words: &str) -> FormPage {
    let hint = "In braces: {provider}, {partners}, {format}, {n} for credit, {ceus} for a tenth of it, {uan}; on certificates {name}, {title}, {dates}, {credit}, {cep} too.";
    FormPage {
        title: format!("Statement: {title}"),
        lead: "Accreditors fix this wording. What was printed keeps the version it was printed with.".to_owned(),
        back: (to(event, "credits/statements"), "Statements".to_owned()),
        action: to(event, &format!("credits/statements/{kind}")),
        button: "Save as a new version",
        groups: vec![group("", vec![Field::lines("words", "Wording", words, 8).hint(hint).required()])],
        ..FormPage::default()
    }
}
