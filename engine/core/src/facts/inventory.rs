//! Inventories: what MDM systems, agents and package managers list, read as facts.
//!
//! Each format has an adapter (`adapters/`) from a document to hosts. An adapter fills what
//! the document states and derives nothing. A record that names no installed software, or
//! cannot be read, is a remark with its place; where a part could not be read, the
//! [coverage](super::Coverage) says so, and such facts are never judged to be free of
//! findings. Pure: bytes in, records out.

mod about;
mod adapters;
mod answers;
mod at;
mod csv;
mod draft;
mod format;
mod node;
mod plist;
mod remark;
mod stream;
mod text;
mod xml;

use crate::diagnostic::Diagnostic;
use crate::yaml::burden;

pub use self::about::{About, AboutInvalid};
pub use self::format::Format;
pub use self::remark::{Remark, RemarkKind};
pub use self::stream::{DOCUMENT_BYTES, Documents, Piece};

use self::answers::Answers;
use self::at::At;
use self::draft::Draft;
use self::node::Node;
pub(crate) use self::node::VALUES;
use self::remark::Log;
use super::{CoverageState, HostRecord, limits};

/// What a document told.
#[derive(Debug)]
pub struct Inventory {
    /// What it was read as.
    pub format: Format,
    /// The hosts, in the order of the document.
    pub hosts: Vec<InventoriedHost>,
}

/// A host as a document tells of it.
#[derive(Clone, Debug, Default)]
pub struct InventoriedHost {
    /// The facts; `host_id` is empty where the document names no host.
    pub record: HostRecord,
    /// How many records of software the document has for it. Each is an item of the facts,
    /// or a remark that it was skipped or unread.
    pub records: usize,
    /// What is not in the facts, or is there in other words.
    pub remarks: Vec<Remark>,
    /// Which of the items are answers of queries.
    answers: Answers,
}

impl Inventory {
    /// How many hosts the document leaves without a name.
    #[must_use]
    pub fn unnamed(&self) -> usize {
        let unnamed = |host: &&InventoriedHost| host.record.host_id.is_empty();
        self.hosts.iter().filter(unnamed).count()
    }
}

impl InventoriedHost {
    /// Whether another part of a document goes on about the same host.
    #[must_use]
    pub fn is_continued_by(&self, next: &Self) -> bool {
        !self.record.host_id.is_empty() && self.record.host_id == next.record.host_id
    }

    /// Takes in what another part says about the same host. What is said first stands; of two
    /// statements about the coverage of a source the weaker one does.
    pub fn join(&mut self, next: Self) {
        let record = &mut self.record;
        record.os = record.os.take().or(next.record.os);
        record.form_factor = record.form_factor.take().or(next.record.form_factor);
        record.owner = record.owner.take().or(next.record.owner);
        record.groups.extend(next.record.groups);
        let mut remarks = next.remarks;
        self.records += next.records;
        let replaced = self.answers.join(next.answers, record.software.len());
        record.software.extend(next.record.software);
        if replaced > 0 {
            self.records = self.records.saturating_sub(replaced);
            remarks.push(remark::replaced("", replaced));
        }
        if self.answers.are_many() || record.software.len() > limits::SOFTWARE {
            self.answers.settle(&mut record.software);
        }
        let is_too_much = record.software.len() > limits::SOFTWARE;
        if is_too_much {
            self.answers
                .truncate(&mut record.software, limits::SOFTWARE);
        }
        // Facts that are put together are as old as their oldest part.
        let times = [record.collect_time, next.record.collect_time];
        record.collect_time = times.into_iter().flatten().min();
        for entry in next.record.coverage {
            let has_room = record.coverage.len() < limits::LIST;
            let known = record
                .coverage
                .iter_mut()
                .find(|known| known.source == entry.source);
            match known {
                Some(known) => known.state = known.state.weaker(entry.state),
                None if has_room => record.coverage.push(entry),
                // There is no place for it; that it is unreadable must not be lost.
                None => {
                    if let Some(last) = record.coverage.last_mut() {
                        last.state = last.state.weaker(entry.state);
                    }
                }
            }
        }
        if is_too_much {
            remarks.insert(0, remark::too_many_items(""));
            for entry in &mut record.coverage {
                entry.state = entry.state.weaker(CoverageState::Unreadable);
            }
        }
        if let Some(fields) = next.record.attributes {
            let known = record.attributes.get_or_insert_default();
            for (key, value) in fields {
                known.entry(key).or_insert(value);
            }
        }
        remark::join(&mut self.remarks, remarks);
    }
}

impl InventoriedHost {
    /// Leaves out what a later answer has replaced.
    fn settle(&mut self) {
        self.answers.settle(&mut self.record.software);
    }
}

/// Hosts of one document, at most.
const HOSTS: usize = 50_000;

/// The hosts that an adapter has read.
struct Hosts<'l> {
    log: &'l Log,
    /// The path of the document, in which some formats keep names.
    path: &'l str,
    read: Vec<InventoriedHost>,
    /// What there is more of than is read at a time.
    excess: Option<&'static str>,
}

impl<'l> Hosts<'l> {
    /// The path of the document, with `/` between its components.
    fn path(&self) -> &'l str {
        self.path
    }

    fn draft(&self) -> Draft<'l> {
        Draft::new(self.log)
    }

    fn add(&mut self, draft: Draft<'_>) {
        let host = draft.finish();
        if self.read.len() < HOSTS {
            self.read.push(host);
        } else {
            self.excess = Some("50,000 hosts");
        }
    }

    /// Says that the document is too large to be read, so that nothing of it is judged.
    fn refuse(&mut self, excess: &'static str) {
        self.excess = Some(excess);
    }

    /// Gives what was remarked after the last host to that host.
    fn remark_on_last(&mut self) {
        if let Some(last) = self.read.last_mut() {
            last.remarks.extend(self.log.take());
        }
    }
}

/// Reads a document as `from`, or as what its content looks like. `path` is for messages,
/// and for formats that keep names in paths.
///
/// # Errors
/// If it is of no known format, is not what `from` says, or is not sound as a whole. Nothing
/// of it is to be judged then.
pub fn read(path: &str, bytes: &[u8], from: Option<Format>) -> Result<Inventory, Diagnostic> {
    let log = Log::default();
    let mut hosts = Hosts {
        log: &log,
        path,
        read: Vec::new(),
        excess: None,
    };
    let format = match shape(path, bytes, from, &log)? {
        Shape::Facts(text) => {
            let record = super::read(path, &text)?;
            let records = record.software.len();
            hosts.read.push(InventoriedHost {
                record,
                records,
                remarks: log.take(),
                answers: Answers::default(),
            });
            Format::Facts
        }
        Shape::Lines(format, text) => {
            adapters::read_lines(format, &text, &mut hosts);
            format
        }
        Shape::Tree(node) => read_tree(path, &node, from, &mut hosts)?,
    };
    if let Some(excess) = hosts.excess {
        let message = format!("the document has more than {excess}, and nothing of it was judged");
        return Err(Diagnostic::error("inventory-too-large", message)
            .hint("give it in parts, or each host in a document or on a line of its own"));
    }
    if hosts.read.is_empty() {
        let message = format!(
            "the document is of the format {} and tells of no host",
            format.word()
        );
        return Err(Diagnostic::error("inventory-empty", message)
            .hint("nothing was judged: an empty answer is not an empty host"));
    }
    Ok(Inventory {
        format,
        hosts: hosts.read,
    })
}

/// What a document is made of.
enum Shape {
    Facts(String),
    Lines(Format, String),
    Tree(Node),
}

fn shape(path: &str, bytes: &[u8], from: Option<Format>, log: &Log) -> Result<Shape, Diagnostic> {
    if plist::is_binary(bytes) {
        return plist::read(path, bytes).map(Shape::Tree);
    }
    let text = text::decode(bytes, log)?;
    if from == Some(Format::Facts) {
        if Node::from_json(path, &text).is_err() {
            burden::check(path, &text)?;
        }
        return Ok(Shape::Facts(text.into_owned()));
    }
    match text.trim_start().bytes().next() {
        None => Err(
            Diagnostic::error("inventory-empty", "the document is empty")
                .hint("nothing was judged: an empty file is not an empty host"),
        ),
        Some(b'{' | b'[') => {
            let node = match Node::from_json(path, &text) {
                Ok(node) => node,
                Err(fault) if from.is_none() && is_flow_of_yaml(path, &text) => {
                    burden::check(path, &text).map_err(|_| fault)?;
                    return Ok(Shape::Facts(text.into_owned()));
                }
                Err(fault) => return Err(fault),
            };
            if from.is_none() && node.names("host_id") {
                return Ok(Shape::Facts(text.into_owned()));
            }
            Ok(Shape::Tree(node))
        }
        Some(b'<') if text.contains("<plist") => {
            plist::read(path, text.as_bytes()).map(Shape::Tree)
        }
        Some(b'<') if xml::is_web_page(&text) => Err(web_page(path)),
        Some(b'<') => {
            let node = xml::read(path, &text)?;
            Ok(Shape::Tree(adapters::of_xml(node)))
        }
        Some(_) => match from.or_else(|| adapters::recognise_lines(&text)) {
            Some(format) if adapters::has_lines(format) => {
                Ok(Shape::Lines(format, text.into_owned()))
            }
            Some(format) => Err(mismatch(format)),
            None if looks_like_facts(path, &text) => {
                burden::check(path, &text)?;
                Ok(Shape::Facts(text.into_owned()))
            }
            None => Err(unknown(path)),
        },
    }
}

/// Whether text that is no inventory is meant for facts in YAML.
fn looks_like_facts(path: &str, text: &str) -> bool {
    let is_yaml = path.rsplit_once('.').is_some_and(|(_, ending)| {
        ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
    });
    is_yaml || text.contains("host_id")
}

/// Whether text that begins like JSON and is none is meant for facts in YAML, which may begin
/// so too. Where the first key is in quotes, the fault in the JSON is what helps.
fn is_flow_of_yaml(path: &str, text: &str) -> bool {
    let first = text.trim_start().get(1..).unwrap_or_default().trim_start();
    looks_like_facts(path, text) && (!first.starts_with(['"', '{', '[']) || is_sound(path, text))
}

fn is_sound(path: &str, text: &str) -> bool {
    burden::check(path, text).is_ok() && super::read(path, text).is_ok()
}

fn read_tree(
    path: &str,
    node: &Node,
    from: Option<Format>,
    hosts: &mut Hosts<'_>,
) -> Result<Format, Diagnostic> {
    let log = hosts.log;
    let top = At::top(node, log);
    let named = from.and_then(format::adapter);
    if from.is_some() && named.is_none() {
        return Err(mismatch(from.unwrap_or(Format::Facts)));
    }
    let fits = |node: &Node| match named {
        Some(adapter) => (adapter.recognises)(node).then_some(adapter),
        None => format::recognise(node),
    };
    if let Some(adapter) = fits(node) {
        (adapter.read)(&top, hosts);
        return Ok(adapter.format);
    }
    // A list of hosts, or an object that holds documents under names of its own.
    let parts = match node {
        Node::List(_) => top.elements(),
        _ => top.fields().into_iter().map(|(_, part)| part).collect(),
    };
    let parts: Vec<_> = parts
        .into_iter()
        .map(|part| (fits(part.node()), part))
        .collect();
    let Some(first) = parts.iter().find_map(|(adapter, _)| *adapter) else {
        return Err(named.map_or_else(|| unknown(path), |adapter| mismatch(adapter.format)));
    };
    for (adapter, part) in &parts {
        match (adapter, part.node()) {
            (Some(adapter), _) => (adapter.read)(part, hosts),
            // An element of a list of hosts is a host, whatever it looks like.
            (None, _) if matches!(node, Node::List(_)) => {
                let mut draft = hosts.draft();
                draft.lose(part, "the element is of no known format");
                hosts.add(draft);
            }
            (None, Node::Object(_) | Node::List(_)) => {
                part.skipped("this part is of no known format, and was left aside");
            }
            (None, _) => {}
        }
    }
    hosts.remark_on_last();
    Ok(first.format)
}

fn unknown(path: &str) -> Diagnostic {
    Diagnostic::error("inventory-unknown", "the document is of no known format")
        .at(crate::diagnostic::Span::start_of(path))
        .hint(format!(
            "give facts in Embargo's own form, or an inventory of one of {}; name its format if it is one of these",
            Format::words()
        ))
}

fn web_page(path: &str) -> Diagnostic {
    let message = "the document is a web page, such as one that asks to sign in";
    Diagnostic::error("inventory-unknown", message)
        .at(crate::diagnostic::Span::start_of(path))
        .hint("export the inventory again, signed in and in a format of its own")
}

fn mismatch(format: Format) -> Diagnostic {
    let message = format!("the document is not of the format {}", format.word());
    Diagnostic::error("inventory-mismatch", message)
        .hint("leave the format out, and it is told by the content")
}

#[cfg(test)]
mod tests;
