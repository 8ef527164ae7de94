//! Baking: a credential inside its picture, in an uncompressed text chunk of the PNG, exactly once.

use flate2::Crc;

use crate::error::{Error, Result};

/// What the specification calls the chunk.
const KEYWORD: &[u8] = b"openbadgecredential";
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The signature and the first chunk, which every PNG begins with.
const HEADER_BYTES: usize = 8 + 25;

/// The picture with this credential. The picture must not carry one yet.
pub fn bake(png: &[u8], credential: &str) -> Result<Vec<u8>> {
    if !png.starts_with(SIGNATURE) || png.len() < HEADER_BYTES {
        return Err(Error::internal("an Open Badge is baked into a PNG"));
    }
    // Keyword, its end, not compressed, no method, neither language nor translation.
    let text = [KEYWORD, &[0, 0, 0, 0, 0], credential.as_bytes()].concat();
    let (header, rest) = png.split_at(HEADER_BYTES);
    Ok([header, &chunk(b"iTXt", &text)?, rest].concat())
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Result<Vec<u8>> {
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(content);
    let length = u32::try_from(content.len()).map_err(Error::internal)?;
    Ok([&length.to_be_bytes()[..], kind, content, &sum.sum().to_be_bytes()].concat())
}
