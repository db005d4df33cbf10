//! The chart of Helm, as it was rendered into `deploy/helm/rendered`: that it still is the chart's,
//! that the server takes the configuration in it, and that its parts find each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use embargo_service::{Document, File, Layers};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{deploy, files, texts, yaml};

/// The values that the chart is rendered with.
const RENDERED: [&str; 4] = ["default", "insecure", "production", "webhook"];

/// What the chart becomes with some values.
struct Rendered {
    name: &'static str,
    objects: Vec<Value>,
}

impl Rendered {
    fn all() -> impl Iterator<Item = Self> {
        RENDERED.into_iter().map(|name| {
            let path = deploy().join(format!("helm/rendered/{name}.yaml"));
            let text = fs::read_to_string(path).unwrap();
            let objects = serde_yaml::Deserializer::from_str(&text)
                .map(|document| Value::deserialize(document).unwrap())
                .filter(|object| !object.is_null())
                .collect();
            Self { name, objects }
        })
    }

    fn of(&self, kind: &str) -> Vec<&Value> {
        let objects = self.objects.iter();
        objects.filter(|object| object["kind"] == kind).collect()
    }

    fn workload(&self) -> &Value {
        let found = [self.of("Deployment"), self.of("StatefulSet")].concat();
        assert_eq!(found.len(), 1, "{}", self.name);
        found[0]
    }

    fn pod(&self) -> &Value {
        &self.workload()["spec"]["template"]["spec"]
    }

    fn server(&self) -> &Value {
        &self.pod()["containers"][0]
    }

    /// The text of `embargo.yaml`.
    fn text(&self) -> String {
        let named = |map: &&&Value| map["data"]["embargo.yaml"].is_string();
        let maps = self.of("ConfigMap");
        let map = maps.iter().find(named).unwrap();
        map["data"]["embargo.yaml"].as_str().unwrap().to_owned()
    }

    /// What the server makes of it.
    fn file(&self) -> File {
        let layers = Layers {
            file: Some(Document {
                name: format!("{}: embargo.yaml", self.name),
                text: self.text(),
            }),
            ..Layers::default()
        };
        let given = layers.read().unwrap_or_else(|faults| {
            let faults: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
            panic!("{faults}")
        });
        given.file
    }

    /// The numbers of the server's ports by their names.
    fn ports(&self) -> BTreeMap<String, u64> {
        let ports = self.server()["ports"].as_array().unwrap().iter();
        ports
            .map(|port| {
                let name = port["name"].as_str().unwrap().to_owned();
                (name, port["containerPort"].as_u64().unwrap())
            })
            .collect()
    }
}

fn named(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Whether every label of a selector is among those of a pod.
fn selects(selector: &Value, labels: &Value) -> bool {
    let mut wanted = selector.as_object().unwrap().iter();
    wanted.all(|(key, value)| labels[key] == *value)
}

#[test]
fn what_was_rendered_is_what_the_chart_says() {
    let chart = deploy().join("helm/embargo");
    let mut paths = Vec::new();
    files(&chart, &mut paths);
    // What the chart takes from elsewhere is not its own.
    paths.retain(|path| !path.is_symlink());
    paths.sort();
    let mut found = String::new();
    for path in paths {
        let digest = ring::digest::digest(&ring::digest::SHA256, &fs::read(&path).unwrap());
        for byte in digest.as_ref() {
            write!(found, "{byte:02x}").unwrap();
        }
        let below = path.strip_prefix(chart.parent().unwrap()).unwrap();
        writeln!(found, "  {}", below.display()).unwrap();
    }
    let written = fs::read_to_string(deploy().join("helm/rendered/SOURCES.sha256")).unwrap();
    let sorted = |text: &str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    assert_eq!(
        sorted(&written),
        sorted(&found),
        "render the chart anew: deploy/helm/render"
    );
    let mut values: Vec<String> = Vec::new();
    for entry in fs::read_dir(chart.join("ci")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        values.push(name.strip_suffix("-values.yaml").unwrap().to_owned());
    }
    values.sort();
    assert_eq!(values, RENDERED);
}

#[test]
fn the_chart_is_of_this_version_and_its_values_are_closed() {
    let chart = yaml("helm/embargo/Chart.yaml");
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
    let schema = fs::read_to_string(deploy().join("helm/embargo/values.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    // Every value has its type, and what has a type has a default.
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let mut typed = keys(&schema["properties"]);
    assert!(typed.remove("global"));
    assert_eq!(keys(&yaml("helm/embargo/values.yaml")), typed);
}

#[test]
fn the_server_takes_the_configuration_and_listens_where_its_ports_are() {
    for rendered in Rendered::all() {
        let file = rendered.file();
        file.settings().unwrap();
        let ports = rendered.ports();
        assert_eq!(file.listen, format!("0.0.0.0:{}", ports["grpc"]));
        let config: Value = serde_yaml::from_str(&rendered.text()).unwrap();
        assert_eq!(
            config["management"]["listen"],
            format!("0.0.0.0:{}", ports["management"])
        );
        let arguments = texts(&rendered.server()["args"]);
        assert_eq!(arguments, ["serve", "--config=/config/embargo.yaml"]);
    }
}

/// A path that the configuration names is a file of a volume, not one that happens to be there.
#[test]
fn every_path_in_the_configuration_is_mounted() {
    fn paths(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if text.starts_with('/') => found.push(text.clone()),
            Value::Array(list) => list.iter().for_each(|value| paths(value, found)),
            Value::Object(map) => map.values().for_each(|value| paths(value, found)),
            _ => {}
        }
    }
    for rendered in Rendered::all() {
        let pod = rendered.pod();
        let claims = &rendered.workload()["spec"]["volumeClaimTemplates"];
        let mut volumes = named(&pod["volumes"]);
        if let Some(claims) = claims.as_array() {
            volumes.extend(claims.iter().map(|claim| {
                let name = claim["metadata"]["name"].as_str();
                name.unwrap().to_owned()
            }));
        }
        let mounts = rendered.server()["volumeMounts"].as_array().unwrap();
        assert_eq!(named(&rendered.server()["volumeMounts"]), volumes);
        let config: Value = serde_yaml::from_str(&rendered.text()).unwrap();
        let mut named = Vec::new();
        paths(&config, &mut named);
        assert!(!named.is_empty());
        for path in named {
            let below = |mount: &&Value| {
                let place = mount["mountPath"].as_str().unwrap();
                path == place || path.starts_with(&format!("{place}/"))
            };
            let mount = mounts.iter().find(below);
            let mount = mount.unwrap_or_else(|| panic!("{}: {path}", rendered.name));
            // The server writes below its state alone.
            let is_state = path.starts_with("/state");
            assert_eq!(mount["readOnly"] == true, !is_state, "{path}");
        }
    }
}

#[test]
fn services_probes_and_monitors_find_the_server() {
    for rendered in Rendered::all() {
        let ports = rendered.ports();
        let workload = &rendered.workload()["spec"];
        let labels = &workload["template"]["metadata"]["labels"];
        assert!(selects(&workload["selector"]["matchLabels"], labels));
        let probes = ["startupProbe", "livenessProbe", "readinessProbe"];
        for (probe, path) in probes.into_iter().zip(["/readyz", "/livez", "/readyz"]) {
            let asked = &rendered.server()[probe]["httpGet"];
            assert_eq!(*asked, json!({"path": path, "port": "management"}));
        }
        for service in rendered.of("Service") {
            assert!(selects(&service["spec"]["selector"], labels));
            for port in service["spec"]["ports"].as_array().unwrap() {
                assert!(ports.contains_key(port["targetPort"].as_str().unwrap()));
            }
        }
        for kind in ["PodDisruptionBudget", "NetworkPolicy"] {
            for object in rendered.of(kind) {
                let spec = &object["spec"];
                let selector = match kind {
                    "NetworkPolicy" => &spec["podSelector"],
                    _ => &spec["selector"],
                };
                assert!(selects(&selector["matchLabels"], labels), "{kind}");
            }
        }
        for monitor in rendered.of("ServiceMonitor") {
            let wanted = &monitor["spec"]["selector"]["matchLabels"];
            let service = rendered.of("Service").into_iter();
            let chosen: Vec<&Value> = service
                .filter(|one| selects(wanted, &one["metadata"]["labels"]))
                .collect();
            assert_eq!(chosen.len(), 1);
            let endpoint = &monitor["spec"]["endpoints"][0];
            assert_eq!(endpoint["port"], chosen[0]["spec"]["ports"][0]["name"]);
            assert_eq!(endpoint["path"], "/metrics");
        }
        // What `helm test` starts is no server, and nothing takes it for one.
        let test = &rendered.of("Pod")[0]["metadata"]["labels"];
        assert!(!selects(&workload["selector"]["matchLabels"], test));
    }
}

#[test]
fn no_pod_of_the_chart_may_do_more_than_it_must() {
    for rendered in Rendered::all() {
        for pod in [rendered.pod(), &rendered.of("Pod")[0]["spec"]] {
            assert_eq!(pod["automountServiceAccountToken"], false);
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            assert_eq!(pod["securityContext"]["runAsUser"], 65532);
            let seccomp = &pod["securityContext"]["seccompProfile"]["type"];
            assert_eq!(seccomp, "RuntimeDefault");
            for container in pod["containers"].as_array().unwrap() {
                let context = &container["securityContext"];
                assert_eq!(context["readOnlyRootFilesystem"], true);
                assert_eq!(context["allowPrivilegeEscalation"], false);
                assert_eq!(context["capabilities"]["drop"], json!(["ALL"]));
                assert!(container["resources"]["limits"]["memory"].is_string());
            }
        }
        let grace = rendered.pod()["terminationGracePeriodSeconds"].as_u64();
        let drain = rendered.file().settings().unwrap().drain_limit;
        assert!(grace.unwrap() > drain.as_secs());
        // Whoever asks is asked who it is, unless the values say that something else does that.
        let config: Value = serde_yaml::from_str(&rendered.text()).unwrap();
        let encrypts = config["tls"]["certificate"].is_string();
        let identity = &config["identity"];
        let asks = identity["tokens_file"].is_string() || identity["anonymous"].is_array();
        assert_eq!(encrypts, rendered.name != "insecure");
        assert_eq!(config["insecure"] == true, !(encrypts && asks));
    }
}

#[test]
fn the_charts_webhook_differs_from_the_manifests_in_what_is_the_releases_alone() {
    let mut manifest = yaml("kubernetes/overlays/fail-closed/webhook.yaml")["webhooks"][0].clone();
    let rendered = Rendered::all().find(|one| one.name == "webhook").unwrap();
    let hooks = rendered.of("ValidatingWebhookConfiguration");
    let mut webhook = hooks[0]["webhooks"][0].clone();
    let service = rendered.of("Service")[0];
    let asked = webhook["clientConfig"]["service"].take();
    assert_eq!(asked["name"], service["metadata"]["name"]);
    assert_eq!(asked["port"], service["spec"]["ports"][0]["port"]);
    let by_hand = manifest["clientConfig"]["service"].take();
    assert_eq!(asked["path"], by_hand["path"]);
    webhook["clientConfig"].take();
    manifest["clientConfig"].take();
    assert_eq!(webhook, manifest);
    // The API server is no pod: no peer is named for the port that it asks at.
    let policy = &rendered.of("NetworkPolicy")[0]["spec"];
    assert!(policy["ingress"][0]["from"].is_null());
    assert_eq!(policy["egress"], json!([]));
}

/// The alerts that the chart brings are those beside the dashboard, and not a copy of them.
#[test]
fn the_charts_alerts_are_those_of_the_dashboard() {
    let brought = deploy().join("helm/embargo/files/alerts.yaml");
    assert!(brought.is_symlink());
    let kept = deploy().join("observability/alerts.yaml");
    assert_eq!(
        brought.canonicalize().unwrap(),
        kept.canonicalize().unwrap()
    );
    let template = deploy().join("helm/embargo/templates/monitoring.yaml");
    let template = fs::read_to_string(template).unwrap();
    assert!(template.contains(r#"{{- .Files.Get "files/alerts.yaml" | nindent 2 }}"#));
}

#[test]
fn the_policies_of_values_are_mounted_at_their_paths() {
    let rendered = Rendered::all().find(|one| one.name == "insecure").unwrap();
    let maps = rendered.of("ConfigMap");
    let policies = maps
        .iter()
        .find(|map| map["data"]["embargo.yaml"].is_null())
        .unwrap();
    let volumes = rendered.pod()["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == "policies");
    let source = &volume.unwrap()["projected"]["sources"][0]["configMap"];
    assert_eq!(source["name"], policies["metadata"]["name"]);
    let items = source["items"].as_array().unwrap();
    assert_eq!(items.len(), policies["data"].as_object().unwrap().len());
    let given = yaml("helm/embargo/ci/insecure-values.yaml")["policies"]["files"].clone();
    for item in items {
        let text = &policies["data"][item["key"].as_str().unwrap()];
        assert!(text.is_string());
        assert_eq!(*text, given[item["path"].as_str().unwrap()]);
    }
}
