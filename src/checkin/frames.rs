//! Reads the QR code in a camera's picture, for browsers that cannot do it themselves.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use rqrr::{Point, PreparedImage};

/// Larger pictures are refused: the page sends 640 pixels, and a small file can claim to be huge.
const MOST_PIXELS_A_SIDE: u32 = 2048;
const MOST_MEMORY_BYTES: u64 = 32 * 1024 * 1024;

/// The text of the QR code in a JPEG or PNG; of several codes the largest one that can be read.
/// `None` where there is none, or where this is no picture that we take.
pub fn read_code(picture: &[u8]) -> Option<String> {
    let mut reader = ImageReader::new(Cursor::new(picture)).with_guessed_format().ok()?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS_A_SIDE);
    limits.max_image_height = Some(MOST_PIXELS_A_SIDE);
    limits.max_alloc = Some(MOST_MEMORY_BYTES);
    reader.limits(limits);
    let gray = reader.decode().ok()?.into_luma8();
    let (width, height) = (usize::try_from(gray.width()).ok()?, usize::try_from(gray.height()).ok()?);
    let pixels = gray.into_raw();
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels.get(y * width + x).copied().unwrap_or(255));
    let mut codes = prepared.detect_grids();
    // The badge that is held up is nearest; others hang on people behind.
    codes.sort_by_key(|code| std::cmp::Reverse(area(&code.bounds)));
    codes.iter().find_map(|code| code.decode().ok().map(|(_, text)| text))
}

/// Twice the area of a quadrilateral, by the shoelace formula.
fn area(corners: &[Point; 4]) -> i64 {
    let sum: i64 = (0..4)
        .map(|index| {
            let (from, to) = (&corners[index], &corners[(index + 1) % 4]);
            i64::from(from.x) * i64::from(to.y) - i64::from(to.x) * i64::from(from.y)
        })
        .sum();
    sum.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_badge_is_read_from_a_picture() {
        let token = "LYD1ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST";
        let picture = crate::qr::png(token, 8).unwrap();
        assert_eq!(read_code(&picture).as_deref(), Some(token));
    }

    #[test]
    fn the_nearest_of_several_codes_is_read() {
        let picture = |text: &str, scale| image::load_from_memory(&crate::qr::png(text, scale).unwrap()).unwrap().into_luma8();
        let (far, near) = (picture("FAR", 3), picture("NEAR", 7));
        let mut both = image::GrayImage::from_pixel(far.width() + near.width(), near.height(), image::Luma([255]));
        image::imageops::replace(&mut both, &far, 0, 0);
        image::imageops::replace(&mut both, &near, i64::from(far.width()), 0);
        let mut bytes = Cursor::new(Vec::new());
        both.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        assert_eq!(read_code(bytes.get_ref()).as_deref(), Some("NEAR"));
    }

    #[test]
    fn what_is_no_picture_or_too_large_has_no_code() {
        assert_eq!(read_code(b""), None);
        assert_eq!(read_code(b"GIF89a"), None);
        assert_eq!(read_code(&crate::qr::png("A", 1).unwrap()[..40]), None);
        let mut bytes = Cursor::new(Vec::new());
        image::GrayImage::new(MOST_PIXELS_A_SIDE + 1, 8).write_to(&mut bytes, ImageFormat::Png).unwrap();
        assert_eq!(read_code(bytes.get_ref()), None);
    }
}
