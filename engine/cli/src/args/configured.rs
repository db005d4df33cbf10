//! Arguments that name a configuration and change single settings of it.

use std::path::PathBuf;

use clap::Args;
use embargo_service::Said;

/// Which configuration holds.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Configured {
    /// The configuration file [default: `embargo.yaml` if it exists]
    #[arg(long, value_name = "FILE", env = "EMBARGO_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// A setting by its path, such as `evaluation.workers=4`; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) set: Vec<Said>,
}

fn setting(text: &str) -> Result<Said, String> {
    let (path, value) = text
        .split_once('=')
        .ok_or("write a setting and its value with `=` between them")?;
    Ok(Said {
        path: path.trim().to_owned(),
        text: value.to_owned(),
        by: format!("--set {}", path.trim()),
    })
}
