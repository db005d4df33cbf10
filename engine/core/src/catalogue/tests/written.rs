//! Catalogue files and items whose values often meet.

use proptest::prelude::*;

use crate::facts::Software;

/// A value of few letters, so that values often meet.
fn word() -> impl Strategy<Value = String> {
    "(A|a|b|ab|é|É|Σ|ａ|1|v2|x64)( |  |-)?(a|B|c)?( (a|b))?"
}

fn mark() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["V1", "V2", "VP", "R", "I", "own"])
}

fn valued(
    key: &'static str,
    value: impl Strategy<Value = String>,
    more: &'static [&'static str],
) -> impl Strategy<Value = String> {
    (value, mark(), prop::sample::select(more.to_vec())).prop_map(move |(value, mark, more)| {
        format!("{key}: [{{value: '{value}', mark: {mark}{more}}}]")
    })
}

fn product() -> impl Strategy<Value = Vec<String>> {
    const SOURCES: &[&str] = &[
        ", sources: [deb_packages]",
        ", sources: [winget, local_models]",
        ", sources: [appx]",
        ", sources: [npm_packages]",
    ];
    let sign = prop_oneof![
        valued("display_names", word(), &["", ", exact: true"]),
        valued("package_ids", "(a|b|ab)(-a)?".boxed(), SOURCES),
        valued("bundle_ids", r"(a|b)\.(a|B)\.".boxed(), &[", prefix: true"]),
        valued(
            "bundle_ids",
            r"(a|b)\.(a|b)(\.a)?".boxed(),
            &["", ", sources: [apps]"]
        ),
        valued("extension_ids", "a|b".boxed(), &[""]),
        valued("team_ids", "a|b".boxed(), &[""]),
        valued("purls", "pkg:npm/(a|%40b/a)".boxed(), &[""]),
        valued("cpes", "cpe:/a:(a|b):a".boxed(), &[""]),
        valued("signers", word(), &[""]),
        valued("process_names", "(a|b|É)(a|b)?".boxed(), &[""]),
        valued(
            "process_names",
            r"\^?(a|B|s)(a|b)?(\.|b\?|\(a\|b\)|\[a-b\]\+)?".boxed(),
            &[", pattern: true"]
        ),
        valued("paths", r"(\*\*/)?(a|b|É)(/a)?".boxed(), &[""]),
    ];
    prop::collection::vec(sign, 0..5).prop_map(|mut signs| {
        signs.sort();
        signs.dedup_by(|a, b| a.split(':').next() == b.split(':').next());
        signs
    })
}

pub(super) fn file(vendor: &'static str) -> impl Strategy<Value = String> {
    let publishers = valued("publishers", word(), &[""]);
    let signers = valued("signers", word(), &[""]);
    let team_ids = valued("team_ids", "a|c".boxed(), &[""]);
    let products = prop::collection::vec((product(), prop::bool::weighted(0.3)), 1..5);
    (publishers, signers, team_ids, products).prop_map(move |(publishers, signers, team_ids, products)| {
        let mut text = format!("vendor: {{id: {vendor}, name: n, {publishers}, {signers}, {team_ids}}}\nproducts:\n");
        for (at, (signs, catch_all)) in products.into_iter().enumerate() {
            text.push_str(&format!("  - id: {vendor}.p{at}\n    name: n\n    catch_all: {catch_all}\n"));
            signs.iter().for_each(|sign| text.push_str(&format!("    {sign}\n")));
        }
        text
    })
}

pub(super) fn item() -> impl Strategy<Value = Software> {
    let text = || prop::option::of(word());
    let of = |values: &'static str| prop::option::weighted(0.2, values);
    let source = prop::option::of(prop::sample::select(vec![
        "programs",
        "deb_packages",
        "winget",
        "local_models",
        "apps",
        "process",
        "file",
    ]));
    let names = (
        word(),
        text(),
        text(),
        of("A|b|ab-a:7b|a|a_6yccndn6064se"),
        of(r"(A|b)\.(a|b)(\.|\.a|a)?"),
    );
    let ids = (
        of("A|b"),
        of("a|B|c"),
        of("pkg:npm/(A|%40b/a|@b/a)(@1)?"),
        of(r"cpe:2\.3:a:(a|b):a:1"),
    );
    let path = prop::option::of(r"[/\\]?(a|B|é|É|s|ſ)[/\\]{0,2}(a|ab|b|ba|ſb)?/?");
    (names, ids, path, source).prop_map(|(names, ids, path, source)| Software {
        name: names.0,
        publisher: names.1,
        signer: names.2,
        package_id: names.3,
        bundle_id: names.4,
        extension_id: ids.0,
        team_id: ids.1,
        purl: ids.2,
        cpe: ids.3,
        path,
        source: source.map(str::to_owned),
        ..Software::default()
    })
}
