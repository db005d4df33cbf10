//! Runs: what records that follow each other tell of one host.

use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};
use crate::instant::Instant;

use super::tables;

/// A host of which the records being read tell.
pub(super) struct Run<'l> {
    pub(super) id: Option<String>,
    pub(super) draft: Draft<'l>,
    /// How far each table was read, at the worst.
    covered: Vec<(&'static str, CoverageState)>,
    /// When the oldest of it was read.
    oldest: Option<Instant>,
}

impl<'l> Run<'l> {
    pub(super) fn new(id: Option<String>, mut draft: Draft<'l>) -> Self {
        draft.host_id(id.clone());
        Self {
            id,
            draft,
            covered: Vec::new(),
            oldest: None,
        }
    }

    pub(super) fn read_at(&mut self, at: Option<Instant>) {
        self.oldest = match (self.oldest, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// States how far a table was read. Of two statements about a table the worse stands.
    pub(super) fn cover(&mut self, table: Option<&'static str>, state: CoverageState) {
        let Some(table) = table else { return };
        let (source, state) = match (tables::source(table), state) {
            (source, CoverageState::Complete) if source != table => {
                (source, CoverageState::Partial)
            }
            (source, state) => (source, state),
        };
        let rank = |state: CoverageState| match state {
            CoverageState::Complete => 0,
            CoverageState::Partial => 1,
            _ => 2,
        };
        match self.covered.iter_mut().find(|(known, _)| *known == source) {
            Some((_, known)) if rank(*known) < rank(state) => *known = state,
            Some(_) => {}
            None => self.covered.push((source, state)),
        }
    }

    pub(super) fn row(&mut self, row: &At<'_>, table: Option<&'static str>) {
        let Node::Object(_) = row.node() else {
            self.draft.lose(row, "the row is not an object");
            return;
        };
        let told = table.or_else(|| tables::of_row(row.node()));
        if table.is_none() {
            // Which rows the query asked for is not known.
            self.cover(told, CoverageState::Partial);
        }
        if told == Some(tables::SYSTEM) {
            self.system(row);
            self.draft
                .skip(row, "the row tells of the system, and of no software");
            return;
        }
        if told == Some("deb_packages")
            && let Some(status) = row.text("status")
        {
            match status.as_str() {
                "install ok installed" | "hold ok installed" => {}
                _ if status.ends_with("not-installed") || status.ends_with("config-files") => {
                    let why = format!("the package is not installed: its status is `{status}`");
                    self.draft.skip(row, why);
                    return;
                }
                _ => {
                    let why = format!(
                        "whether the package is installed cannot be told: its status is `{status}`"
                    );
                    self.draft.lose(row, why);
                    return;
                }
            }
        }
        let item = tables::item(told, row);
        if told.is_none_or(|table| !tables::is_inventory(table)) && is_nameless(&item) {
            self.draft
                .skip(row, "the row has no column that names software");
            return;
        }
        self.draft.item(row, item);
    }

    pub(super) fn removed(&mut self, row: &At<'_>) {
        match row.node() {
            Node::Object(_) => self
                .draft
                .skip(row, "the row is no longer there: it was removed"),
            _ => self.draft.lose(row, "the row is not an object"),
        }
    }

    pub(super) fn system(&mut self, system: &At<'_>) {
        let platform = system.first_text(&["platform", "platform_like"]);
        let family = platform.as_deref().map(family);
        let (version, arch) = (system.text("version"), system.text("arch"));
        self.draft.system(family, version, arch);
    }

    pub(super) fn finish(mut self) -> Draft<'l> {
        self.draft.collected(self.oldest);
        for (source, state) in &self.covered {
            self.draft.cover(source, *state);
        }
        if !self
            .covered
            .iter()
            .any(|(source, _)| tables::is_inventory(source))
        {
            let main = match self.draft.family() {
                Some("macos") => "apps",
                Some("windows") => "programs",
                _ => "software",
            };
            self.draft.cover(main, CoverageState::NotCollected);
        }
        self.draft
    }
}

/// Whether nothing of an item tells what it is.
fn is_nameless(item: &Software) -> bool {
    item.name.is_empty()
        && [
            &item.bundle_id,
            &item.package_id,
            &item.extension_id,
            &item.product_code,
            &item.path,
        ]
        .into_iter()
        .all(Option::is_none)
}

/// The family of a platform: Linux hosts are named by their distribution.
fn family(platform: &str) -> &'static str {
    match platform.to_ascii_lowercase().as_str() {
        "darwin" => "macos",
        "windows" => "windows",
        "freebsd" => "freebsd",
        _ => "linux",
    }
}
