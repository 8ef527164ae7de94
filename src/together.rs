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

/// Does what waits: one answer for each, in the same order. An error undoes everything.
type Work<I, O> = fn(&mut Tx<'_>, &[I]) -> Result<Vec<Result<O>>>;

/// Where an answer goes.
type Caller<O> = oneshot::Sender<Result<O>>;

/// What waits for its turn, and where the answers go, in the same order.
type Waiting<I, O> = (Vec<I>, Vec<Caller<O>>);

/// The way to such a write; one for each kind.
pub struct Together<I, O>(Arc<Inner<I, O>>);

struct Inner<I, O> {
    line: Mutex<Line<I, O>>,
    work: Work<I, O>,
    again: Work<I, O>,
}

struct Line<I, O> {
    waiting: Waiting<I, O>,
    /// A transaction is on its way, and the next begins after it.
    is_moving: bool,
}

impl<I: Send + 'static, O: Send + 'static> Together<I, O> {
    /// `work` does what waits; where it fails for several, `again` does the same from the start, so that what is wrong
    /// with one keeps none of the others from it.
    pub fn new(work: Work<I, O>, again: Work<I, O>) -> Self {
        let line = Mutex::new(Line { waiting: (Vec::new(), Vec::new()), is_moving: false });
        Self(Arc::new(Inner { line, work, again }))
    }

    /// Waits for its turn, and answers when what was done is on disk.
    pub async fn write(&self, app: &App, item: I) -> Result<O> {
        let (caller, answer) = oneshot::channel();
        let is_first = {
            let mut line = lock(&self.0.line);
            let (items, callers) = &mut line.waiting;
            if items.len() >= MOST_WAITING {
                return Err(Error::Busy);
            }
            items.push(item);
            callers.push(caller);
            !mem::replace(&mut line.is_moving, true)
        };
        if is_first {
            self.0.next(app);
        }
        answer.await.unwrap_or(Err(Error::Busy))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<I: Send + 'static, O: Send + 'static> Inner<I, O> {
    /// Begins the next transaction, or lets the line rest when nobody waits.
    fn next(self: &Arc<Self>, app: &App) {
        {
            let mut line = lock(&self.line);
            line.is_moving = !line.waiting.0.is_empty();
            if !line.is_moving {
                return;
            }
        }
        self.begin(app, None);
    }

    /// Begins a transaction with those who waited longest, or once more with those whose own failed.
    fn begin(self: &Arc<Self>, app: &App, failed: Option<Waiting<I, O>>) {
        let is_again = failed.is_some();
        let taken = Arc::new(Mutex::new(failed.unwrap_or_default()));
        let turn = Turn { line: Arc::clone(self), taken: Arc::clone(&taken), is_again, is_over: false };
        let (line, next_app) = (Arc::clone(self), app.clone());
        // Refused where too many writes wait: the turn is dropped with the closures.
        let _ = app.write_soon(
            Actor::Service("line"),
            move |tx| {
                let mut taken = lock(&taken);
                if !is_again {
                    *taken = line.gather();
                }
                if is_again { (line.again)(tx, &taken.0) } else { (line.work)(tx, &taken.0) }
            },
            move |done| turn.finish(&next_app, done),
        );
    }

    /// Takes from the line as many as are done at once.
    fn gather(&self) -> Waiting<I, O> {
        let mut line = lock(&self.line);
        let (items, callers) = &mut line.waiting;
        let count = items.len().min(MOST_AT_ONCE);
        (items.drain(..count).collect(), callers.drain(..count).collect())
    }
}

/// A transaction on its way. Dropped before it was done, everyone who waits hears `Busy`.
struct Turn<I: Send + 'static, O: Send + 'static> {
    line: Arc<Inner<I, O>>,
    /// Those whose turn it is; nobody until it begins.
    taken: Arc<Mutex<Waiting<I, O>>>,
    is_again: bool,
    is_over: bool,
}

impl<I: Send + 'static, O: Send + 'static> Turn<I, O> {
    fn finish(mut self, app: &App, done: Result<Vec<Result<O>>>) {
        self.is_over = true;
        let (items, mut callers) = mem::take(&mut *lock(&self.taken));
        let answers = match done {
            Ok(answers) => answers,
            Err(error) if items.len() == 1 => vec![Err(error)],
            Err(_) if items.is_empty() => {
                // The database is away: whose turn it was hears so now and does not wait for it.
                callers = self.line.gather().1;
                Vec::new()
            }
            Err(error) if !self.is_again && !matches!(error, Error::Busy) => return self.line.begin(app, Some((items, callers))),
            Err(_) => Vec::new(),
        };
        self.line.next(app);
        for (answer, caller) in answers.into_iter().zip(callers) {
            // A caller that went away is no failure: its write stands all the same. Without an answer they hear `Busy`.
            let _ = caller.send(answer);
        }
    }
}

impl<I: Send + 'static, O: Send + 'static> Drop for Turn<I, O> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut line = lock(&self.line.line);
            line.is_moving = false;
            line.waiting = (Vec::new(), Vec::new());
        }
    }
}
