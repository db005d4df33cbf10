//! Large catalogues and hosts, the same at every run.

use std::sync::Arc;

use embargo_core::bundle::Bundle;
use embargo_core::catalogue::Catalogue;
use embargo_core::facts::Software;
use embargo_core::snapshot::Snapshot;

/// Products of the one large vendor, whose names all begin alike.
const ALIKE: usize = 500;
/// Products of every other vendor.
const EACH: usize = 20;

const SYLLABLES: [&str; 20] = [
    "ba", "cor", "dex", "fi", "gan", "hol", "ix", "jun", "ka", "lum", "mo", "nex", "or", "pri",
    "qua", "ro", "sta", "tri", "ul", "ven",
];
const NOUNS: [&str; 16] = [
    "Agent", "Backup", "Client", "Desktop", "Editor", "Firewall", "Gateway", "Manager", "Monitor",
    "Player", "Remote", "Scanner", "Server", "Studio", "Viewer", "Vault",
];
const CLASSES: [&str; 4] = ["antivirus", "vpn", "edr-agent", "scanner"];

/// A word that belongs to this number alone.
pub(crate) fn word(number: usize) -> String {
    let mut rest = number;
    let mut word = String::new();
    while word.len() < 4 || rest > 0 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    word[..1].to_uppercase() + &word[1..]
}

/// What the catalogue says of one product, and what an inventory says of the same.
struct Product {
    vendor: usize,
    at: usize,
}

impl Product {
    fn vendor_name(&self) -> String {
        match self.vendor {
            0 => "Microsoft".to_owned(),
            vendor => word(vendor * 7),
        }
    }

    fn publisher(&self) -> String {
        format!("{} Corporation", self.vendor_name())
    }

    fn name(&self) -> String {
        let noun = NOUNS[self.at % NOUNS.len()];
        format!(
            "{} {} {noun}",
            self.vendor_name(),
            word(self.at * 31 + self.vendor)
        )
    }

    fn key(&self) -> String {
        self.name().to_lowercase().replace(' ', "-")
    }

    /// The entry of the catalogue: a display name, and one or two identifiers more.
    fn entry(&self) -> String {
        let (name, key, vendor) = (self.name(), self.key(), self.vendor_name());
        let class = CLASSES[self.at % CLASSES.len()];
        let dotted = key.replace('-', ".");
        let own = key.split_once('-').map_or(key.as_str(), |(_, own)| own);
        let more = match self.at % 8 {
            0 | 1 => {
                format!("    package_ids: [{{value: {key}, sources: [deb_packages], mark: V2}}]\n")
            }
            2 | 3 => format!("    bundle_ids: [{{value: com.{dotted}, mark: VP}}]\n"),
            4 => format!("    paths: [{{value: \"**/{name}\", mark: V1}}]\n"),
            5 => format!(
                "    process_names: [{{value: {key}.exe, mark: V1}}]\n    purls: [{{value: \"pkg:npm/{key}\", mark: VP}}]\n"
            ),
            6 => format!(
                "    paths: [{{value: /opt/{own}, mark: V1}}]\n    process_names: [{{value: {key}d, mark: V1}}]\n"
            ),
            _ => format!(
                "    package_ids: [{{value: {vendor}.{own}, sources: [winget], mark: VP}}]\n"
            ),
        };
        let pattern = if self.at % 20 == 19 && self.vendor.is_multiple_of(5) {
            format!(
                "    process_names: [{{value: '{key}[0-9]+\\.exe', pattern: true, mark: V1}}]\n"
            )
        } else {
            String::new()
        };
        let id = format!("{}.{own}", vendor.to_lowercase());
        format!(
            "  - id: {id}\n    name: {name}\n    class: {class}\n    display_names: [{{value: {name}, mark: V2}}]\n{more}{pattern}"
        )
    }

    /// The product as a host has it.
    fn item(&self) -> Software {
        Software {
            name: format!("{} (x64)", self.name()),
            version: Some("12.4.1".to_owned()),
            publisher: Some(self.publisher()),
            source: Some("programs".to_owned()),
            path: Some(format!(
                "C:\\Program Files\\{}\\{}",
                self.vendor_name(),
                self.name()
            )),
            ..Software::default()
        }
    }
}

fn product(number: usize) -> Product {
    match number.checked_sub(ALIKE) {
        None => Product {
            vendor: 0,
            at: number,
        },
        Some(rest) => Product {
            vendor: 1 + rest / EACH,
            at: rest % EACH,
        },
    }
}

/// The files of a catalogue of so many products, one for each vendor.
pub(crate) fn files(products: usize) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for number in 0..products {
        let product = product(number);
        if product.at == 0 {
            let (name, publisher) = (product.vendor_name(), product.publisher());
            let id = name.to_lowercase();
            let path = format!("catalogue/{:05}-{id}.yaml", product.vendor);
            let head = format!(
                "vendor:\n  id: {id}\n  name: {name}\n  publishers:\n    - {{value: {publisher}, mark: V2}}\nproducts:\n"
            );
            files.push((path, head));
        }
        files.last_mut().unwrap().1.push_str(&product.entry());
    }
    files
}

/// The same files in JSON.
pub(crate) fn in_json(files: &[(String, String)]) -> Vec<(String, String)> {
    let convert = |(path, text): &(String, String)| {
        let value: serde_json::Value = serde_yaml::from_str(text).unwrap();
        (path.replace(".yaml", ".json"), value.to_string())
    };
    files.iter().map(convert).collect()
}

/// A snapshot of a catalogue and a rule that it needs to be one.
pub(crate) fn snapshot(files: &[(String, String)]) -> Arc<Snapshot> {
    const RULE: &str = "package restrictions.bench\n\nwarn contains \"w\" if false\n";
    let files = files
        .iter()
        .map(|(path, text)| (path.clone(), text.clone().into_bytes()));
    let all = files.chain([("rule.rego".to_owned(), RULE.into())]);
    Arc::new(Snapshot::compile(Bundle::new(all).unwrap()).unwrap())
}

/// Compiles a catalogue that has to be right.
pub(crate) fn compile(files: &[(String, String)]) -> Catalogue {
    let mut remarks = Vec::new();
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let catalogue = Catalogue::compile(texts, &mut remarks);
    assert!(remarks.is_empty(), "{:?}", remarks.first());
    catalogue
}

/// A host with this many items, of which so many are in every catalogue of [`files`].
pub(crate) fn host(items: usize, known: usize, number: usize) -> Vec<Software> {
    let mut software: Vec<Software> = (0..items).map(|at| unknown(at, number)).collect();
    for at in 0..known {
        let place = (at * 83 + number * 7) % items;
        software[place] = product(ALIKE + at * 11).item();
    }
    software
}

/// An item of which nothing is known, in one of the shapes that inventories have.
fn unknown(at: usize, number: usize) -> Software {
    let name = format!("Z{} {} Professional", word(at * 3), NOUNS[at % NOUNS.len()]);
    let version = Some(format!("{}.{}.{number}", at % 20, at % 7));
    match at % 4 {
        0 => Software {
            name: name.to_lowercase().replace(' ', "-"),
            version,
            source: Some("deb_packages".to_owned()),
            package_id: Some(name.to_lowercase().replace(' ', "-")),
            ..Software::default()
        },
        1 => Software {
            name: format!("{name}.app"),
            version,
            source: Some("apps".to_owned()),
            bundle_id: Some(format!("com.z{}.app", word(at * 3).to_lowercase())),
            path: Some(format!("/Applications/{name}.app")),
            ..Software::default()
        },
        _ => Software {
            path: Some(format!(
                "C:\\Program Files\\{}\\{name}\\bin\\application.exe",
                word(at)
            )),
            name,
            version,
            publisher: Some(format!("Z{} Corporation", word(at % 40))),
            source: Some("programs".to_owned()),
            product_code: Some(format!("{{27534751-4A40-48BD-B393-BC3BF2{at:06X}}}")),
            ..Software::default()
        },
    }
}

/// A host of which no item is known, though every name begins like 500 known ones; with
/// `published`, every publisher is that of the large vendor too.
pub(crate) fn alike(items: usize, published: bool) -> Vec<Software> {
    let item = |at: usize| Software {
        name: format!("Microsoft Z{} Runtime {}.0", word(at), at % 20),
        version: Some(format!("{}.0", at % 20)),
        publisher: Some(
            if published {
                "Microsoft Corporation"
            } else {
                "Microsoft Partners"
            }
            .to_owned(),
        ),
        source: Some("programs".to_owned()),
        path: Some(format!(
            "C:\\Program Files\\Common Files\\Z{}\\bin\\application.exe",
            word(at)
        )),
        ..Software::default()
    };
    (0..items).map(item).collect()
}
