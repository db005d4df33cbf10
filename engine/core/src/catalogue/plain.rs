//! Plain YAML as JSON, which takes a small part of the time to read.
//!
//! Large catalogues are written by programs and in one plain manner: maps and lists in
//! blocks, one level of indentation more for each, short ones in braces and brackets on one
//! line, texts without escapes. What is in that manner beyond doubt is given as JSON that
//! says the same. Anything else, were it only unusual, is left to the YAML reader, which
//! also words every fault: this one never says what is wrong.

/// The JSON that says the same as a YAML document, if the document is plain.
pub(super) fn json(text: &str) -> Option<String> {
    let is_ascii = text.is_ascii() && text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~'));
    if !is_ascii && !text.chars().all(is_printable) {
        return None;
    }
    let mut writer = Writer {
        // Keys and texts gain quotes.
        json: String::with_capacity(text.len() + text.len() / 8),
        open: Vec::new(),
        expected: Some(None),
    };
    for line in text.split('\n') {
        let content = line.trim_start_matches(' ');
        if !content.is_empty() && !content.starts_with('#') {
            writer.line(line.len() - content.len(), content)?;
        }
    }
    writer.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Map,
    List,
}

struct Writer {
    json: String,
    /// The blocks around, with their indentation.
    open: Vec<(usize, Block)>,
    /// Whether a block has to begin, and the indentation that it has to be deeper than.
    expected: Option<Option<usize>>,
}

impl Writer {
    fn line(&mut self, indent: usize, content: &str) -> Option<()> {
        let Some(item) = content.strip_prefix("- ") else {
            return self.pair(indent, content);
        };
        self.place(indent, Block::List)?;
        let inner = item.trim_start_matches(' ');
        if key(inner).is_none() {
            return self.whole_value(inner);
        }
        let indent = indent + content.len() - inner.len();
        self.begin(indent, Block::Map);
        self.pair_here(indent, inner)
    }

    fn pair(&mut self, indent: usize, content: &str) -> Option<()> {
        self.place(indent, Block::Map)?;
        self.pair_here(indent, content)
    }

    /// Ends deeper blocks; begins one if one has to begin here, or else goes on with the one
    /// that is here.
    fn place(&mut self, indent: usize, kind: Block) -> Option<()> {
        if let Some(outer) = self.expected.take() {
            let fits = match outer {
                Some(outer) => indent > outer,
                None => indent == 0 && kind == Block::Map,
            };
            fits.then(|| self.begin(indent, kind))
        } else {
            self.end_deeper(Some(indent));
            self.json.push(',');
            (self.open.last() == Some(&(indent, kind))).then_some(())
        }
    }

    fn begin(&mut self, indent: usize, kind: Block) {
        self.open.push((indent, kind));
        self.json.push(match kind {
            Block::Map => '{',
            Block::List => '[',
        });
    }

    fn end_deeper(&mut self, indent: Option<usize>) {
        while let Some((_, kind)) = self
            .open
            .pop_if(|(inner, _)| indent.is_none_or(|indent| *inner > indent))
        {
            self.json.push(match kind {
                Block::Map => '}',
                Block::List => ']',
            });
        }
    }

    /// A key and its value, or a key whose value is the block that follows.
    fn pair_here(&mut self, indent: usize, content: &str) -> Option<()> {
        let (key, rest) = key(content)?;
        self.key(key);
        if nothing_follows(rest) {
            self.expected = Some(Some(indent));
            return Some(());
        }
        self.whole_value(rest.trim_start_matches(' '))
    }

    /// A value behind which the line ends.
    fn whole_value(&mut self, text: &str) -> Option<()> {
        let rest = match text.bytes().next()? {
            b'{' | b'[' | b'"' | b'\'' => self.flow(text, true)?,
            _ => {
                let value = text.split_once(" #").map_or(text, |(value, _)| value);
                self.plain(value, false)?
            }
        };
        nothing_follows(rest).then_some(())
    }

    /// A value among others in a line. Gives what follows it.
    fn flow<'t>(&mut self, text: &'t str, may_list: bool) -> Option<&'t str> {
        match text.bytes().next()? {
            b'{' => self.flow_map(text.get(1..)?),
            // A list in a list could be taken for a map without keys.
            b'[' if may_list => self.flow_list(text.get(1..)?),
            b'"' => self.quoted(text.get(1..)?, '"'),
            b'\'' => self.quoted(text.get(1..)?, '\''),
            _ => self.plain(text, true),
        }
    }

    fn flow_map<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        self.json.push('{');
        let mut rest = text;
        loop {
            let (key, value) = key(rest.trim_start_matches(' '))?;
            self.key(key);
            rest = self.flow(value.strip_prefix(' ')?.trim_start_matches(' '), true)?;
            rest = rest.trim_start_matches(' ');
            if let Some(after) = rest.strip_prefix('}') {
                self.json.push('}');
                return Some(after);
            }
            rest = rest.strip_prefix(',')?;
            self.json.push(',');
        }
    }

    fn flow_list<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        self.json.push('[');
        let mut rest = text;
        loop {
            rest = self.flow(rest.trim_start_matches(' '), false)?;
            rest = rest.trim_start_matches(' ');
            if let Some(after) = rest.strip_prefix(']') {
                self.json.push(']');
                return Some(after);
            }
            rest = rest.strip_prefix(',')?;
            self.json.push(',');
        }
    }

    /// A text in quotes, without escapes. Gives what follows it.
    fn quoted<'t>(&mut self, text: &'t str, quote: char) -> Option<&'t str> {
        let (inner, rest) = text.split_once(quote)?;
        let escapes = match quote {
            '"' => inner.contains('\\'),
            _ => rest.starts_with(quote),
        };
        if escapes {
            return None;
        }
        self.text(inner);
        Some(rest)
    }

    /// A text without quotes. Gives what follows it.
    fn plain<'t>(&mut self, text: &'t str, in_flow: bool) -> Option<&'t str> {
        let end = text
            .bytes()
            .position(|byte| in_flow && matches!(byte, b',' | b']' | b'}'))
            .unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end)?;
        let value = value.trim_end_matches(' ');
        if !is_plain_text(value) {
            return None;
        }
        match value {
            "true" | "false" => self.json.push_str(value),
            _ => self.text(value),
        }
        Some(rest)
    }

    fn key(&mut self, key: &str) {
        self.text(key);
        self.json.push(':');
    }

    fn text(&mut self, text: &str) {
        self.json.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(['"', '\\']) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            self.json.push_str(before);
            self.json.push('\\');
            let (special, after) = from.split_at_checked(1).unwrap_or((from, ""));
            self.json.push_str(special);
            rest = after;
        }
        self.json.push_str(rest);
        self.json.push('"');
    }

    fn finish(mut self) -> Option<String> {
        if self.expected.is_some() {
            return None;
        }
        self.end_deeper(None);
        Some(self.json)
    }
}

/// The key that a text begins with, and what follows its colon: a blank or nothing.
fn key(text: &str) -> Option<(&str, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_lowercase() && byte != b'_' && !byte.is_ascii_digit())?;
    let (key, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(':')?;
    let is_text = key.starts_with(|first: char| first.is_ascii_lowercase())
        && !matches!(key, "true" | "false" | "null");
    (is_text && (rest.is_empty() || rest.starts_with(' '))).then_some((key, rest))
}

/// Whether the rest of a line is blank, or a remark.
fn nothing_follows(rest: &str) -> bool {
    let content = rest.trim_start_matches(' ');
    content.is_empty() || (content.starts_with('#') && content.len() < rest.len())
}

/// Whether a text without quotes is a text, whole and no other thing, wherever it stands:
/// the words for truth are told apart by the caller.
fn is_plain_text(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let begins = match first {
        '/' | '_' => true,
        // Not a number in any notation, nor `.inf`.
        '0'..='9' => text.bytes().any(
            |byte| matches!(byte.to_ascii_lowercase(), b'g'..=b'n' | b'p'..=b'w' | b'y' | b'z'),
        ),
        _ => first.is_alphabetic(),
    };
    begins
        && !matches!(
            text,
            "null" | "Null" | "NULL" | "True" | "TRUE" | "False" | "FALSE"
        )
        && text.chars().all(is_plain_character)
}

/// Whether a character stands for itself within a text without quotes.
fn is_plain_character(character: char) -> bool {
    const OTHERS: &[u8] = b" _-./+()@&'!*=~^$%;";
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric() || OTHERS.contains(&byte),
        _ => character.is_alphanumeric(),
    }
}

/// Whether a character stands for itself in both notations. Line ends other than `\n` and
/// what cannot be seen do not.
const fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests;
