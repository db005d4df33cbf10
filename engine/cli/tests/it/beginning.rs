//! `embargo new` and `embargo schema`: what a newcomer is given works.

use crate::support::{folder, root, run};

#[test]
fn a_new_set_passes_its_checks_and_its_tests() {
    let work = folder(&[]);
    let path = work.path().join("policies");
    let set = path.to_str().unwrap();
    let new = run(&["new", set]);
    assert_eq!(new.code, 0, "{}", new.err);
    for command in [&["check", "--strict"][..], &["test"]] {
        let ran = run(&[command, &[set]].concat());
        assert_eq!(ran.code, 0, "{command:?}\n{}{}", ran.out, ran.err);
        assert!(
            new.out
                .contains(&format!("embargo {} {set}", command.join(" "))),
            "{}",
            new.out
        );
    }
    let tests = run(&["test", set]);
    let passed: usize = tests.out.split(' ').next().unwrap().parse().unwrap();
    assert!(passed > 10, "{}", tests.out);

    let read = |file: &str| std::fs::read_to_string(path.join(file)).unwrap();
    let workflow = read(".github/workflows/policies.yml");
    assert!(workflow.contains("embargo check --strict") && workflow.contains("embargo test"));
    for name in ["catalogue", "instrument", "waivers", "cases"] {
        let laid = read(&format!("schema/{name}.schema.json"));
        assert_eq!(laid, run(&["schema", name]).out, "{name}");
    }
    // Each file that has a schema names one that is there.
    for file in [
        "catalogue/example-chat.yaml",
        "instruments/acceptable-use/instrument.yaml",
        "instruments/acceptable-use/cases.yaml",
        "waivers/waivers.yaml",
    ] {
        let text = read(file);
        let first = text.lines().next().unwrap();
        let schema = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap();
        let below = path.join(file).parent().unwrap().join(schema);
        assert!(below.is_file(), "{file}: {schema}");
    }
}

#[test]
fn the_waiver_that_a_new_set_shows_is_a_waiver() {
    let work = folder(&[]);
    let path = work.path().join("set");
    let set = path.to_str().unwrap();
    assert_eq!(run(&["new", set]).code, 0);
    let file = path.join("waivers/waivers.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let shown = text.split("# waivers:\n").nth(1).unwrap();
    let entries: String = shown
        .lines()
        .map_while(|line| line.strip_prefix("# "))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&file, format!("waivers:\n{entries}")).unwrap();
    let ran = run(&["check", "--strict", "--at", "2026-12-01T00:00:00Z", set]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ended = run(&["check", "--strict", "--at", "2027-03-31T00:00:00Z", set]);
    assert!(ended.out.contains("lint-waiver-expired"), "{}", ended.out);
}

#[test]
fn nothing_is_written_where_anything_is() {
    let there = folder(&[(".hidden", "x")]);
    let path = there.path().to_str().unwrap();
    let ran = run(&["new", path]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is not empty"), "{}", ran.err);
    assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 1);
    let file = there.path().join(".hidden");
    assert_eq!(run(&["new", file.to_str().unwrap()]).code, 2);
    // A folder that is empty will do.
    let empty = folder(&[]);
    assert_eq!(run(&["new", empty.path().to_str().unwrap()]).code, 0);
}

#[test]
fn a_schema_is_printed_as_the_shipped_set_has_it() {
    for name in ["catalogue", "instrument", "waivers", "cases"] {
        let file = root().join(format!("policies/schema/{name}.schema.json"));
        let ran = run(&["schema", name]);
        assert_eq!(
            (ran.code, ran.out),
            (0, std::fs::read_to_string(file).unwrap())
        );
    }
    assert_eq!(run(&["schema", "nonsense"]).code, 2);
}
