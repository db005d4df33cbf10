//! How long the API server waits, as it says in the query: `?timeout=10s`.

use std::time::Duration;

/// How long it waits if it does not say so, as the configuration of webhooks has it.
const DEFAULT: Duration = Duration::from_secs(10);
/// The most that a configuration may ask for.
const MOST: Duration = Duration::from_secs(30);

/// The time of a query.
pub(super) fn of_query(query: Option<&str>) -> Duration {
    let pairs = query.unwrap_or_default().split('&');
    let said = pairs
        .filter_map(|pair| pair.strip_prefix("timeout="))
        .next();
    said.and_then(duration).unwrap_or(DEFAULT).min(MOST)
}

/// A duration as Go writes it: numbers with units, such as `1m30s` or `500ms`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut whole = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at_checked(digits)?;
        let number: u32 = number.parse().ok()?;
        let letters = behind
            .bytes()
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
        let (unit, behind) = behind.split_at_checked(letters)?;
        let unit = match unit {
            "h" => Duration::from_secs(3_600),
            "m" => Duration::from_secs(60),
            "s" => Duration::from_secs(1),
            "ms" => Duration::from_millis(1),
            _ => return None,
        };
        whole = whole.checked_add(unit.checked_mul(number)?)?;
        rest = behind;
    }
    (!whole.is_zero()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_as_go_writes_it_and_else_is_that_of_kubernetes() {
        for (query, millis) in [
            (Some("timeout=2s"), 2_000),
            (Some("a=b&timeout=500ms"), 500),
            (Some("timeout=1m30s"), 30_000),
            (Some("timeout=1s500ms"), 1_500),
            (Some("timeout=99999999999s"), 10_000),
            (Some("timeout=4000000000h"), 30_000),
            (Some("timeout=soon"), 10_000),
            (Some("timeout=ä"), 10_000),
            (Some("timeout=0s"), 10_000),
            (Some("timeout="), 10_000),
            (Some(""), 10_000),
            (None, 10_000),
        ] {
            let wanted = Duration::from_millis(millis);
            assert_eq!(of_query(query), wanted, "{query:?}");
        }
    }
}
