//! Names of what is asked, by the route that answers: a closed list, for those who count.

use crate::config::Door;
use crate::telemetry::{Method, OTHER};

use super::http;

/// Routes that are not the API's own, with the door and the name of what they ask.
const ROUTES: [(&str, Door, &str); 15] = [
    ("/openapi.json", Door::Http, "openapi"),
    ("/v1/data", Door::Opa, "data"),
    ("/v1/data/", Door::Opa, "data"),
    ("/v1/data/{*path}", Door::Opa, "data"),
    ("/v0/data", Door::Opa, "bare"),
    ("/v0/data/", Door::Opa, "bare"),
    ("/v0/data/{*path}", Door::Opa, "bare"),
    ("/", Door::Opa, "bare"),
    ("/v1/policies/", Door::Opa, "policies"),
    ("/health", Door::Opa, "health"),
    ("/webhook/k8s/v1", Door::Kubernetes, "review"),
    ("/access/v1/evaluation", Door::Authzen, "evaluation"),
    ("/access/v1/evaluations", Door::Authzen, "evaluations"),
    (
        "/.well-known/authzen-configuration",
        Door::Authzen,
        "configuration",
    ),
    ("", Door::Http, OTHER),
];

/// What a route asks for, or a path that is one by itself.
pub(in super::super) fn method_of(route: &str) -> Method {
    if let Some(name) = http::method_of(route) {
        return Method::of_route(Door::Http, name);
    }
    let known = ROUTES.iter().find(|(known, ..)| *known == route);
    let (door, name) = known.map_or((Door::Http, OTHER), |(_, door, name)| (*door, *name));
    Method::of_route(door, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_its_name_and_what_is_none_has_the_name_of_all_others() {
        for (route, door, name) in [
            ("/v1/hosts:decide", Door::Http, "DecideHost"),
            ("/v1/policies/{policyId}", Door::Http, "GetPolicy"),
            ("/v1/policies/", Door::Opa, "policies"),
            ("/webhook/k8s/v1", Door::Kubernetes, "review"),
            ("/v1/secret-host", Door::Http, OTHER),
            ("", Door::Http, OTHER),
        ] {
            let method = method_of(route);
            assert_eq!((method.door, method.name), (door, name), "{route}");
        }
        assert!(method_of("/v1/snapshot:watch").streams);
    }
}
