//! The picture of an Open Badge: a hexagon with event, title, how much of which credit, and the provider.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, RgbaImage};
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Stroke, Transform};

use super::achievements::Achievement;
use crate::credits::certificates::printed::Printed;
use crate::error::{Error, Result};
use crate::pdf::fonts::Fonts;
use crate::pdf::outlines::{self, Pen};
use crate::pdf::paper::{Color, WHITE};
use crate::pdf::rules::Weight;
use crate::pdf::text::{self, Line};

/// Pixels of a side; the numbers below are measured in them.
const SIDE: u32 = 800;
const MIDDLE: f32 = 400.0;
const TEAL: Color = (10, 92, 99);
const INK: Color = (24, 32, 38);
const GRAY: Color = (82, 88, 96);
/// The corners of the hexagon from its middle, and how much of each corner is rounded off.
const CORNERS: [(f32, f32); 6] = [(0.0, -390.0), (338.0, -195.0), (338.0, 195.0), (0.0, 390.0), (-338.0, 195.0), (-338.0, -195.0)];
const ROUNDED: f32 = 0.09;
/// The band with the credit: its top and bottom, and half its width.
const BAND: (f32, f32) = (414.0, 546.0);
const HALF_BAND: f32 = 314.0;
/// Sizes that are tried for a text, largest first.
const SIZES: [f32; 13] = [62.0, 56.0, 50.0, 45.0, 40.0, 36.0, 33.0, 30.0, 27.0, 24.0, 21.0, 18.0, 15.0];
const LEADING: f32 = 1.2;

/// What stands in the picture.
#[derive(Clone, Debug)]
pub struct Wording {
    pub event: String,
    pub title: String,
    /// `1.75`; empty where the picture is about the achievement and not about somebody's.
    pub amount: String,
    /// What the amount counts.
    pub unit: String,
    pub provider: String,
}

impl Wording {
    /// Of somebody's badge: what was earned.
    pub fn earned(achievement: &Achievement, printed: &Printed) -> Self {
        let amount = printed.amount();
        let unit = printed.credit.strip_prefix(&amount).unwrap_or(&printed.credit).trim().to_owned();
        Self { event: printed.event.clone(), title: printed.title.clone(), amount, unit, provider: achievement.provider.name.clone() }
    }

    /// Of the achievement, whoever earned it.
    pub fn of(achievement: &Achievement) -> Self {
        Self {
            event: achievement.event.name.clone(),
            title: achievement.title.clone(),
            amount: String::new(),
            unit: achievement.kind().to_owned(),
            provider: achievement.provider.name.clone(),
        }
    }
}

/// A place for a text, centered both ways.
struct Place {
    top: f32,
    bottom: f32,
    width: f32,
    largest: f32,
}

/// The picture as PNG. Takes a processor for some milliseconds: keep it off the threads that serve.
pub fn png(folder: &Path, words: &Wording) -> Result<Vec<u8>> {
    let fonts = Fonts::of(folder)?;
    let canvas = Pixmap::new(SIDE, SIDE).ok_or_else(|| Error::internal("a picture without a size"))?;
    let mut drawing = Drawing { canvas, fonts };
    drawing.frame();
    // A title of the event's own name is not said twice.
    if words.event != words.title {
        drawing.text(&words.event, Weight::Regular, GRAY, &Place { top: 194.0, bottom: 246.0, width: 520.0, largest: 27.0 });
    }
    drawing.text(&words.title, Weight::Bold, INK, &Place { top: 250.0, bottom: 404.0, width: 560.0, largest: 50.0 });
    if words.amount.is_empty() {
        drawing.text(&words.unit, Weight::Bold, WHITE, &Place { top: BAND.0 + 14.0, bottom: BAND.1 - 14.0, width: 560.0, largest: 40.0 });
    } else {
        drawing.text(&words.amount, Weight::Bold, WHITE, &Place { top: BAND.0 + 6.0, bottom: BAND.0 + 80.0, width: 560.0, largest: 62.0 });
        drawing.text(&words.unit, Weight::Regular, WHITE, &Place { top: BAND.0 + 78.0, bottom: BAND.1 - 8.0, width: 570.0, largest: 30.0 });
    }
    drawing.text(&words.provider, Weight::Regular, TEAL, &Place { top: 566.0, bottom: 646.0, width: 370.0, largest: 27.0 });
    drawing.finish()
}

struct Drawing {
    canvas: Pixmap,
    fonts: &'static Fonts,
}

impl Drawing {
    fn frame(&mut self) {
        self.fill(hexagon(1.0), TEAL);
        self.fill(hexagon(0.955), WHITE);
        self.fill(hexagon(0.935), TEAL);
        self.fill(hexagon(0.928), WHITE);
        let mut band = PathBuilder::new();
        band.move_to(MIDDLE - HALF_BAND, BAND.0);
        band.line_to(MIDDLE + HALF_BAND, BAND.0);
        band.line_to(MIDDLE + HALF_BAND, BAND.1);
        band.line_to(MIDDLE - HALF_BAND, BAND.1);
        band.close();
        self.fill(band, TEAL);
        self.sign();
    }

    /// A disc with a tick.
    fn sign(&mut self) {
        let mut disc = PathBuilder::new();
        disc.push_circle(MIDDLE, 130.0, 52.0);
        self.fill(disc, TEAL);
        let mut tick = PathBuilder::new();
        tick.move_to(374.0, 132.0);
        tick.line_to(393.0, 151.0);
        tick.line_to(428.0, 110.0);
        let stroke = Stroke { width: 11.0, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        if let Some(path) = tick.finish() {
            self.canvas.stroke_path(&path, &paint(WHITE), &stroke, Transform::identity(), None);
        }
    }

    fn fill(&mut self, path: PathBuilder, color: Color) {
        if let Some(path) = path.finish() {
            self.canvas.fill_path(&path, &paint(color), FillRule::Winding, Transform::identity(), None);
        }
    }

    /// A text on as many lines as it takes, as large as its place allows.
    fn text(&mut self, words: &str, weight: Weight, color: Color, place: &Place) {
        let fits = SIZES.iter().filter(|size| **size <= place.largest).find_map(|size| {
            let lines = text::wrap(self.fonts, words, weight, place.width / size);
            let is_narrow = lines.iter().all(|line| line.extent.width * size <= place.width);
            (is_narrow && height(&lines, *size) <= place.bottom - place.top).then_some((lines, *size))
        });
        // What fits at no size is cut by nothing but the picture's edge; titles are never that long.
        let (lines, size) = fits.unwrap_or_else(|| {
            let size = SIZES[SIZES.len() - 1];
            (text::wrap(self.fonts, words, weight, place.width / size), size)
        });
        let mut baseline = (place.top + place.bottom - height(&lines, size)) / 2.0 + 0.75 * size;
        for line in &lines {
            let mut pen = Curves(PathBuilder::new());
            outlines::draw(line, (MIDDLE - line.extent.width * size / 2.0, baseline), size, &mut pen);
            self.fill(pen.0, color);
            baseline += size * LEADING;
        }
    }

    fn finish(self) -> Result<Vec<u8>> {
        let pixels = self.canvas.pixels().iter().flat_map(|pixel| {
            let color = pixel.demultiply();
            [color.red(), color.green(), color.blue(), color.alpha()]
        });
        let picture = RgbaImage::from_raw(SIDE, SIDE, pixels.collect()).ok_or_else(|| Error::internal("a picture of another size"))?;
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).map_err(Error::internal)?;
        Ok(bytes.into_inner())
    }
}

fn height(lines: &[Line], size: f32) -> f32 {
    let gaps = f32::from(u16::try_from(lines.len().saturating_sub(1)).unwrap_or(u16::MAX));
    size * (1.0 + gaps * LEADING)
}

fn paint((red, green, blue): Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint.anti_alias = true;
    paint
}

/// The hexagon at this part of its size, with round corners.
fn hexagon(scale: f32) -> PathBuilder {
    let mut path = PathBuilder::new();
    let at = |index: usize| {
        let (x, y) = CORNERS[index % CORNERS.len()];
        (MIDDLE + x * scale, MIDDLE + y * scale)
    };
    let between = |from: (f32, f32), to: (f32, f32), part: f32| (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
    for index in 0..CORNERS.len() {
        let (corner, next) = (at(index), at(index + 1));
        let (leaves, arrives) = (between(corner, next, ROUNDED), between(corner, next, 1.0 - ROUNDED));
        if index == 0 {
            path.move_to(leaves.0, leaves.1);
        }
        path.line_to(arrives.0, arrives.1);
        let turned = between(next, at(index + 2), ROUNDED);
        path.quad_to(next.0, next.1, turned.0, turned.1);
    }
    path.close();
    path
}

/// Gathers the curves of type.
struct Curves(PathBuilder);

impl Pen for Curves {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn cubic_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
