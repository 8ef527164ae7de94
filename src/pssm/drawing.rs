//! The measure as a picture: five rows of five statements, each as strong as its number; words stand beside it on the page.

use serde::Serialize;

use super::rules;

/// The picture's size and the place of its cells, in its own units.
pub const WIDTH: usize = 400;
pub const HEIGHT: usize = 330;
const STEP_X: usize = 72;
const STEP_Y: usize = 60;
const LEFT: usize = 40;
const TOP: usize = 28;

/// A statement's square.
#[derive(Debug, Serialize)]
pub struct Square {
    pub code: &'static str,
    /// The part of the page that tells more.
    pub href: String,
    pub x: usize,
    pub y: usize,
    /// Where its two lines of text begin.
    pub middle: usize,
    pub upper: usize,
    pub lower: usize,
    /// How strongly it is drawn, from 0 to 4.
    pub level: usize,
    /// What stands in it.
    pub text: String,
    /// What it says to who cannot see it.
    pub words: String,
}

/// The picture with its squares, letters above and digits beside them.
#[derive(Debug, Serialize)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub columns: Vec<Mark>,
    pub rows: Vec<Mark>,
    pub squares: Vec<Square>,
}

/// A letter or digit at the edge.
#[derive(Debug, Serialize)]
pub struct Mark {
    pub text: String,
    pub x: usize,
    pub y: usize,
}

/// Draws the measure; `of` gives each statement's strength, the text in its square, and the words for who cannot see it.
pub fn draw(of: impl Fn(&'static str) -> (usize, String, String)) -> Picture {
    let square = |(row, column): (usize, usize), code: &'static str| {
        let (level, text, words) = of(code);
        let (x, y) = (LEFT + column * STEP_X, TOP + row * STEP_Y);
        let middle = x + (STEP_X - 6) / 2;
        Square { code, href: format!("#s-{code}"), x, y, middle, upper: y + 23, lower: y + 43, level: level.min(4), text, words }
    };
    let squares = rules::domains().enumerate().flat_map(|(row, domain)| {
        let square = &square;
        rules::statements_of(domain).enumerate().map(move |(column, code)| square((row, column), code))
    });
    let squares: Vec<Square> = squares.collect();
    let columns = "ABCDE".chars().enumerate();
    let columns = columns.map(|(column, letter)| Mark { text: letter.to_string(), x: LEFT + column * STEP_X + (STEP_X - 6) / 2, y: 18 });
    let rows = rules::domains().enumerate().map(|(row, domain)| Mark { text: domain.to_owned(), x: 18, y: TOP + row * STEP_Y + 34 });
    Picture { width: WIDTH, height: HEIGHT, columns: columns.collect(), rows: rows.collect(), squares }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_five_squares_lie_apart_inside_the_picture() {
        let picture = draw(|code| (7, code.to_owned(), String::new()));
        assert_eq!(picture.squares.len(), 25);
        for square in &picture.squares {
            assert!(square.x + STEP_X <= WIDTH + 6 && square.y + STEP_Y <= HEIGHT + 6, "{}", square.code);
            assert_eq!(square.level, 4);
        }
        let places: std::collections::BTreeSet<_> = picture.squares.iter().map(|square| (square.x, square.y)).collect();
        assert_eq!(places.len(), 25);
    }
}
