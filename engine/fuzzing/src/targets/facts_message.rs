//! Facts on the wire: any bytes as a `DecideHostRequest`, in pieces as large as the first byte
//! says, and as a `HostFacts` message.
//!
//! No panic. Pieces make no difference; what the decoder refuses is refused; what it reads
//! passes once more when it is written anew, and is the same facts; facts that were checked
//! keep every limit.

use embargo_core::facts::HostFacts;
use embargo_proto::v1::DecideHostRequest;
use embargo_service::codec::{self, FactsUnreadable};
use prost::Message;

use crate::target::Target;

pub(crate) const FACTS_MESSAGE: Target = Target::new(
    "facts_message",
    &["engine/fuzzing/corpus/facts_message"],
    &[
        "\u{a}",
        "\u{12}",
        "\u{1a}",
        "\u{22}",
        "\u{2a}",
        "\u{32}",
        "\u{3a}",
        "\u{42}",
        "\u{0}",
        "\u{1}",
        "\u{7f}",
        "\u{a}\u{0}",
        "host-1",
        "US",
    ],
    feed,
);

fn feed(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let facts = codec::request_facts(bytes, usize::from(*size) + 1);
    assert_eq!(facts, codec::request_facts(bytes, bytes.len()));
    check(&facts);
    check(&codec::facts(bytes));
    match DecideHostRequest::decode(bytes) {
        Ok(request) => {
            let again = request.encode_to_vec();
            let once_more = codec::request_facts(&again, usize::MAX);
            // Groups are refused before they are decoded, and are not written anew.
            if facts != Err(FactsUnreadable::NotAMessage) {
                assert_eq!(once_more, facts);
            }
        }
        Err(_) => assert!(matches!(
            facts,
            Err(FactsUnreadable::NotAMessage
                | FactsUnreadable::TooMuch(_)
                | FactsUnreadable::TooDeep(_))
        )),
    }
}

fn check(facts: &Result<HostFacts, FactsUnreadable>) {
    if let Ok(facts) = facts {
        let again = HostFacts::check(facts.record().clone());
        assert_eq!(again.as_ref(), Ok(facts));
    }
}
