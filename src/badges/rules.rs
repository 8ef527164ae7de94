//! The text of a badge's QR code: 16 random bytes and a 16-byte tag, in letters that QR codes pack tightly (BDG-1).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What a scanned text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// One of ours with a tag that fits: the badge's number in hex.
    Ours(String),
    /// Has our form, but its tag does not fit the event: forged, or of another event.
    WrongTag(String),
    /// Begins like ours but is cut off or garbled.
    Damaged,
    /// Something else altogether.
    Foreign,
}

/// What every token begins with: ours, first version.
const MARK: &str = "LYD1";
/// Base32 letters (RFC 4648) of 32 bytes, without padding.
const LETTERS: usize = 52;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The token of a badge number (hex) under an event's tag key (hex); `None` when either is not hex.
pub fn token(number: &str, tag_key: &str) -> Option<String> {
    let number = unhex(number)?;
    let mut bytes = number.clone();
    bytes.extend_from_slice(&tag(&number, tag_key)?);
    Some(format!("{MARK}{}", base32(&bytes)))
}

/// Reads a scanned text; spaces, dashes and letter case do not count, since people type codes too.
pub fn read(text: &str, tag_key: &str) -> Read {
    // Nothing of ours is longer; what is long is not worth folding.
    if text.len() > 200 {
        return Read::Foreign;
    }
    let folded: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let Some(letters) = folded.strip_prefix(MARK) else { return Read::Foreign };
    let Some(bytes) = unbase32(letters).filter(|bytes| bytes.len() == 32) else { return Read::Damaged };
    let (number, given) = bytes.split_at(16);
    let number_hex = crate::ids::hex(number);
    match tag(number, tag_key) {
        Some(expected) if bool::from(expected.ct_eq(given)) => Read::Ours(number_hex),
        _ => Read::WrongTag(number_hex),
    }
}

fn tag(number: &[u8], tag_key: &str) -> Option<[u8; 16]> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&unhex(tag_key)?).ok()?;
    mac.update(number);
    let full = mac.finalize().into_bytes();
    full.get(..16)?.try_into().ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(LETTERS);
    for chunk in bytes.chunks(5) {
        let mut bits = [0u8; 8];
        bits[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(bits);
        for letter in 0..(chunk.len() * 8).div_ceil(5) {
            let index = (bits >> (35 - 5 * letter)) & 31;
            text.push(char::from(ALPHABET[usize::try_from(index).unwrap_or(0)]));
        }
    }
    text
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    if text.len() != LETTERS {
        return None;
    }
    let mut bytes = Vec::with_capacity(32);
    let (mut bits, mut count) = (0u32, 0u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    // The four bits left over belong to no byte: were they free, sixteen texts would read as one badge.
    (bits & ((1 << count) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const NUMBER: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn a_token_reads_back_and_fits_a_version_3_code() {
        let token = token(NUMBER, KEY).unwrap();
        assert_eq!(read(&token, KEY), Read::Ours(NUMBER.to_owned()));
        let code = qrcode::QrCode::with_error_correction_level(token.as_bytes(), qrcode::EcLevel::M).unwrap();
        assert_eq!(code.version(), qrcode::Version::Normal(3));
    }

    #[test]
    fn forged_damaged_and_foreign_codes_are_told_apart() {
        let token = token(NUMBER, KEY).unwrap();
        let other = "ff".repeat(32);
        assert_eq!(read(&token, &other), Read::WrongTag(NUMBER.to_owned()));
        assert_eq!(read(&token[..40], KEY), Read::Damaged);
        assert_eq!(read(&format!("{}1", &token[..55]), KEY), Read::Damaged);
        for foreign in ["", "https://example.org", "4006381333931", "LYD2ABC", &"x".repeat(500), "é"] {
            assert_eq!(read(foreign, KEY), Read::Foreign, "{foreign}");
        }
        assert_eq!(read(&format!(" {}-{} ", token[..20].to_lowercase(), &token[20..]), KEY), Read::Ours(NUMBER.to_owned()));
    }

    /// Small pseudo-random numbers from one seed; a million texts are made in seconds, which a strategy of texts is not.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            // xorshift64*
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % most
        }

        /// A letter of ours mostly, sometimes one that has no business in a code.
        fn letter(&mut self) -> char {
            const STRANGE: [char; 12] = ['0', '1', '8', '9', ' ', '-', 'é', 'ß', '\u{0}', '\u{2028}', '𝟚', 'ﬀ'];
            if self.below(4) == 0 { STRANGE[self.below(STRANGE.len())] } else { char::from(ALPHABET[self.below(32)]) }
        }

        /// A genuine code, damaged in some way; or something that only begins like one; or noise.
        fn text(&mut self, genuine: &str) -> String {
            // Most are no code any more: checking a tag takes longer than all the rest.
            let mut text = match self.below(64) {
                0..16 => (0..self.below(80)).map(|_| self.letter()).collect(),
                16 => return format!("{MARK}{}", (0..LETTERS).map(|_| char::from(ALPHABET[self.below(32)])).collect::<String>()),
                17 => return genuine.to_ascii_lowercase(),
                _ => genuine.to_owned(),
            };
            for _ in 0..=self.below(3) {
                let mut at = self.below(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                match self.below(4) {
                    0 => text.truncate(at),
                    1 => text.insert(at, self.letter()),
                    2 if at < text.len() => drop(text.remove(at)),
                    _ => text.push_str(genuine.get(self.below(56)..).unwrap_or_default()),
                }
            }
            text
        }
    }

    /// A million texts, a hundred from each seed, in two threads: no panic, and what is read as ours says what the
    /// genuine code says.
    #[test]
    fn a_million_strange_texts_break_nothing_and_forge_nothing() {
        use proptest::test_runner::{Config, TestRunner};
        const THREADS: u32 = 2;
        const FROM_A_SEED: u32 = 100;
        let genuine = token(NUMBER, KEY).unwrap();
        let fuzz = || {
            let config = Config { cases: 1_000_000 / THREADS / FROM_A_SEED, failure_persistence: None, ..Config::default() };
            let every_kind = std::cell::Cell::new([0usize; 4]);
            let outcome = TestRunner::new(config).run(&proptest::num::u64::ANY, |seed| {
                let (mut dice, mut kinds) = (Dice(seed | 1), every_kind.get());
                for _ in 0..FROM_A_SEED {
                    let text = dice.text(&genuine);
                    let read = read(&text, KEY);
                    kinds[match &read {
                        Read::Ours(_) => 0,
                        Read::WrongTag(_) => 1,
                        Read::Damaged => 2,
                        Read::Foreign => 3,
                    }] += 1;
                    let folded = || text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
                    proptest::prop_assert!(!matches!(read, Read::Ours(_)) || folded().eq(genuine.chars()), "{text:?} is no badge of ours");
                }
                every_kind.set(kinds);
                Ok(())
            });
            outcome.unwrap();
            assert!(every_kind.get().iter().all(|count| *count > 1000), "{:?}", every_kind.get());
        };
        std::thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(fuzz))));
    }

    proptest::proptest! {
        #[test]
        fn no_text_however_strange_breaks_the_reading(text in ".{0,80}", key in "[0-9a-zé]{0,80}") {
            read(&text, &key);
            read(&format!("LYD1{text}"), &key);
            token(&text, &key);
        }

        #[test]
        fn a_token_with_one_letter_changed_is_never_ours(place in 4usize..56, letter in "[A-Z2-7]") {
            let mut forged = token(NUMBER, KEY).unwrap();
            let changed = forged.get(place..=place) != Some(letter.as_str());
            forged.replace_range(place..=place, &letter);
            proptest::prop_assert!(!changed || !matches!(read(&forged, KEY), Read::Ours(_)));
        }
    }
}
