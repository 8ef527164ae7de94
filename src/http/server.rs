//! The server: one actix application with its routes and what wraps them all.

use std::net::TcpListener;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};

use super::rendered::Rendered;
use super::{headers, health, problems};
use crate::app::App;
use crate::error::{Error, Result};
use crate::routes::{self, Shared};

/// The largest body of a form or JSON document, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// The application as the server and the tests run it.
pub fn application(
    app: App,
    shared: Shared,
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    ActixApp::new()
        .app_data(web::Data::new(app))
        // One shelf per worker: no worker waits for another's lock.
        .app_data(web::Data::new(Rendered::default()))
        .app_data(web::PayloadConfig::new(LARGEST_BODY))
        .app_data(web::QueryConfig::default().error_handler(super::api::unreadable_query))
        .configure(|config| routes::configure(config, shared))
        .wrap(from_fn(problems::render_errors))
        .wrap(from_fn(headers::add_headers))
        .wrap(Compress::default())
        .wrap(from_fn(health::count_answers))
}

/// Serves on a socket that is already bound until the process is told to stop (SIGTERM: requests are finished first).
pub async fn serve(app: App, listener: TcpListener) -> Result<()> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    close_streams_at_stop(&app);
    let shared = Shared::default();
    HttpServer::new(move || application(app.clone(), shared.clone()))
        .workers(workers)
        .shutdown_timeout(10)
        .listen(listener)
        .map_err(Error::internal)?
        .run()
        .await
        .map_err(Error::internal)
}

/// Tells what streams on and on to end when the process is told to stop; the server would wait for it.
fn close_streams_at_stop(app: &App) {
    #[cfg(unix)]
    {
        use actix_web::rt::signal::unix::{SignalKind, signal};
        for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::quit()] {
            // Without the signal the stop takes as long as a stream lasts, and no longer than is waited.
            let Ok(mut told) = signal(kind) else { continue };
            let app = app.clone();
            actix_web::rt::spawn(async move {
                told.recv().await;
                app.closing.send_replace(true);
            });
        }
    }
    #[cfg(not(unix))]
    {
        let app = app.clone();
        actix_web::rt::spawn(async move {
            // Without the signal the stop takes as long as a stream lasts, and no longer than is waited.
            let _ = actix_web::rt::signal::ctrl_c().await;
            app.closing.send_replace(true);
        });
    }
}

/// Serves nothing but the meters and health, on an address of its own.
pub fn serve_meters(app: App, listen: &str) -> Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(web::Data::new(app.clone()))
            .route("/metrics", web::get().to(health::metrics_alone))
            .route("/healthz", web::get().to(health::healthz))
            .route("/readyz", web::get().to(health::readyz))
    })
    .workers(1)
    .disable_signals()
    .bind(listen)
    .map_err(|cause| Error::internal(format!("LANYARD_METRICS_LISTEN: cannot listen on {listen}: {cause}")))?;
    Ok(server.run())
}
