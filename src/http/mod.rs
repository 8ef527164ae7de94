//! What every door shares: who asks, forms and their tokens, pages, problem documents, static files.

pub mod api;
pub mod asker;
pub mod files;
pub mod forms;
pub mod gate;
pub mod headers;
pub mod health;
pub mod idempotency;
pub mod owned;
pub mod pages;
pub mod problems;
pub mod rendered;
pub mod server;
pub mod statics;
pub mod streamed;
pub mod tus;
pub mod uploads;

pub use api::{Answer, Caller, JsonBody, Listing};
pub use asker::{Allowed, Asker, AttendeeOnly};
pub use forms::PostedForm;
pub use owned::{Mine, Owned};
pub use pages::{Page, see_other};
