//! Targets: what is fed with bytes, and what is known about it.

use std::fmt;

use crate::targets;

/// Bytes of the stack that a body may use: those of the threads of the service that read and
/// compile.
pub const STACK_BYTES: usize = 64 * 1_024 * 1_024;

/// Something that is fed with bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name, which is also that of its folder in the corpus.
    pub name: &'static str,
    /// Folders of what it begins with, from the root of the repository.
    pub corpora: &'static [&'static str],
    /// Words of its language.
    pub words: &'static [&'static str],
    body: fn(&[u8]),
}

impl Target {
    /// All targets.
    pub const ALL: [Self; 11] = [
        targets::ARCHIVE,
        targets::BUNDLE,
        targets::CATALOGUE,
        targets::FACTS,
        targets::FACTS_MESSAGE,
        targets::IDENTIFY,
        targets::INSTRUMENT,
        targets::INVENTORY,
        targets::REGO,
        targets::STREAM,
        targets::VERSIONS,
    ];

    pub(crate) const fn new(
        name: &'static str,
        corpora: &'static [&'static str],
        words: &'static [&'static str],
        body: fn(&[u8]),
    ) -> Self {
        Self {
            name,
            corpora,
            words,
            body,
        }
    }

    /// The target of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name == name)
    }

    /// Feeds it. Needs [`STACK_BYTES`] of stack.
    ///
    /// # Panics
    /// If something does not hold.
    pub fn feed(&self, bytes: &[u8]) {
        (self.body)(bytes);
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
