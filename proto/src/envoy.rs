//! The part of Envoy's API that a server answers: external authorization, version 3.
//!
//! Generated from `proto/third_party/envoy`, whose names and numbers are those of Envoy's own files.
//! The modules are those of Envoy's packages, as the generated code names them.

#![expect(
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    reason = "generated code spells names out, casts its codes and brings its own attributes"
)]

/// `envoy.config`.
pub mod config {
    /// `envoy.config.core`.
    pub mod core {
        /// Messages that all of Envoy's API shares.
        pub mod v3 {
            tonic::include_proto!("envoy.config.core.v3");
        }
    }
}

/// `envoy.service`.
pub mod service {
    /// `envoy.service.auth`.
    pub mod auth {
        /// External authorization.
        pub mod v3 {
            tonic::include_proto!("envoy.service.auth.v3");
        }
    }
}

/// `envoy.type`.
pub mod r#type {
    /// Statuses of HTTP.
    pub mod v3 {
        tonic::include_proto!("envoy.r#type.v3");
    }
}
