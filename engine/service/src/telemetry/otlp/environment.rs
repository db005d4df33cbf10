//! The standard variables of OpenTelemetry, read into settings.

use std::path::PathBuf;
use std::time::Duration;

use opentelemetry_sdk::trace::Sampler;

use crate::config::Secret;

use super::{Batch, Collector, OtlpInvalid, OtlpSettings, Protocol, Sampling};

/// What the server is called where nothing else is said.
const SERVICE: &str = "embargo";

impl OtlpSettings {
    /// What the environment asks for. Nothing is sent unless an endpoint or an exporter is named.
    ///
    /// # Errors
    /// The first variable that cannot be heeded.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, OtlpInvalid> {
        let environment = Environment(&|name| variable(name).filter(|text| !text.is_empty()));
        if environment.is_true("OTEL_SDK_DISABLED") {
            return Ok(None);
        }
        let traces = environment.collector("TRACES", "v1/traces")?;
        let metrics = environment.collector("METRICS", "v1/metrics")?;
        if traces.is_none() && metrics.is_none() {
            return Ok(None);
        }
        let second = Duration::from_secs(1);
        Ok(Some(Self {
            traces,
            metrics,
            sampling: environment.sampling()?,
            resource: environment.resource()?,
            interval: environment
                .time("OTEL_METRIC_EXPORT_INTERVAL", 60 * second)?
                .max(second / 10),
            batch: Batch {
                queue: environment.count("OTEL_BSP_MAX_QUEUE_SIZE", 2_048)?,
                size: environment.count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)?,
                delay: environment.time("OTEL_BSP_SCHEDULE_DELAY", 5 * second)?,
            },
        }))
    }
}

struct Environment<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// What is said of a signal, or of all, with the name of the variable.
    fn of_signal(&self, signal: &str, what: &str) -> Option<(String, String)> {
        let own = format!("OTEL_EXPORTER_OTLP_{signal}_{what}");
        let general = format!("OTEL_EXPORTER_OTLP_{what}");
        [own, general]
            .into_iter()
            .find_map(|name| self.get(&name).map(|value| (name, value)))
    }

    fn collector(&self, signal: &str, path: &str) -> Result<Option<Collector>, OtlpInvalid> {
        let exporter = format!("OTEL_{signal}_EXPORTER");
        let named = self.get(&exporter);
        let endpoint = self.of_signal(signal, "ENDPOINT");
        match named.as_deref() {
            Some("none") => return Ok(None),
            Some("otlp") => {}
            None if endpoint.is_some() => {}
            None => return Ok(None),
            Some(other) => {
                let why = format!(
                    "is `{other}`, and may be `otlp` or `none`\n  hint: metrics for Prometheus are at /metrics of `management.listen`"
                );
                return Err(OtlpInvalid::new(exporter, why));
            }
        }
        let protocol = self.protocol(signal)?;
        let endpoint = match endpoint {
            Some((name, value)) => {
                let is_own = name.contains(signal);
                sound(&name, &value)?;
                match protocol {
                    Protocol::Http if !is_own => format!("{}/{path}", value.trim_end_matches('/')),
                    Protocol::Http | Protocol::Grpc => value,
                }
            }
            None => match protocol {
                Protocol::Grpc => "http://localhost:4317".to_owned(),
                Protocol::Http => format!("http://localhost:4318/{path}"),
            },
        };
        let file = |what| {
            self.of_signal(signal, what)
                .map(|(_, path)| PathBuf::from(path))
        };
        Ok(Some(Collector {
            protocol,
            endpoint,
            headers: self.headers(signal)?,
            timeout: self.timeout(signal)?,
            gzip: self.gzip(signal, protocol)?,
            authorities: file("CERTIFICATE"),
            identity: file("CLIENT_CERTIFICATE").zip(file("CLIENT_KEY")),
        }))
    }

    fn protocol(&self, signal: &str) -> Result<Protocol, OtlpInvalid> {
        let Some((name, value)) = self.of_signal(signal, "PROTOCOL") else {
            return Ok(Protocol::Http);
        };
        match value.as_str() {
            "grpc" => Ok(Protocol::Grpc),
            "http/protobuf" => Ok(Protocol::Http),
            other => {
                let why = format!("is `{other}`, and may be `grpc` or `http/protobuf`");
                Err(OtlpInvalid::new(name, why))
            }
        }
    }

    fn headers(&self, signal: &str) -> Result<Vec<(String, Secret)>, OtlpInvalid> {
        let Some((name, text)) = self.of_signal(signal, "HEADERS") else {
            return Ok(Vec::new());
        };
        // Not one word of it is said: any part may be a secret.
        let pairs = pairs(&text).ok_or_else(|| {
            OtlpInvalid::new(&name, "is no list of headers\n  hint: write `name=value,name=value`, with `%` and two digits for what is none of these signs")
        })?;
        Ok(pairs
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), Secret::from(value)))
            .collect())
    }

    fn timeout(&self, signal: &str) -> Result<Duration, OtlpInvalid> {
        let ten = Duration::from_secs(10);
        match self.of_signal(signal, "TIMEOUT") {
            Some((name, _)) => self.time(&name, ten),
            None => Ok(ten),
        }
    }

    fn gzip(&self, signal: &str, protocol: Protocol) -> Result<bool, OtlpInvalid> {
        let Some((name, value)) = self.of_signal(signal, "COMPRESSION") else {
            return Ok(false);
        };
        match (value.as_str(), protocol) {
            ("none", _) => Ok(false),
            ("gzip", Protocol::Http) => Ok(true),
            ("gzip", Protocol::Grpc) => Err(OtlpInvalid::new(
                name,
                "is `gzip`, which this server speaks over HTTP only\n  hint: write `OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`, or leave it out",
            )),
            (other, _) => {
                let why = format!("is `{other}`, and may be `gzip` or `none`");
                Err(OtlpInvalid::new(name, why))
            }
        }
    }

    fn sampling(&self) -> Result<Sampling, OtlpInvalid> {
        let name = "OTEL_TRACES_SAMPLER";
        let sampler = self.get(name);
        let sampler = sampler.as_deref().unwrap_or("parentbased_always_on");
        let (heeds_parent, own) = match sampler.strip_prefix("parentbased_") {
            Some(own) => (true, own),
            None => (false, sampler),
        };
        let ratio = match own {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => self.ratio()?,
            _ => {
                let why = format!(
                    "is `{sampler}`, and may be `always_on`, `always_off` or `traceidratio`, with or without `parentbased_` before it"
                );
                return Err(OtlpInvalid::new(name, why));
            }
        };
        Ok(Sampling {
            heeds_parent,
            ratio,
        })
    }

    fn ratio(&self) -> Result<f64, OtlpInvalid> {
        let name = "OTEL_TRACES_SAMPLER_ARG";
        let Some(text) = self.get(name) else {
            return Ok(1.0);
        };
        let ratio = text.parse::<f64>().ok();
        ratio
            .filter(|ratio| (0.0..=1.0).contains(ratio))
            .ok_or_else(|| OtlpInvalid::new(name, format!("is `{text}`, and must be 0 to 1")))
    }

    fn resource(&self) -> Result<Vec<(String, String)>, OtlpInvalid> {
        let name = "OTEL_RESOURCE_ATTRIBUTES";
        let mut resource = vec![
            ("service.name".to_owned(), SERVICE.to_owned()),
            (
                "service.version".to_owned(),
                env!("CARGO_PKG_VERSION").to_owned(),
            ),
            ("telemetry.sdk.language".to_owned(), "rust".to_owned()),
            ("telemetry.sdk.name".to_owned(), "opentelemetry".to_owned()),
        ];
        let mut said = match self.get(name) {
            Some(text) => pairs(&text).ok_or_else(|| {
                OtlpInvalid::new(name, "is no list of attributes\n  hint: write `name=value,name=value`, with `%` and two digits for what is none of these signs")
            })?,
            None => Vec::new(),
        };
        let named = self.get("OTEL_SERVICE_NAME");
        said.extend(named.map(|service| ("service.name".to_owned(), service)));
        for (key, value) in said {
            resource.retain(|(known, _)| *known != key);
            resource.push((key, value));
        }
        Ok(resource)
    }

    fn time(&self, name: &str, usual: Duration) -> Result<Duration, OtlpInvalid> {
        let Some(text) = self.get(name) else {
            return Ok(usual);
        };
        let ms = text.parse::<u64>().ok().filter(|ms| *ms > 0);
        ms.map(Duration::from_millis).ok_or_else(|| {
            OtlpInvalid::new(
                name,
                format!("is `{text}`, and must be a number of milliseconds"),
            )
        })
    }

    fn count(&self, name: &str, usual: usize) -> Result<usize, OtlpInvalid> {
        let Some(text) = self.get(name) else {
            return Ok(usual);
        };
        let count = text.parse().ok();
        count
            .filter(|count| (1..=1_000_000).contains(count))
            .ok_or_else(|| OtlpInvalid::new(name, format!("is `{text}`, and must be 1 to 1000000")))
    }
}

impl Sampling {
    /// The same as the library has it.
    pub(super) fn sampler(self) -> Sampler {
        let own = if self.ratio >= 1.0 {
            Sampler::AlwaysOn
        } else if self.ratio <= 0.0 {
            Sampler::AlwaysOff
        } else {
            Sampler::TraceIdRatioBased(self.ratio)
        };
        if self.heeds_parent {
            Sampler::ParentBased(Box::new(own))
        } else {
            own
        }
    }
}

/// An address with its scheme. Without what may be a secret in it.
fn sound(name: &str, value: &str) -> Result<(), OtlpInvalid> {
    let rest = value
        .strip_prefix("http://")
        .or_else(|| value.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(()),
        _ => Err(OtlpInvalid::new(
            name,
            "is no address\n  hint: write it with its scheme, such as `http://localhost:4318`",
        )),
    }
}

/// `name=value,name=value`, with percent signs before two digits.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let name = decoded(name.trim())?;
            (!name.is_empty()).then_some(())?;
            Some((name, decoded(value.trim())?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
