//! The short form and the long one.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The variable that asks for the long form, set by `cargo xtask soak`.
const LONG: &str = "EMBARGO_SOAK";

/// How much of something is done: `short` in every run of the tests, `long` in a soak.
pub(crate) fn amount<T>(short: T, long: T) -> T {
    if std::env::var_os(LONG).is_some() {
        long
    } else {
        short
    }
}

/// Held by promises that measure time, so that they do not run beside each other.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
