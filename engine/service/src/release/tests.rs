use super::*;

fn release(revision: &str, issued: Option<&str>) -> Release {
    Release {
        revision: revision.to_owned(),
        is_signed: issued.is_some(),
        issued: issued.map(|issued| issued.parse().unwrap()),
        ..Release::default()
    }
}

fn admitted(before: &Release, after: &Release) -> Result<(), &'static str> {
    let latest = Latest {
        release: before.clone(),
        snapshot: "one".to_owned(),
    };
    // The same content may come again, whatever it is called.
    assert_eq!(latest.admits(after, "one"), Ok(()));
    latest
        .admits(after, "other")
        .map_err(|refused| refused.code())
}

const MORNING: Option<&str> = Some("2024-06-01T06:00:00Z");
const NOON: Option<&str> = Some("2024-06-01T12:00:00Z");

#[test]
fn a_release_comes_after_another_by_revision_and_else_by_the_instant() {
    let older = Err("release-older");
    for (before, after, wanted) in [
        (("7", MORNING), ("8", NOON), Ok(())),
        (("8", NOON), ("7", MORNING), older),
        // The revision stands over the instant.
        (("8", MORNING), ("7", NOON), older),
        (("7", NOON), ("8", MORNING), Ok(())),
        (("abc", MORNING), ("def", NOON), Ok(())),
        (("def", NOON), ("abc", MORNING), older),
        (("abc", NOON), ("def", NOON), older),
        (("", MORNING), ("", NOON), Ok(())),
        (("", NOON), ("", MORNING), older),
        (("7", MORNING), ("abc", NOON), Ok(())),
        (("7", NOON), ("7", MORNING), Err("release-reused")),
        (("7", MORNING), ("7", NOON), Err("release-reused")),
        (("7", None), ("8", None), Ok(())),
        (("8", None), ("7", None), older),
        (("7", None), ("7", None), Err("release-reused")),
        (("abc", None), ("def", None), Ok(())),
        (("", None), ("", None), Ok(())),
        // Who was signed does not give way to who is not, unless revisions say so.
        (("abc", NOON), ("def", None), Err("release-unordered")),
        (("", None), ("", NOON), Err("release-unordered")),
    ] {
        let found = admitted(&release(before.0, before.1), &release(after.0, after.1));
        assert_eq!(found, wanted, "{before:?} {after:?}");
    }
}

#[test]
fn a_content_that_was_signed_again_is_remembered_by_its_later_signature() {
    let latest = |issued| Latest {
        release: release("7", issued),
        snapshot: "one".to_owned(),
    };
    assert_eq!(latest(NOON).after(Some(&latest(MORNING))), latest(NOON));
    assert_eq!(latest(MORNING).after(Some(&latest(NOON))), latest(NOON));
    assert_eq!(latest(MORNING).after(None), latest(MORNING));
}
