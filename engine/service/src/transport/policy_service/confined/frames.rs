//! What server and child say to each other: a kind, a length, and a message of the API.
//!
//! Both are the same executable, so there is no version.

use embargo_proto::v1 as pb;
use prost::Message;

use super::framed;

/// Bytes before each message: the kind, and the length with its lowest byte first.
pub(super) const HEAD_BYTES: usize = 5;
/// Bytes of a message, at most, with room for what surrounds the files of a bundle.
pub(super) const FRAME_BYTES: usize = 17 * 1_024 * 1_024;

/// What the child is asked to do with the files of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Task {
    Validate,
    /// Run the tests that need nothing beside the bundle.
    Test,
    /// Run all tests, with the fixtures that are among the files.
    TestWithFixtures,
}

impl Task {
    const ALL: [Self; 3] = [Self::Validate, Self::Test, Self::TestWithFixtures];

    const fn kind(self) -> u8 {
        match self {
            Self::Validate => b'v',
            Self::Test => b't',
            Self::TestWithFixtures => b'f',
        }
    }

    pub(super) fn of_kind(kind: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.kind() == kind)
    }
}

/// A task and the files for it, as bytes.
pub(super) fn asked(task: Task, message: &pb::RunPolicyTestsRequest) -> Vec<u8> {
    framed(task.kind(), message)
}

/// What stands before a message.
pub(super) struct Head {
    pub(super) kind: u8,
    pub(super) length: usize,
}

impl Head {
    /// Nothing, if the length is none of a message.
    pub(super) fn read(bytes: [u8; HEAD_BYTES]) -> Option<Self> {
        let [kind, a, b, c, d] = bytes;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
        Some(Self { kind, length })
    }
}

const EVENT: u8 = b'e';
const REMARKS: u8 = b'r';
const REJECTED: u8 = b'x';

/// What the child says.
#[derive(Debug)]
pub(in super::super) enum Frame {
    /// An event of a run of tests.
    Event(pb::RunPolicyTestsResponse),
    /// The answer about a bundle.
    Remarks(pb::ValidateBundleResponse),
    /// The bundle does not compile, because of so many errors.
    Rejected(usize),
}

impl Frame {
    pub(super) fn read(kind: u8, content: &[u8]) -> Option<Self> {
        match kind {
            EVENT => Some(Self::Event(Message::decode(content).ok()?)),
            REMARKS => Some(Self::Remarks(Message::decode(content).ok()?)),
            REJECTED => {
                let count: u64 = Message::decode(content).ok()?;
                Some(Self::Rejected(usize::try_from(count).ok()?))
            }
            _ => None,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Event(event) => framed(EVENT, event),
            Self::Remarks(remarks) => framed(REMARKS, remarks),
            // A number is a message of its own.
            Self::Rejected(count) => framed(REJECTED, &u64::try_from(*count).unwrap_or(u64::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard() {
        let summary = pb::run_policy_tests_response::TestSummary {
            passed_count: 3,
            failed_count: 1,
            snapshot_id: "x".to_owned(),
        };
        let event = pb::RunPolicyTestsResponse {
            event: Some(pb::run_policy_tests_response::Event::Summary(summary)),
        };
        for said in [Frame::Event(event), Frame::Rejected(7)] {
            let bytes = said.bytes();
            let (head, content) = bytes.split_at(HEAD_BYTES);
            let head = Head::read(head.try_into().unwrap()).unwrap();
            assert_eq!(head.length, content.len());
            let heard = Frame::read(head.kind, content).unwrap();
            assert_eq!(format!("{heard:?}"), format!("{said:?}"));
        }
        assert!(Frame::read(b'?', &[]).is_none());
        for task in Task::ALL {
            assert_eq!(Task::of_kind(task.kind()), Some(task));
        }
    }
}
