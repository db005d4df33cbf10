//! Arguments of `embargo new`, and of `embargo schema`, whose files it lays down.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder, which is not there yet or is empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The kind of file
    #[arg(value_name = "NAME")]
    pub(crate) name: SchemaName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// `catalogue/*.yaml`
    Catalogue,
    /// `instruments/<id>/instrument.yaml`
    Instrument,
    /// `waivers/*.yaml`
    Waivers,
    /// `cases.yaml`
    Cases,
    /// `embargo.yaml`, the configuration of a server
    Config,
}
