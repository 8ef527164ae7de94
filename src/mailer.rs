//! Hands letters to an SMTP server, to a folder, or (in tests) to memory.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::PoolConfig;
use lettre::{Message, SmtpTransport, Transport};

use crate::config::Config;
use crate::error::{Error, Result};

/// At most so many letters are on their way at once; one connection carries about twenty a second.
pub const CONNECTIONS: u32 = 8;

/// Where letters go.
pub enum Mailer {
    Smtp(Box<SmtpTransport>),
    /// One file a letter, named by its id.
    Folder(PathBuf),
    Memory(Mutex<Vec<Vec<u8>>>),
}

impl Mailer {
    /// The mailer that the configuration names: SMTP, or the folder `mail` among the data.
    pub fn from_config(config: &Config) -> Result<Self> {
        match &config.smtp_url {
            Some(url) => {
                let transport = SmtpTransport::from_url(url)
                    .map_err(|cause| Error::internal(format!("LANYARD_SMTP_URL: {cause}")))?
                    .timeout(Some(Duration::from_secs(20)))
                    .pool_config(PoolConfig::new().max_size(CONNECTIONS))
                    .build();
                Ok(Self::Smtp(Box::new(transport)))
            }
            None => {
                let folder = config.data.join("mail");
                fs::create_dir_all(&folder).map_err(|cause| Error::internal(format!("cannot make {}: {cause}", folder.display())))?;
                Ok(Self::Folder(folder))
            }
        }
    }

    /// Hands a letter over; `name` is its file name in a folder. The error is the server's own sentence.
    pub fn send(&self, name: &str, letter: &Message) -> Result<(), String> {
        match self {
            Self::Smtp(transport) => transport.send(letter).map(drop).map_err(|cause| cause.to_string()),
            Self::Folder(folder) => fs::write(folder.join(format!("{name}.eml")), letter.formatted()).map_err(|cause| cause.to_string()),
            Self::Memory(letters) => {
                letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter.formatted());
                Ok(())
            }
        }
    }

    /// Whether letters can be handed over now.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Smtp(transport) => match transport.test_connection() {
                Ok(true) => Ok(()),
                Ok(false) => Err("the mail server does not answer".to_owned()),
                Err(cause) => Err(cause.to_string()),
            },
            Self::Folder(folder) => {
                let probe = folder.join(".probe");
                fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(|cause| cause.to_string())
            }
            Self::Memory(_) => Ok(()),
        }
    }
}
