//! Methods: what can be asked, by a closed list of names, whatever a path says.

use crate::config::Door;

/// What is asked, through which door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Method {
    /// The door.
    pub(crate) door: Door,
    /// Its name, from a closed list.
    pub(crate) name: &'static str,
    /// The service of gRPC it belongs to; empty at other doors.
    pub(crate) service: &'static str,
    /// Whether its answer comes in parts over time.
    pub(crate) streams: bool,
}

/// The name of what is none of those that there are.
pub(crate) const OTHER: &str = "other";

/// Methods that answer in parts over time.
const STREAMS: [&str; 5] = [
    "StreamDecideHosts",
    "WatchSnapshot",
    "RunPolicyTests",
    "Watch",
    "ServerReflectionInfo",
];

/// What is asked over gRPC: service and method.
const CALLS: [(&str, &str); 18] = [
    ("embargo.v1.DecisionService", "DecideHost"),
    ("embargo.v1.DecisionService", "BatchDecideHosts"),
    ("embargo.v1.DecisionService", "StreamDecideHosts"),
    ("embargo.v1.DecisionService", "DecideInventory"),
    ("embargo.v1.DecisionService", "ExplainDecision"),
    ("embargo.v1.DecisionService", "ComputeDecisionTimeline"),
    ("embargo.v1.PolicyService", "ListPolicies"),
    ("embargo.v1.PolicyService", "GetPolicy"),
    ("embargo.v1.PolicyService", "GetSnapshot"),
    ("embargo.v1.PolicyService", "WatchSnapshot"),
    ("embargo.v1.PolicyService", "ValidateBundle"),
    ("embargo.v1.PolicyService", "RunPolicyTests"),
    ("embargo.v1.PolicyService", "IdentifySoftware"),
    ("envoy.service.auth.v3.Authorization", "Check"),
    ("grpc.health.v1.Health", "Check"),
    ("grpc.health.v1.Health", "Watch"),
    (
        "grpc.reflection.v1.ServerReflection",
        "ServerReflectionInfo",
    ),
    (
        "grpc.reflection.v1alpha.ServerReflection",
        "ServerReflectionInfo",
    ),
];

impl Method {
    /// What a path of gRPC asks for.
    pub(crate) fn of_grpc(path: &str) -> Self {
        let asked = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        let known = CALLS.iter().find(|known| asked == Some(**known));
        let (service, name) = known.copied().unwrap_or(("", OTHER));
        let is_envoy = service.starts_with("envoy.");
        Self {
            door: if is_envoy { Door::Envoy } else { Door::Grpc },
            name,
            service,
            streams: STREAMS.contains(&name),
        }
    }

    /// What a route of another door asks for, under the name that the door gives it.
    pub(crate) fn of_route(door: Door, name: &'static str) -> Self {
        Self {
            door,
            name,
            service: "",
            streams: STREAMS.contains(&name),
        }
    }

    /// The names of what judges at a door, for the counters that are there from the start.
    pub(super) fn judging(door: Door) -> &'static [&'static str] {
        match door {
            Door::Grpc | Door::Http => &[
                "DecideHost",
                "BatchDecideHosts",
                "StreamDecideHosts",
                "DecideInventory",
            ],
            Door::Opa => &["data", "bare"],
            Door::Kubernetes => &["review"],
            Door::Envoy => &["Check"],
            Door::Authzen => &["evaluation", "evaluations"],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::transport::FILE_DESCRIPTOR_SET;
    use prost_reflect::DescriptorPool;

    use super::*;

    #[test]
    fn each_method_of_the_api_has_its_name_and_streams_as_it_says() {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let methods = pool.services().flat_map(|service| {
            let methods: Vec<_> = service.methods().collect();
            methods
        });
        let mut count = 0;
        for method in methods {
            let service = method.parent_service().full_name().to_owned();
            let found = Method::of_grpc(&format!("/{service}/{}", method.name()));
            assert_eq!(found.name, method.name());
            assert_eq!(found.service, service);
            assert_eq!(
                found.streams,
                method.is_server_streaming(),
                "{}",
                method.name()
            );
            count += 1;
        }
        assert_eq!(count, 13);
    }

    #[test]
    fn a_path_that_is_none_has_no_name_of_its_own() {
        for path in [
            "",
            "/",
            "//",
            "/a/b",
            "/embargo.v1.DecisionService/Secret",
            "DecideHost",
        ] {
            assert_eq!(Method::of_grpc(path).name, OTHER, "{path}");
        }
        let envoy = Method::of_grpc("/envoy.service.auth.v3.Authorization/Check");
        assert_eq!((envoy.door, envoy.name), (Door::Envoy, "Check"));
    }
}
