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
    /// Begins; `steps` is how many there are, where that is known already.
    pub fn start(what: &str, steps: Option<u64>) -> Self {
        if !std::io::stderr().is_terminal() {
            eprintln!("{what} …");
            return Self { what: what.to_owned(), bar: None };
        }
        let bar = ProgressBar::new(steps.unwrap_or_default());
        // A style that does not parse leaves the default one.
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { what: what.to_owned(), bar: Some(bar) }
    }

    /// The next of the steps begins.
    pub fn step(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_owned());
            bar.inc(1);
        }
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
