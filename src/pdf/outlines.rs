//! Type as curves, for pictures: every glyph of a line at its place.

use krilla::text::KrillaGlyph;
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};

use super::fonts::Face;
use super::text::Line;

/// Takes the curves of type, in the picture's own units, downwards.
pub trait Pen {
    fn move_to(&mut self, x: f32, y: f32);
    fn line_to(&mut self, x: f32, y: f32);
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32);
    fn cubic_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32);
    fn close(&mut self);
}

/// Draws a line that begins at `x` and stands on `baseline`.
pub fn draw(line: &Line, (x, baseline): (f32, f32), size: f32, pen: &mut dyn Pen) {
    let mut at = x;
    for run in &line.runs {
        for glyph in &run.glyphs {
            outline(run.face, glyph, (at, baseline), size, pen);
            at += glyph.x_advance * size;
        }
    }
}

fn outline(face: &Face, glyph: &KrillaGlyph, (x, y): (f32, f32), size: f32, pen: &mut dyn Pen) {
    let Ok(id) = u16::try_from(glyph.glyph_id.to_u32()) else { return };
    let units = f32::from(i16::try_from(face.shaper.units_per_em()).unwrap_or(1000));
    let mut placed = Placed { pen, x: x + glyph.x_offset * size, y: y - glyph.y_offset * size, scale: size / units };
    // A glyph without curves is a space.
    let _ = face.shaper.outline_glyph(GlyphId(id), &mut placed);
}

/// Turns a font's units, upwards, into the picture's.
struct Placed<'a> {
    pen: &'a mut dyn Pen,
    x: f32,
    y: f32,
    scale: f32,
}

impl Placed<'_> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Placed<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.pen.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.pen.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.pen.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.pen.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.pen.close();
    }
}
