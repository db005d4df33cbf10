//! The short form and the long one.

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
