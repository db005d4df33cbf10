//! A stay: what is held for a call from its coming in until its answer is gone.

use tonic::body::Body;

use super::super::connections::Call;
use super::super::places::{Place, Places};
use super::arriving::Held;
use super::leaving::Leaving;

/// A call that was let in.
pub(in super::super) struct Stay {
    held: Held,
    leaving: Places,
    passage: Passage,
}

/// What is held until the answer is gone.
pub(super) struct Passage {
    pub(super) call: Option<Call>,
    pub(super) _place: Place,
}

/// How an answer ends for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Ending {
    /// By the status behind it, as gRPC has it.
    Status,
    /// Without an end, so that no caller takes the part for the whole.
    Broken,
}

impl Stay {
    pub(in super::super) const fn new(
        call: Option<Call>,
        place: Place,
        held: Held,
        leaving: Places,
    ) -> Self {
        Self {
            held,
            leaving,
            passage: Passage {
                call,
                _place: place,
            },
        }
    }

    /// Where what comes in is counted.
    pub(in super::super) fn held(&self) -> Held {
        self.held.clone()
    }

    /// The call is answered by this body.
    pub(in super::super) fn leave(self, body: Body, ending: Ending) -> Body {
        self.held.answered();
        Body::new(Leaving::new(body, self.passage, self.leaving, ending))
    }
}
