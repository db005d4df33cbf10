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

/// Keeps promises about time from being measured beside each other.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Waits until no other promise about time is being measured.
pub(crate) async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    ALONE.lock().await
}
