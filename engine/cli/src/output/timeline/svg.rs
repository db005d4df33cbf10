//! Elements of SVG, with every text escaped.
//!
//! Lengths are in tenths of a pixel, so that they are whole numbers.

use crate::output::pretty;

/// A length in tenths of a pixel as SVG writes it.
fn px(tenths: usize) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// A text that can stand in an element or in an attribute in quotes. What XML has no way to
/// write becomes U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in pretty::clean(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text of at most so many characters, with `…` for what is left out.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Title,
    Plain,
    Strong,
    Faint,
    /// With letters of one width.
    Code,
    /// Centred on its place.
    Centred,
    /// Ending at its place.
    Ending,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Plain => "plain",
            Self::Strong => "strong",
            Self::Faint => "faint",
            Self::Code => "code",
            Self::Centred => "centred",
            Self::Ending => "ending",
        }
    }
}

/// Elements under construction.
#[derive(Default)]
pub(super) struct Drawing(String);

impl Drawing {
    pub(super) fn text(&mut self, x: usize, y: usize, look: Look, text: &str) {
        let line = format!(
            r#"<text x="{}" y="{}" class="{}">{}</text>"#,
            px(x),
            px(y),
            look.class(),
            escaped(text)
        );
        self.line_of(&line);
    }

    /// A rectangle, of which a viewer tells more when it is pointed at.
    pub(super) fn area(
        &mut self,
        (x, y): (usize, usize),
        (width, height): (usize, usize),
        fill: &str,
        more: &str,
    ) {
        let title = if more.is_empty() {
            String::new()
        } else {
            format!("<title>{}</title>", escaped(more))
        };
        let line = format!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" {fill}>{title}</rect>"#,
            px(x),
            px(y),
            px(width),
            px(height),
        );
        self.line_of(&line);
    }

    /// A line straight down, or to the right.
    pub(super) fn stroke(&mut self, from: (usize, usize), to: (usize, usize), class: &str) {
        let line = format!(
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" class="{class}"/>"#,
            px(from.0),
            px(from.1),
            px(to.0),
            px(to.1),
        );
        self.line_of(&line);
    }

    /// Draws what another drawing has over this one.
    pub(super) fn join(&mut self, over: Self) {
        self.0.push_str(&over.0);
    }

    fn line_of(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// The whole document: complete in itself, on a ground of its own so that it can be read
    /// on any page.
    pub(super) fn finish(self, width: usize, height: usize, title: &str, desc: &str) -> String {
        let (width, height) = (px(width), px(height));
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="embargo-title embargo-desc">
<title id="embargo-title">{}</title>
<desc id="embargo-desc">{}</desc>
{DEFINITIONS}<rect x="0" y="0" width="{width}" height="{height}" fill="#ffffff" stroke="#8c959f"/>
{}</svg>
"##,
            escaped(title),
            escaped(desc),
            self.0
        )
    }
}

/// Looks of texts and lines, and a pattern for each effect: they differ without colour too.
const DEFINITIONS: &str = r##"<style>
text { font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 13px; fill: #1f2328; }
.title { font-size: 20px; font-weight: 600; }
.strong { font-weight: 600; }
.faint { font-size: 12px; fill: #57606a; }
.code { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px; }
.centred { font-size: 12px; font-weight: 600; text-anchor: middle; }
.ending { font-size: 12px; fill: #57606a; text-anchor: end; }
.axis { stroke: #57606a; stroke-width: 1; }
.change { stroke: #1f2328; stroke-width: 1; stroke-dasharray: 3 3; }
.edge { stroke: #1f2328; stroke-width: 0.6; }
</style>
<defs>
<pattern id="embargo-allow" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#aceebb"/></pattern>
<pattern id="embargo-warn" width="10" height="10" patternUnits="userSpaceOnUse"><rect width="10" height="10" fill="#ffe38a"/><circle cx="5" cy="5" r="1.6" fill="#7d4e00"/></pattern>
<pattern id="embargo-review" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#ffc680"/><path d="M0 4H8" stroke="#953800" stroke-width="1.6"/></pattern>
<pattern id="embargo-deny" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#cf222e"/><path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="#ffffff" stroke-width="1.4"/></pattern>
<pattern id="embargo-indeterminate" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#c297ff"/><path d="M0 0L8 8M0 8L8 0" stroke="#3e1f79" stroke-width="1.2"/></pattern>
<pattern id="embargo-other" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#d0d7de"/><path d="M4 0V8" stroke="#424a53" stroke-width="1.4"/></pattern>
</defs>
"##;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_become_markup() {
        assert_eq!(
            escaped("</text><script x='1' y=\"2\">&\u{1b}\u{202e}\u{ffff}"),
            "&lt;/text&gt;&lt;script x=&#39;1&#39; y=&quot;2&quot;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn lengths_are_pixels_with_a_tenth_where_there_is_one() {
        assert_eq!([px(0), px(10), px(123)], ["0", "1", "12.3"]);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöüß", 4), "äöüß");
        assert_eq!(cut("äöüßx", 4), "äöü…");
    }
}
