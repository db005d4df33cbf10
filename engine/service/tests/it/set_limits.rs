//! The limits that an operator sets: each shows when it is set low, and some change while the server
//! runs. Those that the API states are in `limits`.

mod lines;
mod places;
mod rates;
mod sizes;
mod wire;

use std::path::Path;

use embargo_service::{LimitsSettings, Settings};

use crate::bench::{Bench, settings};
use crate::policies::write;

/// Adds a policy whose sources take 1.4 MB.
fn write_large(root: &Path) {
    for part in ["one", "two"] {
        let comment = format!("# {}\n", "x".repeat(98)).repeat(7_000);
        let rule = format!(
            "package restrictions.large\n\n{comment}\nwarn contains \"{part}\" if input.host.id == \"none\"\n"
        );
        write(root, &format!("rules/{part}.rego"), &rule);
    }
}

/// A server with some limits.
async fn bench_with(policies: &Path, change: impl FnOnce(&mut LimitsSettings)) -> Bench {
    Bench::start_with(policies, with(change)).await
}

fn with(change: impl FnOnce(&mut LimitsSettings)) -> Settings {
    let mut settings = settings();
    change(&mut settings.limits);
    settings
}
