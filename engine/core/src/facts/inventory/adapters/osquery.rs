//! osquery: results of queries, as its log and its TLS endpoints carry them.
//!
//! A result names its query, and rarely the table; which table it is, is told by the name of
//! the query or by the columns. Only a snapshot and the rows of a distributed query say what
//! is installed: a row that was added or removed says what changed, and needs all that came
//! before. A list of records is a log: records that follow each other and name the same host
//! tell of one host.

mod run;
mod tables;

use std::collections::HashSet;

use crate::facts::CoverageState;
use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;

use self::run::Run;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Osquery,
    recognises,
    // A list of records is one document: several of them tell of one host.
    tells_a_host: |_| false,
    read,
};

fn recognises(node: &Node) -> bool {
    match node {
        Node::List(bodies) => bodies.iter().any(|body| form(body).is_some()),
        _ => form(node).is_some(),
    }
}

/// What a body or a line of the log is.
#[derive(Clone, Copy)]
enum Form {
    /// A result of a query.
    Result,
    /// What a host answers to distributed queries.
    Distributed,
    /// Results or status lines that a host sends to a server.
    Logger,
    /// A host that introduces itself to a server.
    Enrolment,
    /// A line that osquery logs about itself.
    Status,
}

fn form(node: &Node) -> Option<Form> {
    let action = node.get("action").and_then(Node::as_text);
    let is_result = match action {
        Some("snapshot") => node.names("snapshot") || node.names("columns"),
        Some("added" | "removed") => node.names("columns"),
        _ => node.names("diffResults"),
    };
    if is_result {
        return Some(Form::Result);
    }
    if node.names_all(&["node_key", "log_type", "data"]) {
        return Some(Form::Logger);
    }
    if node.names("enroll_secret") && (node.names("host_details") || node.names("host_identifier"))
    {
        return Some(Form::Enrolment);
    }
    if (node.names("node_key") || node.names("statuses")) && holds_results(node) {
        return Some(Form::Distributed);
    }
    node.names_all(&["severity", "filename", "line", "message"])
        .then_some(Form::Status)
}

/// Whether the queries of a body have rows. To a host they come as statements.
fn holds_results(node: &Node) -> bool {
    let Some(Node::Object(queries)) = node.get("queries") else {
        return false;
    };
    let is_statement = |value: &Node| matches!(value, Node::Text(text) if !text.trim().is_empty());
    !queries.iter().any(|(_, value)| is_statement(value))
}

/// Keys of what a server sends to a host, and of how a host asks for it.
const OF_SERVERS: [&str; 14] = [
    "node_key",
    "node_invalid",
    "schedule",
    "packs",
    "queries",
    "discovery",
    "options",
    "decorators",
    "file_paths",
    "exclude_paths",
    "yara",
    "views",
    "events",
    "accelerate",
];

fn is_of_servers(node: &Node) -> bool {
    match node {
        Node::Object(fields) => {
            !holds_results(node)
                && fields
                    .iter()
                    .all(|(key, _)| OF_SERVERS.contains(&key.as_str()))
        }
        _ => false,
    }
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut log = Runs { hosts, open: None };
    if let Node::List(_) = top.node() {
        for body in top.elements() {
            log.body(&body);
        }
    } else {
        log.body(top);
    }
    log.close();
}

/// Reads records, and puts those that follow each other about one host together.
struct Runs<'h, 'l> {
    hosts: &'h mut Hosts<'l>,
    open: Option<Run<'l>>,
}

impl<'l> Runs<'_, 'l> {
    fn body(&mut self, body: &At<'_>) {
        match form(body.node()) {
            Some(Form::Result) => self.result(body, None),
            Some(Form::Distributed) => self.distributed(body),
            Some(Form::Logger) => self.logger(body),
            Some(Form::Enrolment) => self.enrolment(body),
            Some(Form::Status) => {
                self.run(body, None);
                body.skipped("the line is about osquery itself, and names no software");
            }
            None if is_of_servers(body.node()) => body.skipped(
                "this is what a server sends or is asked for: it tells neither of a host nor of software",
            ),
            None => body.unread("this is of no form in which osquery sends or logs results"),
        }
    }

    /// The run of the host that a record names, or else of the one that sends it.
    fn run(&mut self, at: &At<'_>, sender: Option<&str>) -> &mut Run<'l> {
        let node = at.node();
        let text = |node: &Node| match node {
            Node::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Node::Number(digits) => Some(digits.clone()),
            _ => None,
        };
        let named = |key: &str| node.get(key).and_then(text);
        let id = named("hostIdentifier")
            .or_else(|| node.get("decorations")?.get("host_uuid").and_then(text))
            .or_else(|| named("hostname"))
            .or_else(|| named("host_identifier"))
            .or_else(|| sender.map(str::to_owned));
        if self.open.as_ref().is_some_and(|run| run.id != id) {
            self.close();
        }
        let run = self
            .open
            .get_or_insert_with(|| Run::new(id, self.hosts.draft()));
        // What is there and is not a text is remarked.
        at.first_text(&["hostIdentifier", "hostname", "host_identifier"]);
        run
    }

    fn close(&mut self) {
        if let Some(run) = self.open.take() {
            self.hosts.add(run.finish());
        }
    }

    fn result(&mut self, at: &At<'_>, sender: Option<&str>) {
        let run = self.run(at, sender);
        let when = at.unix_seconds("unixTime");
        run.read_at(when);
        let name = at.text("name");
        let table = name.as_deref().and_then(tables::of_query);
        let action = at.text("action");
        if action.as_deref() == Some("snapshot") && at.names("snapshot") {
            run.cover(table, CoverageState::Complete);
            let Some(rows) = rows(at, "snapshot") else {
                at.unread("the snapshot is null, so that its rows are not known");
                return;
            };
            let from = run.draft.items();
            for row in rows {
                run.row(&row, table);
            }
            if let (Some(name), Some(when)) = (&name, when) {
                run.draft.answered(at, name, when, from);
            }
            return;
        }
        run.cover(table, CoverageState::Partial);
        let (added, removed) = if let Some(batch) = at.object("diffResults") {
            (rows(&batch, "added"), rows(&batch, "removed"))
        } else {
            let row = at.get("columns").map(|row| vec![row]);
            if row.is_none() {
                at.unread("the result has no rows, so that what changed is not known");
            }
            match action.as_deref() {
                Some("removed") => (None, row),
                _ => (row, None),
            }
        };
        for row in added.into_iter().flatten() {
            run.row(&row, table);
        }
        for row in removed.into_iter().flatten() {
            run.removed(&row);
        }
    }

    fn distributed(&mut self, at: &At<'_>) {
        let sender = at.text("node_key");
        let run = self.run(at, sender.as_deref());
        for (id, found) in at.object("queries").iter().flat_map(At::fields) {
            let table = tables::of_query(id);
            run.cover(table, CoverageState::Complete);
            for row in elements(&found) {
                run.row(&row, table);
            }
        }
        let mut failed = HashSet::new();
        for (id, status) in at.object("statuses").iter().flat_map(At::fields) {
            if status.as_text().is_none_or(|status| status != "0") {
                failed.insert(id);
                run.cover(tables::of_query(id), CoverageState::NotCollected);
                status.skipped("the query failed on the host");
            }
        }
        for id in null_fields(at.node().get("queries")) {
            if !failed.contains(id) {
                at.unread(format!("the query `{id}` has null for its rows"));
            }
        }
    }

    fn logger(&mut self, at: &At<'_>) {
        let sender = at.text("node_key");
        let sender = sender.as_deref();
        if at.text("log_type").as_deref() == Some("status") {
            let data = at.list("data");
            self.run(data.first().unwrap_or(at), sender);
            at.skipped("the lines are about osquery itself, and name no software");
            return;
        }
        let Some(data) = rows(at, "data").filter(|data| !data.is_empty()) else {
            self.run(at, sender);
            return;
        };
        for element in data {
            match form(element.node()) {
                Some(Form::Result) => self.result(&element, sender),
                _ => {
                    let run = self.run(at, sender);
                    run.draft
                        .lose(&element, "the element is not a result of a query");
                }
            }
        }
    }

    fn enrolment(&mut self, at: &At<'_>) {
        let run = self.run(at, None);
        if let Some(details) = at.object("host_details")
            && let Some(system) = details.object("os_version")
        {
            run.system(&system);
        }
        at.skipped("an enrolment introduces the host, and names no software");
    }
}

/// The keys of an object whose values are null.
fn null_fields(node: Option<&Node>) -> impl Iterator<Item = &str> {
    let fields = match node {
        Some(Node::Object(fields)) => fields.as_slice(),
        _ => &[],
    };
    let nulls = fields.iter().filter(|(_, value)| *value == Node::Null);
    nulls.map(|(key, _)| key.as_str())
}

/// The rows under a key, if it is there.
fn rows<'a>(at: &At<'a>, key: &str) -> Option<Vec<At<'a>>> {
    at.get(key).map(|found| elements(&found))
}

/// The rows of a list. That there are none is written as an empty text at times.
fn elements<'a>(list: &At<'a>) -> Vec<At<'a>> {
    match list.node() {
        Node::List(_) => list.elements(),
        Node::Text(text) if text.trim().is_empty() => Vec::new(),
        _ => {
            list.unread("is not a list, and was left out");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
