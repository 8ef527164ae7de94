//! The catalogue for staff: its versions, and a new one.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::{Catalogue, Draft, Version, rules};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::rules::day_words;
use crate::http::asker::{Allowed, permit};
use crate::http::{Page, PostedForm};
use crate::setup::forms_admin::{Field, FormPage, Group, group, outcome};
use crate::staff::Permission;

type Editor = Allowed<permit::EditAgenda>;

const HOME: &str = "/staff/pssm";

/// The words are those of every event, so a role for one of them is not enough.
fn may_edit(allowed: &Editor) -> Result<()> {
    if allowed.identity.may_everywhere(Permission::EditAgenda) { Ok(()) } else { Err(Error::Forbidden) }
}

/// `GET /staff/pssm`: the version in force, and those before and after it.
pub async fn index(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    may_edit(&allowed)?;
    let today = app.now().date_in(chrono_tz::Tz::UTC);
    let (current, all) = app.read(move |db| Ok((super::on(db, today)?, super::versions(db)?))).await?;
    let row = |version: &Version| -> Value {
        json!({
            "number": version.number, "framework": version.framework, "from": day_words(version.from_on), "reason": version.reason,
            "is_current": version.id == current.version.id, "is_coming": version.from_on > today,
        })
    };
    let versions: Vec<Value> = all.iter().map(row).collect();
    let domain = |code: &'static str| -> Value {
        let statements = rules::statements_of(code).map(|code| json!({ "code": code, "words": current.words_of(code) }));
        json!({ "code": code, "words": current.words_of(code), "statements": statements.collect::<Vec<_>>() })
    };
    let view = json!({
        "framework": current.version.framework, "address": current.version.address, "number": current.version.number,
        "versions": versions, "domains": rules::domains().map(domain).collect::<Vec<_>>(), "new": format!("{HOME}/new"),
    });
    Page::new(&app, &allowed.asker, "pssm/catalogue").render(&view)
}

/// `GET /staff/pssm/new`: the newest version, to be changed.
pub async fn new(app: web::Data<App>, allowed: Editor) -> Result<HttpResponse> {
    may_edit(&allowed)?;
    let newest = newest(&app).await?;
    form(&app, &allowed, &Draft::of(&newest), &[])
}

async fn newest(app: &App) -> Result<Catalogue> {
    app.read(|db| {
        let version = super::versions(db)?.into_iter().next().ok_or(Error::NotFound)?;
        super::with_words(db, version)
    })
    .await
}

/// `POST /staff/pssm`
pub async fn create(app: web::Data<App>, allowed: Editor, PostedForm(typed): PostedForm<BTreeMap<String, String>>) -> Result<HttpResponse> {
    may_edit(&allowed)?;
    let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let draft = Draft {
        framework: text("framework"),
        address: text("address"),
        from_on: text("from_on"),
        words: rules::codes().map(|code| (code.to_owned(), text(&format!("words_{code}")))).collect(),
        reason: text("reason"),
    };
    let own = draft.clone();
    let done = app.write(allowed.actor(), move |tx| super::save(tx, &own)).await;
    match outcome(&app, done, HOME, "The new version is there. Sessions keep their codes.")? {
        Ok(done) => Ok(done),
        Err(errors) => form(&app, &allowed, &draft, &errors),
    }
}

fn form(app: &App, allowed: &Editor, draft: &Draft, errors: &[FieldError]) -> Result<HttpResponse> {
    let version = vec![
        Field::text("framework", "Name of the measure", &draft.framework).hint("With the year of its period.").required(),
        Field::text("address", "Where CMS publishes it", &draft.address).required(),
        Field::day("from_on", "In force from", &draft.from_on).hint("Events that begin on this day or later read by it.").required(),
        Field::text("reason", "What changed, and where it stands", &draft.reason).required(),
    ];
    let domain = |code: &'static str| -> Group {
        let field = |code: &'static str| {
            let label = if rules::is_domain(code) { "Name of the domain".to_owned() } else { code.to_owned() };
            let words = draft.words.get(code).map(String::as_str).unwrap_or_default();
            Field::lines(&format!("words_{code}"), &label, words, 2).required()
        };
        let codes = std::iter::once(code).chain(rules::statements_of(code));
        group(&format!("Domain {code}"), codes.map(field).collect())
    };
    let mut groups = vec![group("", version)];
    groups.extend(rules::domains().map(domain));
    let page = FormPage {
        title: "New version of the safety measure".to_owned(),
        lead: "Sessions, activities and hospitals keep their codes; only the words are new. Older versions stay for the events that began under them.".to_owned(),
        back: (HOME.to_owned(), "Safety measure".to_owned()),
        action: HOME.to_owned(),
        button: "Save as a new version",
        groups,
        ..FormPage::default()
    };
    page.render(app, &allowed.asker, None, errors)
}
