//! The description of all paths, as OpenAPI 3.1 has it, made from the descriptors of the API and
//! their comments.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{
    EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};
use serde_json::{Map, Value, json};

use super::json::Schema;
use super::routes::{ROUTES, Route, Verb};

/// How an error is written.
const STATUS: &str = "google.rpc.Status";

/// The document.
pub(super) fn document(schema: &Schema) -> Vec<u8> {
    let mut described = Described {
        schema,
        comments: BTreeMap::new(),
        wanted: BTreeSet::new(),
        schemas: Map::new(),
    };
    let mut paths = Map::new();
    for route in ROUTES {
        let Some(method) = schema.method(route.method) else {
            continue;
        };
        let verb = match route.verb {
            Verb::Get => "get",
            Verb::Post => "post",
        };
        let operation = described.operation(&route, &method);
        paths.insert(route.path.to_owned(), json!({ verb: operation }));
    }
    if let Some(status) = schema.pool().get_message_by_name(STATUS) {
        described.refer(&status);
    }
    described.finish();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Embargo",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Judges software on hosts by policies. A denial is an answer; an error means that there is no decision, and never stands for ALLOW.",
        },
        "paths": paths,
        "components": { "schemas": described.schemas },
    })
    .to_string()
    .into_bytes()
}

struct Described<'a> {
    schema: &'a Schema,
    /// The comments of each file, by the path of what they stand before.
    comments: BTreeMap<String, BTreeMap<Vec<i32>, String>>,
    wanted: BTreeSet<String>,
    schemas: Map<String, Value>,
}

impl Described<'_> {
    fn operation(&mut self, route: &Route, method: &MethodDescriptor) -> Value {
        let comment = self.comment(&method.parent_file(), method.path());
        let summary = comment
            .split_once('.')
            .map_or(&*comment, |(first, _)| first);
        let kind = |streams| match streams {
            true => "application/x-ndjson",
            false => "application/json",
        };
        let answer = self.refer(&method.output());
        let error = json!({
            "description": "There is no decision.",
            "content": { "application/json": { "schema": { "$ref": reference(STATUS) } } },
        });
        let mut operation = json!({
            "operationId": method.name(),
            "summary": summary.replace('\n', " "),
            "description": comment,
            "responses": {
                "200": {
                    "description": if method.is_server_streaming() { "The answers, one a line." } else { "The answer." },
                    "content": { kind(method.is_server_streaming()): { "schema": answer } },
                },
                "default": error,
            },
        });
        let Some(operation_fields) = operation.as_object_mut() else {
            return operation;
        };
        match route.verb {
            Verb::Get => {
                let parameters: Vec<Value> = method
                    .input()
                    .fields()
                    .map(|field| self.parameter(route, &field))
                    .collect();
                operation_fields.insert("parameters".to_owned(), parameters.into());
            }
            Verb::Post => {
                let message = self.refer(&method.input());
                let body = json!({
                    "required": true,
                    "content": { kind(method.is_client_streaming()): { "schema": message } },
                });
                operation_fields.insert("requestBody".to_owned(), body);
            }
        }
        operation
    }

    fn parameter(&mut self, route: &Route, field: &FieldDescriptor) -> Value {
        let name = field.json_name();
        let is_in_path = route.path.contains(&format!("{{{name}}}"));
        let description = self.comment(&field.parent_message().parent_file(), field.path());
        json!({
            "name": name,
            "in": if is_in_path { "path" } else { "query" },
            "required": is_in_path,
            "description": description,
            "schema": self.value(&field.kind()),
        })
    }

    fn refer(&mut self, message: &MessageDescriptor) -> Value {
        self.wanted.insert(message.full_name().to_owned());
        json!({ "$ref": reference(message.full_name()) })
    }

    /// Describes what was referred to, and what that refers to.
    fn finish(&mut self) {
        while let Some(name) = self.wanted.pop_first() {
            if self.schemas.contains_key(&name) {
                continue;
            }
            if let Some(message) = self.schema.pool().get_message_by_name(&name) {
                let described = self.message(&message);
                self.schemas.insert(name, described);
            }
        }
    }

    fn message(&mut self, message: &MessageDescriptor) -> Value {
        let mut properties = Map::new();
        for field in message.fields() {
            let value = self.value(&field.kind());
            let mut described = if field.is_list() {
                json!({ "type": "array", "items": value })
            } else if field.is_map() {
                json!({ "type": "object", "additionalProperties": { "type": "string" } })
            } else {
                value
            };
            let comment = self.comment(&message.parent_file(), field.path());
            if let (Some(fields), false) = (described.as_object_mut(), comment.is_empty()) {
                fields.insert("description".to_owned(), comment.into());
            }
            properties.insert(field.json_name().to_owned(), described);
        }
        json!({
            "type": "object",
            "description": self.comment(&message.parent_file(), message.path()),
            "properties": properties,
            "additionalProperties": false,
        })
    }

    fn value(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Double | Kind::Float => json!({ "type": "number" }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({ "type": "integer", "format": "int32" })
            }
            Kind::Uint32 | Kind::Fixed32 => {
                json!({ "type": "integer", "format": "uint32", "minimum": 0 })
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
                json!({ "type": "string", "format": "int64" })
            }
            Kind::Enum(words) => self.words(words),
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => json!({ "type": "string", "format": "date-time" }),
                "google.protobuf.Duration" => {
                    json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$" })
                }
                "google.protobuf.Any" => json!({
                    "type": "object",
                    "properties": { "@type": { "type": "string" } },
                    "required": ["@type"],
                }),
                "google.protobuf.Struct" => json!({ "type": "object" }),
                "google.protobuf.ListValue" => json!({ "type": "array" }),
                "google.protobuf.Value" => json!({}),
                _ => self.refer(message),
            },
        }
    }

    fn words(&mut self, words: &EnumDescriptor) -> Value {
        let names: Vec<String> = words.values().map(|word| word.name().to_owned()).collect();
        let comment = self.comment(&words.parent_file(), words.path());
        json!({ "type": "string", "enum": names, "description": comment })
    }

    /// What stands before something in its file.
    fn comment(&mut self, file: &FileDescriptor, path: &[i32]) -> String {
        let comments = self
            .comments
            .entry(file.name().to_owned())
            .or_insert_with(|| comments(file));
        comments.get(path).cloned().unwrap_or_default()
    }
}

fn comments(file: &FileDescriptor) -> BTreeMap<Vec<i32>, String> {
    let source = file.file_descriptor_proto().source_code_info.as_ref();
    let locations = source.map_or(&[][..], |source| &source.location);
    let comment = |text: &str| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.join("\n").trim().to_owned()
    };
    locations
        .iter()
        .filter_map(|at| Some((at.path.clone(), comment(at.leading_comments.as_deref()?))))
        .collect()
}

fn reference(message: &str) -> String {
    format!("#/components/schemas/{message}")
}
