//! Which path asks which method.

/// How a path is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super::super) enum Verb {
    Get,
    Post,
}

/// One path.
#[derive(Clone, Copy, Debug)]
pub(in super::super::super) struct Route {
    pub(in super::super::super) verb: Verb,
    /// As the router has it: `{field}` stands for a field of the request.
    pub(in super::super::super) path: &'static str,
    /// The method that answers.
    pub(in super::super::super) method: &'static str,
}

const fn post(path: &'static str, method: &'static str) -> Route {
    Route {
        verb: Verb::Post,
        path,
        method,
    }
}

const fn get(path: &'static str, method: &'static str) -> Route {
    Route {
        verb: Verb::Get,
        path,
        method,
    }
}

/// Every method of the API has one.
pub(in super::super::super) const ROUTES: [Route; 13] = [
    post("/v1/hosts:decide", "/embargo.v1.DecisionService/DecideHost"),
    post(
        "/v1/hosts:batchDecide",
        "/embargo.v1.DecisionService/BatchDecideHosts",
    ),
    post(
        "/v1/hosts:streamDecide",
        "/embargo.v1.DecisionService/StreamDecideHosts",
    ),
    post(
        "/v1/hosts:explain",
        "/embargo.v1.DecisionService/ExplainDecision",
    ),
    post(
        "/v1/hosts:computeTimeline",
        "/embargo.v1.DecisionService/ComputeDecisionTimeline",
    ),
    post(
        "/v1/inventories:decide",
        "/embargo.v1.DecisionService/DecideInventory",
    ),
    post(
        "/v1/software:identify",
        "/embargo.v1.PolicyService/IdentifySoftware",
    ),
    get("/v1/policies", "/embargo.v1.PolicyService/ListPolicies"),
    get(
        "/v1/policies/{policyId}",
        "/embargo.v1.PolicyService/GetPolicy",
    ),
    post(
        "/v1/policies:test",
        "/embargo.v1.PolicyService/RunPolicyTests",
    ),
    get("/v1/snapshot", "/embargo.v1.PolicyService/GetSnapshot"),
    get(
        "/v1/snapshot:watch",
        "/embargo.v1.PolicyService/WatchSnapshot",
    ),
    post(
        "/v1/bundles:validate",
        "/embargo.v1.PolicyService/ValidateBundle",
    ),
];
