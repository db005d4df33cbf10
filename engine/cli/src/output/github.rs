//! Commands of a GitHub workflow, by which remarks show beside the lines of a change, and the
//! Markdown of its summary. What strangers wrote ends no command, begins none, and is text.

use super::pretty::clean;

/// How a remark shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Notice,
    Warning,
    Error,
}

impl Level {
    const fn command(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A remark as a line. Properties are those of the workflow commands, such as `file`.
pub(crate) fn annotation(level: Level, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", property(value)))
        .collect();
    format!(
        "::{} {}::{}\n",
        level.command(),
        properties.join(","),
        data(message)
    )
}

/// A message: in one line, and `%` only as the mark of an escape.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property, which also ends at `,` and `:`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line for a log in which a workflow looks for commands: `::` where a line begins, `##[`
/// anywhere.
pub(crate) fn harmless(line: &str) -> String {
    let line = clean(line).replace("##[", "# #[");
    let (indent, text) = line.split_at(line.len() - line.trim_start().len());
    match text.strip_prefix("::") {
        Some(rest) => format!("{indent}: :{rest}"),
        None => line,
    }
}

/// Text in Markdown, in one line, that is neither markup nor a link.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(&text.replace('\n', " ")).chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        let properties = [
            ("file", "a,b:c%/d".to_owned()),
            ("title", "x\n::y".to_owned()),
        ];
        assert_eq!(
            annotation(Level::Error, &properties, "100%:\r\nno, really"),
            "::error file=a%2Cb%3Ac%25/d,title=x%0A%3A%3Ay::100%25:%0D%0Ano, really\n"
        );
    }

    #[test]
    fn no_line_of_a_log_is_a_command() {
        for (line, wanted) in [
            ("  ::set-output name=a::b", "  : :set-output name=a::b"),
            ("deny  ##[error]x", "deny  # #[error]x"),
            ("a::b", "a::b"),
            ("", ""),
            ("a\n::b", "a\u{fffd}::b"),
        ] {
            assert_eq!(harmless(line), wanted);
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            markdown("<b>|[a](http://b)\nö"),
            "\\<b\\>\\|\\[a\\]\\(http\\:\\/\\/b\\) ö"
        );
    }
}
