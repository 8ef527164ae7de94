//! The API document, made from the handlers, and a page to try it.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_swagger_ui::Config;

use crate::error::{Error, Result};
use crate::http::see_other;
use crate::{agenda, checkin, credits, evaluations, events, hospitals, orders, registration};

/// Where the document is.
pub const ADDRESS: &str = "/api/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lanyard",
        description = "Registration, seats, doors and credit for a Patient Safety Congress and its learning series. \
            JSON in snake_case; instants in RFC 3339 with the event's offset; money in cents. Errors are \
            `application/problem+json` with a stable `code`.",
    ),
    tags(
        (name = "events", description = "Events and their agenda."),
        (name = "hospitals", description = "Hospitals and their recognition."),
        (name = "orders", description = "Quotes and orders."),
        (name = "registrations", description = "A registration, its agenda, badge and enrollments."),
        (name = "credit", description = "Evaluations, the evidence for credit, claims, and certificates."),
        (name = "doors", description = "Checkpoints and scans."),
    ),
    // Every handler under /api/v1; a test holds this list against the route table.
    paths(
        events::api::index,
        events::api::show,
        agenda::api::index,
        hospitals::api::index,
        orders::api::create_quote,
        orders::api::create_order,
        registration::api::show,
        registration::api::agenda,
        registration::api::badge,
        registration::api::enroll,
        registration::api::leave,
        evaluations::api::create,
        credits::api::show,
        credits::api::create,
        credits::certificates::api::show,
        credits::certificates::api::index,
        credits::certificates::api::pdf,
        credits::open_badges::api::show,
        credits::open_badges::api::picture,
        checkin::api::index,
        checkin::api::create,
        checkin::api::create_batch,
    ),
    components(schemas(Problem, ProblemField)),
    modifiers(&Common),
)]
struct Document;

/// An error (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:lanyard:problem:enrollment.closed", "title": "Refused", "status": 409,
    "detail": "This session has started; its list is closed.", "code": "enrollment.closed",
    "instance": "urn:lanyard:request:6f1c0a9d3b7e4c21",
}))]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// A sentence for people.
    pub detail: String,
    /// A stable word for programs: `module.reason` for what a rule refused.
    pub code: String,
    /// The request, as the `X-Request-Id` header names it.
    pub instance: String,
    /// For 422: what is wrong, field by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ProblemField>>,
}

/// One wrong field.
#[derive(Serialize, ToSchema)]
pub struct ProblemField {
    #[schema(example = "lines[0].person.email")]
    pub field: String,
    #[schema(example = "required")]
    pub code: String,
    pub detail: String,
}

/// What every operation shares: the bearer scheme, problem documents, `Idempotency-Key` on writes.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A staff or device token from `lanyard token create`. Attendees use their sign-in's cookie."))
            .build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(bearer));
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                operation.operation_id = Some(operation_id(method, path));
                describe(operation);
                add_problem(operation);
            }
            if let Some(operation) = &mut item.post {
                operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let by_method = [("get", &mut item.get), ("post", &mut item.post), ("put", &mut item.put), ("delete", &mut item.delete)];
    by_method.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `get_events_event_sessions`: many handlers are called `index`, and programs made from the document want one name each.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |id, word| format!("{id}_{word}"))
}

/// The format wants a description of every answer.
fn describe(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = match status.as_str() {
                "200" => "Done.",
                "201" => "Made.",
                "204" => "Gone.",
                "401" => "No token, or a bad one.",
                "403" => "Not allowed.",
                "404" => "Not there, or not yours.",
                "409" => "Refused by a rule.",
                "422" => "Bad input.",
                _ => "See the status.",
            }
            .to_owned();
        }
    }
}

fn add_problem(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new()
        .description(
            "A problem: 401 no or bad token, 403 not allowed, 404 not there or not yours, 409 refused by a rule, \
             422 bad input, 429 too many (Retry-After), 503 busy (Retry-After).",
        )
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response));
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(200)).build()))
        .description(Some("The same key and body give the same answer for 24 hours; the same key with another body is 422."))
        .build()
}

/// The document as JSON text.
pub fn document() -> Result<String> {
    Document::openapi().to_pretty_json().map_err(Error::internal)
}

/// `GET /api/openapi.json`.
pub async fn show() -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("application/json").body(document()?))
}

/// `GET /api/docs`: the page's files are named relative to its folder.
pub async fn docs() -> HttpResponse {
    see_other("/api/docs/")
}

/// `GET /api/docs/{file}`: the page to try the API, and its files.
pub async fn docs_file(file: web::Path<String>) -> Result<HttpResponse> {
    let config = Config::from(ADDRESS).try_it_out_enabled(true).validator_url("none");
    let found = utoipa_swagger_ui::serve(&file, Arc::new(config)).map_err(Error::internal)?.ok_or(Error::NotFound)?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.insert_header((CACHE_CONTROL, "no-cache")).content_type(found.content_type).body(found.bytes.into_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes;

    #[test]
    fn every_route_of_the_api_is_in_the_document_and_the_other_way_round() {
        let routes: BTreeSet<String> = routes::table()
            .iter()
            .filter(|entry| entry.path.starts_with("/api/v1/"))
            .map(|entry| format!("{} {}", entry.method, entry.path))
            .collect();
        let document: serde_json::Value = serde_json::from_str(&document().unwrap()).unwrap();
        let mut documented = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let methods = ["get", "post", "put", "delete", "patch"];
            documented.extend(
                item.as_object()
                    .unwrap()
                    .keys()
                    .filter(|key| methods.contains(&key.as_str()))
                    .map(|key| format!("{} {path}", key.to_uppercase())),
            );
        }
        assert_eq!(documented, routes);
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    }

    #[test]
    fn every_operation_has_its_own_name_and_every_answer_a_description() {
        let document: serde_json::Value = serde_json::from_str(&document().unwrap()).unwrap();
        let items = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        let operations: Vec<_> = items.collect();
        let ids: BTreeSet<_> = operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), operations.len());
        for operation in operations {
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(response["description"].is_string(), "{} {status}", operation["operationId"]);
            }
        }
    }

    #[test]
    fn enums_are_told_by_the_words_that_are_sent() {
        let document: serde_json::Value = serde_json::from_str(&document().unwrap()).unwrap();
        let words = &document["components"]["schemas"]["AgendaKind"]["enum"];
        assert!(words.as_array().unwrap().contains(&"innovation_theater".into()), "{words}");
        assert!(document["components"]["schemas"]["EventsKind"]["enum"].as_array().unwrap().contains(&"congress".into()));
    }
}
