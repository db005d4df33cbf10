//! Precision: of tens of thousands of names that people install next to none is a
//! restricted product, whatever form an inventory gives them.
//!
//! The names of packages stand in for the tokens of Homebrew and the ids of winget, of which
//! there are no lists here.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use embargo_core::catalogue::Catalogue;
use embargo_core::facts::Software;

use crate::support::shipped;

/// The lists of packages: the file, the source that lists such packages, and the type in a
/// package URL.
const PACKAGES: [(&str, &str, &str); 3] = [
    ("python", "python_packages", "pypi"),
    ("npm", "npm_packages", "npm"),
    ("debian", "deb_packages", "deb/debian"),
];

/// What is truly of a vendor of the catalogue: the form of the item, its name, the product,
/// whether that is verified, and why it is right.
const TRUE_ONES: [(&str, &str, &str, bool, &str); 12] = [
    (
        "listed",
        "@kaspersky/hexa-ui",
        "kaspersky.hexa-ui",
        true,
        HEXA,
    ),
    (
        "listed",
        "@kaspersky/hexa-ui-core",
        "kaspersky.hexa-ui",
        true,
        HEXA,
    ),
    (
        "listed",
        "@kaspersky/hexa-ui-icons",
        "kaspersky.hexa-ui",
        true,
        HEXA,
    ),
    (
        "component",
        "@kaspersky/hexa-ui",
        "kaspersky.hexa-ui",
        true,
        HEXA,
    ),
    (
        "component",
        "@kaspersky/hexa-ui-core",
        "kaspersky.hexa-ui",
        true,
        HEXA,
    ),
    (
        "component",
        "@kaspersky/hexa-ui-icons",
        "kaspersky.hexa-ui",
        true,
        HEXA,
    ),
    ("listed", "opentip", "kaspersky.opentip", true, OPENTIP),
    ("component", "opentip", "kaspersky.opentip", true, OPENTIP),
    (
        "listed",
        "deepseek-harness-sdk",
        "deepseek.harness-sdk",
        false,
        SDK,
    ),
    (
        "component",
        "deepseek-harness-sdk",
        "deepseek.harness-sdk",
        false,
        SDK,
    ),
    (
        "brew",
        "wechat",
        "tencent.wechat",
        true,
        "the cask of this token installs WeChat for the Mac",
    ),
    (
        "nix",
        "wechat",
        "tencent.wechat",
        true,
        "the package of this name in nixpkgs is WeChat for Linux",
    ),
];
const HEXA: &str = "published in Kaspersky's own scope";
const OPENTIP: &str = "the client of Kaspersky's OpenTIP";
const SDK: &str = "perhaps DeepSeek's own, so that a person looks at it";

/// Who may be found on the word of an item that states the first word of its name as its
/// publisher: that word, and the vendor that it names. What such an item says of itself is
/// all there is to go by, and only the name of Kaspersky as a publisher is verified together
/// with a name of its products.
const CLAIMS: [(&str, &str); 25] = [
    ("abbyy", "abbyy"),
    ("acronis", "acronis"),
    ("alibaba", "alibaba"),
    ("baidu", "baidu"),
    ("deepseek", "deepseek"),
    ("hikvision", "hikvision"),
    ("huawei", "huawei"),
    ("iflytek", "iflytek"),
    ("kaspersky", "kaspersky"),
    ("minimax", "minimax"),
    ("moomoo", "moomoo"),
    ("odnoklassniki", "odnoklassniki"),
    ("shareit", "shareit"),
    ("shein", "shein"),
    ("tcl", "tcl"),
    ("telegram", "telegram"),
    ("temu", "pdd"),
    ("vk", "vk"),
    ("webull", "webull"),
    ("xiaohongshu", "xiaohongshu"),
    ("xiaomi", "xiaomi"),
    ("yandex", "yandex"),
    ("zhipu", "zhipu"),
    ("zoom", "zoom"),
    ("zte", "zte"),
];

/// Words of the catalogue, and fragments that careless rules look for.
const WORDS: [&str; 25] = [
    "tiktok",
    "wechat",
    "weixin",
    "kaspersky",
    "deepseek",
    "bytedance",
    "telegram",
    "whatsapp",
    "yandex",
    "zoom",
    "acronis",
    "capcut",
    "douyin",
    "lark",
    "drweb",
    "shareit",
    "tencent",
    "huawei",
    "alibaba",
    "xiaomi",
    "trae",
    "temu",
    "kes",
    "kav",
    "avp",
];

/// What was found: the form of the item, its name, the product, and whether it is verified.
type Found = BTreeSet<(&'static str, String, String, bool)>;

#[test]
fn what_people_install_is_no_restricted_product_but_for_what_truly_is() {
    let snapshot = shipped();
    let catalogue = snapshot.catalogue();
    let mut found = Found::new();
    for (list, source, kind) in PACKAGES {
        found.extend(in_every_form(catalogue, &names(list, 10_000), source, kind));
    }
    assert_eq!(found, true_ones());
}

#[test]
fn a_thousand_near_misses_are_nothing() {
    let snapshot = shipped();
    let innocent = |name: &String| {
        let lower = name.to_lowercase();
        WORDS.iter().any(|word| lower.contains(word))
            && !TRUE_ONES.iter().any(|(_, known, ..)| name == known)
    };
    let mut inventory = Vec::new();
    for (list, source, kind) in PACKAGES {
        for name in names(list, 10_000).into_iter().filter(innocent) {
            inventory.push(listed(source, &name));
            inventory.push(component(kind, &name));
            inventory.push(listed("homebrew_packages", &name));
            inventory.push(listed("winget", &as_winget_id(&name)));
            inventory.push(program(&name, Some("Example Ltd")));
        }
    }
    assert!(inventory.len() >= 5 * 1_000, "{}", inventory.len());
    assert_eq!(found(snapshot.catalogue(), "any", &inventory), Found::new());
}

#[test]
fn libraries_and_apps_with_ids_like_those_of_apps_are_nothing() {
    let snapshot = shipped();
    let catalogue = snapshot.catalogue();
    let mut items = Vec::new();
    for artifact in names("maven", 1_500) {
        let (group, name) = artifact.split_once(':').unwrap();
        items.push(component("maven", &format!("{group}/{name}")));
        for id in [group.to_owned(), format!("{group}.{name}")] {
            items.push(app("android_apps", &id));
            items.push(app("apps", &id));
        }
    }
    for id in names("applications", 900) {
        for source in ["android_apps", "ios_apps", "apps", "flatpak_packages"] {
            items.push(app(source, &id));
            items.push(listed(source, &id));
        }
    }
    for name in names("shown", 1_800) {
        items.push(program(&name, None));
        items.push(program(&name, Some("Example Ltd")));
        items.push(listed("apps", &name));
        items.push(listed("winget", &name));
    }
    assert_eq!(found(catalogue, "any", &items), Found::new());
}

#[test]
fn who_names_a_vendor_as_publisher_is_taken_for_no_other_and_verified_only_as_kaspersky() {
    let snapshot = shipped();
    let catalogue = snapshot.catalogue();
    let mut vendors = BTreeSet::new();
    for list in ["python", "npm", "debian", "maven", "shown"] {
        let items: Vec<Software> = names(list, 1_500)
            .iter()
            .map(|name| program(name, Some(first_word(name))))
            .collect();
        for (_, name, product, verified) in found(catalogue, "claimed", &items) {
            let word = first_word(&name).to_lowercase();
            let vendor = product.split('.').next().unwrap();
            assert!(
                CLAIMS.contains(&(&*word, vendor)),
                "`{name}` of `{word}` is taken for {product}"
            );
            assert_eq!(verified, vendor == "kaspersky", "`{name}` is {product}");
            vendors.insert(vendor.to_owned());
        }
    }
    let known: BTreeSet<String> = CLAIMS
        .iter()
        .map(|(_, vendor)| (*vendor).to_owned())
        .collect();
    assert_eq!(vendors, known);
}

/// What the names are identified as in the forms that inventories give them.
fn in_every_form(catalogue: &Catalogue, names: &[String], source: &str, kind: &str) -> Found {
    let all = |form, item: &dyn Fn(&str) -> Software| {
        let items: Vec<Software> = names.iter().map(|name| item(name)).collect();
        found(catalogue, form, &items)
    };
    [
        all("listed", &|name| listed(source, name)),
        all("component", &|name| component(kind, name)),
        all("brew", &|name| listed("homebrew_packages", name)),
        all("nix", &|name| listed("nix_packages", name)),
        all("winget", &|name| listed("winget", name)),
        all("winget", &|name| listed("winget", &as_winget_id(name))),
        all("alone", &|name| program(name, None)),
        all("foreign", &|name| program(name, Some("Example Ltd"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn found(catalogue: &Catalogue, form: &'static str, items: &[Software]) -> Found {
    let name = |index: usize| items.get(index).unwrap().name.clone();
    let product = |at| catalogue.product(at).unwrap().id.clone();
    catalogue
        .identify(items)
        .into_iter()
        .map(|found| {
            (
                form,
                name(found.index),
                product(found.product),
                found.verified,
            )
        })
        .collect()
}

fn true_ones() -> Found {
    TRUE_ONES
        .iter()
        .map(|(form, name, product, verified, _)| {
            (*form, (*name).to_owned(), (*product).to_owned(), *verified)
        })
        .collect()
}

/// The names of a list under `tests/data/names`, of which there must be that many.
fn names(list: &str, least: usize) -> Vec<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/names");
    let text = fs::read_to_string(root.join(format!("{list}.txt"))).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<String> = lines.map(str::to_owned).collect();
    assert!(names.len() >= least, "{list} has {} names", names.len());
    names
}

fn first_word(name: &str) -> &str {
    name.split(|character: char| !character.is_alphanumeric())
        .find(|word| !word.is_empty())
        .unwrap_or(name)
}

/// A name in the shape of a winget id: `zoom-client` becomes `Zoom.ZoomClient`.
fn as_winget_id(name: &str) -> String {
    let joined: String = name
        .split(|character: char| !character.is_alphanumeric())
        .map(capitalised)
        .collect();
    format!("{}.{joined}", capitalised(first_word(name)))
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// An entry of a package database.
fn listed(source: &str, name: &str) -> Software {
    Software {
        name: name.to_owned(),
        source: Some(source.to_owned()),
        package_id: Some(name.to_owned()),
        ..Software::default()
    }
}

/// A component of a bill of materials.
fn component(kind: &str, name: &str) -> Software {
    Software {
        name: name.to_owned(),
        source: Some("sbom".to_owned()),
        purl: Some(format!("pkg:{kind}/{}@1.0.0", name.replace('@', "%40"))),
        ..Software::default()
    }
}

/// An app that is listed by its id.
fn app(source: &str, id: &str) -> Software {
    Software {
        name: id.to_owned(),
        source: Some(source.to_owned()),
        bundle_id: Some(id.to_owned()),
        ..Software::default()
    }
}

/// A program of Windows.
fn program(name: &str, publisher: Option<&str>) -> Software {
    Software {
        name: name.to_owned(),
        source: Some("programs".to_owned()),
        publisher: publisher.map(str::to_owned),
        ..Software::default()
    }
}
