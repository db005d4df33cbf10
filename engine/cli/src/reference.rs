//! The reference page of the guide, which is made from the program: `docs/guide/reference.md`.

use std::fmt::Write as _;
use std::path::Path;

use embargo_core::{allowed_functions, refused_functions};

use crate::exit::Exit;

/// Set to have the page written instead of compared.
const WRITE: &str = "EMBARGO_WRITE_DOCS";

fn page() -> String {
    let mut page = "# Reference\n\nThis page is made from the program: `EMBARGO_WRITE_DOCS=1 cargo test -p embargo-cli reference` writes it, and\na test holds it.\n\n## Exit codes\n\n| code | means |\n|---|---|\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.code(), exit.meaning());
    }
    page.push_str("\n`--fail-on warn|review|deny` names the weakest effect that ends with 1.\n\n## Error codes\n\nEach remark on a policy file, a fact file or an inventory carries a code: [codes](../codes/README.md). Each call of the API\nwithout an answer carries a reason: [reasons](../reasons.md).\n\n## Functions\n\nRules may call these. They are OPA's, with OPA's meaning, but for `embargo.version_compare`, which\n[policies/README.md](../../policies/README.md#functions) describes.\n\n");
    let mut of_prefix = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for name in allowed_functions() {
        let prefix = name.split_once('.').map_or("", |(prefix, _)| prefix);
        of_prefix.entry(prefix).or_default().push(name);
    }
    page.push_str("| group | functions |\n|---|---|\n");
    for (prefix, names) in of_prefix {
        let group = if prefix.is_empty() { "core" } else { prefix };
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(page, "| {group} | {} |", names.join(", "));
    }
    page.push_str("\nThese are OPA's too, and refused:\n\n| function | because |\n|---|---|\n");
    for (name, reason) in refused_functions() {
        let name = match name.contains(' ') {
            true => (*name).to_owned(),
            false => format!("`{name}`"),
        };
        let _ = writeln!(page, "| {name} | {reason} |");
    }
    page
}

#[test]
fn the_reference_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/reference.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        page,
        "write it anew with {WRITE}=1"
    );
}
