//! A bar on the terminal while something takes long; nothing where the error output is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// Counts steps. Shared by threads.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// `what` is one word for what is going on: "predicting".
    #[must_use]
    pub fn new(what: &'static str, steps: usize) -> Self {
        // The bar draws on the error output and hides itself when that is a file or a pipe.
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg:>12} {bar:30} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar }
    }

    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Tells a person something without tearing the bar.
    pub fn tell(&self, text: &str) {
        self.bar.suspend(|| super::output::tell(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
