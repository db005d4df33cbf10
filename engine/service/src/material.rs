//! Material: certificates, keys and tokens in files, read again when their content changes.
//!
//! A digest of the content is compared every few seconds, which also sees what is put in place by a
//! link, as Kubernetes does with secrets. What cannot be used does not take the place of what can:
//! the old material stays, and that is said once in the log and for as long as it lasts in
//! [`MaterialState`].

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use ring::digest::{Context, SHA256};
use thiserror::Error;

/// Bytes of a file, at most.
const FILE_BYTES: u64 = 4 * 1_024 * 1_024;
/// How often is looked, at most and at least.
const INTERVALS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];

/// Material that cannot be used at the start.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} cannot be used: {place}: {cause}")]
pub struct MaterialInvalid {
    what: &'static str,
    place: String,
    cause: String,
}

/// How material stands that is read again when it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialState {
    /// What it is.
    pub what: &'static str,
    /// Since when it has been in use.
    pub loaded: SystemTime,
    /// Why what is in its files now is not: the former stays in use.
    pub fault: Option<String>,
}

/// Material that is read again.
pub(crate) trait Material: Send + Sync {
    /// Reads it again if it has changed. Blocks.
    fn look(&self);
    /// How it stands.
    fn state(&self) -> MaterialState;
}

/// What files are read as.
type Reader<T> = Box<dyn Fn(&[Vec<u8>]) -> Result<T, String> + Send + Sync>;

/// Material that is in use.
pub(crate) struct Kept<T> {
    what: &'static str,
    files: Vec<PathBuf>,
    read: Reader<T>,
    value: RwLock<Arc<T>>,
    looks: Mutex<Looks>,
}

struct Looks {
    /// What is in use.
    taken: [u8; 32],
    loaded: SystemTime,
    /// What was refused. Seen once it may be half of a change.
    refused: Option<([u8; 32], String)>,
    is_said: bool,
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("what", &self.what)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl<T: Send + Sync> Kept<T> {
    /// Reads it for the first time.
    ///
    /// # Errors
    /// If it cannot be used.
    pub(crate) fn load(
        what: &'static str,
        files: Vec<PathBuf>,
        read: impl Fn(&[Vec<u8>]) -> Result<T, String> + Send + Sync + 'static,
    ) -> Result<Self, MaterialInvalid> {
        let invalid = |cause| MaterialInvalid {
            what,
            place: shown(&files),
            cause,
        };
        let contents = contents(&files).map_err(invalid)?;
        let value = read(&contents).map_err(invalid)?;
        Ok(Self {
            what,
            read: Box::new(read),
            value: RwLock::new(Arc::new(value)),
            looks: Mutex::new(Looks {
                taken: digest(&contents),
                loaded: SystemTime::now(),
                refused: None,
                is_said: false,
            }),
            files,
        })
    }

    /// What is in use.
    pub(crate) fn get(&self) -> Arc<T> {
        // No code that can panic runs under the lock.
        Arc::clone(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync> Material for Kept<T> {
    fn look(&self) {
        let read = contents(&self.files);
        let seen = match &read {
            Ok(contents) => digest(contents),
            Err(cause) => digest(&[cause.as_bytes().to_vec()]),
        };
        let mut looks = self.looks();
        if seen == looks.taken && read.is_ok() {
            if looks.refused.take().is_some() && looks.is_said {
                tracing::info!(
                    what = self.what,
                    files = shown(&self.files),
                    "as before again"
                );
            }
            looks.is_said = false;
            return;
        }
        if let Some((refused, cause)) = &looks.refused
            && *refused == seen
        {
            if !looks.is_said {
                tracing::warn!(
                    what = self.what,
                    files = shown(&self.files),
                    cause = %cause,
                    "what has changed cannot be used, so the former stays in use"
                );
                looks.is_said = true;
            }
            return;
        }
        match read.and_then(|contents| (self.read)(&contents)) {
            Ok(value) => {
                *self.value.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
                looks.taken = seen;
                looks.loaded = SystemTime::now();
                looks.refused = None;
                looks.is_said = false;
                tracing::info!(
                    what = self.what,
                    files = shown(&self.files),
                    "taken up anew"
                );
            }
            Err(cause) => {
                looks.refused = Some((seen, cause));
                looks.is_said = false;
            }
        }
    }

    fn state(&self) -> MaterialState {
        let looks = self.looks();
        let fault = looks.refused.as_ref().filter(|_| looks.is_said);
        MaterialState {
            what: self.what,
            loaded: looks.loaded,
            fault: fault.map(|(_, cause)| format!("{}: {cause}", shown(&self.files))),
        }
    }
}

/// Looks after all of it, for ever.
pub(crate) async fn look_after(all: Vec<Arc<dyn Material>>, interval: Duration) {
    let [least, most] = INTERVALS;
    let mut looks = tokio::time::interval(interval.clamp(least, most));
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let all = all.clone();
        // A file may be on a disk that does not answer.
        let looked = tokio::task::spawn_blocking(move || {
            for one in &all {
                one.look();
            }
        });
        if looked.await.is_err() {
            tracing::error!("certificates and keys were not looked at, which is a defect");
        }
    }
}

fn contents(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    let said = |path: &Path, cause: io::Error| {
        format!(
            "{} cannot be read: {cause}\n  hint: name a file that this server may read",
            path.display()
        )
    };
    files
        .iter()
        .map(|path| content(path).map_err(|cause| said(path, cause)))
        .collect()
}

fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?
        .take(FILE_BYTES + 1)
        .read_to_end(&mut content)?;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > FILE_BYTES {
        return Err(io::Error::other(format!(
            "it is larger than {FILE_BYTES} bytes"
        )));
    }
    Ok(content)
}

fn digest(contents: &[Vec<u8>]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for content in contents {
        context.update(&content.len().to_be_bytes());
        context.update(content);
    }
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    digest
}

fn shown(files: &[PathBuf]) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    files.join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn number(files: &[Vec<u8>]) -> Result<u32, String> {
        let text = String::from_utf8_lossy(&files.concat()).into_owned();
        text.parse().map_err(|_| "it is no number".to_owned())
    }

    #[test]
    fn what_cannot_be_used_does_not_take_the_place_of_what_can() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        fs::write(&file, "1").unwrap();
        let kept = Kept::load("a number", vec![file.clone()], number).unwrap();
        assert_eq!(*kept.get(), 1);
        fs::write(&file, "2").unwrap();
        kept.look();
        assert_eq!((*kept.get(), kept.state().fault), (2, None));
        fs::write(&file, "two").unwrap();
        kept.look();
        // It may be half of a change.
        assert_eq!((*kept.get(), kept.state().fault), (2, None));
        kept.look();
        let fault = kept.state().fault.unwrap();
        assert!(fault.ends_with("number: it is no number"), "{fault}");
        assert_eq!(*kept.get(), 2);
        fs::remove_file(&file).unwrap();
        kept.look();
        kept.look();
        assert!(kept.state().fault.unwrap().contains("cannot be read"));
        fs::write(&file, "2").unwrap();
        kept.look();
        assert_eq!((*kept.get(), kept.state().fault), (2, None));
        fs::write(&file, "3").unwrap();
        kept.look();
        assert_eq!(*kept.get(), 3);
    }

    #[test]
    fn files_are_read_together_and_where_one_ends_counts() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = ["a", "b"].map(|name| folder.path().join(name)).into();
        let write = |a: &str, b: &str| {
            fs::write(&files[0], a).unwrap();
            fs::write(&files[1], b).unwrap();
        };
        write("1", "23");
        let kept = Kept::load("texts", files.clone(), |files| Ok(files.to_vec())).unwrap();
        write("12", "3");
        kept.look();
        assert_eq!(*kept.get(), [b"12".to_vec(), b"3".to_vec()]);
    }

    #[test]
    fn a_link_that_is_put_elsewhere_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [("one", "1"), ("two", "2")] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("number"), content).unwrap();
        }
        let link = folder.path().join("..data");
        std::os::unix::fs::symlink("one", &link).unwrap();
        let kept = Kept::load("a number", vec![link.join("number")], number).unwrap();
        std::os::unix::fs::symlink("two", folder.path().join("new")).unwrap();
        fs::rename(folder.path().join("new"), &link).unwrap();
        kept.look();
        assert_eq!(*kept.get(), 2);
    }

    #[test]
    fn at_the_start_it_must_be_usable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        let load = || Kept::load("a number", vec![file.clone()], number);
        let said = load().unwrap_err().to_string();
        assert!(said.starts_with("a number cannot be used: "), "{said}");
        assert!(said.contains("\n  hint: "), "{said}");
        fs::write(&file, vec![b'1'; 4 * 1_024 * 1_024 + 1]).unwrap();
        assert!(load().unwrap_err().to_string().contains("larger"));
    }
}
