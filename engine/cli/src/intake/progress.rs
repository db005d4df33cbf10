//! Progress over many files, on a terminal.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Unread;

/// What is so quick that it needs no bar.
const FEW_BYTES: u64 = 4 * 1_024 * 1_024;

/// How far the files have been read. Shows nothing unless standard error is a terminal.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn over(files: &[Result<PathBuf, Unread>]) -> Self {
        let sizes = files
            .iter()
            .flatten()
            .filter_map(|file| file.metadata().ok());
        let bytes: u64 = sizes.map(|file| file.len()).sum();
        if bytes < FEW_BYTES {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(bytes);
        let style = ProgressStyle::with_template("{bar:32} {bytes} of {total_bytes}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// A reader whose bytes are counted.
    pub(crate) fn count<R: Read>(&self, from: R) -> impl Read + use<R> {
        Counted {
            from,
            bar: self.0.clone(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

struct Counted<R> {
    from: R,
    bar: ProgressBar,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.bar.inc(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}
