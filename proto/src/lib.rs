//! The Embargo API, package `embargo.v1`: messages, clients and server traits.
//!
//! Everything here is generated from `proto/embargo/v1`, whose comments are the contract, and
//! [`envoy`] from the part of Envoy's API in `proto/third_party` that a server answers. Nothing
//! is checked: presence, limits and closed enums are enforced where messages become typed facts
//! (server) and typed answers (client).

/// The messages, enums, clients and server traits of `embargo.v1`.
#[expect(
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    reason = "generated code spells names out, casts its codes and brings its own attributes"
)]
pub mod v1 {
    tonic::include_proto!("embargo.v1");
}

pub mod envoy;

/// The encoded `google.protobuf.FileDescriptorSet` of the API and of all that it imports, with
/// comments, as gRPC reflection serves it.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/embargo_v1_descriptors.bin"));

/// The same of the contract of Envoy that a server answers beside the API.
pub const ENVOY_FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/envoy_auth_v3_descriptors.bin"));

/// The most bytes of an encoded message in either direction: 16 MiB.
///
/// tonic's default for what is received is 4 MiB, so that servers and clients must both set it.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// The domain of every `google.rpc.ErrorInfo` that a server of this API makes.
pub const ERROR_DOMAIN: &str = "embargo.v1";

#[cfg(test)]
mod tests;
