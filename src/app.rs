//! The running service: configuration, database, clock and mailer, and the only ways to a connection.

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::Connection;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::spawn_blocking;

use crate::clock::{Clock, Instant};
use crate::config::Config;
use crate::db::{self, Address, Db, Kind, Pool, Writer};
use crate::error::{Error, Result};
use crate::ids::{DeviceId, EventId, PersonId, StaffId, TokenId};
use crate::limits::Limits;
use crate::mailer::Mailer;
use crate::meters::Meters;
use crate::snapshots::Snapshots;
use crate::storage::Storage;
use crate::templates::Templates;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is not signed in, such as a person who registers.
    Public,
    Attendee(PersonId),
    Staff(StaffId),
    Token(TokenId),
    /// A paired phone.
    Device(DeviceId),
    /// The service itself: a job, an import, the demo.
    Service(&'static str),
}

impl Actor {
    /// The kind of actor as audit entries name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Attendee(_) => "attendee",
            Self::Staff(_) => "staff",
            Self::Token(_) => "token",
            Self::Device(_) => "device",
            Self::Service(_) => "service",
        }
    }

    /// The actor's id, or the name of the part of the service that acts.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Public => None,
            Self::Attendee(id) => Some(id.as_str()),
            Self::Staff(id) => Some(id.as_str()),
            Self::Token(id) => Some(id.as_str()),
            Self::Device(id) => Some(id.as_str()),
            Self::Service(name) => Some(name),
        }
    }

    /// Kind and id in one text, for columns that keep who did something.
    pub fn label(&self) -> String {
        match self.id() {
            Some(id) => format!("{}:{id}", self.kind()),
            None => self.kind().to_owned(),
        }
    }
}

/// What does not change while the service runs: settings, templates, derived keys.
pub struct Site {
    pub config: Config,
    pub templates: Templates,
    /// Under this key mailed codes are hashed.
    pub code_key: [u8; 32],
    /// Under this key form tokens are made.
    pub form_key: [u8; 32],
}

/// One write: exists only inside a transaction, and knows who acts and what time it is.
pub struct Tx<'a> {
    pub db: &'a mut Db,
    pub actor: Actor,
    pub now: Instant,
    pub site: &'a Site,
    touched: Touched,
}

impl Tx<'_> {
    /// Letters were queued: the outbox is woken after the commit.
    pub fn letters_wait(&mut self) {
        self.touched.letters = true;
    }

    /// Runs `work` in a savepoint: when it fails, what it did is undone and the rest of the transaction stands.
    pub fn savepoint<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let Self { db, actor, now, site, touched } = self;
        let (value, inner) = db.transaction(|db| {
            let mut tx = Tx { db, actor: actor.clone(), now: *now, site, touched: Touched::default() };
            // Caught here, or the savepoint would stay open and the group's commit would only release it.
            let value = catch_unwind(AssertUnwindSafe(|| work(&mut tx))).unwrap_or_else(|_| Err(Error::internal("a write panicked")))?;
            Ok::<_, Error>((value, tx.touched))
        })?;
        touched.letters |= inner.letters;
        touched.access |= inner.access;
        touched.events.extend(inner.events);
        Ok(value)
    }

    /// Somebody may do less or something else than before: no copy of who a token acts for is trusted any longer.
    pub fn access_changed(&mut self) {
        self.touched.access = true;
    }

    /// What the pages of an event show has changed: what was rendered of it is dropped after the commit.
    pub fn event_changed(&mut self, event: &EventId) {
        self.touched.events.insert(event.clone());
    }
}

/// What a write changed that the process keeps copies of.
#[derive(Default)]
struct Touched {
    letters: bool,
    access: bool,
    events: BTreeSet<EventId>,
}

/// Reads and writes whose answer is kept elsewhere: what stands around hundreds of them is compiled once.
type BoxedRead = Box<dyn FnOnce(&mut Db) -> Result<()> + Send>;
type BoxedWrite = Box<dyn FnOnce(&mut Tx<'_>) -> Result<()> + Send>;

/// Hears what came of a write.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;

/// Where a boxed read or write leaves its answer for who waits.
struct Kept<T>(Arc<Mutex<Option<T>>>);

impl<T> Kept<T> {
    /// The same place twice: for who waits and for who answers.
    fn new() -> (Self, Self) {
        let place = Arc::new(Mutex::new(None));
        (Self(Arc::clone(&place)), Self(place))
    }

    fn keep(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    fn take(&self) -> Result<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(|| Error::internal("nothing was answered"))
    }
}

fn kept_write<T: Send + 'static>(work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static) -> (Kept<T>, BoxedWrite) {
    let (kept, keeper) = Kept::new();
    (kept, Box::new(move |tx| work(tx).map(|value| keeper.keep(value))))
}

enum Store {
    Sqlite(Writer),
    Postgres,
}

/// The service; cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] gives access to.
pub struct Inner {
    pub site: Site,
    pub clock: Clock,
    pub mailer: Mailer,
    pub limits: Limits,
    pub meters: Meters,
    pub snapshots: Snapshots,
    /// Where uploaded files lie.
    pub storage: Storage,
    /// True as soon as the service is told to stop: streams that would go on end then.
    pub closing: watch::Sender<bool>,
    /// Rings when letters wait.
    pub outbox_bell: Notify,
    pool: Pool,
    store: Store,
    access_version: AtomicU64,
    versions: Mutex<HashMap<EventId, u64>>,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Connections that read at once: more would only wait for the processors (SQLite) or the server (PostgreSQL).
const READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;

impl App {
    /// Opens the database of the configuration, whose schema must be up to date, and builds the service on it.
    pub fn start(config: Config, clock: Clock, mailer: Mailer) -> Result<Self> {
        let address = Address::parse(&config.database_url)?;
        let (pool, store) = match address.kind {
            Kind::Sqlite => {
                let writer = Writer::start(&address)?;
                (Pool::open(&address, READERS)?, Store::Sqlite(writer))
            }
            Kind::Postgres => (Pool::open(&address, POSTGRES_CONNECTIONS)?, Store::Postgres),
        };
        let storage = Storage::from_config(&config)?;
        let site =
            Site { code_key: config.key_for("mailed codes"), form_key: config.key_for("forms"), templates: Templates::load()?, config };
        Ok(Self(Arc::new(Inner {
            site,
            clock,
            mailer,
            limits: Limits::new(),
            meters: Meters::default(),
            snapshots: Snapshots::default(),
            storage,
            closing: watch::Sender::new(false),
            outbox_bell: Notify::new(),
            pool,
            store,
            access_version: AtomicU64::default(),
            versions: Mutex::default(),
        })))
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Reads on a pooled connection, off the threads that serve requests.
    pub fn read<T, F>(&self, work: F) -> impl Future<Output = Result<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let (kept, keeper) = Kept::new();
        let read = self.read_boxed(Box::new(move |db| work(db).map(|value| keeper.keep(value))));
        async move { read.await.and_then(|()| kept.take()) }
    }

    fn read_boxed(&self, work: BoxedRead) -> impl Future<Output = Result<()>> + use<> {
        let app = self.clone();
        async move { spawn_blocking(move || app.read_here(work)).await.map_err(Error::internal)? }
    }

    /// Reads on this thread (commands and jobs).
    pub fn read_here<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut slot = self.pool.take()?;
        let result = work(&mut slot.db);
        slot.checked(result)
    }

    /// One transaction as `actor`: commits when `work` succeeds, otherwise leaves nothing behind.
    /// What it returns is on disk.
    pub fn write<T, F>(&self, actor: Actor, work: F) -> impl Future<Output = Result<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (kept, work) = kept_write(work);
        let written = self.write_boxed(actor, work);
        async move { written.await.and_then(|()| kept.take()) }
    }

    fn write_boxed(&self, actor: Actor, work: BoxedWrite) -> impl Future<Output = Result<()>> + use<> {
        let app = self.clone();
        async move {
            let _waiting = app.meters.write_waits();
            let (sender, answer) = oneshot::channel();
            // A caller that went away is no failure: its write stands all the same.
            app.start_write(actor, work, Box::new(move |result| drop(sender.send(result))))?;
            answer.await.unwrap_or(Err(Error::Busy))
        }
    }

    /// The same as [`App::write`] for a thread that may wait (commands and jobs).
    pub fn write_here<T, F>(&self, actor: Actor, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (kept, work) = kept_write(work);
        self.write_boxed_here(actor, work).and_then(|()| kept.take())
    }

    fn write_boxed_here(&self, actor: Actor, work: BoxedWrite) -> Result<()> {
        let _waiting = self.meters.write_waits();
        match &self.store {
            Store::Sqlite(writer) => {
                let (sender, answer) = std::sync::mpsc::sync_channel(1);
                writer.send(self.group_work(actor, work, Box::new(move |result| drop(sender.send(result)))))?;
                answer.recv().unwrap_or(Err(Error::Busy))
            }
            Store::Postgres => self.write_on_pool(actor, work),
        }
    }

    /// The same as [`App::write`] for callers that go on: `reply` hears when it is on disk, or why it is not. `Busy`
    /// when too many writes wait already; `reply` is dropped then.
    pub fn write_soon<T, F>(&self, actor: Actor, work: F, reply: impl FnOnce(Result<T>) + Send + 'static) -> Result<()>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (kept, work) = kept_write(work);
        self.start_write(actor, work, Box::new(move |result| reply(result.and_then(|()| kept.take()))))
    }

    fn start_write(&self, actor: Actor, work: BoxedWrite, reply: Reply) -> Result<()> {
        match &self.store {
            Store::Sqlite(writer) => writer.send(self.group_work(actor, work, reply)),
            Store::Postgres => {
                let app = self.clone();
                spawn_blocking(move || reply(app.write_on_pool(actor, work)));
                Ok(())
            }
        }
    }

    fn write_on_pool(&self, actor: Actor, work: BoxedWrite) -> Result<()> {
        let mut slot = self.pool.take()?;
        let result = self.transact(&mut slot.db, actor, work);
        self.after_commit(slot.checked(result)?);
        Ok(())
    }

    /// Wraps a write for the writer thread: runs in a savepoint there, answers after the group's commit.
    fn group_work(&self, actor: Actor, work: BoxedWrite, reply: Reply) -> db::Work {
        let app = self.clone();
        Box::new(move |db| {
            let result = app.transact(db, actor, work);
            Box::new(move |committed| reply(committed.and(result).map(|touched| app.after_commit(touched))))
        })
    }

    /// Runs `work` in a transaction (a savepoint where one is open); a panic inside undoes it like any failure.
    fn transact(&self, db: &mut Db, actor: Actor, work: BoxedWrite) -> Result<Touched> {
        let now = self.now();
        db::transaction(db, |db| {
            let mut tx = Tx { db, actor, now, site: &self.site, touched: Touched::default() };
            let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
            let touched = tx.touched;
            result.unwrap_or_else(|_| Err(Error::internal("a write panicked"))).map(|()| touched)
        })
    }

    fn after_commit(&self, touched: Touched) {
        if touched.letters {
            self.outbox_bell.notify_one();
        }
        if touched.access {
            self.access_version.fetch_add(1, Ordering::AcqRel);
        }
        if !touched.events.is_empty() {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            for event in touched.events {
                *versions.entry(event).or_default() += 1;
            }
        }
    }

    /// Rises with every change to what somebody may do.
    pub fn access_version(&self) -> u64 {
        self.access_version.load(Ordering::Acquire)
    }

    /// Rises with every change to what an event's pages show; what was rendered under an older number is stale.
    pub fn version_of(&self, event: &EventId) -> u64 {
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.get(event).copied().unwrap_or_default()
    }
}
