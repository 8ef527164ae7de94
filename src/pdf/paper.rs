//! A tagged document: pages, type and shapes, each told to screen readers in reading order or as decoration.

use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::document::Document;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup, TagTree};

use super::text::Line;
use crate::error::{Error, Result};

/// Red, green and blue, 0 to 255.
pub type Color = (u8, u8, u8);

pub const BLACK: Color = (0, 0, 0);
pub const WHITE: Color = (255, 255, 255);

/// What a piece of text is to who hears the page.
#[derive(Clone, Copy, Debug)]
pub enum Role<'a> {
    /// A heading of a level, with what stands in the outline.
    Heading(u16, &'a str),
    Paragraph,
}

/// A line with its place: where it begins and what it stands on, in points from the top left.
pub struct Placed<'a> {
    pub line: &'a Line,
    pub x: f32,
    pub baseline: f32,
    pub size: f32,
    pub color: Color,
}

/// A document on its way.
pub struct Paper {
    document: Document,
    tags: TagTree,
    outline: Outline,
    pages: usize,
}

impl Paper {
    /// A document with this title, in American English.
    pub fn new(title: &str) -> Result<Self> {
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|_| Error::internal("no PDF version fits PDF/UA"))?;
        let mut document = Document::new_with(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() });
        document.set_metadata(Metadata::new().title(title.to_owned()).language("en-US".to_owned()).creator("Lanyard".to_owned()));
        Ok(Self { document, tags: TagTree::new().with_lang(Some("en-US".to_owned())), outline: Outline::new(), pages: 0 })
    }

    /// Adds a page of this width and height, in points.
    pub fn page(&mut self, (width, height): (f32, f32), draw: impl FnOnce(&mut Sheet<'_>)) -> Result<()> {
        let settings = PageSettings::from_wh(width, height).ok_or_else(|| Error::internal("a page without a size"))?;
        let mut page = self.document.start_page_with(settings);
        let (nodes, marks) = {
            let mut sheet = Sheet { surface: page.surface(), nodes: Vec::new(), marks: Vec::new(), top: 0.0 };
            draw(&mut sheet);
            (sheet.nodes, sheet.marks)
        };
        page.finish();
        nodes.into_iter().for_each(|node| self.tags.push(node));
        for (text, y) in marks {
            self.outline.push_child(OutlineNode::new(text, XyzDestination::new(self.pages, Point::from_xy(0.0, y))));
        }
        self.pages += 1;
        Ok(())
    }

    /// The file; an error where it breaks a rule of PDF/UA.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.document.set_outline(self.outline);
        self.document.set_tag_tree(self.tags);
        self.document.finish().map_err(|error| match error {
            KrillaError::Validation(broken) => {
                // The kinds alone: what is broken could quote a name, and errors are logged.
                let kinds = broken.iter().map(|(rule, _)| kind_of(rule)).collect::<std::collections::BTreeSet<_>>();
                Error::internal(format!("a PDF breaks rules of PDF/UA: {kinds:?}"))
            }
            other => Error::internal(format!("a PDF cannot be written: {}", kind_of(&other))),
        })
    }
}

/// The name of an enum's variant, without what it holds.
fn kind_of(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// A page while it is drawn.
pub struct Sheet<'a> {
    surface: Surface<'a>,
    nodes: Vec<Node>,
    marks: Vec<(String, f32)>,
    top: f32,
}

impl Sheet<'_> {
    /// Draws something that belongs together, measured from this point.
    pub fn section(&mut self, (x, y): (f32, f32), draw: impl FnOnce(&mut Self)) {
        self.surface.push_transform(&Transform::from_translate(x, y));
        let (before, top) = (self.nodes.len(), self.top);
        self.top = y;
        draw(self);
        self.top = top;
        let inside = self.nodes.split_off(before);
        self.nodes.push(TagGroup::with_children(Tag::Section, inside).into());
        self.surface.pop();
    }

    /// Draws lines that are one heading or one paragraph.
    pub fn text(&mut self, role: Role<'_>, lines: &[Placed<'_>]) {
        let mut group = match role {
            Role::Heading(level, title) => {
                self.marks.push((title.to_owned(), self.top));
                let level = std::num::NonZeroU16::new(level).unwrap_or(std::num::NonZeroU16::MIN);
                TagGroup::new(Tag::Hn(level, Some(title.to_owned())))
            }
            Role::Paragraph => TagGroup::new(Tag::P),
        };
        for placed in lines.iter().filter(|placed| !placed.line.runs.is_empty()) {
            let turned = placed.line.is_turned().then_some(placed.line.text.as_str());
            let name = self.surface.start_tagged(ContentTag::Span(SpanTag::empty().with_actual_text(turned)));
            self.glyphs(placed);
            self.surface.end_tagged();
            group.push(name);
        }
        self.nodes.push(group.into());
    }

    fn glyphs(&mut self, placed: &Placed<'_>) {
        self.surface.set_fill(Some(fill(placed.color)));
        let mut x = placed.x;
        for run in &placed.line.runs {
            let start = Point::from_xy(x, placed.baseline);
            self.surface.draw_glyphs(start, &run.glyphs, run.face.font.clone(), &run.text, placed.size, false);
            x += run.width * placed.size;
        }
    }

    /// Fills rectangles (left, top, width, height) that mean nothing by themselves.
    pub fn decoration(&mut self, rectangles: &[(f32, f32, f32, f32)], color: Color) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        self.shape(rectangles, color);
        self.surface.end_tagged();
    }

    /// Fills rectangles that are one picture, described by these words.
    pub fn picture(&mut self, rectangles: &[(f32, f32, f32, f32)], color: Color, words: &str) {
        let name = self.surface.start_tagged(ContentTag::Other);
        self.shape(rectangles, color);
        self.surface.end_tagged();
        let mut group = TagGroup::new(Tag::Figure(Some(words.to_owned())));
        group.push(name);
        self.nodes.push(group.into());
    }

    fn shape(&mut self, rectangles: &[(f32, f32, f32, f32)], color: Color) {
        let mut path = PathBuilder::new();
        for (x, y, width, height) in rectangles {
            if let Some(rectangle) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(rectangle);
            }
        }
        if let Some(path) = path.finish() {
            self.surface.set_fill(Some(fill(color)));
            self.surface.draw_path(&path);
        }
    }
}

fn fill((red, green, blue): Color) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: krilla::paint::FillRule::default() }
}
