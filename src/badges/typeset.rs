//! Badges as a PDF: every badge on its place, backs behind fronts, tagged for screen readers.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::drawing::Drawing;
use super::layouts::{Front, Layout};
use crate::error::Result;
use crate::pdf::fonts::Fonts;
use crate::pdf::paper::Paper;
use crate::qr;

/// A session as backs list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackLine {
    /// `Mon 9 Mar 2026`.
    pub day: String,
    /// `9:00–10:00 AM`.
    pub hours: String,
    pub title: String,
    /// The room's name, or empty.
    pub room: String,
}

/// A badge to print.
#[derive(Clone, Debug)]
pub struct ToPrint {
    pub front: Front,
    /// The text of its code.
    pub token: String,
    /// The place of its type in the event's list, for the ribbon's color.
    pub ribbon: usize,
    /// The sessions on its back, as numbers into the job's lines, and whether the person only waits.
    pub sessions: Vec<(usize, bool)>,
}

/// All that a PDF of badges is made of.
#[derive(Clone, Debug)]
pub struct PrintJob {
    pub event: String,
    pub layout: Layout,
    pub backs: bool,
    /// The place on the first sheet that the first badge takes, from 0.
    pub first_slot: usize,
    pub badges: Vec<ToPrint>,
    pub lines: Vec<BackLine>,
}

/// A badge with its code as squares.
pub(super) struct Filled<'a> {
    pub(super) front: &'a Front,
    pub(super) ribbon: usize,
    pub(super) sessions: &'a [(usize, bool)],
    rows: Vec<qr::Row>,
    across: usize,
}

impl<'a> Filled<'a> {
    fn of(badge: &'a ToPrint) -> Result<Self> {
        let (rows, across) = qr::squares(&badge.token)?;
        Ok(Self { front: &badge.front, ribbon: badge.ribbon, sessions: &badge.sessions, rows, across })
    }

    /// How wide four squares are where the code is so wide.
    pub(super) fn quiet(&self, side: f32) -> f32 {
        4.0 * side / count(self.across)
    }

    /// The dark parts of the code as rectangles: left, top, width, height.
    pub(super) fn squares(&self, x: f32, y: f32, side: f32) -> Vec<(f32, f32, f32, f32)> {
        let step = side / count(self.across);
        let rows = self.rows.iter().enumerate();
        rows.flat_map(|(row, runs)| {
            runs.iter().map(move |(from, length)| (x + count(*from) * step, y + count(row) * step, count(*length) * step, step))
        })
        .collect()
    }
}

fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

/// Makes the PDF; `done` counts the badges that are drawn. Takes a processor for a while: keep it off the threads
/// that serve, and out of transactions.
pub fn pdf(job: &PrintJob, fonts: &'static Fonts, done: &AtomicUsize) -> Result<Vec<u8>> {
    let design = job.layout.design();
    let mut paper = Paper::new(&format!("Badges: {}", job.event))?;
    let mut drawing = Drawing::new(fonts, design, &job.event, &job.lines);
    let backs = job.backs && design.has_backs;
    let mut rest = job.badges.as_slice();
    let mut first = job.first_slot.min(design.slots() - 1);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(design.slots() - first));
        let sheet: Vec<Filled<'_>> = now.iter().map(Filled::of).collect::<Result<_>>()?;
        paper.page(design.page, |page| {
            for (slot, badge) in (first..).zip(&sheet) {
                page.section(design.corner(slot, false), |page| drawing.front(page, badge));
            }
        })?;
        if backs {
            paper.page(design.page, |page| {
                for (slot, badge) in (first..).zip(&sheet) {
                    page.section(design.corner(slot, true), |page| drawing.back(page, badge));
                }
            })?;
        }
        done.fetch_add(now.len(), Ordering::Relaxed);
        (rest, first) = (later, 0);
    }
    paper.finish()
}
