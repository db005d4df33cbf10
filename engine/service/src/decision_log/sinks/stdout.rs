//! Lines on the standard output, for whoever gathers it.

use std::io::{self, Write as _};

use super::delivery::Outcome;

/// The standard output.
#[derive(Debug)]
pub(super) struct Stdout;

impl Stdout {
    pub(super) async fn carry(&mut self, lines: &[Vec<u8>]) -> Outcome {
        let text = lines.concat();
        // A pipe that nobody reads takes its time.
        let written = tokio::task::spawn_blocking(move || {
            let mut out = io::stdout().lock();
            out.write_all(&text).and_then(|()| out.flush())
        });
        match written.await {
            Ok(Ok(())) => Outcome::Taken,
            // A part may have been written, and would stand there twice.
            Ok(Err(cause)) => Outcome::Refused(cause.to_string()),
            Err(_) => Outcome::Refused("writing failed".to_owned()),
        }
    }
}
