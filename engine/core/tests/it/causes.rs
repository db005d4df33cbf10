//! One slip gives one remark: what only follows from another fault is not shown beside it, and
//! faults that have nothing to do with each other are shown together.

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::Diagnostic;
use embargo_core::lint;
use embargo_core::snapshot::Snapshot;

use crate::support::{compile, shipped_files};

/// All that is wrong with the shipped set once a file of it is changed.
fn remarks_with(path: &str, change: impl Fn(&str) -> String) -> Vec<Diagnostic> {
    let mut files = shipped_files();
    let file = files.iter_mut().find(|(known, _)| known == path);
    let (_, content) = file.unwrap_or_else(|| panic!("{path} is not there"));
    let changed = change(std::str::from_utf8(content).unwrap());
    assert_ne!(
        changed.as_bytes(),
        content.as_slice(),
        "{path} is as it was"
    );
    *content = changed.into_bytes();
    match Snapshot::compile(Bundle::new(files).unwrap()) {
        Ok(snapshot) => {
            let mut remarks = snapshot.warnings().to_vec();
            remarks.extend(lint::of(&snapshot, "2024-06-01T00:00:00Z".parse().unwrap()));
            remarks
        }
        Err(remarks) => remarks,
    }
}

/// The line of a text on which a part of it stands, and the column.
fn place_of(text: &str, part: &str) -> (u32, u32) {
    let (number, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(part))
        .unwrap();
    let column = line.find(part).unwrap() + 1;
    (
        u32::try_from(number + 1).unwrap(),
        u32::try_from(column).unwrap(),
    )
}

#[test]
fn a_rule_with_one_misspelt_name_has_exactly_one_remark_with_line_caret_and_suggestion() {
    let rule = "instruments/nz-tiktok/rule.rego";
    let library = "lib/ban.rego";
    for (path, right, wrong, at) in [
        // A rule of the package, in an argument and outside of one.
        (
            rule,
            "instrument.answer(_id, _bound)",
            "instrument.answer(_id, _bond)",
            "_bond",
        ),
        (
            rule,
            "some entry in ban.warned(_answer, _reach)",
            "some entry in ban.warned(_anwser, _reach)",
            "_anwser",
        ),
        // A name that the rule itself declares.
        (
            library,
            "answer.effect == effect\n\tsome i in reach.plain",
            "answr.effect == effect\n\tsome i in reach.plain",
            "answr",
        ),
        (
            library,
            "some i, detail in reach.doubtful",
            "some i, detail in raech.doubtful",
            "raech",
        ),
        // The head of a rule.
        (
            rule,
            "deny contains entry if",
            "deny contains enrty if",
            "enrty",
        ),
        // An import, and what is behind one.
        (
            rule,
            "import data.lib.named",
            "import data.lib.nmaed",
            "nmaed",
        ),
        (rule, "ban.denied(", "ban.deneid(", "deneid"),
        (rule, "named.reach(", "named.raech(", "raech"),
        (
            rule,
            "import data.lib.ban\n",
            "import data.lib.bna as ban\n",
            "bna",
        ),
        // A function of the language.
        ("lib/finding.rego", "concat(", "conact(", "conact"),
        // A field of the input, and a rule of another package.
        (
            "lib/host.rego",
            "kind := input.host.owner.kind",
            "kind := input.host.onwer.kind",
            "onwer",
        ),
        (
            "instruments/us-ndaa-fy2018-1634/rule.rego",
            "ban.denied(_answer, kaspersky.reach_in_part)",
            "ban.denied(_answer, kaspersky.raech_in_part)",
            "raech_in_part",
        ),
        // The instrument in the metadata.
        (
            rule,
            "custom: {instrument: nz-tiktok}",
            "custom: {instrument: nz-titkok}",
            "nz-titkok",
        ),
    ] {
        let mut text = String::new();
        let remarks = remarks_with(path, |plain| plain.replacen(right, wrong, 1));
        for (known, content) in shipped_files() {
            if known == path {
                text = String::from_utf8(content)
                    .unwrap()
                    .replacen(right, wrong, 1);
            }
        }
        let [remark] = remarks.as_slice() else {
            let shown: Vec<String> = remarks.iter().map(ToString::to_string).collect();
            panic!("{wrong}: {}", shown.join("\n\n"));
        };
        let span = remark.span.as_ref().unwrap();
        assert_eq!(span.path, path, "{remark}");
        assert_eq!(
            (span.start_line, span.start_column),
            place_of(&text, at),
            "{remark}"
        );
        assert!(
            remark.to_string().contains(&"^".repeat(at.len())),
            "{remark}"
        );
        assert!(remark.hint.starts_with("did you mean `"), "{remark}");
    }
}

#[test]
fn a_file_that_cannot_be_read_hides_what_names_it() {
    for path in [
        "lib/ban.rego",
        "lib/verdict.rego",
        "instruments/nz-tiktok/rule.rego",
        "catalogue/bytedance.yaml",
        "catalogue/kaspersky.yaml",
        "instruments/us-ndaa-fy2018-1634/instrument.yaml",
    ] {
        let remarks = remarks_with(path, |plain| format!("{plain}\n}} {{ [\n"));
        let [remark] = remarks.as_slice() else {
            let shown: Vec<String> = remarks.iter().map(ToString::to_string).collect();
            panic!("{path}: {}", shown.join("\n\n"));
        };
        assert_eq!(remark.span.as_ref().unwrap().path, path, "{remark}");
        assert!(remark.code.ends_with("-parse-error"), "{remark}");
    }
}

#[test]
fn faults_of_different_files_are_shown_together() {
    let mut files = shipped_files();
    let broken = [
        (
            "catalogue/zte.yaml",
            "vendor: {id: zte, name: ZTE, publisher: []}\n",
        ),
        ("waivers/waivers.yaml", "waivers: [{id: w}]\n"),
        ("data/own.yaml", "a: [\n"),
    ];
    for (path, text) in broken {
        files.retain(|(known, _)| known != path);
        files.push((path.to_owned(), text.as_bytes().to_vec()));
    }
    for (path, right, wrong) in [
        ("instruments/nz-tiktok/instrument.yaml", "issuer:", "isuer:"),
        // A fault that only compiling shows.
        (
            "instruments/no-tiktok/rule.rego",
            "deny contains entry if",
            "deny contains enrty if",
        ),
    ] {
        let (_, content) = files.iter_mut().find(|(known, _)| known == path).unwrap();
        let text = String::from_utf8(content.clone()).unwrap();
        *content = text.replacen(right, wrong, 1).into_bytes();
    }
    let remarks = Snapshot::compile(Bundle::new(files).unwrap()).unwrap_err();
    let codes: Vec<&str> = remarks.iter().map(|remark| remark.code).collect();
    assert_eq!(
        codes,
        [
            "catalogue-parse-error",
            "data-parse-error",
            "rego-unbound-name",
            "instrument-parse-error",
            "waiver-parse-error",
        ],
        "{remarks:#?}"
    );
}

#[test]
fn the_shipped_set_has_no_remark() {
    let snapshot = compile(shipped_files());
    assert_eq!(snapshot.warnings(), []);
    let remarks = lint::of(&snapshot, "2026-01-01T00:00:00Z".parse().unwrap());
    let shown: Vec<String> = remarks.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
    assert_eq!(lint::cases(snapshot.bundle()), []);
}
