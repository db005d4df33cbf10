use super::*;

fn layers(text: &str) -> Layers {
    Layers {
        file: Some(Document {
            name: "embargo.yaml".to_owned(),
            text: text.to_owned(),
        }),
        ..Layers::default()
    }
}

fn refused(layers: Layers) -> String {
    let faults = layers.read().map(|given| given.config().unwrap_err());
    let faults = faults.map_or_else(|faults| faults, |fault| vec![fault]);
    faults
        .iter()
        .map(ConfigFault::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn variable(mut layers: Layers, name: &str, value: &str) -> Layers {
    layers.environment.insert(name.to_owned(), value.to_owned());
    layers
}

fn said(mut layers: Layers, path: &str, text: &str) -> Layers {
    layers.said.push(Said {
        path: path.to_owned(),
        text: text.to_owned(),
        by: format!("--set {path}"),
    });
    layers
}

#[test]
fn the_command_line_stands_over_the_environment_over_the_file_over_the_default() {
    let workers = |layers: Layers| {
        let given = layers.read().unwrap();
        let origin = given.origin("evaluation.workers").to_string();
        (given.file.evaluation.workers, origin)
    };
    let file = || layers("# first\nevaluation:\n  # second\n  workers: 3\n");
    let variable = || variable(file(), "EMBARGO_EVALUATION_WORKERS", "5");
    assert_eq!(workers(Layers::default()), (None, "default".to_owned()));
    assert_eq!(workers(file()), (Some(3), "embargo.yaml:4".to_owned()));
    let by_variable = (Some(5), "EMBARGO_EVALUATION_WORKERS".to_owned());
    assert_eq!(workers(variable()), by_variable);
    let by_flag = (Some(7), "--set evaluation.workers".to_owned());
    assert_eq!(
        workers(said(variable(), "evaluation.workers", "7")),
        by_flag
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_what_was_probably_meant() {
    let text = refused(layers(
        "listen: a:1\npolicies:\n  pol_interval: 1s\nworkrs: 1\n",
    ));
    assert_eq!(
        text,
        "there is no setting `policies.pol_interval`\n  at embargo.yaml:3\n  hint: did you mean `poll_interval`?\n\
         there is no setting `workrs`\n  at embargo.yaml:4\n  hint: did you mean `evaluation.workers`?"
    );
    let text = refused(said(Layers::default(), "polices.folder", "x"));
    assert!(
        text.ends_with("hint: did you mean `policies.folder`?"),
        "{text}"
    );
}

#[test]
fn a_value_of_another_kind_or_outside_of_its_range_is_refused_with_its_place() {
    for (text, wanted) in [
        (
            "evaluation: {workers: many}",
            "`evaluation.workers`: invalid type: string \"many\", expected usize\n  at embargo.yaml:1",
        ),
        (
            "policies:\n  poll_interval: 2\n",
            "`policies.poll_interval`: `2` is no time: write a whole number and its unit, such as `250ms`, `2s`, `5m` or `1h`\n  at embargo.yaml:2",
        ),
        (
            "evaluation:\n\n  workers: 0\n",
            "`evaluation.workers` is 0, and must be 1 to 1024\n  at embargo.yaml:3",
        ),
        ("doors: [grpc, soap]", "unknown variant `soap`"),
        (
            "listen: ${NOWHERE}",
            "`listen`: the variable NOWHERE is not set\n  at embargo.yaml:1\n  hint: set it",
        ),
        ("a: [", "the file is no YAML"),
        (
            "listen: a\nlisten: b",
            "the file is no YAML: duplicate entry",
        ),
        ("- a", "the file is no mapping of settings"),
        ("policies: yes", "`policies`: invalid type"),
    ] {
        let said = refused(layers(text));
        assert!(said.contains(wanted), "{text}: {said}");
    }
    let text = refused(variable(
        Layers::default(),
        "EMBARGO_EVALUATION_WORKERS",
        "0",
    ));
    assert!(text.ends_with("at EMBARGO_EVALUATION_WORKERS"), "{text}");
}

#[test]
fn a_variable_that_is_nearly_a_setting_is_remarked_and_others_are_not() {
    let layers = variable(Layers::default(), "EMBARGO_EVALUATION_WORKER", "5");
    let layers = variable(layers, "EMBARGO_SERVICE_HOST_OF_SOMEBODY_ELSE", "10.0.0.1");
    let given = layers.read().unwrap();
    assert_eq!(
        given.unknown_variables,
        [
            "the variable EMBARGO_EVALUATION_WORKER sets nothing: did you mean `EMBARGO_EVALUATION_WORKERS`?"
        ]
    );
}

#[test]
fn what_differs_between_two_configurations_is_told_by_setting() {
    let before = layers("log: {level: info}\nevaluation: {workers: 2}")
        .read()
        .unwrap();
    let after =
        layers("log: {level: debug}\npolicies: {poll_interval: 2s}\nevaluation: {workers: 2}")
            .read()
            .unwrap();
    let paths: Vec<&str> = before
        .changes(&after)
        .iter()
        .map(|key| key.path.as_str())
        .collect();
    assert_eq!(paths, ["log.level"]);
}

#[test]
fn each_setting_of_a_file_reaches_what_it_sets() {
    for (path, text, wanted) in [
        ("policies.state", "/s", "state_folder: Some(\"/s\")"),
        ("policies.poll_interval", "77ms", "poll_interval: 77ms"),
        ("policies.quiet_period", "7ms", "quiet_period: 7ms"),
        ("policies.quiet_limit", "77s", "quiet_limit: 77s"),
        ("policies.compile_limit", "77s", "compile_limit: 77s"),
        ("policies.test_limit", "77s", "test_limit: 77s"),
        (
            "policies.skip_tests_on_reload",
            "true",
            "skip_tests_on_reload: true",
        ),
        ("evaluation.workers", "77", "workers: 77"),
        (
            "evaluation.worker_stack",
            "9MiB",
            "worker_stack_bytes: 9437184",
        ),
        ("evaluation.policy_budget", "77ms", "policy_budget: 77ms"),
        (
            "evaluation.decision_budget",
            "77ms",
            "decision_budget: 77ms",
        ),
        ("drain_limit", "77s", "drain_limit: 77s"),
        ("doors", "opa", "doors: {Opa}"),
        ("envoy.facts", "context:x", "facts: [Context(\"x\")]"),
        ("envoy.action", "use", "action: Use"),
        ("envoy.host", "header:x", "host: [Header(\"x\")]"),
        ("envoy.limit", "77ms", "limit: 77ms"),
    ] {
        let given = said(Layers::default(), path, text).read().unwrap();
        let settings = format!("{:?}", given.config().unwrap().settings());
        assert!(settings.contains(wanted), "{path}: {settings}");
        let default = format!("{:?}", Config::default().settings());
        assert!(!default.contains(wanted), "{path}: {default}");
    }
}
