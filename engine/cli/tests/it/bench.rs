//! `embargo bench`: figures for the author's own policies and hosts.

use serde_json::Value;

use crate::support::{folder, run};

#[test]
fn each_host_is_judged_equally_often_in_each_way() {
    let hosts = (0..7).map(|number| {
        format!("{{\"host_id\":\"h{number}\",\"software\":[{{\"name\":\"Kaspersky Password Manager\"}}]}}\n")
    });
    let files = folder(&[("hosts.ndjson", &hosts.collect::<String>())]);
    let path = files.path().join("hosts.ndjson");
    let path = path.to_str().unwrap();
    let ran = run(&[
        "bench",
        path,
        "--hosts",
        "5",
        "--decisions",
        "12",
        "-f",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("2 are left out"), "{}", ran.err);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&answer["host_count"], &answer["software_count"]),
        (&5.into(), &5.into())
    );
    for (way, count) in [("first_time", 5), ("again", 15), ("without_memory", 15)] {
        let sample = &answer[way];
        assert_eq!(sample["decision_count"], count, "{way}");
        let time = |key: &str| sample[key].as_f64().unwrap();
        assert!(
            time("p50_us") > 0.0 && time("p50_us") <= time("p99_us"),
            "{sample}"
        );
        assert!(time("p99_us") <= time("longest_us"), "{sample}");
        assert_eq!(sample["failed_count"], 0);
    }
}

#[test]
fn a_host_that_cannot_be_read_is_not_left_out_in_silence() {
    let files = folder(&[(
        "hosts.ndjson",
        "{\"host_id\":\"a\"}\n{\"host_id\":\"b\",\"softwear\":[]}\n",
    )]);
    let path = files.path().join("hosts.ndjson");
    let ran = run(&["bench", path.to_str().unwrap()]);
    assert!(ran.code == 2 && ran.out.is_empty(), "{}", ran.out);
}

#[test]
fn people_see_percentiles_and_what_is_not_counted() {
    let ran = run(&["bench", "--example", "--decisions", "10"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for wanted in [
        "the first call",
        "p99",
        "hosts/s",
        "without memory",
        "alloc",
    ] {
        assert!(ran.out.contains(wanted), "{wanted}\n{}", ran.out);
    }
}
