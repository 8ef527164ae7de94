//! The list of people at an event: search, filters, pages, and the same as a CSV file.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::queries::{self, Filter, Found, Sort};
use super::rules::cell;
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{Page, see_other};
use crate::ids::HospitalId;
use crate::money::plain_cents;
use crate::pricing::{self, RegistrationType};
use crate::registration::{self, Status};

/// People on one page of the list.
const PAGE: i64 = 50;

/// The most rows of an export; a congress has at most some tens of thousands.
const MOST_EXPORTED: i64 = 200_000;

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    q: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    status: Option<String>,
    hospital: Option<String>,
    unpaid: Option<String>,
    sort: Option<String>,
    page: Option<String>,
}

impl Asked {
    fn filter(&self, types: &[RegistrationType]) -> Filter {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let kind = given(&self.kind).and_then(|code| types.iter().find(|kind| kind.code == code)).map(|kind| kind.id.clone());
        Filter {
            search: self.q.clone().unwrap_or_default(),
            kind,
            status: self.status.as_deref().and_then(Status::from_word),
            hospital: given(&self.hospital).map(HospitalId::from),
            unpaid: self.unpaid.as_deref() == Some("yes"),
        }
    }

    fn sort(&self) -> Sort {
        if self.sort.as_deref() == Some("newest") { Sort::Newest } else { Sort::Name }
    }

    fn page(&self) -> i64 {
        self.page.as_deref().and_then(|page| page.parse().ok()).filter(|page| (1..=1_000_000).contains(page)).unwrap_or(1)
    }

    /// The address of the same search in another order or on another page.
    fn address(&self, path: &str, sort: Option<&str>, page: Option<i64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let fields =
            [("q", &self.q), ("type", &self.kind), ("status", &self.status), ("hospital", &self.hospital), ("unpaid", &self.unpaid)];
        for (name, value) in fields {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        if let Some(sort) = sort {
            query.append_pair("sort", sort);
        }
        if let Some(page) = page {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    fn narrows(&self) -> bool {
        [&self.q, &self.kind, &self.status, &self.hospital, &self.unpaid]
            .iter()
            .any(|field| field.as_deref().is_some_and(|text| !text.is_empty()))
    }
}

/// `GET /staff/events/{event}/people`
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let asked = asked.into_inner();
    if let Some(code) = typed_code(&app, &event, asked.q.as_deref()).await? {
        return Ok(see_other(&format!("/staff/events/{}/people/{code}", event.slug)));
    }
    let (searched, of_event) = (asked.clone(), event.clone());
    let (found, count, total, types, hospitals) = app
        .read(move |db| {
            let types = pricing::list_types(db, &of_event.id)?;
            let filter = searched.filter(&types);
            let found = queries::find(db, &of_event.id, &filter, searched.sort(), (searched.page() - 1) * PAGE, PAGE)?;
            let count = queries::count(db, &of_event.id, &filter)?;
            let total = queries::count(db, &of_event.id, &Filter::default())?;
            Ok((found, count, total, types, queries::hospitals_of(db, &of_event.id)?))
        })
        .await?;
    let base = format!("/staff/events/{}/people", event.slug);
    let sort_word = if asked.sort() == Sort::Newest { Some("newest") } else { None };
    let first = (asked.page() - 1) * PAGE + 1;
    let last = first + i64::try_from(found.len()).unwrap_or(PAGE) - 1;
    let options = |chosen: &Option<String>, all: &str, rows: Vec<(String, String)>| -> Vec<Value> {
        let chosen = chosen.as_deref().unwrap_or_default();
        let every = std::iter::once((String::new(), all.to_owned()));
        every.chain(rows).map(|(value, text)| json!({ "selected": value == chosen, "value": value, "text": text })).collect()
    };
    let view = json!({
        "base": base, "q": asked.q, "count": count, "total": total, "narrows": asked.narrows(), "unpaid": asked.unpaid.as_deref() == Some("yes"),
        "sort": sort_word,
        "people": found.iter().map(|found| row(&event, found)).collect::<Vec<_>>(),
        "types": options(&asked.kind, "Every type", types.into_iter().map(|kind| (kind.code, kind.name)).collect()),
        "states": options(&asked.status, "Every status", Status::ALL.iter().map(|status| (status.to_string(), status_words(*status).1.to_owned())).collect()),
        "hospitals": options(&asked.hospital, "Every hospital", hospitals.into_iter().map(|(id, name)| (id.to_string(), name)).collect()),
        "by_name": if sort_word.is_some() { Some(asked.address(&base, None, None)) } else { None },
        "by_age": if sort_word.is_none() { Some(asked.address(&base, Some("newest"), None)) } else { None },
        "export": asked.address(&format!("{base}.csv"), sort_word, None),
        "pages": {
            "text": if found.is_empty() { "Nobody on this page".to_owned() } else { format!("{first}–{last} of {count}") },
            "previous": if asked.page() > 1 { Some(asked.address(&base, sort_word, Some(asked.page() - 1))) } else { None },
            "next": if last < count && !found.is_empty() { Some(asked.address(&base, sort_word, Some(asked.page() + 1))) } else { None },
        },
    });
    Page::new(&app, &allowed.asker, "desk/people").event(&event).render(&view)
}

/// A whole registration code that was typed (or scanned) into the search opens its page at once.
async fn typed_code(app: &App, event: &Event, typed: Option<&str>) -> Result<Option<String>> {
    let Some(code) = typed.map(str::trim).filter(|typed| typed.len() == 10 && typed.to_uppercase().starts_with("REG-")) else {
        return Ok(None);
    };
    let (code, event) = (code.to_owned(), event.id.clone());
    app.read(move |db| match registration::get(db, &code) {
        Ok(found) if found.event_id == event => Ok(Some(found.code)),
        Ok(_) | Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    })
    .await
}

/// A registration's status as its chip shows it: kind and words.
pub fn status_words(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Confirmed => ("yes", "Confirmed"),
        Status::Pending => ("wait", "Waits for approval"),
        Status::Canceled => ("no", "Canceled"),
    }
}

fn row(event: &Event, found: &Found) -> Value {
    let registration = &found.registration;
    let (kind, text) = status_words(registration.status);
    json!({
        "href": format!("/staff/events/{}/people/{}", event.slug, registration.code),
        "name": registration.full_name(), "email": found.email, "code": registration.code, "type": found.type_name,
        "organization": registration.organization, "chip": { "kind": kind, "text": text },
        "balance_cents": found.balance_cents, "currency": found.currency, "owes": found.balance_cents > 0,
    })
}

/// `GET /staff/events/{event}/people.csv`: those found, as a file that no spreadsheet takes for formulas.
pub async fn export(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    let (event, asked) = (allowed.event()?.clone(), asked.into_inner());
    let name = format!("attachment; filename=\"people-{}.csv\"", event.slug);
    let file = app
        .read(move |db| {
            let types = pricing::list_types(db, &event.id)?;
            let found = queries::find(db, &event.id, &asked.filter(&types), asked.sort(), 0, MOST_EXPORTED)?;
            csv_of(&event, &found)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type("text/csv; charset=utf-8")
        .body(file))
}

const COLUMNS: [&str; 19] = [
    "code",
    "status",
    "type",
    "given_name",
    "family_name",
    "badge_name",
    "certificate_name",
    "credentials",
    "profession",
    "organization",
    "email",
    "represents",
    "dietary",
    "sponsors_may_know",
    "order",
    "balance",
    "currency",
    "registered_on",
    "registered_at",
];

fn csv_of(event: &Event, found: &[Found]) -> Result<Vec<u8>> {
    // The mark tells spreadsheets that the file is UTF-8.
    let mut file = csv::Writer::from_writer("\u{FEFF}".as_bytes().to_vec());
    file.write_record(COLUMNS).map_err(Error::internal)?;
    for Found { registration, email, type_name, order_code, currency, balance_cents } in found {
        let (given, family) = (cell(&registration.given_name), cell(&registration.family_name));
        let record = [
            registration.code.clone(),
            registration.status.to_string(),
            cell(type_name),
            given,
            family,
            cell(&registration.badge_name),
            cell(&registration.certificate_name),
            cell(&registration.credentials),
            cell(&registration.profession),
            cell(&registration.organization),
            cell(email),
            registration.represents.to_string(),
            cell(&registration.dietary),
            if registration.sponsors_opt_in { "yes" } else { "no" }.to_owned(),
            order_code.clone(),
            balance_text(*balance_cents),
            currency.clone(),
            registration.created_at.date_in(event.zone()).to_string(),
            registration.created_at.rfc3339_in(event.zone()),
        ];
        file.write_record(&record).map_err(Error::internal)?;
    }
    file.into_inner().map_err(Error::internal)
}

/// A balance for a spreadsheet; money to give back carries a minus and is a number, never a formula.
fn balance_text(cents: i64) -> String {
    if cents < 0 { format!("-{}", plain_cents(-cents)) } else { plain_cents(cents) }
}
