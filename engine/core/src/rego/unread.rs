//! Packages of files that could not be parsed: what seems to be missing may stand there, and
//! is no fault of its own.

use std::collections::BTreeSet;

/// Packages that are not known in full.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    packages: BTreeSet<String>,
    /// Whether a file does not even tell its package.
    any: bool,
}

impl Unread {
    /// Adds a file that could not be parsed.
    pub(crate) fn add(&mut self, text: &str) {
        let package = text
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("package "))
            .and_then(|rest| rest.split(|c: char| c.is_whitespace() || c == '#').next())
            .filter(|package| !package.is_empty());
        match package {
            Some(package) => {
                self.packages.insert(package.to_owned());
            }
            None => self.any = true,
        }
    }

    /// Whether a package may hold more than is known.
    pub(super) fn may_hold_more(&self, package: &str) -> bool {
        self.any || self.packages.contains(package)
    }

    /// Whether a package at this path, below it or above it may hold more than is known.
    pub(super) fn may_hold(&self, path: &str) -> bool {
        let within = |inner: &str, outer: &str| {
            inner == outer
                || inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        self.any
            || self
                .packages
                .iter()
                .any(|package| within(package, path) || within(path, package))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_broken_file_is_read_off_its_text() {
        let mut unread = Unread::default();
        unread.add("# METADATA\npackage lib.host # why\n\nx := [\n");
        assert!(unread.may_hold_more("lib.host") && !unread.may_hold_more("lib.ban"));
        assert!(unread.may_hold("lib.host.within") && unread.may_hold("lib"));
        assert!(!unread.may_hold("lib.hosts"));
        unread.add("pakage lib.host\n");
        assert!(unread.may_hold_more("lib.ban") && unread.may_hold("lib.hosts"));
    }
}
