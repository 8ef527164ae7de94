//! Names of rows (UUIDv7 text, typed by noun), the codes people see, and secret tokens.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        pub struct $name(String);

        impl $name {
            /// A new id, later than every earlier one when sorted as text.
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7().to_string())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $name
        where
            String: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                String::from_sql(bytes).map(Self)
            }
        }
    )+};
}

ids! {
    AuditEntryId, JobId, LetterId, EventId, InfoItemId, BadgePlaceId, TrackId, RoomId, SessionId,
    StaffId, StaffRoleId, SignInId, LinkId, HospitalId, DomainId, RecognitionId, HospitalCodeId,
    PersonId, MailedCodeId, RegistrationTypeId, CoveredSessionId, PriceTierId, DiscountCodeId,
    OrderId, DraftId, RegistrationId, CancellationId, OrderLineId, PaymentId, DiscountClaimId,
    EnrollmentId, BadgeId, CheckpointId, WindowId, TokenId, ScanId, MarkId, CollisionId, DeviceId, PairingCodeId, PrintId, PrintedBadgeId,
    EvaluationFormId, QuestionId, ResponseId, CreditTypeId, CreditRuleId, StatementId, ActivityId, DesignationId,
    DisclosureId, AttestationId, ClaimId, ClaimLineId, ExtensionId, LateRequestId,
    LicenseId, ReportExportId, ReportLineId,
    CertificateId, CertificateVersionId, CertificateRunId, SigningKeyId, StatusListId,
    PssmVersionId, AnnouncementId, HelpQuestionId, DailyLetterId, MaterialId, MaterialVersionId, InvitationId,
    UploadId, RecordingId,
    JoinLinkId, JoinId, ReportId, ParticipantId, StayId,
}

/// A text column that holds one of a few words: the enum, its words, and both ways through diesel and serde.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, Type};
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($word),+])).into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $crate::ids::schema_name(module_path!(), stringify!($name)).into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Text, DB>::to_sql(self.as_str(), out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                Self::from_word(&word).ok_or_else(|| format!("{word:?} is no {}", stringify!($name)).into())
            }
        }
    };
}

/// What an enum is called in the API document: several nouns have a `Kind` or a `Status`, so each has its
/// noun's name before its own.
pub fn schema_name(module: &str, name: &str) -> String {
    let noun = module.split("::").nth(1).unwrap_or_default();
    let (first, rest) = noun.split_at(noun.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}{name}", first.to_uppercase())
}

/// Letters and digits that cannot be mistaken for one another (no 0/O, 1/I/L, U).
const CODE_LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code for people such as `REG-7K3M9P`: six letters of thirty, from the operating system's randomness.
pub fn new_code(prefix: &str) -> String {
    format!("{prefix}-{}", random_letters(6))
}

/// Random letters from the alphabet of codes.
pub fn random_letters(count: usize) -> String {
    let mut letters = String::with_capacity(count);
    while letters.len() < count {
        for byte in random_bytes::<16>() {
            // Bytes above the largest multiple of the alphabet are thrown away, so that every letter is equally likely.
            let index = usize::from(byte);
            if index < 256 / CODE_LETTERS.len() * CODE_LETTERS.len() && letters.len() < count {
                letters.push(char::from(CODE_LETTERS[index % CODE_LETTERS.len()]));
            }
        }
    }
    letters
}

/// Letters from the alphabet of codes that the same text always gives.
pub fn letters_of(text: &str, count: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().cycle().take(count).map(|byte| char::from(CODE_LETTERS[usize::from(*byte) % CODE_LETTERS.len()])).collect()
}

/// Digits for a code that is typed on another device.
pub fn random_digits(count: usize) -> String {
    let mut digits = String::with_capacity(count);
    while digits.len() < count {
        for byte in random_bytes::<16>() {
            if byte < 250 && digits.len() < count {
                digits.push(char::from(b'0' + byte % 10));
            }
        }
    }
    digits
}

/// Bytes from the operating system's randomness, by way of UUIDv4's generator-free source.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    rand::fill(&mut bytes[..]);
    bytes
}

/// A secret of 256 bits for a cookie, link or API token; only its hash is stored.
pub fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// How a secret of full strength is kept at rest.
pub fn secret_hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// How a short code is kept at rest: under the installation's key, since it could be guessed from a plain hash.
pub fn keyed_hash(key: &[u8], parts: &[&str]) -> String {
    hex(&mac(key, parts))
}

/// HMAC-SHA-256 over the parts, each preceded by its length so that no two lists of parts collide.
pub fn mac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail; an empty key would only weaken the tag.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// Compares two texts without telling by the time it takes where they differ.
pub fn same(left: &str, right: &str) -> bool {
    use subtle::ConstantTimeEq;
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_only_letters_that_cannot_be_mistaken() {
        let code = new_code("REG");
        assert_eq!(code.len(), 10);
        assert!(code[4..].bytes().all(|letter| CODE_LETTERS.contains(&letter)), "{code}");
    }

    #[test]
    fn lists_of_parts_do_not_collide() {
        assert_ne!(mac(b"k", &["ab", "c"]), mac(b"k", &["a", "bc"]));
    }

    #[test]
    fn enums_of_the_same_name_are_told_apart_by_their_nouns() {
        assert_eq!(schema_name("lanyard::agenda", "Kind"), "AgendaKind");
        assert_eq!(schema_name("lanyard::pricing::rules", "Kind"), "PricingKind");
    }

    #[test]
    fn ids_sort_by_age() {
        let ids: Vec<EventId> = (0..50).map(|_| EventId::new()).collect();
        let mut sorted = ids.clone();
        sorted.sort();
        assert_eq!(ids, sorted);
    }
}
