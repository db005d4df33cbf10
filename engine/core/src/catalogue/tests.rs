//! A small catalogue, and what is and is not recognised by it.

use crate::bundle::{Bundle, Role, role};
use crate::diagnostic::Diagnostic;
use crate::facts::Software;

use super::trie::STEPS;
use super::{Catalogue, Strength};

const VENDOR: &str = r#"
vendor:
  id: acme
  name: Acme
  publishers: [{value: Acme Labs, mark: V2}]
  signers: [{value: Acme Labs, mark: V1}]
  team_ids: [{value: AB12CD34EF, mark: V2}]
products:
  - id: acme.shield
    name: Acme Shield
    class: antivirus
    display_names: [{value: Acme Shield, mark: V2}]
    package_ids: [{value: shld, sources: [deb_packages], mark: V2}, {value: Acme.Shield, sources: [winget], mark: VP}, {value: AcmeLabs.Shield, sources: [appx], mark: V2}, {value: acme-guess, sources: [deb_packages], mark: R}]
    bundle_ids: [{value: com.acme.shield, mark: V2}]
    product_codes: [{value: "{27534751-4A40-48BD-B393-BC3BF28C876E}", mark: V1}]
    purls: [{value: "pkg:npm/%40acme/shield", mark: VP}, {value: "pkg:rpm/redhat/shield", mark: VP}]
  - id: acme.pin
    name: Acme Pin
    class: password-manager
    display_names: [{value: Acme, mark: V1, exact: true}, {value: Acme Shield Pin, mark: R}]
    extension_ids: [{value: abcdefghijklmnop, mark: R}]
  - id: acme.other
    name: Software of Acme
    catch_all: true
    display_names: [{value: Acme, mark: V2}]
    bundle_ids: [{value: com.acme., prefix: true, mark: V1}]
    paths: [{value: "**/Acme Labs", mark: V2}]
    process_names: [{value: 'acm\d+\.exe', pattern: true, mark: V2}]
"#;

fn compile(text: &str) -> (Catalogue, Vec<Diagnostic>) {
    let mut remarks = Vec::new();
    let catalogue = Catalogue::compile([("catalogue/acme.yaml", text)].into_iter(), &mut remarks);
    (catalogue, remarks)
}

fn item(yaml: &str) -> Software {
    serde_yaml::from_str(yaml).unwrap()
}

fn products(yaml: &str) -> Vec<String> {
    let (catalogue, remarks) = compile(VENDOR);
    assert!(remarks.is_empty(), "{remarks:?}");
    let found = catalogue.identify(&[item(yaml)]);
    found
        .iter()
        .map(|found| catalogue.product(found.product).unwrap().id.clone())
        .collect()
}

#[test]
fn an_item_is_what_sufficient_signs_say() {
    for (yaml, wanted) in [
        (
            "{name: x, source: deb_packages, package_id: shld}",
            &["acme.shield"][..],
        ),
        ("{name: shld, source: deb_packages}", &["acme.shield"]),
        (
            "{name: x, source: winget, package_id: ACME.SHIELD}",
            &["acme.shield"],
        ),
        ("{name: x, bundle_id: com.acme.shield}", &["acme.shield"]),
        (
            "{name: com.acme.shield, source: android_apps}",
            &["acme.shield"],
        ),
        (
            "{name: x, purl: 'pkg:npm/@acme/shield@1.0'}",
            &["acme.shield"],
        ),
        (
            "{name: x, purl: 'pkg:rpm/fedora/shield@1'}",
            &["acme.shield"],
        ),
        ("{name: x, purl: 'pkg:rpm/shield'}", &["acme.shield"]),
        (
            "{name: x, source: sbom, purl: 'pkg:deb/debian/shld@1?arch=amd64'}",
            &["acme.shield"],
        ),
        (
            "{name: x, source: sbom, package_id: shld, purl: 'pkg:deb/shld'}",
            &["acme.shield"],
        ),
        (
            "{name: x, source: programs, package_id: AcmeLabs.Shield_6yccndn6064se}",
            &["acme.shield"],
        ),
        (
            "{name: acmelabs.shield_1.0.5.0_x64__6yccndn6064se, source: appx}",
            &["acme.shield"],
        ),
        (
            "{name: \"Acme Sh\u{fffd}ield\", publisher: \"Acme L\u{fffd}abs\"}",
            &["acme.shield"],
        ),
        (
            "{name: 'ACME  SHIELD 12.4', publisher: '\"Acme Labs\"'}",
            &["acme.shield"],
        ),
        (
            "{name: Ａcme Shield, publisher: Acme Labs}",
            &["acme.shield"],
        ),
        (
            "{name: Custom, publisher: Acme Labs, product_code: 27534751-4a40-48bd-b393-bc3bf28c876e}",
            &["acme.shield"],
        ),
        (
            "{name: Acme 21.3, publisher: Acme Labs}",
            ["acme.other", "acme.pin"][1..].as_ref(),
        ),
        (
            "{name: Acme Unknown Tool, publisher: Acme Labs}",
            &["acme.other"],
        ),
        ("{name: Anything, team_id: AB12CD34EF}", &["acme.other"]),
        ("{name: x, bundle_id: com.acme.anything}", &["acme.other"]),
        (
            "{name: Custom, publisher: Acme Labs, path: 'C:\\Program Files\\Acme Labs\\x.exe'}",
            &["acme.other"],
        ),
        (
            "{name: acm21.exe, source: process, publisher: Acme Labs}",
            &["acme.other"],
        ),
        (
            "{name: Custom, publisher: Acme Labs, signer: acme labs}",
            &["acme.other"],
        ),
    ] {
        assert_eq!(products(yaml), wanted, "{yaml}");
    }
}

#[test]
fn an_item_is_nothing_on_less() {
    for yaml in [
        "{name: Acme Shield}",
        "{name: Acme Shield, publisher: Acme Labs Fans}",
        "{name: Get Acme Shield, publisher: Someone}",
        "{name: Acmeshield, publisher: Someone}",
        "{name: Custom, publisher: Acme Labs}",
        "{name: shld}",
        "{name: shld, source: npm_packages}",
        "{name: shldx, source: deb_packages}",
        "{name: x, purl: 'pkg:rpm/redhat/shld'}",
        "{name: x, purl: 'pkg:deb/debian/shldx'}",
        "{name: x, purl: 'pkg:deb/shld/other'}",
        "{name: x, source: deb_packages, package_id: acme-guess, purl: 'pkg:deb/debian/acme-guess'}",
        "{name: x, source: programs, package_id: AcmeLabs.Shield}",
        "{name: x, source: programs, package_id: AcmeLabs.Shield_notahash}",
        "{name: AcmeLabs.Shield_6yccndn6064se, source: file}",
        "{name: x, bundle_id: com.acmekit.tool}",
        "{name: x, bundle_id: com.acme}",
        "{name: Acme renewal.pdf, source: file, publisher: Acme Labs}",
        "{name: acm21.exe, source: process}",
        "{name: x, extension_id: abcdefghijklmnop}",
        "{name: x, signer: Acme Labs}",
    ] {
        assert!(products(yaml).is_empty(), "{yaml} is {:?}", products(yaml));
    }
}

#[test]
fn what_nobody_verified_is_marked_and_hides_nothing_that_somebody_did() {
    let (catalogue, _) = compile(VENDOR);
    let found = catalogue.identify(&[item("{name: Acme Shield Pin 3, publisher: Acme Labs}")]);
    let seen: Vec<(&str, bool)> = found
        .iter()
        .map(|found| {
            (
                catalogue.product(found.product).unwrap().id.as_str(),
                found.verified,
            )
        })
        .collect();
    assert_eq!(seen, [("acme.pin", false), ("acme.shield", true)]);
    assert_eq!(found[0].strength, Strength::Medium);
    let sure = catalogue.identify(&[item("{name: Acme Shield, publisher: Acme Labs}")]);
    assert!(sure.len() == 1 && sure[0].verified);
}

#[test]
fn what_nearly_was_is_told_with_its_signs() {
    let (catalogue, _) = compile(VENDOR);
    let items = [
        item("{name: Acme Shield}"),
        item("{name: x, path: /opt/Acme Labs/x}"),
        item("{name: Acme Shield, publisher: Acme Labs}"),
    ];
    let seen = catalogue.examine(&items);
    let near: Vec<(usize, &str)> = seen
        .near
        .iter()
        .map(|near| {
            (
                near.index,
                catalogue.product(near.product).unwrap().id.as_str(),
            )
        })
        .collect();
    assert_eq!(near, [(0, "acme.shield"), (1, "acme.other")]);
    assert_eq!(seen.identified, catalogue.identify(&items));
    assert_eq!(seen.identified.len(), 1);
}

#[test]
fn a_catalogue_that_its_examples_break_is_refused() {
    let missed = VENDOR.replace(
        "  - id: acme.pin",
        "    examples: [{name: Nothing}]\n  - id: acme.pin",
    );
    assert_eq!(compile(&missed).1[0].code, "catalogue-example-missed");
    let hit = format!("{VENDOR}not:\n  - {{name: Acme Shield, publisher: Acme Labs}}\n");
    assert_eq!(compile(&hit).1[0].code, "catalogue-example-hit");
}

#[test]
fn faults_of_entries_are_shown_in_their_place() {
    for (from, to, code) in [
        ("com.acme.,", "com.acme,", "catalogue-identifier"),
        ("id: acme.pin", "id: pin", "catalogue-product-id"),
        ("id: acme.pin", "id: acme.shield", "catalogue-duplicate-id"),
        (
            "class: antivirus",
            "klass: antivirus",
            "catalogue-parse-error",
        ),
        ("mark: V2", "mark: X", "catalogue-parse-error"),
    ] {
        let (_, remarks) = compile(&VENDOR.replacen(from, to, 1));
        assert!(
            remarks
                .iter()
                .any(|remark| remark.code == code && !remark.excerpt.is_empty()),
            "{to}: {remarks:?}"
        );
    }
}

#[test]
fn equal_items_are_identified_equally_wherever_they_stand() {
    let (catalogue, _) = compile(VENDOR);
    let mut items = vec![item("{name: Nothing}"); 50];
    items[17] = item("{name: x, bundle_id: com.acme.shield}");
    items[40] = item("{name: x, bundle_id: com.acme.shield}");
    let found: Vec<usize> = catalogue
        .identify(&items)
        .iter()
        .map(|found| found.index)
        .collect();
    assert_eq!(found, [17, 40]);
}

#[test]
fn catalogue_files_are_those_below_the_folder() {
    assert_eq!(role("catalogue/acme.yaml"), Some(Role::Catalogue));
    assert!(Bundle::new([("catalogue/acme.yaml".to_owned(), VENDOR.into())]).is_ok());
}

#[test]
fn a_model_is_compared_without_its_tag() {
    const MODELS: &str = "
vendor: {id: acme, name: Acme}
products:
  - id: acme.thinker
    name: Acme Thinker
    package_ids: [{value: thinker-r1, sources: [local_models], mark: V1}]
";
    let (catalogue, remarks) = compile(MODELS);
    assert!(remarks.is_empty(), "{remarks:?}");
    for (yaml, wanted) in [
        (
            "{name: 'thinker-r1:7b', source: local_models}",
            Some("thinker-r1:7b"),
        ),
        (
            "{name: thinker-r1, source: local_models}",
            Some("thinker-r1"),
        ),
        (
            "{name: x, package_id: 'Thinker-R1:7b:q4', source: local_models}",
            Some("Thinker-R1:7b:q4"),
        ),
        (
            "{name: 'thinker-r1:7b', package_id: x, source: local_models}",
            None,
        ),
        ("{name: 'thinker-r10:7b', source: local_models}", None),
        (
            "{name: 'library/thinker-r1:7b', source: local_models}",
            None,
        ),
        (
            "{name: x, package_id: 'thinker-r1:7b', source: deb_packages}",
            None,
        ),
        ("{name: thinker-r1}", None),
    ] {
        let found = catalogue.identify(&[item(yaml)]);
        let value = found.first().map(|found| found.evidence[0].value.as_str());
        assert_eq!(value, wanted, "{yaml}");
    }
    let (_, remarks) = compile(&MODELS.replace("thinker-r1,", "'thinker-r1:7b',"));
    assert_eq!(remarks[0].code, "catalogue-identifier");
}

#[test]
fn a_catalogue_in_json_says_the_same_and_shows_faults_in_their_place() {
    let value: serde_json::Value = serde_yaml::from_str(VENDOR).unwrap();
    let json = serde_json::to_string_pretty(&value).unwrap();
    let read = |text: &str| {
        let mut remarks = Vec::new();
        let files = [("catalogue/acme.json", text)];
        (Catalogue::compile(files.into_iter(), &mut remarks), remarks)
    };
    let (catalogue, remarks) = read(&json);
    assert!(remarks.is_empty(), "{remarks:?}");
    let items = [item(
        "{name: Acme Shield 1, publisher: Acme Labs, path: /opt/Acme Labs}",
    )];
    assert_eq!(catalogue.examine(&items), compile(VENDOR).0.examine(&items));
    let (_, remarks) = read(&json.replacen("\"class\"", "\"klass\"", 1));
    assert_eq!(remarks[0].code, "catalogue-parse-error");
    assert!(remarks[0].excerpt.contains("klass"), "{remarks:?}");
    assert_eq!(remarks[0].hint, "did you mean `class`?");
    let (_, remarks) = read("{\"vendor\": [\"acme\", \"Acme\"]}");
    assert_eq!(remarks[0].code, "catalogue-parse-error");
}

/// A catalogue of as many products whose names and patterns begin alike, and as many of
/// others.
fn alike(products: usize) -> Catalogue {
    let mut text = String::from(
        "vendor: {id: v, name: V, publishers: [{value: Acme Labs, mark: V1}]}\nproducts:\n",
    );
    for at in 0..products {
        text.push_str(&format!(
            "  - id: v.p{at}
    name: n
    display_names: [{{value: Acme w{at} x, mark: V1}}, {{value: W{at}, mark: V1}}]
    bundle_ids: [{{value: com.acme.w{at}., mark: V1, prefix: true}}]
    paths: [{{value: /opt/acme/w{at}, mark: V1}}, {{value: '**/acme/w{at}', mark: V1}}]
    process_names: [{{value: 'acme-w{at}\\d+', mark: V1, pattern: true}}]
"
        ));
    }
    let (catalogue, remarks) = compile(&text);
    assert!(remarks.is_empty(), "{remarks:?}");
    catalogue
}

#[test]
fn asking_a_large_catalogue_takes_as_many_steps_as_asking_a_small_one() {
    let items = [
        item("{name: Acme Else x, publisher: Acme Labs, path: /opt/acme/else/acme-else1}"),
        item("{name: Acme w3 y, publisher: Acme Labs, path: /opt/acme/acme/acme-w3}"),
        item("{name: Acme w3 x 1, publisher: Acme Labs, bundle_id: com.acme.else.w3}"),
        item("{name: acme-else, source: process, publisher: Acme Labs}"),
    ];
    let steps = |products| {
        let catalogue = alike(products);
        let before = STEPS.get();
        let found = catalogue.identify(&items);
        assert_eq!(found.len(), 1, "{found:?}");
        STEPS.get() - before
    };
    let few = steps(10);
    assert!(few > 0);
    assert_eq!(steps(1_000), few);
}

mod naive;
mod written;
