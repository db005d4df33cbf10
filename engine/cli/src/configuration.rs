//! The configuration of a server: read from a file, the environment and the command line.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use embargo_service::{ConfigFault, Document, Given, Layers, Said, Source};

use crate::args::Configured;
use crate::commands::Failure;
use crate::policies;

/// The file that is taken without being named.
const FILE: &str = "embargo.yaml";

/// Where a configuration is read from, again and again.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    file: Option<PathBuf>,
    said: Vec<Said>,
}

impl Reading {
    /// From the file that is named, else from `embargo.yaml` beside the caller if there is one.
    pub(crate) fn of_named_or_usual(configured: &Configured, said: Vec<Said>) -> Self {
        let usual = || Path::new(FILE).is_file().then(|| PathBuf::from(FILE));
        Self {
            file: named(configured).or_else(usual),
            said,
        }
    }

    /// From the file that is named alone.
    pub(crate) fn of_named(configured: &Configured, said: Vec<Said>) -> Self {
        Self {
            file: named(configured),
            said,
        }
    }

    /// The file, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What the file holds now.
    pub(crate) fn text(&self) -> io::Result<Option<String>> {
        self.file.as_ref().map(std::fs::read_to_string).transpose()
    }

    /// Reads all layers.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(crate) fn read(&self) -> Result<Given, Failure> {
        let text = self.text().map_err(|cause| {
            let name = self.file.as_deref().unwrap_or_else(|| Path::new(FILE));
            Failure::Said(format!(
                "the configuration `{}` cannot be read: {cause}\n  hint: name a file that is there with --config, and let the server's user read it",
                name.display()
            ))
        })?;
        self.read_text(text)
    }

    /// Reads all layers, with this for what the file holds.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(crate) fn read_text(&self, text: Option<String>) -> Result<Given, Failure> {
        let document = self.file.as_ref().zip(text).map(|(name, text)| Document {
            name: name.display().to_string(),
            text,
        });
        let layers = Layers {
            file: document,
            environment: environment(),
            said: self.said.clone(),
        };
        layers.read().map_err(|faults| refused(&faults))
    }
}

fn named(configured: &Configured) -> Option<PathBuf> {
    let named = configured.config.clone();
    named.filter(|path| !path.as_os_str().is_empty())
}

/// Variables whose name and value are text; a setting cannot be anything else.
fn environment() -> BTreeMap<String, String> {
    let all = std::env::vars_os();
    let texts =
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    // Not a setting, but where settings are.
    texts.filter(|(name, _)| name != "EMBARGO_CONFIG").collect()
}

/// What is said about faults.
pub(crate) fn refused(faults: &[ConfigFault]) -> Failure {
    let each: Vec<String> = faults.iter().map(ConfigFault::to_string).collect();
    Failure::Said(each.join("\n"))
}

/// Where a configuration has policies come from.
///
/// # Errors
/// If what it says of a bundle cannot be meant.
pub(crate) fn source(given: &Given) -> Result<Source, Failure> {
    let section = &given.file.bundle;
    let bundle = section
        .source()
        .map_err(|invalid| Failure::Said(invalid.to_string()))?;
    if let Some(bundle) = bundle {
        return Ok(Source::Bundle(bundle));
    }
    let mut source = policies::source_of(given.file.policies.folder.as_deref());
    if let Source::Bundle(bundle) = &mut source {
        bundle.allows_rollback = section.allow_rollback;
    }
    Ok(source)
}
