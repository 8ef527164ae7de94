//! The transcript on paper: a tagged PDF on letter sheets, read in order by screen readers (CEU-7).

use super::rules::rows::Line as Credit;
use super::transcript::{Part, Transcript};
use super::transcript_views::progress_words;
use crate::credits::rules::hundredths_words;
use crate::error::Result;
use crate::events::rules::{dates_words, day_words};
use crate::pdf::fonts::Fonts;
use crate::pdf::paper::{BLACK, Color, Paper, Placed, Role, Sheet};
use crate::pdf::rules::Weight;
use crate::pdf::text::{self, Line};

/// A letter sheet, in points.
const PAGE: (f32, f32) = (612.0, 792.0);
const MARGIN: f32 = 54.0;
const GRAY: Color = (82, 88, 96);
const TEAL: Color = (10, 92, 99);
const PALE: Color = (222, 228, 230);
/// Where the columns of a line of credit begin, and how wide they are.
const TITLE: f32 = 86.0;
const AMOUNT: f32 = 392.0;

/// A piece of the document: how high it is, and what is drawn there.
enum Block {
    /// A heading of a level, in type of a size.
    Heading(u16, Vec<Line>, f32, String),
    Paragraph(Vec<Line>, f32, Color),
    /// A bar: what share is full, in thousandths, and what it says.
    Bar(i64, String),
    /// A line of credit: its day, what it was for, and how much of what.
    Row(Line, Vec<Line>, Vec<Line>),
    Gap(f32),
}

const ROW: f32 = 9.5;
const LEADING: f32 = 1.32;

fn lines_high(count: usize, size: f32) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX)) * size * LEADING
}

impl Block {
    fn height(&self) -> f32 {
        match self {
            Self::Heading(_, lines, size, _) | Self::Paragraph(lines, size, _) => lines_high(lines.len(), *size),
            Self::Bar(..) => 16.0,
            Self::Row(_, title, amount) => lines_high(title.len().max(amount.len()), ROW) + 5.0,
            Self::Gap(height) => *height,
        }
    }

    /// Headings stay with what follows them.
    fn is_heading(&self) -> bool {
        matches!(self, Self::Heading(..))
    }

    fn draw(&self, sheet: &mut Sheet<'_>, y: f32) {
        match self {
            Self::Heading(level, lines, size, title) => {
                sheet.text(Role::Heading(*level, title), &stacked(lines, (MARGIN, y), *size, BLACK))
            }
            Self::Paragraph(lines, size, color) => sheet.text(Role::Paragraph, &stacked(lines, (MARGIN, y), *size, *color)),
            Self::Bar(thousandths, words) => bar(sheet, *thousandths, words, y),
            Self::Row(day, title, amount) => {
                let mut placed = stacked(std::slice::from_ref(day), (MARGIN, y), ROW, GRAY);
                placed.extend(stacked(title, (MARGIN + TITLE, y), ROW, BLACK));
                placed.extend(stacked(amount, (MARGIN + AMOUNT, y), ROW, BLACK));
                sheet.text(Role::Paragraph, &placed);
            }
            Self::Gap(_) => {}
        }
    }
}

fn stacked(lines: &[Line], (x, y): (f32, f32), size: f32, color: Color) -> Vec<Placed<'_>> {
    let mut baseline = y + size;
    let mut placed = Vec::with_capacity(lines.len());
    for line in lines {
        placed.push(Placed { line, x, baseline, size, color });
        baseline += size * LEADING;
    }
    placed
}

fn bar(sheet: &mut Sheet<'_>, thousandths: i64, words: &str, y: f32) {
    let width = PAGE.0 - 2.0 * MARGIN;
    let full = width * f32::from(i16::try_from(thousandths).unwrap_or(1000)) / 1000.0;
    sheet.decoration(&[(MARGIN, y + 3.0, width, 8.0)], PALE);
    // A bar without length would be no shape; its words stand above it anyway.
    if full > 0.0 {
        sheet.picture(&[(MARGIN, y + 3.0, full, 8.0)], TEAL, words);
    }
}

struct Typesetter {
    fonts: &'static Fonts,
}

impl Typesetter {
    fn wrap(&self, text: &str, weight: Weight, width: f32, size: f32) -> Vec<Line> {
        text::wrap(self.fonts, text, weight, width / size)
    }

    fn heading(&self, level: u16, text: &str, size: f32) -> Block {
        Block::Heading(level, self.wrap(text, Weight::Bold, PAGE.0 - 2.0 * MARGIN, size), size, text.to_owned())
    }

    fn paragraph(&self, text: &str, size: f32, color: Color) -> Block {
        Block::Paragraph(self.wrap(text, Weight::Regular, PAGE.0 - 2.0 * MARGIN, size), size, color)
    }

    fn row(&self, credit: &Credit) -> Block {
        let mut about = credit.activity.clone();
        if let Some((serial, _)) = &credit.certificate {
            about = format!("{about} (certificate {serial})");
        }
        let title = self.wrap(&about, Weight::Regular, AMOUNT - TITLE - 14.0, ROW);
        let amount = format!("{} · {}", hundredths_words(credit.hundredths), credit.code.known().name);
        let amount = self.wrap(&amount, Weight::Regular, PAGE.0 - 2.0 * MARGIN - AMOUNT, ROW);
        let day = credit.completed_on.format("%-d %b %Y").to_string();
        Block::Row(text::line(self.fonts, &day, Weight::Regular), title, amount)
    }

    fn part(&self, part: &Part, blocks: &mut Vec<Block>) {
        blocks.push(Block::Gap(14.0));
        blocks.push(self.heading(2, &part.event.name, 13.0));
        let about = format!("{} · Registration {}", dates_words(part.event.starts_on, part.event.ends_on), part.registration);
        blocks.push(self.paragraph(&about, ROW, GRAY));
        // A provider is told once where all lines have the same.
        if let Some(provider) = part.lines.first().map(|line| line.provider.as_str()).filter(|name| !name.is_empty()) {
            blocks.push(self.paragraph(&format!("Provider: {provider}"), ROW, GRAY));
        }
        blocks.push(Block::Gap(5.0));
        blocks.extend(part.lines.iter().map(|line| self.row(line)));
    }

    fn blocks(&self, transcript: &Transcript) -> Vec<Block> {
        let mut blocks = vec![self.heading(1, &format!("Transcript of {}", transcript.name), 20.0)];
        let made = format!("Credit over all events, as of {}. Hours that were taken back are not in it.", day_words(transcript.made_on));
        blocks.extend([self.paragraph(&made, 10.0, GRAY), Block::Gap(12.0), self.heading(2, "Toward a renewal", 13.0)]);
        for progress in &transcript.progress {
            let words = progress_words(progress);
            blocks.extend([Block::Gap(4.0), self.paragraph(&words, 10.0, BLACK), Block::Bar(progress.thousandths(), words)]);
        }
        if !transcript.years.is_empty() {
            blocks.extend([Block::Gap(12.0), self.heading(2, "By year", 13.0)]);
        }
        for (year, sums) in &transcript.years {
            let sums: Vec<String> =
                sums.iter().map(|(code, hundredths)| format!("{} {}", code.known().name, hundredths_words(*hundredths))).collect();
            blocks.push(self.paragraph(&format!("{year}: {}", sums.join("; ")), 10.0, BLACK));
        }
        transcript.parts.iter().for_each(|part| self.part(part, &mut blocks));
        if transcript.parts.is_empty() {
            blocks.extend([Block::Gap(14.0), self.paragraph("No credit was claimed yet.", 10.0, BLACK)]);
        }
        blocks
    }
}

/// Parts the document into pages; a heading is not left alone at a foot.
fn pages(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let room = PAGE.1 - 2.0 * MARGIN - 16.0;
    let mut pages: Vec<Vec<Block>> = vec![Vec::new()];
    let mut used = 0.0;
    for block in blocks {
        let needs = block.height() + if block.is_heading() { 60.0 } else { 0.0 };
        let is_fresh = pages.last().is_none_or(Vec::is_empty);
        if used + needs > room && !is_fresh {
            pages.push(Vec::new());
            used = 0.0;
        }
        used += block.height();
        if let Some(page) = pages.last_mut() {
            page.push(block);
        }
    }
    pages
}

/// Makes the PDF. Takes a processor for a while: keep it off the threads that serve, and out of transactions.
pub fn pdf(transcript: &Transcript, fonts: &'static Fonts) -> Result<Vec<u8>> {
    let typesetter = Typesetter { fonts };
    let pages = pages(typesetter.blocks(transcript));
    let mut paper = Paper::new(&format!("Transcript of {}", transcript.name))?;
    for (number, page) in (1..).zip(&pages) {
        let foot = format!("Page {number} of {}", pages.len());
        let foot = text::line(fonts, &foot, Weight::Regular);
        paper.page(PAGE, |sheet| {
            let mut y = MARGIN;
            for block in page {
                block.draw(sheet, y);
                y += block.height();
            }
            let placed = Placed { line: &foot, x: MARGIN, baseline: PAGE.1 - MARGIN + 10.0, size: 8.5, color: GRAY };
            sheet.text(Role::Paragraph, &[placed]);
        })?;
    }
    paper.finish()
}
