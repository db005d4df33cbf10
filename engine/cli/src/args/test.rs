//! Arguments of `embargo test`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use embargo_core::instant::Instant;
use regex::Regex;

use super::{Policies, instant};

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Case files, folders of case files, policy folders, or bundles such as `policies.tar.gz`
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    /// Run only tests whose name matches this regular expression anywhere
    #[arg(long, short = 'r', value_name = "REGEX", value_parser = pattern)]
    pub(crate) run: Option<Regex>,
    /// Show tests that pass too
    #[arg(long, short = 'v')]
    pub(crate) verbose: bool,
    /// Run again whenever a file changes, until Ctrl-C
    #[arg(long, short = 'w')]
    pub(crate) watch: bool,
    /// Tests that run at a time [default: one for each core]
    #[arg(long, short = 'p', value_name = "N")]
    pub(crate) parallel: Option<NonZeroUsize>,
    /// The instant to judge cases at that name none, in RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
    /// How results are written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: TestFormat,
    /// Show which lines of rules no test and no case reaches
    #[arg(long, short = 'c')]
    pub(crate) coverage: bool,
    /// The least coverage in per cent, else exit code 1; implies --coverage
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) threshold: Option<f64>,
    /// Run each test again and again and show how long it takes
    #[arg(long, conflicts_with_all = ["coverage", "threshold", "watch", "parallel"])]
    pub(crate) bench: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    #[default]
    Pretty,
    /// Results and a summary
    Json,
    /// XML as CI systems read it
    Junit,
    /// Test Anything Protocol, version 14
    Tap,
}

/// A regular expression. What is wrong with one is said in a line.
fn pattern(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|refused| {
        let said = refused.to_string();
        let cause = said.lines().last().unwrap_or_default();
        let cause = cause.trim_start_matches("error: ").to_lowercase();
        format!("{cause}\n  hint: write `\\` before signs that stand for themselves, such as `\\(`")
    })
}

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .trim_end_matches('%')
        .parse()
        .map_err(|_| "write a number of per cent, such as 95".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("write a number from 0 to 100".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_is_none_is_refused_with_its_cause() {
        assert!(pattern("us_.*(day|year)").is_ok());
        let refused = pattern("denies(").unwrap_err();
        assert!(refused.starts_with("unclosed group\n  hint:"), "{refused}");
    }

    #[test]
    fn a_threshold_is_a_part_of_a_hundred() {
        assert_eq!(percent("95"), Ok(95.0));
        assert_eq!(percent("99.5%"), Ok(99.5));
        for wrong in ["", "x", "101", "-1", "NaN", "inf"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
