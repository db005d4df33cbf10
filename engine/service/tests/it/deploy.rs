//! The files of `deploy`: that they parse, name each other, and let nothing through unjudged.

mod chart;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::asker::post;
use crate::bench::Bench;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(deploy().join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

fn base(path: &str) -> Value {
    yaml(&format!("kubernetes/base/{path}"))
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap()).collect()
}

/// The files of a folder and those below.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_manifest_parses_and_is_named_by_its_kustomization() {
    let mut all = Vec::new();
    files(&deploy().join("kubernetes"), &mut all);
    let manifests: Vec<&PathBuf> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .filter(|path| !path.ends_with("kustomization.yaml"))
        .filter(|path| !path.components().any(|part| part.as_os_str() == "policies"))
        .collect();
    assert!(manifests.len() >= 7, "{manifests:?}");
    for path in manifests {
        let text = fs::read_to_string(path).unwrap();
        let manifest: Value = serde_yaml::from_str(&text).unwrap();
        assert!(manifest["kind"].is_string(), "{path:?}");
        let folder = path.parent().unwrap();
        let list = fs::read_to_string(folder.join("kustomization.yaml")).unwrap();
        let list: Value = serde_yaml::from_str(&list).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(texts(&list["resources"]).contains(&name), "{path:?}");
    }
}

#[test]
fn both_webhooks_differ_in_the_failure_policy_alone() {
    let of = |overlay: &str| yaml(&format!("kubernetes/overlays/{overlay}/webhook.yaml"));
    let (closed, mut open) = (of("fail-closed"), of("fail-open"));
    assert_eq!(closed["webhooks"][0]["failurePolicy"], "Fail");
    assert_eq!(open["webhooks"][0]["failurePolicy"], "Ignore");
    open["webhooks"][0]["failurePolicy"] = json!("Fail");
    assert_eq!(closed, open);
    let webhook = &closed["webhooks"][0];
    assert_eq!(webhook["admissionReviewVersions"], json!(["v1"]));
    assert_eq!(webhook["sideEffects"], "None");
    assert_eq!(webhook["matchPolicy"], "Equivalent");
    assert_eq!(
        webhook["objectSelector"],
        json!({"matchLabels": {"embargo.dev/judge": "true"}})
    );
    let seconds = webhook["timeoutSeconds"].as_u64().unwrap();
    assert!((1..=30).contains(&seconds));
    for rule in webhook["rules"].as_array().unwrap() {
        assert_eq!(rule["operations"], json!(["CREATE", "UPDATE"]));
        assert!(
            texts(&rule["resources"])
                .iter()
                .all(|name| !name.contains(['/', '*']))
        );
    }
}

/// Otherwise a server that is away could not be started again.
#[test]
fn the_webhook_is_not_asked_about_the_servers_own_namespace() {
    let own = base("namespace.yaml")["metadata"]["name"].clone();
    let webhook = yaml("kubernetes/overlays/fail-closed/webhook.yaml")["webhooks"][0].clone();
    let expressions = &webhook["namespaceSelector"]["matchExpressions"];
    let excluded = expressions.as_array().unwrap().iter().find(|expression| {
        expression["key"] == "kubernetes.io/metadata.name" && expression["operator"] == "NotIn"
    });
    let excluded = texts(&excluded.unwrap()["values"]);
    assert!(excluded.contains(&own.as_str().unwrap()));
    assert!(excluded.contains(&"kube-system"));
    assert_eq!(base("kustomization.yaml")["namespace"], own);
    assert_eq!(webhook["clientConfig"]["service"]["namespace"], own);
}

#[test]
fn the_webhook_reaches_the_server_through_its_service() {
    let webhook = yaml("kubernetes/overlays/fail-closed/webhook.yaml")["webhooks"][0].clone();
    let asked = &webhook["clientConfig"]["service"];
    let service = base("service.yaml");
    assert_eq!(asked["name"], service["metadata"]["name"]);
    assert_eq!(asked["path"], "/webhook/k8s/v1");
    let ports = service["spec"]["ports"].as_array().unwrap();
    let port = ports
        .iter()
        .find(|port| port["port"] == asked["port"])
        .unwrap();
    let pod = base("deployment.yaml")["spec"]["template"].clone();
    assert_eq!(service["spec"]["selector"], pod["metadata"]["labels"]);
    let server = &pod["spec"]["containers"][0];
    let number = |name: &Value| -> u64 {
        let ports = server["ports"].as_array().unwrap();
        let found = ports.iter().find(|port| port["name"] == *name);
        found.unwrap()["containerPort"].as_u64().unwrap()
    };
    let arguments = texts(&server["args"]);
    let listens = number(&port["targetPort"]);
    let management = number(&server["readinessProbe"]["httpGet"]["port"]);
    for argument in [
        format!("--listen=0.0.0.0:{listens}"),
        format!("--set=management.listen=0.0.0.0:{management}"),
    ] {
        assert!(arguments.contains(&argument.as_str()), "{argument}");
    }
    let doors = arguments
        .iter()
        .find_map(|word| word.strip_prefix("--doors="));
    assert!(doors.unwrap().split(',').any(|door| door == "kubernetes"));
    // The API server asks over TLS only, and the certificate is where a volume puts it.
    let mounts = server["volumeMounts"].as_array().unwrap().iter();
    let places: Vec<&str> = mounts
        .map(|mount| mount["mountPath"].as_str().unwrap())
        .collect();
    for setting in ["tls.certificate", "tls.key"] {
        let start = format!("--set={setting}=");
        let path = arguments.iter().find_map(|word| word.strip_prefix(&start));
        let (folder, _) = path.unwrap().rsplit_once('/').unwrap();
        assert!(places.contains(&folder), "{setting}");
    }
}

#[test]
fn no_container_may_do_more_than_it_must() {
    let pod = base("deployment.yaml")["spec"]["template"]["spec"].clone();
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(
        pod["securityContext"]["seccompProfile"]["type"],
        "RuntimeDefault"
    );
    for container in pod["containers"].as_array().unwrap() {
        let context = &container["securityContext"];
        assert_eq!(context["readOnlyRootFilesystem"], true);
        assert_eq!(context["allowPrivilegeEscalation"], false);
        assert_eq!(context["capabilities"]["drop"], json!(["ALL"]));
        assert!(container["resources"]["limits"]["memory"].is_string());
        assert!(container["readinessProbe"].is_object());
    }
    let policy = base("network-policy.yaml")["spec"].clone();
    assert_eq!(policy["policyTypes"], json!(["Ingress", "Egress"]));
    assert_eq!(policy["egress"], json!([]));
}

/// The policies that are mounted are those of the folder, each in its place, and they judge.
#[tokio::test]
async fn the_mounted_policies_judge() {
    let kustomization = base("kustomization.yaml");
    let keys: BTreeSet<(String, String)> = texts(&kustomization["configMapGenerator"][0]["files"])
        .into_iter()
        .map(|file| {
            let (key, path) = file.split_once("=policies/").unwrap();
            (key.to_owned(), path.to_owned())
        })
        .collect();
    let volumes = base("deployment.yaml")["spec"]["template"]["spec"]["volumes"].clone();
    let volume = volumes
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "policies");
    let items = volume.unwrap()["configMap"]["items"]
        .as_array()
        .unwrap()
        .iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mounted: BTreeSet<(String, String)> = items
        .map(|item| (text(&item["key"]), text(&item["path"])))
        .collect();
    assert_eq!(keys, mounted);
    let folder = deploy().join("kubernetes/base/policies");
    let mut there = Vec::new();
    files(&folder, &mut there);
    assert_eq!(there.len(), mounted.len());

    let bench = Bench::start(&folder).await;
    let facts = "software: [{name: Acme Shield, bundle_id: com.acme.shield}]";
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "u", "operation": "CREATE", "namespace": "default", "name": "h",
            "object": {"data": {"embargo-facts": facts}}},
    });
    let answer = post(bench.address, "/webhook/k8s/v1", review.to_string()).await;
    let response = &answer.json()["response"];
    assert_eq!(response["status"]["reason"], "Denied", "{response}");
}

#[test]
fn envoy_lets_nothing_pass_that_was_not_judged() {
    let bootstrap = yaml("envoy/envoy.yaml");
    let listener = &bootstrap["static_resources"]["listeners"][0];
    let chain = &listener["filter_chains"][0];
    let tls = &chain["transport_socket"]["typed_config"];
    assert_eq!(tls["require_client_certificate"], true);
    let manager = &chain["filters"][0]["typed_config"];
    let filters = manager["http_filters"].as_array().unwrap();
    let at = |name: &str| filters.iter().position(|filter| filter["name"] == name);
    let asks = at("envoy.filters.http.ext_authz").unwrap();
    assert!(asks < at("envoy.filters.http.router").unwrap());
    let asks = &filters[asks]["typed_config"];
    assert_eq!(asks["failure_mode_allow"], false);
    assert_eq!(asks["transport_api_version"], "V3");
    let cluster = &asks["grpc_service"]["envoy_grpc"]["cluster_name"];
    let clusters = bootstrap["static_resources"]["clusters"]
        .as_array()
        .unwrap();
    let named = clusters.iter().find(|one| one["name"] == *cluster).unwrap();
    let options = &named["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"];
    assert!(options["explicit_http_config"]["http2_protocol_options"].is_object());
    let mutations = &manager["early_header_mutation_extensions"][0]["typed_config"]["mutations"];
    let removed: BTreeSet<&str> = mutations
        .as_array()
        .unwrap()
        .iter()
        .map(|mutation| mutation["remove"].as_str().unwrap())
        .collect();
    for place in [
        embargo_service::EnvoySettings::default().facts,
        embargo_service::EnvoySettings::default().host,
    ]
    .concat()
    {
        if let embargo_service::EnvoyPlace::Header(name) = place {
            assert!(removed.contains(name.as_str()), "{name} could be forged");
        }
    }
}
