//! What can go wrong, as the person or program that asked will hear it.

use std::collections::BTreeMap;
use std::fmt;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where someone who is not signed in is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Attendee,
    Staff,
    /// A phone whose pairing is over.
    Device,
}

/// Something wrong with one field of what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the form or the JSON names it, such as `email` or `lines[0].person.email`.
    pub field: String,
    /// A stable word for programs, such as `required`.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

/// Every way a request can fail.
#[derive(Debug)]
pub enum Error {
    /// Not there, or not yours.
    NotFound,
    SignInFirst(Door),
    Forbidden,
    Invalid(Vec<FieldError>),
    /// A rule said no; `code` is stable (`module.reason`), `message` is for people.
    Refused {
        code: &'static str,
        message: String,
    },
    /// Too many tries; come back after so many seconds.
    TooMany {
        retry_after_seconds: u64,
    },
    /// What was sent is larger than is taken.
    TooLarge,
    /// The form is old or was not ours (its CSRF token does not fit).
    StaleForm,
    /// The service is up but cannot answer now; worth trying again.
    Busy,
    Internal(String),
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), code, detail: detail.into() }])
    }

    /// A rule's refusal with its stable code and its sentence.
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }

    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::SignInFirst(_) => 401,
            Self::Forbidden | Self::StaleForm => 403,
            Self::Invalid(_) => 422,
            Self::Refused { .. } => 409,
            Self::TooMany { .. } => 429,
            Self::TooLarge => 413,
            Self::Busy => 503,
            Self::Internal(_) => 500,
        }
    }

    /// The stable code of a problem document.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::SignInFirst(_) => "sign_in_first",
            Self::Forbidden => "forbidden",
            Self::StaleForm => "stale_form",
            Self::Invalid(_) => "invalid",
            Self::Refused { code, .. } => code,
            Self::TooMany { .. } => "too_many",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("There is nothing at this address, or it is not yours to see."),
            Self::SignInFirst(_) => f.write_str("Sign in first."),
            Self::Forbidden => f.write_str("Your role does not allow this."),
            Self::StaleForm => {
                f.write_str("This form was opened too long ago or in another browser. Open the page again; nothing was changed.")
            }
            Self::Invalid(fields) => {
                let details: Vec<&str> = fields.iter().map(|field| field.detail.as_str()).collect();
                f.write_str(&details.join(" "))
            }
            Self::Refused { message, .. } => f.write_str(message),
            Self::TooMany { retry_after_seconds } => write!(f, "Too many tries. Try again in {retry_after_seconds} seconds."),
            Self::TooLarge => f.write_str("What was sent is too large."),
            Self::Busy => f.write_str("The service is busy. Nothing was changed; try again in a moment."),
            Self::Internal(_) => f.write_str("Something went wrong on our side. Nothing was changed."),
        }
    }
}

impl std::error::Error for Error {}

impl From<diesel::result::Error> for Error {
    fn from(cause: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Sql};
        match cause {
            Sql::NotFound => Self::NotFound,
            Sql::DatabaseError(Kind::SerializationFailure | Kind::ClosedConnection | Kind::UnableToSendCommand, _) => Self::Busy,
            Sql::BrokenTransactionManager => Self::Busy,
            Sql::DatabaseError(_, info) if passes_by_itself(info.message()) => Self::Busy,
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Two writes waited for each other, or one too long, or the server goes down: nothing was changed, and trying again helps.
fn passes_by_itself(message: &str) -> bool {
    ["deadlock detected", "lock timeout", "terminating connection"].iter().any(|known| message.contains(known))
}

/// Collects what is wrong with a form, field by field, so that all of it is said at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn wrong(&mut self, field: &str, code: &'static str, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), code, detail: detail.into() });
    }

    /// Says `detail` when the text is blank.
    pub fn required(&mut self, field: &str, text: &str, detail: &str) {
        if text.trim().is_empty() {
            self.wrong(field, "required", detail);
        }
    }

    /// Says so when the text is longer than `most` characters.
    pub fn at_most(&mut self, field: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.wrong(field, "too_long", format!("Use at most {most} characters here."));
        }
    }

    pub fn is_clean(&self) -> bool {
        self.0.is_empty()
    }

    /// `Invalid` with everything that was found, or nothing.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// The sentences by field, for a page that shows each next to its field.
pub fn by_field(errors: &[FieldError]) -> BTreeMap<String, String> {
    errors.iter().map(|error| (error.field.clone(), error.detail.clone())).collect()
}
