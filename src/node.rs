//! One running node: the server and its background work, from start to a graceful stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::server;
use crate::mail::outbox;
use crate::uploads::cleaning;
use crate::{jobs, timetable};

/// How often each kind of background work looks for something to do.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often objects that are not wanted any more are thrown away.
const SWEEP_EVERY: Duration = Duration::from_secs(20);
/// Keys of limits that are idle are forgotten after so many looks.
const FORGET_LIMITS_EVERY: u32 = 300;
/// How long a stop waits for background work that is under way (a slow mail server).
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// More background work of a node: called once a second on a thread that may wait.
pub type EverySecond = Box<dyn FnMut(&App) -> Result<()> + Send>;

/// Runs the service on a bound socket until the process is told to stop.
pub fn run(app: App, listener: TcpListener, extra: Option<EverySecond>) -> Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let meters = match &app.site.config.metrics_listen {
            Some(listen) => Some(server::serve_meters(app.clone(), listen)?),
            None => None,
        };
        let meters_handle = meters.as_ref().map(actix_web::dev::Server::handle);
        if let Some(meters) = meters {
            tokio::task::spawn_local(meters);
        }
        let background = Background::start(&app, extra);
        let served = server::serve(app, listener).await;
        if let Some(handle) = meters_handle {
            handle.stop(false).await;
        }
        background.stop().await;
        served
    })
}

/// The background work of a node.
pub struct Background {
    stopping: Arc<AtomicBool>,
    app: App,
    stop_bell: Arc<Notify>,
    tasks: Vec<JoinHandle<()>>,
}

impl Background {
    /// Starts the outbox, the jobs and the timetable on the runtime that this is called in.
    pub fn start(app: &App, extra: Option<EverySecond>) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let stop_bell = Arc::new(Notify::new());
        let mut tasks = vec![
            tokio::spawn(deliver_letters(app.clone(), stopping.clone())),
            every_second(app, &stopping, &stop_bell, "the jobs", run_jobs()),
            tokio::spawn(sweep_storage(app.clone(), stopping.clone(), stop_bell.clone())),
        ];
        if let Some(extra) = extra {
            tasks.push(every_second(app, &stopping, &stop_bell, "the demo", extra));
        }
        Self { stopping, app: app.clone(), stop_bell, tasks }
    }

    /// Stops after what is under way, or without it when that takes too long: claims run out and are taken over.
    pub async fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.app.outbox_bell.notify_one();
        self.stop_bell.notify_waiters();
        for task in self.tasks {
            if timeout(STOP_WITHIN, task).await.is_err() {
                tracing::warn!("background work did not stop in time");
            }
        }
    }
}

/// Sends letters when the bell rings, and every second for those whose next try is due.
async fn deliver_letters(app: App, stopping: Arc<AtomicBool>) {
    while !stopping.load(Ordering::SeqCst) {
        let node = app.clone();
        report("the outbox", spawn_blocking(move || outbox::deliver_due(&node).map(drop)).await);
        // Woken or not, the next look finds what there is.
        let _ = timeout(LOOK_EVERY, app.outbox_bell.notified()).await;
    }
}

/// Throws away what was removed; it waits for the storage, which may be far away.
async fn sweep_storage(app: App, stopping: Arc<AtomicBool>, stop_bell: Arc<Notify>) {
    while !stopping.load(Ordering::SeqCst) {
        report("the storage", Ok(cleaning::sweep(&app).await.map(drop)));
        let _ = timeout(SWEEP_EVERY, stop_bell.notified()).await;
    }
}

/// The jobs and the timetable that feeds them.
fn run_jobs() -> EverySecond {
    let mut known = vec![i64::MIN; timetable::PERIODIC.len()];
    let mut looks = 0u32;
    Box::new(move |app| {
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(FORGET_LIMITS_EVERY) {
            app.limits.forget_idle();
        }
        timetable::enqueue_periodic(app, &mut known)?;
        jobs::run_due(app, timetable::JOBS).map(drop)
    })
}

fn every_second(
    app: &App,
    stopping: &Arc<AtomicBool>,
    stop_bell: &Arc<Notify>,
    name: &'static str,
    mut work: EverySecond,
) -> JoinHandle<()> {
    let (app, stopping, stop_bell) = (app.clone(), stopping.clone(), stop_bell.clone());
    tokio::spawn(async move {
        while !stopping.load(Ordering::SeqCst) {
            let node = app.clone();
            let turn = spawn_blocking(move || {
                let outcome = work(&node);
                (outcome, work)
            });
            match turn.await {
                Ok((outcome, back)) => {
                    report(name, Ok(outcome));
                    work = back;
                }
                Err(cause) => return report(name, Err(cause)),
            }
            let _ = timeout(LOOK_EVERY, stop_bell.notified()).await;
        }
    })
}

fn report(what: &'static str, outcome: std::result::Result<Result<()>, tokio::task::JoinError>) {
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(Error::Busy)) => tracing::debug!(what, "background work waits for the database"),
        Ok(Err(cause)) => tracing::warn!(what, ?cause, "background work failed and will be tried again"),
        Err(cause) => tracing::error!(what, %cause, "background work has stopped"),
    }
}
