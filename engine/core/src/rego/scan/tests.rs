//! Each bound, from both sides.

use super::*;

fn refused(text: &str) -> Option<(&'static str, u32)> {
    let refused = check("a.rego", text).err()?;
    let span = refused.span.as_ref().unwrap();
    assert!(!refused.hint.is_empty() && !refused.excerpt.is_empty());
    Some((refused.code, span.start_line))
}

fn nested(levels: usize, open: &str, close: &str) -> String {
    let (open, close) = (open.repeat(levels), close.repeat(levels));
    format!("package a\nx := {open}1{close}\n")
}

#[test]
fn brackets_nest_so_deep_and_no_deeper() {
    assert_eq!(refused(&nested(12, "[", "]")), None);
    assert_eq!(refused(&nested(13, "[", "]")), Some(("rego-too-deep", 2)));
    assert_eq!(refused(&nested(13, "{a:", "}")), Some(("rego-too-deep", 2)));
    assert_eq!(refused(&nested(64, "abs(", ")")), None);
    assert_eq!(
        refused(&nested(65, "abs(", ")")),
        Some(("rego-too-deep", 2))
    );
    assert_eq!(
        refused(&nested(65, "abs(\n", ")")),
        Some(("rego-too-deep", 66))
    );
    let text = "package a\nx := \"[[[[[[[[[[[[[[[[[[[[[\\\"[\" # [[[[[[[[[[[[[[[[[[[[[[[[\n";
    assert_eq!(refused(text), None);
    let raw = "package a\nx := `[[[[[[[[[[[\n[[[[[[[[[[[\"` + 1\n";
    assert_eq!(refused(raw), None);
}

#[test]
fn expressions_are_so_long_and_no_longer() {
    for link in [
        " +\n1",
        "\n- 1",
        "\n-1",
        "\nin [1]",
        " == f\n(1)",
        "\n| {1}",
    ] {
        let text = |links: usize| format!("package a\nx := 1{}\n", link.repeat(links));
        assert_eq!(refused(&text(160)), None, "{link:?}");
        let found = refused(&text(501)).unwrap_or_else(|| panic!("{link:?} passes"));
        assert_eq!(found.0, "rego-too-deep", "{link:?}");
    }
    for link in ["- ", "-\n", "(-\n"] {
        let text = format!("package a\nx := {}1\n", link.repeat(501));
        assert_eq!(refused(&text).unwrap().0, "rego-too-deep", "{link:?}");
    }
    let steps = |steps| format!("package a\nx := input{}\n", ".a[0]".repeat(steps));
    assert_eq!(refused(&steps(160)), None);
    // Within each other, the parts of one count for the other, whichever comes first.
    let sum = " + 1".repeat(120);
    let inside = (0..5).fold("1".to_owned(), |inner, _| format!("({inner}\n{sum}\n)"));
    assert_eq!(
        refused(&format!("package a\nx := {inside}\n")).unwrap().0,
        "rego-too-deep"
    );
}

#[test]
fn what_stands_beside_each_other_does_not_count_as_deep() {
    let line = "\tx.y.z + 1 - 2 == count([a, b])\n";
    let rule = format!("a if {{\n{}}}\n\n", line.repeat(200));
    assert_eq!(refused(&format!("package a\n\n{}", rule.repeat(20))), None);
    let list = format!("package a\nx := [\n{}]\n", "\t1 + 2 + 3,\n".repeat(5_000));
    assert_eq!(refused(&list), None);
    let object = "\t\"a\": {\"b\": 1 + 2, \"c\": [3]},\n".repeat(5_000);
    assert_eq!(refused(&format!("package a\nx := {{\n{object}}}\n")), None);
    let chain = "else := 1 if {\n\ta == 1\n} ".repeat(5_000);
    let chain = format!("package a\nx := 1 if {{\n\ta == 1\n}} {chain}\n");
    assert_eq!(refused(&chain), None);
}

#[test]
fn a_body_has_so_many_statements_and_no_more() {
    for statement in [
        "\ta := 1\n",
        "\ta := f(\n\t\t1,\n\t\t2,\n\t)\n",
        "a; ",
        "{1}\n",
    ] {
        let body = |count: usize| {
            let lines = statement
                .repeat(count)
                .replace("a; a; a; a; ", "a; a; a; a;\n");
            format!("package a\nx if {{\n{lines}true\n}}\n")
        };
        assert_eq!(refused(&body(299)), None, "{statement:?}");
        let found = refused(&body(302)).unwrap_or_else(|| panic!("{statement:?} passes"));
        assert_eq!(found.0, "rego-too-large", "{statement:?}");
    }
    let rules = "x if true\n".repeat(5_000);
    assert_eq!(refused(&format!("package a\n{rules}")), None);
}

#[test]
fn literals_together_cost_so_much_and_no_more() {
    let deep = |count: usize| {
        let literal = format!("{}1{},\n", "[".repeat(11), "]".repeat(11));
        format!("package a\nx := [\n{}]\n", literal.repeat(count))
    };
    assert_eq!(refused(&deep(50)), None);
    assert_eq!(refused(&deep(100)), Some(("rego-too-large", 67)));
}

#[test]
fn a_long_line_is_refused_with_its_length() {
    let long = format!("package a\nx := \"{}\"\n", "y".repeat(2_000));
    assert_eq!(refused(&long), Some(("rego-line-length", 2)));
}

#[test]
fn nothing_is_lost_behind_a_nul() {
    for text in [
        "package a\n\0deny := 1\n",
        "package a\n# \0\nx := 1\n",
        "package a\nx := \"\0\"\n",
    ] {
        assert_eq!(refused(text), Some(("rego-parse-error", 2)), "{text:?}");
    }
}
