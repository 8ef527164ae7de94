//! QR codes as pictures: PNG for letters, SVG for pages.

use std::io::Cursor;

use image::{ImageFormat, Luma};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::error::{Error, Result};

fn code(text: &str) -> Result<QrCode> {
    // Level M: a badge is read across a counter, and a quarter of damage is more than paper gets (BDG-1).
    QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).map_err(Error::internal)
}

/// A PNG with `scale` pixels a module and the quiet zone that scanners need.
pub fn png(text: &str, scale: u32) -> Result<Vec<u8>> {
    let code = code(text)?;
    let modules = u32::try_from(code.width()).map_err(Error::internal)?;
    let quiet = 4;
    let size = (modules + 2 * quiet) * scale;
    let colors = code.to_colors();
    let picture = image::ImageBuffer::from_fn(size, size, |x, y| {
        let (column, row) = ((x / scale).wrapping_sub(quiet), (y / scale).wrapping_sub(quiet));
        let dark = column < modules && row < modules && colors[(row * modules + column) as usize] == qrcode::Color::Dark;
        Luma([if dark { 0u8 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(Error::internal)?;
    Ok(bytes.into_inner())
}

/// The dark squares of one row of a code: where each run of them begins, and how many it has.
pub type Row = Vec<(usize, usize)>;

/// The dark squares of a code, row by row, for drawing, and how many squares a side has.
pub fn squares(text: &str) -> Result<(Vec<Row>, usize)> {
    let code = code(text)?;
    let side = code.width();
    let colors = code.to_colors();
    let mut rows = Vec::with_capacity(side);
    for row in colors.chunks(side) {
        let mut dark = Row::new();
        for column in (0..side).filter(|column| row[*column] == qrcode::Color::Dark) {
            match dark.last_mut() {
                Some((start, count)) if *start + *count == column => *count += 1,
                _ => dark.push((column, 1)),
            }
        }
        rows.push(dark);
    }
    Ok((rows, side))
}

/// The dark squares of a code as rectangles (left, top, width, height) on a square of this side.
pub fn rectangles(text: &str, (x, y): (f32, f32), side: f32) -> Result<Vec<(f32, f32, f32, f32)>> {
    let (rows, across) = squares(text)?;
    let count = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
    let step = side / count(across);
    let rows = rows.iter().enumerate();
    let all = rows.flat_map(|(row, runs)| {
        runs.iter().map(move |(from, length)| (x + count(*from) * step, y + count(row) * step, count(*length) * step, step))
    });
    Ok(all.collect())
}

/// An SVG document, dark on white, with its quiet zone.
pub fn svg(text: &str) -> Result<String> {
    Ok(code(text)?.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build())
}
