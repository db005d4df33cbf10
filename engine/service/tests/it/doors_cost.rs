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

#[ignore = "a measurement, for a quiet machine and a release build"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doors_cost_little_beside_their_own_encoding() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let request = laptop();
    let text = as_json("embargo.v1.DecideHostRequest", &request);
    let head = format!(
        "POST /v1/hosts:decide HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        text.len()
    );
    let call = [head.as_bytes(), text.as_bytes()].concat();
    let mut client = bench.decisions();
    let answer = client
        .decide_host(request.clone())
        .await
        .unwrap()
        .into_inner();
    let wire = answer.encode_to_vec();
    let json = Json::load().unwrap();
    let mut stream = TcpStream::connect(bench.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut into = Vec::new();
    let (mut native, mut http, mut encoding) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for _ in 0..CALLS {
            let begun = Instant::now();
            client.decide_host(request.clone()).await.unwrap();
            native.push(begun.elapsed());
        }
        for _ in 0..CALLS {
            let begun = Instant::now();
            post(&mut stream, &call, &mut into).await;
            http.push(begun.elapsed());
        }
        for _ in 0..CALLS {
            let begun = Instant::now();
            json.read_request(METHOD, text.as_bytes()).unwrap();
            json.write_answer(METHOD, &wire).unwrap();
            encoding.push(begun.elapsed());
        }
    }
    let (native, http, encoding) = (median(native), median(http), median(encoding));
    let ratio = (http.saturating_sub(encoding)).as_secs_f64() / native.as_secs_f64();
    println!(
        "native {native:?}, http {http:?}, of which its own encoding {encoding:?}: {ratio:.2} of the native way"
    );
    assert!(ratio <= 1.1, "{ratio}");
}
