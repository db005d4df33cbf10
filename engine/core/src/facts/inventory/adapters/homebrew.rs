//! Homebrew: the answer of `brew info --json=v2`, elements of it, or the receipt that an
//! installation leaves behind.
//!
//! What is installed is said by `installed` alone: `version` is what could be. An answer
//! does not say whether it is about all that is installed, so that it is taken for a part.
//! A receipt has its own name only in its path: `Cellar/<formula>/<version>` and
//! `Caskroom/<cask>`.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::packages;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Homebrew,
    recognises: |node| is_answer(node) || is_list(node) || is_element(node) || is_receipt(node),
    tells_a_host: |node| is_answer(node) || is_list(node),
    read,
};

/// The source of its items.
const SOURCE: &str = "homebrew_packages";

/// Both lists, of which one that is missing is remarked.
fn is_answer(node: &Node) -> bool {
    let holds = |key| node.get(key).is_some_and(is_list);
    node.names_all(&["formulae", "casks"]) || holds("formulae") || holds("casks")
}

/// Formulae or casks by themselves.
fn is_list(node: &Node) -> bool {
    node.as_list().unwrap_or_default().iter().any(is_element)
}

fn is_element(node: &Node) -> bool {
    is_cask(node) || is_formula(node)
}

fn is_cask(node: &Node) -> bool {
    node.names_all(&["token", "full_token", "tap"])
}

fn is_formula(node: &Node) -> bool {
    node.names_all(&["name", "full_name", "tap", "versions"])
}

fn is_receipt(node: &Node) -> bool {
    node.names_all(&["homebrew_version", "source"])
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.cover(SOURCE, CoverageState::Partial);
    if is_receipt(top.node()) {
        read_receipt(top, hosts.path(), &mut draft);
    } else if is_element(top.node()) {
        read_element(top, &mut draft);
    } else {
        let keyed = || [top.expected_list("formulae"), top.expected_list("casks")].concat();
        let elements = match top.node() {
            Node::List(_) => top.elements(),
            _ => keyed(),
        };
        for element in elements {
            read_element(&element, &mut draft);
        }
    }
    hosts.add(draft);
}

fn read_element(at: &At<'_>, draft: &mut Draft<'_>) {
    if let Node::Object(_) = at.node() {
        if at.names("token") {
            read_cask(at, draft);
        } else {
            read_formula(at, draft);
        }
    } else {
        draft.lose(at, "the formula or cask is not an object");
    }
}

fn read_formula(at: &At<'_>, draft: &mut Draft<'_>) {
    let name = at.text("name");
    let Some(installed) = at
        .get("installed")
        .filter(|it| it.node().as_list().is_some())
    else {
        draft.lose(at, "the formula has no list of what is installed of it");
        return;
    };
    let installed = installed.elements();
    if installed.is_empty() {
        draft.skip(at, "no version of the formula is installed");
    }
    for version in installed {
        if let Node::Object(_) = version.node() {
            let mut item = packages::item(SOURCE, name.clone(), version.text("version"));
            item.install_time = version.unix_seconds("time");
            draft.item(&version, item);
        } else {
            draft.lose(&version, "the installed version is not an object");
        }
    }
}

fn read_cask(at: &At<'_>, draft: &mut Draft<'_>) {
    if at.names("installed") && at.get("installed").is_none() {
        draft.skip(at, "the cask is not installed");
        return;
    }
    let Some(version) = at.text("installed") else {
        draft.lose(at, "the cask does not say whether it is installed");
        return;
    };
    let mut item = packages::item(SOURCE, at.text("token"), Some(version));
    item.install_time = at.unix_seconds("installed_time");
    draft.item(at, item);
}

fn read_receipt(at: &At<'_>, path: &str, draft: &mut Draft<'_>) {
    let place = Place::read(path);
    let source = at.object("source");
    let is_cask = matches!(place, Some(Place::Cask { .. }))
        || at.names("uninstall_artifacts")
        || source
            .as_ref()
            .is_some_and(|source| source.names("version"));
    let mut item = match place {
        Some(Place::Formula { name, version }) if !is_cask => {
            packages::item(SOURCE, Some(name.to_owned()), Some(version.to_owned()))
        }
        Some(Place::Cask { token }) => packages::item(SOURCE, Some(token.to_owned()), None),
        _ if is_cask => {
            let Some(name) = app(at) else {
                draft.lose(
                    at,
                    "the cask cannot be named: its name is that of its folder in `Caskroom`, \
                     which the path of this receipt does not show",
                );
                return;
            };
            at.changed(
                "the cask is named by its application, because the path of this receipt does \
                 not show its folder in `Caskroom`",
            );
            Software {
                name,
                source: Some(SOURCE.to_owned()),
                ..Software::default()
            }
        }
        _ => {
            draft.lose(
                at,
                "the formula cannot be named: its name is that of its folder in `Cellar`, which \
                 the path of this receipt does not show",
            );
            return;
        }
    };
    if is_cask {
        item.version = source.and_then(|source| source.text("version"));
    }
    item.install_time = at.unix_seconds("time");
    draft.item(at, item);
}

/// The first application that a cask has put in place.
fn app(at: &At<'_>) -> Option<String> {
    let artifacts = at.list("uninstall_artifacts");
    let apps = artifacts.iter().flat_map(|artifact| artifact.list("app"));
    let named = |app: At<'_>| app.node().as_text().map(|name| name.trim().to_owned());
    apps.filter_map(named).find(|name| !name.is_empty())
}

/// What the path of a receipt says.
enum Place<'a> {
    Formula { name: &'a str, version: &'a str },
    Cask { token: &'a str },
}

impl<'a> Place<'a> {
    /// The folders below the last `Cellar` or `Caskroom`.
    fn read(path: &'a str) -> Option<Self> {
        let (folders, _) = path.rsplit_once('/')?;
        let mut below: Vec<&'a str> = Vec::new();
        for folder in folders.rsplit('/') {
            match (folder, below.as_slice()) {
                ("Cellar", [.., version, name]) => return Some(Self::Formula { name, version }),
                ("Caskroom", [.., token]) => return Some(Self::Cask { token }),
                ("" | "." | "..", _) | ("Cellar" | "Caskroom", _) => return None,
                _ => below.push(folder),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
