//! Staff passwords: Argon2id, off the threads that serve requests and outside every transaction.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// Memory of one hash in KiB and its passes: what OWASP asks of Argon2id at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// So many hashes run at once; the rest wait, so that a flood of tries cannot take all the memory.
const AT_ONCE: usize = 4;
static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);

/// A hash that no password has, checked where there is no account, so that both take the same time.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_here(&crate::ids::new_secret()).ok());

/// The hash of a password, to be stored.
pub async fn hash(password: String) -> Result<String> {
    let _room = ROOM.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || hash_here(&password)).await.map_err(Error::internal)?
}

/// Whether this is the password behind the hash; without a hash it takes as long and is never so.
pub async fn is_right(password: String, stored: Option<String>) -> Result<bool> {
    let _room = ROOM.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || is_right_here(&password, stored.as_deref())).await.map_err(Error::internal)
}

fn is_right_here(password: &str, stored: Option<&str>) -> bool {
    // The stand-in is made before anything is known of the account, so the first try takes no longer than others.
    let nobody = NOBODY.as_deref().unwrap_or_default();
    let matches = PasswordHash::new(stored.unwrap_or(nobody))
        .is_ok_and(|parsed| Argon2::default().verify_password(composed(password).as_bytes(), &parsed).is_ok());
    matches && stored.is_some()
}

fn hash_here(password: &str) -> Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(Error::internal)?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    hasher.hash_password(composed(password).as_bytes()).map(|hash| hash.to_string()).map_err(Error::internal)
}

/// The same text whichever way a keyboard composes accents.
fn composed(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_only_for_its_own_hash() {
        let stored = hash_here("correct hórse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(is_right_here("correct ho\u{301}rse battery", Some(&stored)));
        assert!(!is_right_here("correct horse battery", Some(&stored)));
    }

    #[test]
    fn nobody_signs_in_to_an_account_without_a_password() {
        assert!(!is_right_here("", None));
        assert!(!is_right_here("anything at all", None));
    }
}
