//! What a door costs beside its own encoding. Measured by hand, in a release build:
//!
//! ```console
//! cargo test --release -p embargo-service --test it -- --ignored --nocapture doors_cost
//! ```

use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::codec::Json;
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::Bench;
use crate::http::as_json;
use crate::policies::{ask, ban, host, item};

const METHOD: &str = "/embargo.v1.DecisionService/DecideHost";
const ROUNDS: usize = 15;
const CALLS: usize = 200;

/// A host with three hundred items.
fn laptop() -> pb::DecideHostRequest {
    let mut facts = host("laptop");
    for number in facts.software.len()..300 {
        facts.software.push(item(&format!("Something {number}")));
    }
    ask(facts)
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

/// One call over a connection that stays.
async fn post(stream: &mut TcpStream, request: &[u8], into: &mut Vec<u8>) {
    stream.write_all(request).await.unwrap();
    into.clear();
    loop {
        stream.read_buf(into).await.unwrap();
        let Some(end) = into.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&into[..end]).unwrap();
        let length: Option<usize> = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|length| length.parse().unwrap());
        let is_whole = match length {
            Some(length) => into.len() == end + 4 + length,
            None => into.ends_with(b"\r\n0\r\n\r\n"),
        };
        if is_whole {
            assert!(head.starts_with("HTTP/1.1 200"));
            return;
        }
    }
}

/// A call over HTTP/1.1.
fn call(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// How long the reading of what a door is asked takes by itself, and the writing of its answer.
type Encoding = Box<dyn Fn()>;

/// A door, what it is asked, and its encoding.
fn doors(request: &pb::DecideHostRequest, answer: &[u8]) -> Vec<(&'static str, Vec<u8>, Encoding)> {
    let text = as_json("embargo.v1.DecideHostRequest", request);
    let facts = facts_as_files_have_them(request.facts.as_ref().unwrap());
    let json = Json::load().unwrap();
    let answer = answer.to_vec();
    let native = text.clone();
    let native: Encoding = Box::new(move || {
        json.read_request(METHOD, native.as_bytes()).unwrap();
        json.write_answer(METHOD, &answer).unwrap();
    });
    // What stands around facts is read apart from the facts.
    let around = |body: &str| {
        let (body, facts) = (body.to_owned(), facts.clone());
        let encoding: Encoding = Box::new(move || {
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
            embargo_core::facts::read("input", &facts).unwrap();
        });
        encoding
    };
    let opa = format!("{{\"input\": {facts}}}");
    let quoted = serde_json::Value::from(facts.clone()).to_string();
    let review = format!(
        "{{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\", \"request\": {{\"uid\": \"u\", \"operation\": \"CREATE\", \"namespace\": \"n\", \"name\": \"m\", \"object\": {{\"metadata\": {{\"annotations\": {{\"embargo.dev/facts\": {quoted}, \"embargo.dev/action\": \"presence\"}}}}}}}}}}"
    );
    vec![
        ("http", call("/v1/hosts:decide", &text), native),
        ("opa", call("/v1/data/embargo/allow", &opa), around(&opa)),
        (
            "kubernetes",
            call("/webhook/k8s/v1", &review),
            around(&review),
        ),
    ]
}

/// Facts by the names of their fields.
fn facts_as_files_have_them(facts: &pb::HostFacts) -> String {
    let pool = prost_reflect::DescriptorPool::decode(embargo_proto::FILE_DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name("embargo.v1.HostFacts").unwrap();
    let wire = facts.encode_to_vec();
    let message = prost_reflect::DynamicMessage::decode(descriptor, wire.as_slice()).unwrap();
    let mut written = Vec::new();
    let options = prost_reflect::SerializeOptions::new().use_proto_field_name(true);
    message
        .serialize_with_options(&mut serde_json::Serializer::new(&mut written), &options)
        .unwrap();
    String::from_utf8(written).unwrap()
}

#[ignore = "a measurement, for a quiet machine and a release build"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doors_cost_little_beside_their_own_encoding() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let request = laptop();
    let mut client = bench.decisions();
    let answer = client.decide_host(request.clone()).await.unwrap();
    let answer = answer.into_inner().encode_to_vec();
    let mut stream = TcpStream::connect(bench.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut into = Vec::new();
    let mut failures = Vec::new();
    for (name, call, encode) in doors(&request, &answer) {
        let (mut native, mut door, mut encoding) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for _ in 0..CALLS {
                let begun = Instant::now();
                client.decide_host(request.clone()).await.unwrap();
                native.push(begun.elapsed());
                let begun = Instant::now();
                post(&mut stream, &call, &mut into).await;
                door.push(begun.elapsed());
                let begun = Instant::now();
                encode();
                encoding.push(begun.elapsed());
            }
        }
        let (native, door, encoding) = (median(native), median(door), median(encoding));
        let ratio = door.saturating_sub(encoding).as_secs_f64() / native.as_secs_f64();
        println!(
            "{name}: native {native:?}, the door {door:?}, of which its encoding {encoding:?}: the rest is {ratio:.2} of the native way"
        );
        if ratio > 1.1 {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}
