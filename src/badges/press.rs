//! The press of this process: makes PDFs of badges in the background, tells how far it is, and keeps the last few.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{Notify, Semaphore};

use super::prints::{self, Print};
use super::typeset;
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::PrintId;
use crate::pdf::fonts::Fonts;

/// So many PDFs are made at once; each takes a processor.
const AT_ONCE: usize = 2;
/// So many are kept for who asks again.
const KEPT: usize = 6;

/// A PDF that is being made, or is done.
pub struct Run {
    print: PrintId,
    done: Arc<AtomicUsize>,
    made: OnceLock<std::result::Result<Arc<Vec<u8>>, Failure>>,
    bell: Notify,
}

/// Why a PDF was not made, for everybody who waits for it.
#[derive(Clone)]
enum Failure {
    Refused(&'static str, String),
    Broken,
}

impl Run {
    /// How many badges are drawn.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether it came to an end.
    pub fn is_over(&self) -> bool {
        self.made.get().is_some()
    }

    /// The PDF, as soon as it is made.
    pub async fn pdf(&self) -> Result<Arc<Vec<u8>>> {
        loop {
            let rings = self.bell.notified();
            match self.made.get() {
                Some(Ok(pdf)) => return Ok(pdf.clone()),
                Some(Err(Failure::Refused(code, message))) => return Err(Error::refused(code, message.clone())),
                // The cause was logged where it happened.
                Some(Err(Failure::Broken)) => return Err(Error::internal("the badges could not be made")),
                None => rings.await,
            }
        }
    }
}

/// The PDFs of this process, newest last.
pub struct Press {
    runs: Mutex<VecDeque<Arc<Run>>>,
    places: Arc<Semaphore>,
}

impl Default for Press {
    fn default() -> Self {
        Self { runs: Mutex::default(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Press {
    /// The run of a print, started where there is none; one that failed is tried anew.
    pub fn run(&self, app: &App, event: &Event, print: &Print) -> Arc<Run> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|run| !matches!(run.made.get(), Some(Err(_))));
        if let Some(run) = runs.iter().find(|run| run.print == print.id) {
            return run.clone();
        }
        let run = Arc::new(Run { print: print.id.clone(), done: Arc::default(), made: OnceLock::new(), bell: Notify::new() });
        runs.push_back(run.clone());
        while runs.len() > KEPT {
            runs.pop_front();
        }
        let (app, event, print, places) = (app.clone(), event.clone(), print.clone(), self.places.clone());
        let started = run.clone();
        tokio::spawn(async move {
            let made = make(&app, event, print, places, started.done.clone()).await;
            let made = made.map(Arc::new).map_err(|error| match error {
                Error::Refused { code, message } => Failure::Refused(code, message),
                other => {
                    tracing::error!(cause = ?other, "a PDF of badges could not be made");
                    Failure::Broken
                }
            });
            // Set once, by this task alone.
            let _ = started.made.set(made);
            started.bell.notify_waiters();
        });
        run
    }
}

async fn make(app: &App, event: Event, print: Print, places: Arc<Semaphore>, done: Arc<AtomicUsize>) -> Result<Vec<u8>> {
    let _place = places.acquire_owned().await.map_err(Error::internal)?;
    let job = app.read(move |db| prints::job(db, &event, &print)).await?;
    let folder = app.site.config.fonts.clone();
    tokio::task::spawn_blocking(move || typeset::pdf(&job, Fonts::of(&folder)?, &done)).await.map_err(Error::internal)?
}
