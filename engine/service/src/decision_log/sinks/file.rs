//! Lines in a file, which is put aside when it is large. Only its owner may read it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::super::settings::FileSettings;
use super::SinkUnusable;
use super::delivery::Outcome;

/// A file that lines are added to.
#[derive(Debug)]
pub(super) struct LogFile {
    settings: FileSettings,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
}

impl LogFile {
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn open(settings: &FileSettings) -> Result<Self, SinkUnusable> {
        let open = Open::at(&settings.path).map_err(|cause| SinkUnusable::File {
            path: settings.path.clone(),
            cause,
        })?;
        Ok(Self {
            settings: settings.clone(),
            open: Some(open),
        })
    }

    pub(super) async fn carry(&mut self, lines: &[Vec<u8>]) -> Outcome {
        let text = lines.concat();
        let settings = self.settings.clone();
        let open = self.open.take();
        let written = tokio::task::spawn_blocking(move || {
            let mut open = match open {
                Some(open) => open,
                None => Open::at(&settings.path)?,
            };
            open.add(&text, &settings)?;
            Ok::<Open, io::Error>(open)
        });
        match written.await {
            Ok(Ok(open)) => {
                self.open = Some(open);
                Outcome::Taken
            }
            Ok(Err(cause)) => {
                Outcome::Failed(format!("{}: {cause}", self.settings.path.display()), None)
            }
            Err(_) => Outcome::Refused("writing failed".to_owned()),
        }
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { file, bytes })
    }

    /// Adds lines, whole or not at all.
    fn add(&mut self, text: &[u8], settings: &FileSettings) -> io::Result<()> {
        let more = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let is_full = self.bytes > 0 && self.bytes.saturating_add(more) > settings.bytes;
        if is_full {
            put_aside(settings)?;
        }
        // Somebody else may have moved or deleted it, too.
        if is_full || !settings.path.exists() {
            *self = Self::at(&settings.path)?;
        }
        if let Err(cause) = self.file.write_all(text) {
            // What was written of it would be a broken line, and stand there twice later.
            self.file.set_len(self.bytes)?;
            return Err(cause);
        }
        self.bytes = self.bytes.saturating_add(more);
        Ok(())
    }
}

/// Renames `decisions.jsonl` to `decisions.jsonl.1`, that to `.2`, and so on. The last goes.
fn put_aside(settings: &FileSettings) -> io::Result<()> {
    if settings.kept == 0 {
        return fs::remove_file(&settings.path);
    }
    let older = |number: u32| -> PathBuf {
        if number == 0 {
            return settings.path.clone();
        }
        let mut name = settings.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    };
    for number in (0..settings.kept).rev() {
        match fs::rename(older(number), older(number + 1)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    Ok(())
}
