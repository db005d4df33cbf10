//! JSON as protobuf maps it, read to and written from messages on the wire.

use axum::body::Bytes;
use embargo_proto::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_reflect::{
    DescriptorError, DescriptorPool, DynamicMessage, FileDescriptor, MessageDescriptor,
    MethodDescriptor,
};
use thiserror::Error;
use tonic::Status;

use super::super::apart::Apart;
use super::strict;

/// What `google.rpc.Status` is called.
const STATUS: &str = "google.rpc.Status";

/// Every message and method of the API, and of the details of its errors.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pool: DescriptorPool,
    apart: Apart,
}

/// What is converted for a method.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Converted<'a> {
    /// A request, from JSON.
    Request(&'a [u8]),
    /// An answer, to JSON.
    Answer(&'a [u8]),
}

/// Why a text is not the JSON of a message.
#[derive(Debug, Error)]
pub(super) enum Unreadable {
    #[error("the content is not JSON of {message}: {cause}")]
    Text {
        message: String,
        cause: serde_json::Error,
    },
    #[error(
        "the content is not JSON of {message}: a value does not fit its field at line {line} column {column}\n  hint: /openapi.json says what each field takes"
    )]
    Value {
        message: String,
        line: usize,
        column: usize,
    },
    #[error("the server failed")]
    Fault,
}

impl Schema {
    /// Reads the descriptors for what converts nothing large beside other calls.
    ///
    /// # Errors
    /// As [`Schema::load`].
    pub(crate) fn load_alone() -> Result<Self, DescriptorError> {
        Self::load(&Apart::new(1))
    }

    /// Reads the descriptors. Large texts are converted with those of other doors.
    ///
    /// # Errors
    /// If they are not sound, which is a defect of the build.
    pub(in super::super) fn load(apart: &Apart) -> Result<Self, DescriptorError> {
        let mut pool = DescriptorPool::new();
        pool.decode_file_descriptor_set(FILE_DESCRIPTOR_SET)?;
        // The details of errors are in no file of the API; the status itself is, by another path.
        let mut details = DescriptorPool::new();
        details.decode_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)?;
        let is_new = |file: &FileDescriptor| {
            file.messages()
                .all(|message| pool.get_message_by_name(message.full_name()).is_none())
        };
        let missing: Vec<_> = details
            .files()
            .filter(is_new)
            .map(|file| file.file_descriptor_proto().clone())
            .collect();
        pool.add_file_descriptor_protos(missing)?;
        Ok(Self {
            pool,
            apart: apart.clone(),
        })
    }

    /// The method of a path, such as `/embargo.v1.DecisionService/DecideHost`.
    pub(super) fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        let service = self.pool.get_service_by_name(service)?;
        let mut methods = service.methods();
        methods.find(|found| found.name() == method)
    }

    /// Where large texts of all doors are converted.
    pub(in super::super) const fn apart(&self) -> &Apart {
        &self.apart
    }

    pub(super) const fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// Reads a text as a message on the wire.
    ///
    /// # Errors
    /// If it is not the JSON of the message.
    pub(super) async fn read(
        &self,
        message: MessageDescriptor,
        text: Bytes,
    ) -> Result<Bytes, Unreadable> {
        let size = text.len();
        self.apart
            .convert(size, move || read(message, &text))
            .await
            .unwrap_or(Err(Unreadable::Fault))
    }

    /// Writes a message on the wire as JSON. None if it is not such a message, which is a defect.
    pub(super) async fn write(&self, message: MessageDescriptor, wire: Bytes) -> Option<Vec<u8>> {
        let size = wire.len();
        self.apart
            .convert(size, move || write(message, &wire))
            .await?
    }

    /// Converts at once, whatever the size.
    pub(crate) fn convert(&self, method: &str, what: Converted<'_>) -> Option<Vec<u8>> {
        let method = self.method(method)?;
        match what {
            Converted::Request(text) => read(method.input(), text).ok().map(Vec::from),
            Converted::Answer(wire) => write(method.output(), wire),
        }
    }

    /// A status as JSON.
    pub(crate) fn status(&self, status: &Status) -> Vec<u8> {
        let message = match tonic_types::pb::Status::decode(status.details()) {
            Ok(message) if !status.details().is_empty() => message,
            _ => tonic_types::pb::Status {
                code: status.code().into(),
                message: status.message().to_owned(),
                details: Vec::new(),
            },
        };
        let descriptor = self.pool.get_message_by_name(STATUS);
        let written = descriptor.and_then(|found| write(found, &message.encode_to_vec()));
        written.unwrap_or_else(|| {
            let code: i32 = status.code().into();
            serde_json::json!({ "code": code, "message": status.message() })
                .to_string()
                .into_bytes()
        })
    }
}

fn read(message: MessageDescriptor, text: &[u8]) -> Result<Bytes, Unreadable> {
    let name = message.name().to_owned();
    let refused = |cause| Unreadable::Text {
        message: name.clone(),
        cause,
    };
    strict::check(&message, text).map_err(refused)?;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = DynamicMessage::deserialize(message, &mut reader).map_err(|cause| {
        // Its own words repeat the value.
        Unreadable::Value {
            message: name.clone(),
            line: cause.line(),
            column: cause.column(),
        }
    })?;
    Ok(read.encode_to_vec().into())
}

fn write(message: MessageDescriptor, wire: &[u8]) -> Option<Vec<u8>> {
    let read = DynamicMessage::decode(message, wire).ok()?;
    let mut written = Vec::with_capacity(wire.len().saturating_mul(2));
    let mut writer = serde_json::Serializer::new(&mut written);
    serde::Serialize::serialize(&read, &mut writer).ok()?;
    Some(written)
}

#[cfg(test)]
mod tests;
