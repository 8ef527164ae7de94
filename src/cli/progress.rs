//! How long commands show that they go on: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The progress of one command, on stderr.
pub struct Progress {
    what: String,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins.
    pub fn start(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            eprintln!("{what} …");
            return Self { what: what.to_owned(), bar: None };
        }
        let bar = ProgressBar::new(0);
        // A style that does not parse leaves the default one.
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { what: what.to_owned(), bar: Some(bar) }
    }

    /// So many of so many are done.
    pub fn at(&self, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::try_from(of).unwrap_or_default());
            bar.set_position(u64::try_from(done).unwrap_or_default());
        }
    }

    /// Everything is done.
    pub fn finish(&self) {
        match &self.bar {
            Some(bar) => bar.finish_and_clear(),
            None => eprintln!("{}: done.", self.what),
        }
    }
}
