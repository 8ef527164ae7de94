//! What machines ask a running node: is it there, can it answer, what does it count.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};

use super::asker::app_of;
use crate::app::App;
use crate::clock::Stopwatch;
use crate::db;
use crate::error::{Door, Error, Result};
use crate::ids::same;
use crate::jobs;
use crate::mail::{self, State};
use crate::meters::{Gauge, process_memory_bytes};

/// Counts every answer by the pattern of its route.
pub async fn count_answers<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let watch = Stopwatch::start();
    let response = next.call(request).await?;
    if let Ok(app) = app_of(response.request()) {
        let route = response.request().match_pattern();
        app.meters.answered(route.as_deref().unwrap_or("(no route)"), response.status().as_u16(), watch.elapsed());
    }
    Ok(response)
}

fn plain(mut response: actix_web::HttpResponseBuilder, text: &'static str) -> HttpResponse {
    response.insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain; charset=utf-8").body(text)
}

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    plain(HttpResponse::Ok(), "ok\n")
}

/// `GET /readyz`: the database answers too; 503 when it does not.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    match app.read(db::ping).await {
        Ok(()) => plain(HttpResponse::Ok(), "ready\n"),
        Err(cause) => {
            tracing::warn!(?cause, "the database does not answer");
            let mut response = HttpResponse::ServiceUnavailable();
            response.insert_header((RETRY_AFTER, "2"));
            plain(response, "the database does not answer\n")
        }
    }
}

/// `GET /metrics` beside everything else: only with the token of `LANYARD_METRICS_TOKEN`, and not there without one.
pub async fn metrics(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let expected = app.site.config.metrics_token.as_deref().ok_or(Error::NotFound)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let given = header.strip_prefix("Bearer ").unwrap_or_default();
    if !same(given.trim(), expected) {
        return Err(Error::SignInFirst(Door::Staff));
    }
    metrics_alone(app).await
}

/// `GET /metrics` on its own listen address.
pub async fn metrics_alone(app: web::Data<App>) -> Result<HttpResponse> {
    let (queued, failed, jobs) =
        app.read(|db| Ok((mail::count(db, State::Queued)?, mail::count(db, State::Failed)?, jobs::waiting(db)?))).await?;
    let gauges = [
        Gauge { name: "lanyard_writes_waiting", help: "Writes that wait or run.", value: app.meters.writes_waiting() },
        Gauge { name: "lanyard_letters_queued", help: "Letters to be sent.", value: queued },
        Gauge { name: "lanyard_letters_failed", help: "Letters given up.", value: failed },
        Gauge { name: "lanyard_jobs_waiting", help: "Jobs that are due or still to come.", value: jobs },
        Gauge { name: "process_resident_memory_bytes", help: "Memory this process holds.", value: process_memory_bytes() },
    ];
    let text = app.meters.text(&gauges);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
