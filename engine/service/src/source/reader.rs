//! The reader: reads a source again and again, and remembers what need not be done twice.
//!
//! A packed set is inflated and verified once for each content and each set of keys. Whether its
//! time has come or is over is asked each time: what was live and expires shows as a failure,
//! and what judges goes on.

use std::time::Duration;

use crate::clock::Clock;

use super::fetch::Fetcher;
use super::packed::Refused;
use super::{BundlePlace, ReadSourceError, Reading, Remote, Source, packed, settle};

pub(crate) struct Reader {
    source: Source,
    clock: Clock,
    fetcher: Option<Fetcher>,
    opened: Option<Opened>,
}

/// What came of the bytes that were read last.
struct Opened {
    bytes: Vec<u8>,
    keys: Option<String>,
    reading: Result<Reading, Refused>,
}

impl Reader {
    pub(crate) fn new(source: Source, clock: Clock) -> Self {
        Self {
            source,
            clock,
            fetcher: None,
            opened: None,
        }
    }

    /// Reads everything once.
    pub(crate) fn read(&mut self) -> Result<Reading, ReadSourceError> {
        let bundle = match &self.source {
            Source::Bundle(bundle) => bundle,
            Source::Folder(_) | Source::Embedded => return self.source.read().map(Reading::of),
        };
        let keys = bundle.signature.keys()?;
        let bytes = match &bundle.place {
            BundlePlace::File(path) => packed::bytes_of(path)?,
            BundlePlace::Url(remote) => {
                let fetcher = match &mut self.fetcher {
                    Some(fetcher) => fetcher,
                    none => none.insert(Fetcher::new(Remote::clone(remote))?),
                };
                fetcher.fetch()?.to_vec()
            }
        };
        let is_known = self
            .opened
            .as_ref()
            .is_some_and(|opened| opened.bytes == bytes && opened.keys == keys);
        if !is_known {
            let trust = bundle.signature.trust(keys.as_deref())?;
            let reading = packed::opened(&bytes, &trust);
            if keys.is_none()
                && let Ok(reading) = &reading
            {
                let revision = reading.release.as_ref().map(|release| &*release.revision);
                tracing::debug!(source = %self.source, revision, "no key is pinned: nobody vouches for this bundle");
            }
            self.opened = Some(Opened {
                bytes,
                keys,
                reading,
            });
        }
        let Some(opened) = &self.opened else {
            return Err(ReadSourceError::Unsettled);
        };
        let reading = opened.reading.clone()?;
        if let Some(release) = &reading.release {
            release.holds_at(self.clock.now())?;
        }
        Ok(reading)
    }

    /// Reads until two reads in a row agree. What is fetched is whole as it is.
    pub(crate) fn read_settled(&mut self) -> Result<Reading, ReadSourceError> {
        if self.is_remote() {
            return self.read();
        }
        settle(|| self.read())
    }

    /// Whether there is nothing to watch.
    pub(crate) fn is_remote(&self) -> bool {
        self.pause().is_some()
    }

    /// Whether what was read last is what was fetched earlier, because the web server fails.
    pub(crate) fn is_failing(&self) -> bool {
        self.fetcher.as_ref().is_some_and(Fetcher::is_failing)
    }

    /// How long to wait before it is fetched again; nothing, if it is watched.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let Source::Bundle(bundle) = &self.source else {
            return None;
        };
        let BundlePlace::Url(remote) = &bundle.place else {
            return None;
        };
        let fetcher = self.fetcher.as_ref();
        Some(fetcher.map_or(remote.poll_interval, Fetcher::pause))
    }
}
