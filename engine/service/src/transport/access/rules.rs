//! The one table of what callers need for what they ask: each method of each service, and each path
//! of each door.
//!
//! A path of the native API over HTTP needs what its method needs. What stands in no table has no
//! rule, and nobody gets to it where callers need a credential.

use crate::config::Door;
use crate::identity::Scope;

use super::super::doors::HTTP_ROUTES;

/// What a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Not even a credential.
    Nothing,
    /// A credential with this scope.
    Scope(Scope),
}

const NOTHING: Needs = Needs::Nothing;
const DECIDE: Needs = Needs::Scope(Scope::Decide);
const EXPLAIN: Needs = Needs::Scope(Scope::Explain);
const READ: Needs = Needs::Scope(Scope::PolicyRead);
const TEST: Needs = Needs::Scope(Scope::PolicyTest);
const ADMIN: Needs = Needs::Scope(Scope::Admin);

/// Methods of services.
const METHODS: [(Door, &str, Needs); 19] = [
    (Door::Grpc, "/embargo.v1.DecisionService/DecideHost", DECIDE),
    (
        Door::Grpc,
        "/embargo.v1.DecisionService/BatchDecideHosts",
        DECIDE,
    ),
    (
        Door::Grpc,
        "/embargo.v1.DecisionService/StreamDecideHosts",
        DECIDE,
    ),
    (
        Door::Grpc,
        "/embargo.v1.DecisionService/DecideInventory",
        DECIDE,
    ),
    (
        Door::Grpc,
        "/embargo.v1.DecisionService/ExplainDecision",
        EXPLAIN,
    ),
    (
        Door::Grpc,
        "/embargo.v1.DecisionService/ComputeDecisionTimeline",
        EXPLAIN,
    ),
    (Door::Grpc, "/embargo.v1.PolicyService/ListPolicies", READ),
    (Door::Grpc, "/embargo.v1.PolicyService/GetPolicy", READ),
    (Door::Grpc, "/embargo.v1.PolicyService/GetSnapshot", READ),
    (Door::Grpc, "/embargo.v1.PolicyService/WatchSnapshot", READ),
    (
        Door::Grpc,
        "/embargo.v1.PolicyService/IdentifySoftware",
        READ,
    ),
    (Door::Grpc, "/embargo.v1.PolicyService/ValidateBundle", TEST),
    (Door::Grpc, "/embargo.v1.PolicyService/RunPolicyTests", TEST),
    (Door::Grpc, "/grpc.health.v1.Health/Check", NOTHING),
    (Door::Grpc, "/grpc.health.v1.Health/Watch", NOTHING),
    (Door::Grpc, "/grpc.health.v1.Health/List", NOTHING),
    (
        Door::Grpc,
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ADMIN,
    ),
    (
        Door::Grpc,
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ADMIN,
    ),
    (
        Door::Envoy,
        "/envoy.service.auth.v3.Authorization/Check",
        DECIDE,
    ),
];

/// Paths of the other doors, as routers have them. The first that fits.
const PATHS: [(Door, &str, Needs); 14] = [
    (Door::Http, "/openapi.json", NOTHING),
    (Door::Opa, "/health", NOTHING),
    (Door::Opa, "/v1/data", DECIDE),
    (Door::Opa, "/v1/data/", DECIDE),
    (Door::Opa, "/v1/data/{*path}", DECIDE),
    (Door::Opa, "/v0/data", DECIDE),
    (Door::Opa, "/v0/data/", DECIDE),
    (Door::Opa, "/v0/data/{*path}", DECIDE),
    (Door::Opa, "/", DECIDE),
    (Door::Opa, "/v1/policies/", READ),
    (Door::Authzen, "/access/v1/evaluation", DECIDE),
    (Door::Authzen, "/access/v1/evaluations", DECIDE),
    (Door::Authzen, "/.well-known/authzen-configuration", NOTHING),
    (Door::Kubernetes, "/webhook/k8s/v1", DECIDE),
];

/// Whose path it is, and what it needs.
pub(super) fn rule(path: &str) -> Option<(Door, Needs)> {
    let method = |path: &str| METHODS.iter().find(|(_, method, _)| *method == path);
    if let Some((door, _, needs)) = method(path) {
        return Some((*door, *needs));
    }
    if let Some((door, _, needs)) = PATHS.iter().find(|(_, known, _)| fits(known, path)) {
        return Some((*door, *needs));
    }
    let route = HTTP_ROUTES.iter().find(|route| fits(route.path, path))?;
    let (_, _, needs) = method(route.method)?;
    Some((Door::Http, *needs))
}

/// Whether a path is one of those that a router has so: `{name}` stands for one part, `{*name}` for
/// all that is left, and neither for nothing.
fn fits(known: &str, path: &str) -> bool {
    let Some((before, name)) = known.split_once('{') else {
        return known == path;
    };
    let Some(rest) = path.strip_prefix(before) else {
        return false;
    };
    // No router here has anything behind a name.
    !rest.is_empty() && (name.starts_with('*') || !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use embargo_proto::{ENVOY_FILE_DESCRIPTOR_SET, FILE_DESCRIPTOR_SET};
    use prost_reflect::DescriptorPool;

    use super::*;

    #[test]
    fn every_method_of_every_service_has_its_rule_and_each_rule_its_method() {
        let mut methods = Vec::new();
        for set in [
            FILE_DESCRIPTOR_SET,
            ENVOY_FILE_DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ] {
            let pool = DescriptorPool::decode(set).unwrap();
            for service in pool.services() {
                for method in service.methods() {
                    methods.push(format!("/{}/{}", service.full_name(), method.name()));
                }
            }
        }
        assert!(methods.len() >= 18, "{methods:?}");
        for method in &methods {
            assert!(rule(method).is_some(), "{method}");
        }
        for (_, known, _) in METHODS {
            let is_spare = known.ends_with("Health/List");
            assert!(
                is_spare || methods.iter().any(|method| method == known),
                "{known}"
            );
        }
    }

    #[test]
    fn what_is_in_no_table_has_no_rule() {
        for path in [
            "",
            "*",
            "/embargo.v1.DecisionService/DecideHosts",
            "/embargo.v1.DecisionService/decideHost",
            "/embargo.v1.DecisionService/DecideHost/",
            "//embargo.v1.DecisionService/DecideHost",
            "/embargo.v2.DecisionService/DecideHost",
            "/grpc.health.v1.Health/",
            "/v1/policies/a/b",
            "/v1/hosts",
            "/v1/hosts:decide/",
            "/v1/data%2f",
            "/health/",
            "/access/v1/",
        ] {
            assert_eq!(rule(path), None, "{path}");
        }
    }

    #[test]
    fn paths_of_the_api_need_what_their_methods_need() {
        for (path, needs) in [
            ("/v1/hosts:decide", DECIDE),
            ("/v1/hosts:explain", EXPLAIN),
            ("/v1/policies", READ),
            ("/v1/policies/restrictions.gone", READ),
            ("/v1/bundles:validate", TEST),
            ("/v1/snapshot:watch", READ),
        ] {
            assert_eq!(rule(path), Some((Door::Http, needs)), "{path}");
        }
        for route in HTTP_ROUTES {
            let path = route.path.replace("{policyId}", "x");
            let own = rule(route.method).map(|(_, needs)| needs);
            assert!(own.is_some(), "{}", route.method);
            assert_eq!(rule(&path), own.map(|needs| (Door::Http, needs)), "{path}");
        }
    }

    #[test]
    fn paths_of_other_doors_have_theirs() {
        for (path, wanted) in [
            ("/", (Door::Opa, DECIDE)),
            ("/health", (Door::Opa, NOTHING)),
            ("/v1/data/embargo/decision", (Door::Opa, DECIDE)),
            ("/v0/data/", (Door::Opa, DECIDE)),
            ("/v1/policies/", (Door::Opa, READ)),
            ("/access/v1/evaluation", (Door::Authzen, DECIDE)),
            ("/access/v1/evaluations", (Door::Authzen, DECIDE)),
            ("/webhook/k8s/v1", (Door::Kubernetes, DECIDE)),
        ] {
            assert_eq!(rule(path), Some(wanted), "{path}");
        }
    }
}
