//! Credit types for education staff: switched on, and their rule changed after seeing who gains and who loses (CEU-2).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::admin::{Educator, Reader};
use super::preview::{self, Preview};
use super::rules::{Code, Method, Rounding};
use super::types::{self, CreditRule, CreditType, RuleDraft};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, MissingExit, rules as days};
use crate::http::asker::Allowed;
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::registration::rules::{PROFESSIONS, profession_words};
use crate::setup::forms_admin::{Field, Group, choices, group, outcome, row, to};
use crate::staff::Permission;

/// `GET /staff/events/{event}/credits/types`
pub async fn index(app: web::Data<App>, allowed: Reader) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let id = event.id.clone();
    let on = app.read(move |db| types::list(db, &id)).await?;
    let may_edit = allowed.identity.may(Permission::EditCredits, &event.id);
    let listed: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            let own = on.iter().find(|(kind, _)| kind.code == *code);
            json!({
                "name": code.known().name, "on": own.is_some(), "href": to(event, &format!("credits/types/{code}")),
                "rule": own.map_or_else(|| code.known().terms.words(), |(_, rule)| rule.terms().words()),
                "version": own.map(|(_, rule)| rule.version),
                "professions": own.map_or_else(|| code.known().professions.join(" "), |(kind, _)| kind.professions.clone())
                    .split_whitespace().map(profession_words).collect::<Vec<_>>().join(", "),
            })
        })
        .collect();
    let view = json!({ "back": to(event, "credits"), "types": listed, "may_edit": may_edit });
    Page::new(&app, &allowed.asker, "credits/types").event(event).render(&view)
}

fn code_of(word: &str) -> Result<Code> {
    Code::from_word(word).ok_or(Error::NotFound)
}

/// `POST /staff/events/{event}/credits/types/{credit_type}`: switches it on.
pub async fn create(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    _form: PostedForm<Value>,
) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let code = code_of(&path.1)?;
    let own = event.clone();
    let done = app.write(allowed.actor(), move |tx| types::switch_on(tx, &own, code).map(drop)).await;
    let list = to(&event, "credits/types");
    match outcome(&app, done, &list, "The credit type is on, with the accreditor’s rule.")? {
        Ok(done) => Ok(done),
        Err(errors) => Ok(see_other_saying(&app, &list, "no", errors.first().map_or("", |error| error.detail.as_str()))),
    }
}

async fn known(app: &App, event: &Event, code: Code) -> Result<((CreditType, CreditRule), Vec<CreditRule>)> {
    let id = event.id.clone();
    app.read(move |db| {
        let found = types::find(db, &id, code)?.ok_or(Error::NotFound)?;
        let versions = types::versions(db, &found.0.id)?;
        Ok((found, versions))
    })
    .await
}

/// `GET /staff/events/{event}/credits/types/{credit_type}`
pub async fn edit(app: web::Data<App>, allowed: Educator, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = code_of(&path.1)?;
    let ((kind, rule), versions) = known(&app, event, code).await?;
    page(&app, &allowed, code, &RuleDraft::of(&kind, &rule), &versions, None, &[])
}

/// `POST /staff/events/{event}/credits/types/{credit_type}/rule`: shows who gains and who loses, and with `save` keeps it.
pub async fn update(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Posted>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = code_of(&path.1)?;
    let ((kind, rule), versions) = known(&app, event, code).await?;
    let new = match typed.rule.read(&rule, app.now(), allowed.actor().label()) {
        Ok(new) => new,
        Err(Error::Invalid(fields)) => return page(&app, &allowed, code, &typed.rule, &versions, None, &fields),
        Err(other) => return Err(other),
    };
    if typed.save != "yes" {
        let (own, professions) = (event.clone(), typed.rule.professions.join(" "));
        let told = app.read(move |db| preview::preview(db, &own, &kind.id, &new, professions.trim())).await?;
        return page(&app, &allowed, code, &typed.rule, &versions, Some(&told), &[]);
    }
    let (own, draft) = (event.clone(), typed.rule.clone());
    app.write(allowed.actor(), move |tx| types::save_rule(tx, &own, code, &draft)).await?;
    Ok(see_other_saying(&app, &to(event, "credits/types"), "yes", "The new version is in force. What was awarded keeps its version."))
}

/// A rule with the button that was pressed.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Posted {
    #[serde(flatten)]
    rule: RuleDraft,
    save: String,
}

fn fields(draft: &RuleDraft) -> Vec<Group> {
    let methods = [
        (Method::Proportional, "In proportion to what was attended"),
        (Method::Threshold, "All of a session of which enough was attended"),
        (Method::Whole, "All of the activity or nothing"),
    ];
    let exits =
        [(MissingExit::SessionEnd, "Taken to have lasted until the session’s end"), (MissingExit::Minutes, "Counts so many minutes")];
    let roundings = [(Rounding::Nearest, "To the nearest step"), (Rounding::Down, "Down to a step")];
    let mut professions = choices(PROFESSIONS.iter().copied(), "");
    for choice in &mut professions {
        choice.checked = draft.professions.contains(&choice.value);
    }
    vec![
        group("How minutes count", vec![Field::select("method", "Minutes become credit", choices(methods, &draft.method))]),
        row(
            "",
            vec![
                Field::whole("threshold_percent", "Enough of a session, in percent", &draft.threshold_percent).required(),
                Field::whole("grace_minutes", "Missed minutes that are forgiven", &draft.grace_minutes).required(),
                Field::select("missing_exit", "A stay nobody scanned out", choices(exits, &draft.missing_exit)),
                Field::whole("missing_exit_minutes", "So many minutes", &draft.missing_exit_minutes).optional(),
            ],
        ),
        row(
            "Rounding, once on the total",
            vec![
                Field::whole("unit_minutes", "Minutes of one credit", &draft.unit_minutes).required(),
                Field::price("increment", "Step", &draft.increment).required(),
                Field::select("rounding", "Rounded", choices(roundings, &draft.rounding)),
                Field::price("minimum", "Least that is given", &draft.minimum).required(),
            ],
        ),
        group(
            "Whom it serves",
            vec![
                Field::many("professions", "Professions", professions).hint("None chosen: everybody.").optional(),
                Field::lines("reason", "Why it is changed", &draft.reason, 2).required(),
            ],
        ),
    ]
}

fn page(
    app: &App,
    allowed: &Allowed<super::admin::permits::EditCredits>,
    code: Code,
    draft: &RuleDraft,
    versions: &[CreditRule],
    told: Option<&Preview>,
    errors: &[FieldError],
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (summary, error_for) = form_errors(errors);
    let mut groups = serde_json::to_value(fields(draft)).map_err(Error::internal)?;
    for field in groups.as_array_mut().into_iter().flatten().filter_map(|group| group["fields"].as_array_mut()).flatten() {
        let id = field["id"].as_str().unwrap_or_default().to_owned();
        field["error"] = error_for[id.as_str()].clone();
    }
    let versions = versions.iter().map(|rule| {
        json!({ "version": rule.version, "when": days::instant_words(rule.made_at, event.zone()), "rule": rule.terms().words(), "reason": rule.reason })
    });
    let view = json!({
        "back": to(event, "credits/types"), "name": code.known().name, "action": to(event, &format!("credits/types/{code}/rule")),
        "groups": groups, "errors": summary, "versions": versions.collect::<Vec<_>>(), "preview": told.map(|told| preview_view(event, code, told)),
    });
    let status = if errors.is_empty() { 200 } else { 422 };
    Page::new(app, &allowed.asker, "credits/rule").event(event).status(status).render(&view)
}

/// So many people are named; of the rest only the number.
const MOST_NAMED: usize = 500;

fn preview_view(event: &Event, code: Code, told: &Preview) -> Value {
    let (lose, gain) = (
        told.changes.iter().filter(|one| one.after < one.before).count(),
        told.changes.iter().filter(|one| one.after > one.before).count(),
    );
    let change = |one: &preview::Change| {
        json!({
            "name": one.registration.full_name(), "href": to(event, &format!("people/{}", one.registration.code)),
            "before": code.amount(one.before), "after": code.amount(one.after),
            "chip": if one.after < one.before { json!({ "kind": "no", "text": "Loses" }) } else { json!({ "kind": "yes", "text": "Gains" }) },
        })
    };
    json!({
        "people": told.people, "lose": lose, "gain": gain, "changes": told.changes.iter().take(MOST_NAMED).map(change).collect::<Vec<_>>(),
        "more": told.changes.len().saturating_sub(MOST_NAMED),
    })
}
