//! Writes of one kind that wait for one another anyway: all that wait are done in one transaction, and everyone is
//! answered after its commit. While one transaction runs the next gathers.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::app::{Actor, App, Tx};
use crate::error::{Error, Result};

/// At most so many wait; past that callers hear `Busy` instead of waiting longer and longer.
const MOST_WAITING: usize = 4096;
/// At most so many are done in one transaction.
const MOST_AT_ONCE: usize = 512;

/// Does what waits: one answer for each, in the same order. An error undoes everything, and everyone hears `Busy`.
type Work<I, O> = fn(&mut Tx<'_>, &[I]) -> Result<Vec<Result<O>>>;

/// What waits for its turn, each with where its answer goes.
type Waiting<I, O> = Vec<(I, oneshot::Sender<Result<O>>)>;

/// The way to such a write; one for each kind.
pub struct Together<I, O>(Arc<Inner<I, O>>);

struct Inner<I, O> {
    line: Mutex<Line<I, O>>,
    work: Work<I, O>,
}

struct Line<I, O> {
    waiting: Waiting<I, O>,
    /// A transaction is on its way, and the next begins after it.
    is_moving: bool,
}

impl<I: Send + 'static, O: Send + 'static> Together<I, O> {
    pub fn new(work: Work<I, O>) -> Self {
        Self(Arc::new(Inner { line: Mutex::new(Line { waiting: Vec::new(), is_moving: false }), work }))
    }

    /// Waits for its turn, and answers when what was done is on disk.
    pub async fn write(&self, app: &App, item: I) -> Result<O> {
        let (sender, answer) = oneshot::channel();
        let is_first = {
            let mut line = self.0.lock();
            if line.waiting.len() >= MOST_WAITING {
                return Err(Error::Busy);
            }
            line.waiting.push((item, sender));
            !mem::replace(&mut line.is_moving, true)
        };
        if is_first {
            self.0.next(app);
        }
        answer.await.unwrap_or(Err(Error::Busy))
    }
}

impl<I: Send + 'static, O: Send + 'static> Inner<I, O> {
    fn lock(&self) -> MutexGuard<'_, Line<I, O>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the next transaction, or lets the line rest when nobody waits.
    fn next(self: &Arc<Self>, app: &App) {
        {
            let mut line = self.lock();
            line.is_moving = !line.waiting.is_empty();
            if !line.is_moving {
                return;
            }
        }
        let turn = Turn { line: Arc::clone(self), is_over: false };
        let (line, next_app) = (Arc::clone(self), app.clone());
        // Refused where too many writes wait: the turn is dropped with the closures.
        let _ = app.write_soon(
            Actor::Service("line"),
            move |tx| {
                let (items, senders) = line.gather();
                Ok(((line.work)(tx, &items)?, senders))
            },
            move |done| turn.finish(&next_app, done),
        );
    }

    /// Takes from the line as many as are done at once.
    fn gather(&self) -> (Vec<I>, Vec<oneshot::Sender<Result<O>>>) {
        let mut line = self.lock();
        let count = line.waiting.len().min(MOST_AT_ONCE);
        line.waiting.drain(..count).unzip()
    }
}

/// A transaction on its way. Dropped before it was done, everyone who waits hears `Busy`.
struct Turn<I: Send + 'static, O: Send + 'static> {
    line: Arc<Inner<I, O>>,
    is_over: bool,
}

/// Answers, with where each goes.
type Done<O> = (Vec<Result<O>>, Vec<oneshot::Sender<Result<O>>>);

impl<I: Send + 'static, O: Send + 'static> Turn<I, O> {
    fn finish(mut self, app: &App, done: Result<Done<O>>) {
        self.is_over = true;
        self.line.next(app);
        // Where it failed the senders are gone, which is `Busy` to everyone.
        let Ok((answers, senders)) = done else { return };
        for (answer, sender) in answers.into_iter().zip(senders) {
            // A caller that went away is no failure: its write stands all the same.
            let _ = sender.send(answer);
        }
    }
}

impl<I: Send + 'static, O: Send + 'static> Drop for Turn<I, O> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut line = self.line.lock();
            line.is_moving = false;
            line.waiting.clear();
        }
    }
}
