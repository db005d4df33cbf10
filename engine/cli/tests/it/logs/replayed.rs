//! Replays: what other policies would change, and that what a log does not tell is no "no change".

use std::collections::BTreeSet;

use super::*;

fn replay(folder: &Path, log: &Path, policies: &str, arguments: &[&str]) -> Ran {
    let policies = folder.join(policies);
    let paths = [
        log.to_str().unwrap(),
        "--policies",
        policies.to_str().unwrap(),
    ];
    run(&[&["replay"], &paths[..], arguments].concat())
}

#[test]
fn what_would_change_is_counted_and_named_the_same_from_both_formats() {
    let files = files();
    for log in [spool(files.path()), opa(files.path())] {
        let page = replay(files.path(), &log, "new", &["--list", "1"]);
        assert_eq!(page.code, 0, "{}", page.err);
        for line in [
            "10 of 30 decisions are changed by this",
            "       10 entries  WARN          -> DENY",
            "  entries  old       new     rule                  product",
            "       10  warn   -> deny    restrictions.editors  acme.editor",
            "and 9 more entries, all of which `--format json` lists",
        ] {
            assert!(
                page.out.lines().any(|known| known == line),
                "{line}: {}",
                page.out
            );
        }
        assert!(
            page.err
                .contains("30 entries have software in home folders"),
            "{}",
            page.err
        );
        let refused = replay(files.path(), &log, "new", &["--fail-on-change"]);
        assert_eq!(refused.code, 1);

        let same = replay(files.path(), &log, "old", &["--fail-on-change"]);
        assert_eq!(same.code, 0, "{}", same.err);
        assert!(
            same.out
                .contains("\n0 of 30 decisions are changed by this\n"),
            "{}",
            same.out
        );

        let json = replay(files.path(), &log, "new", &["-f", "json"]);
        let answer: Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(answer["entry_count"], 30);
        assert_eq!(answer["changed_entry_count"], 10);
        assert_eq!(answer["left"], Value::Array(vec![]));
        let entries = answer["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 10);
        assert_eq!(entries[0]["new_effect"], "deny");
        assert_eq!(entries[0]["changes"][0]["product_id"], "acme.editor");
        // Each is found in the log by its id.
        let ids: BTreeSet<&str> = entries
            .iter()
            .map(|entry| entry["event_id"].as_str().unwrap())
            .collect();
        let all = log_of(&log);
        assert_eq!(ids.len(), 10);
        assert!(ids.iter().all(|id| all.contains(id)));
    }
}

fn log_of(path: &Path) -> String {
    log(&["cat", "--effect", "warn"], path).out
}

#[test]
fn what_masks_have_and_the_new_policies_read_is_not_taken_for_no_change() {
    let files = files();
    let log = spool(files.path());
    for (policies, pointer) in [
        ("group", "/facts/groups/*"),
        ("attribute", "/facts/attributes"),
    ] {
        let ran = replay(files.path(), &log, policies, &[]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        let said = format!("30 entries have `{pointer}` masked, which bears on their decision");
        assert!(ran.err.contains(&said), "{}", ran.err);
        assert!(
            ran.out.contains("\n0 of 0 decisions are changed by this\n"),
            "{}",
            ran.out
        );
        let json = replay(files.path(), &log, policies, &["-f", "json"]);
        let answer: Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(answer["left"][0]["entry_count"], 30);
        assert_eq!(answer["left"][0]["reason"], "masked");
        assert_eq!(answer["left"][0]["pointer"], pointer);
    }
}

#[test]
fn what_is_no_entry_or_is_missing_makes_the_answer_incomplete() {
    let files = files();
    let file = opa(files.path());
    let text = fs::read_to_string(&file).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let other = first.replace("EFFECT_WARN", "EFFECT_TOMORROW");
    fs::write(&file, format!("{other}\nnothing\n{{}}\n{rest}")).unwrap();
    let ran = replay(files.path(), &file, "new", &[]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.out
            .contains("\n9 of 29 decisions are changed by this\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("decisions.jsonl:2: the line is no entry"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("2 entries are no entries, or entries of another release; the first is"),
        "{}",
        ran.err
    );
    let absent = replay(files.path(), &file, "absent", &[]);
    assert_eq!(absent.code, 2);
    assert!(absent.err.contains("cannot be loaded"), "{}", absent.err);
}
