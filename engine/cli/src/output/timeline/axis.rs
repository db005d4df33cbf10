//! The axis of time: at which instants it has marks, and what stands there.

use embargo_core::instant::Instant;

/// Marks on an axis, at most.
const MOST: usize = 11;
const HOUR: i128 = 60 * 60 * 1_000_000_000;
const DAY: i128 = 24 * HOUR;

/// The marks from `start` up to `end`, in the finest of the usual steps that gives few enough.
/// An interval of less than an hour has none.
pub(super) fn marks(start: Instant, end: Instant) -> Vec<(Instant, String)> {
    let length = end.nanoseconds_since(start);
    if length < HOUR {
        return Vec::new();
    }
    for step in [HOUR, 6 * HOUR, DAY, 7 * DAY] {
        if length / step < i128::try_from(MOST).unwrap_or(i128::MAX) {
            return even(start, end, step);
        }
    }
    for months in [1, 3, 12, 24, 60] {
        let marks = calendar(start, end, months);
        if marks.len() <= MOST {
            return marks;
        }
    }
    Vec::new()
}

/// Marks a fixed time apart.
fn even(start: Instant, end: Instant, step: i128) -> Vec<(Instant, String)> {
    let first = start.unix_nanoseconds();
    let mut at = first - first.rem_euclid(step) + step * i128::from(first.rem_euclid(step) > 0);
    let mut marks = Vec::new();
    while at < end.unix_nanoseconds() {
        if let Ok(instant) = Instant::from_unix_nanoseconds(at) {
            let text = instant.to_string();
            let label = if step < DAY {
                text.get(5..16).unwrap_or_default().replace('T', " ")
            } else {
                text.get(..10).unwrap_or_default().to_owned()
            };
            marks.push((instant, label));
        }
        at += step;
    }
    marks
}

/// Marks at the first day of every so many months, counted from January.
fn calendar(start: Instant, end: Instant, months: u32) -> Vec<(Instant, String)> {
    let text = start.to_string();
    let number = |range| {
        text.get(range)
            .and_then(|part: &str| part.parse::<u32>().ok())
    };
    let (Some(year), Some(month)) = (number(0..4), number(5..7)) else {
        return Vec::new();
    };
    let mut at = (year * 12 + month - 1) / months * months;
    let mut marks = Vec::new();
    loop {
        let (year, month) = (at / 12, at % 12 + 1);
        let first = format!("{year:04}-{month:02}-01T00:00:00Z").parse::<Instant>();
        match first {
            Ok(instant) if instant < end => {
                if instant >= start {
                    let label = if months >= 12 {
                        format!("{year:04}")
                    } else {
                        format!("{year:04}-{month:02}")
                    };
                    marks.push((instant, label));
                }
            }
            _ => return marks,
        }
        at += months;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(start: &str, end: &str) -> Vec<String> {
        let marks = marks(start.parse().unwrap(), end.parse().unwrap());
        marks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn long_intervals_have_years_and_short_ones_days_or_hours() {
        assert_eq!(
            labels("2017-09-01T00:00:00Z", "2021-01-01T00:00:00Z"),
            ["2018", "2019", "2020"]
        );
        assert_eq!(
            labels("2024-01-01T00:00:00Z", "2024-07-01T00:00:00Z"),
            [
                "2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"
            ]
        );
        assert_eq!(
            labels("2024-02-27T10:00:00Z", "2024-03-02T00:00:00Z"),
            ["2024-02-28", "2024-02-29", "2024-03-01"]
        );
        assert_eq!(
            labels("2024-02-29T22:30:00Z", "2024-03-01T01:00:00Z"),
            ["02-29 23:00", "03-01 00:00"]
        );
    }

    #[test]
    fn no_interval_has_more_marks_than_fit() {
        for end in [
            "2017-01-01T00:30:00Z",
            "2017-01-01T11:00:00Z",
            "2017-01-05T00:00:00Z",
            "2017-03-20T00:00:00Z",
            "2018-06-01T00:00:00Z",
            "2021-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
            "9999-12-31T00:00:00Z",
        ] {
            let count = labels("2017-01-01T00:00:00Z", end).len();
            assert!(count <= MOST, "{end}: {count}");
        }
    }
}
