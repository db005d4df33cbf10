//! Pages: where a code is explained. Each family of codes has a file in `docs/codes`, and
//! each code a section in it that carries its name.

/// The page of a code and its section there, relative to the root of the project.
#[must_use]
pub fn of(code: &str) -> String {
    format!("docs/codes/{}.md#{code}", family(code))
}

/// The family of a code: its first word, unless the word tells nothing of where to look.
fn family(code: &str) -> &str {
    let first = code.split('-').next().unwrap_or(code);
    match first {
        "budget" | "engine" | "malformed" | "policy" => "evaluation",
        "compile" | "compiler" | "data" | "not" => "bundle",
        first => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_to_the_file_of_its_family() {
        assert_eq!(of("rego-too-deep"), "docs/codes/rego.md#rego-too-deep");
        assert_eq!(of("not-utf-8"), "docs/codes/bundle.md#not-utf-8");
        assert_eq!(
            of("policy-barred"),
            "docs/codes/evaluation.md#policy-barred"
        );
    }
}
