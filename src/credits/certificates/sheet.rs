//! A certificate on paper: tagged, in reading order, quiet, with the code of its verification page at the bottom right (CEU-6).

use super::press::Type;
use super::printed::Printed;
use super::rules::grouped;
use super::views::verify_url;
use crate::error::Result;
use crate::pdf::paper::{BLACK, Color, Paper, Placed, Role, Sheet};
use crate::pdf::rules::{Room, Weight};
use crate::pdf::text::{Fitted, Line};
use crate::qr;

/// Letter, upright.
const PAGE: (f32, f32) = (612.0, 792.0);
const MARGIN: f32 = 54.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const TEAL: Color = (10, 92, 99);
const GRAY: Color = (82, 88, 96);
/// The code's side, and how much of the page's foot is kept for it.
const CODE: f32 = 88.0;
const FOOT: f32 = 108.0;
/// What does not fit is tried smaller, as long as it can be read.
const SCALES: [f32; 6] = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75];
/// So many sessions are named; of more, the verification page has all.
const MOST_SESSIONS: usize = 12;

/// A version of a certificate that is to be drawn.
#[derive(Clone, Debug)]
pub struct Copy {
    pub serial: String,
    pub version: i32,
    pub credential_id: String,
    /// `Fri 10 Apr 2026`.
    pub issued_on: String,
    /// Why it is no longer good.
    pub revoked: bool,
    pub printed: Printed,
}

/// Something that is drawn under what came before it.
struct Block {
    before: f32,
    role: Kind,
    /// Lines with their distance from the left, size and color; those of one step stand beside each other.
    steps: Vec<Vec<Piece>>,
    size: f32,
}

enum Kind {
    Heading(u16, String),
    Paragraph,
    Rule,
}

struct Piece {
    line: std::sync::Arc<Vec<Line>>,
    index: usize,
    x: f32,
    color: Color,
}

const LINE: f32 = 1.32;

impl Block {
    fn height(&self) -> f32 {
        let steps = f32::from(u16::try_from(self.steps.len()).unwrap_or(u16::MAX));
        self.before + if matches!(self.role, Kind::Rule) { 1.0 } else { steps * self.size * LINE }
    }
}

/// Makes one PDF of these certificates, each on a page of its own. Takes a processor: keep it off the threads
/// that serve, and out of transactions.
pub fn pdf(kept: &Type, base_url: &str, copies: &[Copy]) -> Result<Vec<u8>> {
    let title = match copies {
        [one] => format!("{}: {}", one.printed.heading, one.printed.name),
        _ => format!("Certificates: {}", copies.first().map_or("", |one| one.printed.name.as_str())),
    };
    let mut paper = Paper::new(&title)?;
    for copy in copies {
        draw(&mut paper, kept, base_url, copy)?;
    }
    paper.finish()
}

fn draw(paper: &mut Paper, kept: &Type, base_url: &str, copy: &Copy) -> Result<()> {
    let address = verify_url(base_url, &copy.serial, Some(copy.version));
    let room = PAGE.1 - MARGIN - FOOT - MARGIN;
    let fits = SCALES.iter().map(|scale| blocks(kept, copy, *scale)).find(|blocks| height(blocks) <= room);
    let blocks = fits.unwrap_or_else(|| blocks(kept, copy, SCALES[SCALES.len() - 1]));
    let code = qr::rectangles(&address, (PAGE.0 - MARGIN - CODE, PAGE.1 - MARGIN - CODE), CODE)?;
    let foot = foot(kept, copy, base_url);
    let mut rest = blocks.as_slice();
    while !rest.is_empty() {
        // What is too much for a page goes on behind it, at least one block a page.
        let mut used = 0.0;
        let fitting = rest.iter().take_while(|block| {
            used += block.height();
            used <= room
        });
        let (now, later) = rest.split_at(fitting.count().max(1));
        paper.page(PAGE, |sheet| {
            let mut y = MARGIN;
            for block in now {
                y = place(sheet, block, y);
            }
            for (index, line) in foot.iter().enumerate() {
                let baseline = PAGE.1 - MARGIN - CODE + 9.0 + 15.0 * f32::from(u8::try_from(index).unwrap_or_default());
                sheet.text(Role::Paragraph, &[Placed { line, x: MARGIN, baseline, size: 8.5, color: GRAY }]);
            }
            sheet.picture(&code, BLACK, &format!("QR code of the verification page, {address}"));
        })?;
        rest = later;
    }
    Ok(())
}

fn height(blocks: &[Block]) -> f32 {
    blocks.iter().map(Block::height).sum()
}

fn place(sheet: &mut Sheet<'_>, block: &Block, y: f32) -> f32 {
    let top = y + block.before;
    if matches!(block.role, Kind::Rule) {
        sheet.decoration(&[(MARGIN, top, WIDTH, 1.0)], TEAL);
        return top + 1.0;
    }
    let mut placed = Vec::new();
    let mut baseline = top;
    for step in &block.steps {
        baseline += block.size * LINE;
        for piece in step {
            if let Some(line) = piece.line.get(piece.index) {
                placed.push(Placed {
                    line,
                    x: MARGIN + piece.x,
                    baseline: baseline - block.size * 0.32,
                    size: block.size,
                    color: piece.color,
                });
            }
        }
    }
    match &block.role {
        Kind::Heading(level, title) => sheet.text(Role::Heading(*level, title), &placed),
        Kind::Paragraph | Kind::Rule => sheet.text(Role::Paragraph, &placed),
    }
    baseline
}

fn paragraph(kept: &Type, text: &str, weight: Weight, size: f32, before: f32, color: Color) -> Block {
    let lines = kept.wrapped(text, weight, WIDTH / size);
    let steps = (0..lines.len()).map(|index| vec![Piece { line: lines.clone(), index, x: 0.0, color }]).collect();
    Block { before, role: Kind::Paragraph, steps, size }
}

/// A text on as few lines as it takes, as large as its room allows.
fn fitted(kept: &Type, text: &str, room: Room, before: f32, color: Color) -> Block {
    let Fitted { lines, size } = kept.fitted(text, Weight::Bold, room);
    let lines = std::sync::Arc::new(lines);
    let steps = (0..lines.len()).map(|index| vec![Piece { line: lines.clone(), index, x: 0.0, color }]).collect();
    Block { before, role: Kind::Paragraph, steps, size }
}

/// A label with what stands behind it; what needs more lines hangs under its first.
fn fact(kept: &Type, label: &str, value: &str, size: f32, before: f32) -> Block {
    let label = kept.wrapped(&format!("{label}:"), Weight::Regular, WIDTH);
    let begins = label.first().map_or(0.0, |line| line.extent.width * size) + size * 0.35;
    let values = kept.wrapped(value, Weight::Regular, (WIDTH - begins) / size);
    let step = |index: usize| {
        let value = Piece { line: values.clone(), index, x: begins, color: BLACK };
        if index == 0 { vec![Piece { line: label.clone(), index, x: 0.0, color: GRAY }, value] } else { vec![value] }
    };
    Block { before, role: Kind::Paragraph, steps: (0..values.len()).map(step).collect(), size }
}

fn blocks(kept: &Type, copy: &Copy, scale: f32) -> Vec<Block> {
    let printed = &copy.printed;
    let text = |text: &str, weight, size: f32, before: f32, color| paragraph(kept, text, weight, size * scale, before * scale, color);
    let heading = |level, title: &str, size: f32, before: f32| Block {
        role: Kind::Heading(level, title.to_owned()),
        ..text(title, Weight::Bold, size, before, BLACK)
    };
    let room = |largest: f32, height: f32| Room { width: WIDTH, height: height * scale, largest: largest * scale };
    let mut all = vec![text(&printed.provider, Weight::Bold, 11.0, 0.0, TEAL), rule(5.0), heading(1, &printed.heading, 24.0, 22.0 * scale)];
    if copy.revoked {
        all.push(text("This certificate was revoked and is no longer good.", Weight::Bold, 11.0, 6.0, (150, 20, 20)));
    }
    all.push(fitted(kept, &printed.name, room(27.0, 66.0), 20.0 * scale, BLACK));
    if !printed.credentials.is_empty() {
        all.push(text(&printed.credentials, Weight::Regular, 12.0, 2.0, GRAY));
    }
    all.push(text(&printed.sentence, Weight::Regular, 11.0, 14.0, BLACK));
    all.push(fitted(kept, &printed.credit, room(18.0, 24.0), 14.0 * scale, TEAL));
    all.push(heading(2, "Particulars", 10.5, 16.0));
    let mut before = 5.0;
    for (label, value) in particulars(printed) {
        all.push(fact(kept, &label, &value, 9.5 * scale, before * scale));
        before = 1.5;
    }
    all.extend(sessions(kept, printed, scale));
    let mut before = 16.0;
    for statement in &printed.statements {
        for part in statement.lines().map(str::trim).filter(|part| !part.is_empty()) {
            all.push(text(part, Weight::Regular, 8.5, before, BLACK));
            before = 5.0;
        }
    }
    if !printed.signatory.is_empty() {
        all.push(text(&printed.signatory, Weight::Bold, 10.5, 16.0, BLACK));
        let post = [printed.signatory_post.as_str(), "signed for the provider"];
        let post = post.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        all.push(text(&post, Weight::Regular, 9.0, 0.0, GRAY));
    }
    all
}

fn rule(before: f32) -> Block {
    Block { before, role: Kind::Rule, steps: Vec::new(), size: 1.0 }
}

fn particulars(printed: &Printed) -> Vec<(String, String)> {
    let mut all = vec![
        ("Title".to_owned(), printed.title.clone()),
        ("Format".to_owned(), printed.format.clone()),
        ("Dates".to_owned(), printed.dates.clone()),
        ("Place".to_owned(), printed.place.clone()),
        ("Provider".to_owned(), [printed.provider.as_str(), &printed.address].join(", ").trim_end_matches(", ").to_owned()),
        ("Web address".to_owned(), printed.web_address.clone()),
    ];
    all.extend(printed.facts.iter().map(|fact| (fact.label.clone(), fact.value.clone())));
    if printed.rule_version > 0 {
        all.push(("Counted by".to_owned(), format!("Rule {}: {}", printed.rule_version, printed.rule)));
    }
    all.retain(|(_, value)| !value.is_empty());
    all
}

fn sessions(kept: &Type, printed: &Printed, scale: f32) -> Vec<Block> {
    if printed.sessions.is_empty() {
        return Vec::new();
    }
    let title = paragraph(kept, "Sessions", Weight::Bold, 10.5 * scale, 12.0 * scale, BLACK);
    let mut all = vec![Block { role: Kind::Heading(2, "Sessions".to_owned()), ..title }];
    let mut before = 4.0;
    for session in printed.sessions.iter().take(MOST_SESSIONS) {
        let day = crate::events::rules::day_words(session.on);
        let credit = if session.hundredths > 0 { crate::credits::rules::hundredths_words(session.hundredths) } else { String::new() };
        let words = [session.title.as_str(), &credit].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
        all.push(fact(kept, &day, &words, 8.5 * scale, before * scale));
        before = 0.5;
    }
    if let Some(more) = printed.sessions.len().checked_sub(MOST_SESSIONS).filter(|more| *more > 0) {
        all.push(paragraph(kept, &format!("and {more} more, all on the verification page"), Weight::Regular, 8.5 * scale, 0.5, GRAY));
    }
    all
}

/// What stands beside the code.
fn foot(kept: &Type, copy: &Copy, base_url: &str) -> Vec<Line> {
    let words = [
        format!("Certificate number {}", grouped(&copy.serial)),
        format!("Version {}, issued {}", copy.version, copy.issued_on),
        format!("Credential {}", copy.credential_id),
        "Check it by the code, or by its number at".to_owned(),
        format!("{base_url}/certificates"),
    ];
    words.iter().map(|words| kept.line(words)).collect()
}
