//! The hospital search of the API: public facts only, never rosters or domains.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Found, rules, search};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api::{Answer, Caller, List, Listing};
use crate::ids::HospitalId;

/// A hospital as it is found while registering.
#[derive(Debug, Serialize, ToSchema)]
pub struct HospitalItem {
    /// CMS Certification Number, or for a hospital without one a stand-in that begins with X.
    #[schema(example = "050111")]
    pub ccn: Option<String>,
    pub name: String,
    pub city: String,
    #[schema(example = "CA")]
    pub state: String,
    /// The last day of the recognition that holds today, or null.
    #[schema(value_type = Option<String>, format = Date)]
    pub recognized_until: Option<NaiveDate>,
}

impl HospitalItem {
    pub fn of(found: Found, today: NaiveDate) -> Self {
        let recognized_until = found.recognized_until(today);
        let hospital = found.hospital;
        Self { ccn: hospital.ccn, name: hospital.name, city: hospital.city, state: hospital.state, recognized_until }
    }
}

/// What is searched, and which page of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words of name, city or state, or a CCN; without it all hospitals.
    #[serde(default)]
    pub q: String,
    /// How many at most, 1 to 500; 100 unless told.
    pub limit: Option<i64>,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}

/// Hospitals by name, city, state or CCN, best fit first.
#[utoipa::path(get, path = "/api/v1/hospitals", tag = "hospitals", params(Search),
    responses((status = 200, body = List<HospitalItem>), (status = 422, description = "A bad limit, cursor or parameter"),
        (status = 429, description = "Too many searches; Retry-After says when to go on")))]
pub async fn index(app: web::Data<App>, caller: Caller, request: HttpRequest) -> Result<HttpResponse> {
    let wanted = web::Query::<Search>::from_query(request.query_string())
        .map_err(|cause| Error::invalid("query", "malformed", cause.to_string()))?
        .into_inner();
    if caller.staff.is_none() {
        app.limits.public.take_address(&caller.address)?;
    }
    if wanted.q.chars().count() > 200 {
        return Err(Error::invalid("q", "too_long", "Search with at most 200 characters."));
    }
    let listing = Listing { limit: wanted.limit, cursor: wanted.cursor };
    listing.limit()?;
    let today = rules::today(app.now());
    let list = app
        .read(move |db| {
            let ids = search::matching(db, &wanted.q, today, false)?;
            let page = listing.page(ids, HospitalId::to_string)?;
            let items = search::with_terms(db, &page.items)?;
            Ok(List { items: items.into_iter().map(|found| HospitalItem::of(found, today)).collect(), next: page.next })
        })
        .await?;
    Answer::ok(&list)
}
