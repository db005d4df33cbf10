//! Allocations, where the build counts them: counting costs every allocation of the process
//! something, so that the usual build has no counter.

#[cfg(feature = "count-allocations")]
mod counted {
    use std::alloc::System;

    use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    /// Allocations of the process until now, new and moved ones.
    pub(in super::super) fn so_far() -> usize {
        let stats = ALLOCATOR.stats();
        stats.allocations.saturating_add(stats.reallocations)
    }
}

/// Whether this build counts allocations.
pub(super) const ARE_COUNTED: bool = cfg!(feature = "count-allocations");

#[cfg(feature = "count-allocations")]
pub(super) use self::counted::so_far;

/// Nothing, in a build that does not count.
#[cfg(not(feature = "count-allocations"))]
pub(super) const fn so_far() -> usize {
    0
}

/// Allocations of the process since a count.
pub(super) fn since(before: usize) -> usize {
    so_far().saturating_sub(before)
}
