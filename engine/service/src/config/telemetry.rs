//! What is told of how the server is doing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is told of how the server is doing.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySection {
    /// Send traces and metrics where the `OTEL_` variables of the environment say. They send nothing
    /// unless one of them names an endpoint or an exporter.
    pub otlp: bool,
}

impl Default for TelemetrySection {
    fn default() -> Self {
        Self { otlp: true }
    }
}
