//! Places in status lists, hashed addresses and what a list reads: pure decisions (CEU-6).

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::ids::hex;

/// Places of a list: the least that W3C's Bitstring Status List allows, so that a place says little.
pub const PLACES: i32 = 131_072;

/// A list is half full at most, so that a free place is found by chance.
pub const HOLDS: i32 = PLACES / 2;

/// So many random places are tried; of a half-full list the chance that all are taken is one in 2^64.
pub const TRIES: usize = 64;

/// A place of a list from random bits.
pub fn place_of(random: [u8; 4]) -> i32 {
    // The places are a power of two, so each is equally likely.
    i32::from_be_bytes(random) & (PLACES - 1)
}

/// A list with these places set, as its credential carries it: place 0 is the leftmost bit; gzip, base64url, multibase `u`.
pub fn encoded(set: &[i32]) -> Result<String> {
    let mut bits = vec![0u8; usize::try_from(PLACES / 8).map_err(Error::internal)?];
    for place in set {
        let place = usize::try_from(*place).map_err(Error::internal)?;
        let byte = bits.get_mut(place / 8).ok_or_else(|| Error::internal("a place beyond its status list"))?;
        *byte |= 0x80 >> (place % 8);
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&bits).map_err(Error::internal)?;
    Ok(format!("u{}", URL_SAFE_NO_PAD.encode(packed.finish().map_err(Error::internal)?)))
}

/// How a badge names its holder's address: whoever knows the address can check it, nobody reads it.
pub fn identity_hash(email: &str, salt: &str) -> String {
    format!("sha256${}", hex(&Sha256::digest(format!("{}{salt}", email.trim().to_lowercase()))))
}

/// Why an Open Badge is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nobody accredited stands for it.
    Provider,
    /// Staff do not give Open Badges for this event.
    Stopped,
    /// The certificate is no longer good.
    Revoked,
}

impl Missing {
    /// The stable code of the refusal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Provider => "open_badges.no_provider",
            Self::Stopped => "open_badges.stopped",
            Self::Revoked => "open_badges.revoked",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Provider => "This event has no provider of record, so nobody could issue an Open Badge.",
            Self::Stopped => "Certificates of this event are not given as Open Badges.",
            Self::Revoked => "This certificate was revoked, so there is no Open Badge of it.",
        }
    }
}

/// What stands between a certificate and its Open Badge.
pub fn missing(has_provider: bool, is_stopped: bool, is_revoked: bool) -> Option<Missing> {
    if !has_provider {
        Some(Missing::Provider)
    } else if is_stopped {
        Some(Missing::Stopped)
    } else {
        is_revoked.then_some(Missing::Revoked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn decoded(text: &str) -> Vec<u8> {
        let packed = URL_SAFE_NO_PAD.decode(text.strip_prefix('u').unwrap()).unwrap();
        let mut bits = Vec::new();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut bits).unwrap();
        bits
    }

    #[test]
    fn a_status_list_has_its_least_size_and_its_first_place_is_the_leftmost_bit() {
        let empty = decoded(&encoded(&[]).unwrap());
        assert_eq!(empty, vec![0u8; 16_384]);
        let some = decoded(&encoded(&[0, 9, PLACES - 1]).unwrap());
        assert_eq!((some[0], some[1], some[16_383]), (0x80, 0x40, 0x01));
        assert_eq!(some.iter().map(|byte| byte.count_ones()).sum::<u32>(), 3);
        assert!(encoded(&[PLACES]).is_err() && encoded(&[-1]).is_err());
    }

    #[test]
    fn a_place_is_inside_its_list_whatever_the_bits() {
        for random in [[0; 4], [255; 4], [0x80, 0, 0, 0], [1, 2, 3, 4]] {
            assert!((0..PLACES).contains(&place_of(random)), "{random:?}");
        }
        assert_eq!(place_of([0, 1, 255, 255]), 131_071);
    }

    #[test]
    fn an_address_is_hashed_with_its_salt_whatever_its_case() {
        // What `printf 'ada@example.orgpepper' | sha256sum` says.
        let hash = "sha256$ebe41303590c450d254bbeacc4ccf12cf6690106fe8ec1fca9349c7a890e3e30";
        assert_eq!(identity_hash("Ada@Example.org ", "pepper"), hash);
        assert_ne!(identity_hash("ada@example.org", "pepper"), identity_hash("ada@example.org", "salt"));
    }

    #[test]
    fn a_badge_needs_a_provider_an_event_that_gives_them_and_a_good_certificate() {
        assert_eq!(missing(true, false, false), None);
        assert_eq!(missing(false, false, false), Some(Missing::Provider));
        assert_eq!(missing(true, true, false), Some(Missing::Stopped));
        assert_eq!(missing(true, false, true), Some(Missing::Revoked));
    }
}
