//! Places: how much of one thing is taken at a time, and how much there may be, which can change
//! meanwhile.
//!
//! Nobody waits for a place: who comes when all are taken is told so. Where the number of places
//! is lowered, what was taken stays, and nobody else comes in until enough of it was given back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::status::{Limit, Refusal};

/// Places under a limit. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Places {
    limit: Limit,
    room: Arc<Room>,
}

#[derive(Debug)]
struct Room {
    most: AtomicUsize,
    taken: AtomicUsize,
}

/// Some of the places, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    count: usize,
}

impl Places {
    pub(super) fn new(limit: Limit, most: usize) -> Self {
        Self {
            limit,
            room: Arc::new(Room {
                most: AtomicUsize::new(most),
                taken: AtomicUsize::new(0),
            }),
        }
    }

    /// Places for so many bytes, of which a KiB is one.
    pub(super) fn of_bytes(limit: Limit, bytes: usize) -> Self {
        Self::new(limit, bytes / 1_024)
    }

    /// Takes one, or refuses.
    pub(super) fn take(&self) -> Result<Place, Refusal> {
        self.take_many(1)
    }

    /// Takes several at once, or refuses.
    pub(super) fn take_many(&self, count: usize) -> Result<Place, Refusal> {
        let most = self.most();
        let more = |taken: usize| taken.checked_add(count).filter(|all| *all <= most);
        self.room
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .map_err(|_| Refusal::Overloaded(self.limit))?;
        Ok(Place {
            room: Arc::clone(&self.room),
            count,
        })
    }

    /// Takes places for so many bytes, or refuses.
    pub(super) fn take_bytes(&self, bytes: usize) -> Result<Place, Refusal> {
        self.take_many(bytes.div_ceil(1_024))
    }

    /// How many there are, taken or not.
    pub(super) fn most(&self) -> usize {
        self.room.most.load(Ordering::Acquire)
    }

    /// How many are free.
    pub(super) fn free(&self) -> usize {
        let taken = self.room.taken.load(Ordering::Acquire);
        self.most().saturating_sub(taken)
    }

    /// From here on there are so many.
    pub(super) fn set(&self, most: usize) {
        self.room.most.store(most, Ordering::Release);
    }

    /// From here on there are places for so many bytes.
    pub(super) fn set_bytes(&self, bytes: usize) {
        self.set(bytes / 1_024);
    }
}

impl Place {
    /// Puts places of the same kind together.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.count = self.count.saturating_add(std::mem::take(&mut other.count));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.count, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_until_there_are_none_and_come_back() {
        let places = Places::new(Limit::Watches, 3);
        let mut two = places.take_many(2).unwrap();
        let one = places.take().unwrap();
        let refused = places.take().unwrap_err();
        assert_eq!(refused, Refusal::Overloaded(Limit::Watches));
        two.merge(one);
        assert_eq!(places.free(), 0);
        drop(two);
        assert_eq!(places.free(), 3);
        assert!(places.take_many(4).is_err());
        assert!(places.take_many(usize::MAX).is_err());
        assert_eq!(places.free(), 3);
    }

    #[test]
    fn fewer_places_hold_once_enough_were_given_back_and_more_hold_at_once() {
        let places = Places::new(Limit::Watches, 2);
        let (one, two) = (places.take().unwrap(), places.take().unwrap());
        places.set(1);
        assert_eq!(places.free(), 0);
        drop(one);
        assert!(places.take().is_err());
        drop(two);
        let one = places.take().unwrap();
        assert!(places.take().is_err());
        places.set(2);
        assert!(places.take().is_ok());
        drop(one);
    }
}
