//! Staff pages of hospitals: searching, one hospital, adding and changing its facts, its e-mail domains.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rules::{self, Standing};
use super::{CMS, Facts, Found, Hospital, codes, search};
use crate::app::App;
use crate::db::Db;
use crate::error::{Error, FieldError, Result, by_field};
use crate::events;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};
use crate::ids::HospitalId;
use crate::orders;
use crate::staff::Permission;

/// Rows on one page of the list.
const PAGE: usize = 50;

/// Which hospitals the list shows.
const FILTERS: [(&str, &str); 5] = [
    ("", "All hospitals"),
    ("recognized", "Recognized today"),
    ("coming", "Recognized later"),
    ("waiting", "Conditional, unpaid, or not approved"),
    ("ended", "Ended or revoked"),
];

#[derive(Deserialize)]
pub struct IndexQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: usize,
}

/// The list of hospitals, searched and filtered.
pub async fn index(app: web::Data<App>, allowed: Allowed<permit::SeeHospitals>, request: HttpRequest) -> Result<HttpResponse> {
    let query = web::Query::<IndexQuery>::from_query(request.query_string()).map_err(|_| Error::NotFound)?.into_inner();
    let today = rules::today(app.now());
    let (q, show, page) = (query.q.clone(), query.show.clone(), query.page.clamp(1, 1_000));
    let (found, total, has_any) = app
        .read(move |db| {
            let (found, total) = find(db, &q, &show, today, page)?;
            let has_any = total > 0 || !search::matching(db, "", today, true)?.is_empty();
            Ok((found, total, has_any))
        })
        .await?;
    let first = (page - 1) * PAGE;
    let address = |page: usize| {
        let pairs = [("q", query.q.as_str()), ("show", query.show.as_str()), ("page", &page.to_string())];
        format!("/staff/hospitals?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    };
    let view = json!({
        "q": query.q, "total": total, "has_any": has_any,
        "may_edit": allowed.identity.may_everywhere(Permission::EditHospitals),
        "shows": FILTERS.map(|(value, text)| json!({ "value": value, "text": text, "selected": value == query.show })),
        "range": format!("{}–{} of {total}", (first + 1).min(total), (first + found.len()).min(total)),
        "previous": if page > 1 { address(page - 1) } else { String::new() },
        "next": if first + found.len() < total { address(page + 1) } else { String::new() },
        "hospitals": found.iter().map(|found| row(found, today)).collect::<Vec<_>>(),
    });
    Page::new(&app, &allowed.asker, "hospitals/index").render(&view)
}

/// One page of hospitals and how many there are.
fn find(db: &mut Db, q: &str, show: &str, today: NaiveDate, page: usize) -> Result<(Vec<Found>, usize)> {
    let ids = search::matching(db, q, today, true)?;
    let skip = (page - 1) * PAGE;
    if show.is_empty() {
        let here: Vec<HospitalId> = ids.iter().skip(skip).take(PAGE).cloned().collect();
        return Ok((search::with_terms(db, &here)?, ids.len()));
    }
    let order: BTreeMap<&HospitalId, usize> = ids.iter().enumerate().map(|(index, id)| (id, index)).collect();
    let mut found = search::with_any_term(db)?;
    found.retain(|found| order.contains_key(&found.hospital.id) && fits(show, rules::standing(&found.terms, today)));
    found.sort_by_key(|found| order.get(&found.hospital.id).copied());
    let total = found.len();
    Ok((found.into_iter().skip(skip).take(PAGE).collect(), total))
}

fn fits(show: &str, standing: Standing) -> bool {
    match show {
        "recognized" => matches!(standing, Standing::Recognized { .. }),
        "coming" => matches!(standing, Standing::NotYet { .. }),
        "waiting" => matches!(standing, Standing::Conditional | Standing::Unpaid | Standing::Unapproved),
        "ended" => matches!(standing, Standing::Ended { .. } | Standing::Revoked { .. }),
        _ => false,
    }
}

fn row(found: &Found, today: NaiveDate) -> Value {
    let hospital = &found.hospital;
    let (kind, text) = rules::standing(&found.terms, today).chip();
    json!({
        "href": format!("/staff/hospitals/{}", hospital.id), "name": hospital.name, "ccn": hospital.ccn, "city": hospital.city,
        "state": hospital.state, "chip": { "kind": kind, "text": text }, "gone": hospital.gone_at.is_some(),
        "has_terms": !found.terms.is_empty(),
    })
}

/// One hospital: facts, domains, terms, codes.
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::SeeHospitals>, path: web::Path<String>) -> Result<HttpResponse> {
    let may_edit = allowed.identity.may_everywhere(Permission::EditHospitals);
    let view = show_view(&app, HospitalId::from(path.into_inner()), may_edit).await?;
    Page::new(&app, &allowed.asker, "hospitals/show").render(&view)
}

/// What the page of a hospital shows.
async fn show_view(app: &App, id: HospitalId, may_edit: bool) -> Result<Value> {
    let today = rules::today(app.now());
    app.read(move |db| {
        let hospital = super::get(db, &id)?;
        let terms = super::recognitions(db, &id)?;
        let domains = super::domains(db, &id)?;
        let events = events::list(db, true)?;
        let name_of = |event: &Option<_>| match event {
            Some(id) => events.iter().find(|known| &known.id == id).map_or("One event", |event| event.name.as_str()).to_owned(),
            None => "All events".to_owned(),
        };
        let mut codes = Vec::new();
        for code in codes::codes(db, &id)? {
            codes.push(json!({
                "id": code.id, "code": code.code, "event": name_of(&code.event_id), "cap": code.cap,
                "used": orders::uses::of_hospital_code(db, &code.id)?, "expires": rules::words(code.expires_on),
                "over": code.expires_on < today,
            }));
        }
        let standing = rules::standing(&terms, today);
        let (kind, text) = standing.chip();
        Ok(json!({
            "hospital": facts_view(&hospital), "may_edit": may_edit, "base": format!("/staff/hospitals/{id}"),
            "standing": standing.sentence(), "chip": { "kind": kind, "text": text },
            "domains": domains.iter().map(|(domain, users)| json!({
                "domain": domain.domain, "shared": *users > 1, "users": users })).collect::<Vec<_>>(),
            "terms": terms.iter().rev().map(|term| json!({
                "id": term.id, "from": rules::words(term.term_starts_on), "to": rules::words(term.term_ends_on),
                "approved": term.approved_on.map(rules::words), "paid": term.paid_on.map(rules::words),
                "conditional": term.conditional, "revoked": term.revoked_on.map(rules::words) })).collect::<Vec<_>>(),
            "codes": codes, "domain": "", "errors": [], "error_for": {},
        }))
    })
    .await
}

fn facts_view(hospital: &Hospital) -> Value {
    json!({
        "name": hospital.name, "ccn": hospital.ccn, "address": hospital.address, "city": hospital.city, "state": hospital.state,
        "zip": hospital.zip, "county": hospital.county, "phone": hospital.phone, "kind": hospital.kind,
        "ownership": hospital.ownership, "beds": hospital.beds, "from_list": hospital.source == CMS,
        "has_stand_in": hospital.ccn.as_deref().is_some_and(|ccn| ccn.starts_with('X')),
        "gone": hospital.gone_at.map(|at| rules::words(rules::today(at))),
    })
}

/// What the form of a hospital posts.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HospitalForm {
    name: String,
    ccn: String,
    address: String,
    city: String,
    state: String,
    zip: String,
    county: String,
    phone: String,
    kind: String,
    ownership: String,
    beds: String,
}

impl HospitalForm {
    fn of(hospital: Hospital) -> Self {
        Self {
            name: hospital.name,
            ccn: hospital.ccn.unwrap_or_default(),
            address: hospital.address,
            city: hospital.city,
            state: hospital.state,
            zip: hospital.zip,
            county: hospital.county,
            phone: hospital.phone,
            kind: hospital.kind,
            ownership: hospital.ownership,
            beds: hospital.beds.map(|beds| beds.to_string()).unwrap_or_default(),
        }
    }

    fn facts(&self) -> Result<Facts> {
        let form = self.clone();
        Ok(Facts {
            ccn: Some(form.ccn.trim().to_owned()).filter(|ccn| !ccn.is_empty()),
            name: form.name,
            address: form.address,
            city: form.city,
            state: form.state,
            zip: form.zip,
            county: form.county,
            phone: form.phone,
            kind: form.kind,
            ownership: form.ownership,
            beds: number("beds", &self.beds)?,
        })
    }
}

/// A number that may be left out.
pub(super) fn number(field: &str, text: &str) -> Result<Option<i32>> {
    let text = text.trim().replace(',', "");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::invalid(field, "malformed", "Enter a number."))
}

/// The form of a new hospital.
pub async fn new(app: web::Data<App>, allowed: Allowed<permit::EditHospitals>) -> Result<HttpResponse> {
    form_page(&app, &allowed, None, &HospitalForm::default(), &[])
}

pub async fn create(
    app: web::Data<App>,
    allowed: Allowed<permit::EditHospitals>,
    PostedForm(form): PostedForm<HospitalForm>,
) -> Result<HttpResponse> {
    let added = match form.facts() {
        Ok(facts) => app.write(allowed.actor(), move |tx| super::add(tx, &facts)).await,
        Err(wrong) => Err(wrong),
    };
    match added {
        Ok(id) => Ok(see_other_saying(&app, &format!("/staff/hospitals/{id}"), "yes", "The hospital was added.")),
        Err(Error::Invalid(fields)) => form_page(&app, &allowed, None, &form, &fields),
        Err(other) => Err(other),
    }
}

/// The form of a hospital's facts.
pub async fn edit(app: web::Data<App>, allowed: Allowed<permit::EditHospitals>, path: web::Path<String>) -> Result<HttpResponse> {
    let id = HospitalId::from(path.into_inner());
    let hospital = app.read(move |db| super::get(db, &id)).await?;
    form_page(&app, &allowed, Some(&hospital), &HospitalForm::of(hospital.clone()), &[])
}

pub async fn update(
    app: web::Data<App>,
    allowed: Allowed<permit::EditHospitals>,
    path: web::Path<String>,
    PostedForm(form): PostedForm<HospitalForm>,
) -> Result<HttpResponse> {
    let id = HospitalId::from(path.into_inner());
    let reading = id.clone();
    let hospital = app.read(move |db| super::get(db, &reading)).await?;
    let changed = match form.facts() {
        Ok(facts) => app.write(allowed.actor(), move |tx| super::edit(tx, &id, &facts)).await,
        Err(wrong) => Err(wrong),
    };
    match changed {
        Ok(()) => Ok(see_other_saying(&app, &format!("/staff/hospitals/{}", hospital.id), "yes", "The hospital was changed.")),
        Err(Error::Invalid(fields)) => form_page(&app, &allowed, Some(&hospital), &form, &fields),
        Err(other) => Err(other),
    }
}

fn form_page(
    app: &App,
    allowed: &Allowed<permit::EditHospitals>,
    known: Option<&Hospital>,
    form: &HospitalForm,
    fields: &[FieldError],
) -> Result<HttpResponse> {
    let view = json!({
        "title": known.map_or("Add a hospital".to_owned(), |hospital| format!("Change {}", hospital.name)),
        "action": known.map_or("/staff/hospitals".to_owned(), |hospital| format!("/staff/hospitals/{}", hospital.id)),
        "is_new": known.is_none(), "from_list": known.is_some_and(|hospital| hospital.source == CMS), "form": form,
        "errors": error_list(fields), "error_for": by_field(fields),
    });
    Page::new(app, &allowed.asker, "hospitals/form").status(if fields.is_empty() { 200 } else { 422 }).render(&view)
}

/// What is wrong, as the summary on top of a form lists it.
pub(super) fn error_list(fields: &[FieldError]) -> Vec<Value> {
    fields.iter().map(|wrong| json!({ "field": wrong.field, "text": wrong.detail })).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DomainForm {
    domain: String,
}

pub async fn add_domain(
    app: web::Data<App>,
    allowed: Allowed<permit::EditHospitals>,
    path: web::Path<String>,
    PostedForm(form): PostedForm<DomainForm>,
) -> Result<HttpResponse> {
    let id = HospitalId::from(path.into_inner());
    let (hospital, domain) = (id.clone(), form.domain.clone());
    match app.write(allowed.actor(), move |tx| super::add_domain(tx, &hospital, &domain)).await {
        Ok(()) => Ok(see_other_saying(&app, &format!("/staff/hospitals/{id}"), "yes", "The domain was added.")),
        Err(Error::Invalid(fields)) => {
            let mut view = show_view(&app, id, true).await?;
            view["domain"] = json!(form.domain);
            view["errors"] = json!(error_list(&fields));
            view["error_for"] = json!(by_field(&fields));
            Page::new(&app, &allowed.asker, "hospitals/show").status(422).render(&view)
        }
        Err(other) => Err(other),
    }
}

pub async fn remove_domain(
    app: web::Data<App>,
    allowed: Allowed<permit::EditHospitals>,
    path: web::Path<String>,
    PostedForm(form): PostedForm<DomainForm>,
) -> Result<HttpResponse> {
    let id = HospitalId::from(path.into_inner());
    let (hospital, domain) = (id.clone(), form.domain.clone());
    app.write(allowed.actor(), move |tx| super::remove_domain(tx, &hospital, &domain)).await?;
    let text = format!("{} was removed.", form.domain);
    Ok(see_other_saying(&app, &format!("/staff/hospitals/{id}"), "yes", &text))
}
