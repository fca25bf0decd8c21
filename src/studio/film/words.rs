//! Who did what when, in words.

use delimit::project::{Moment, Signature, StateChange};

const DAY_S: i64 = 86_400;

/// "today 14:03 UTC", "yesterday 09:12 UTC", "2026-11-19 14:03 UTC".
pub fn when(at: Moment, now: Moment) -> String {
    let text = at.to_string();
    let (date, time) = (text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    match now.unix_seconds().div_euclid(DAY_S) - at.unix_seconds().div_euclid(DAY_S) {
        0 => format!("today {time} UTC"),
        1 => format!("yesterday {time} UTC"),
        _ => format!("{date} {time} UTC"),
    }
}

/// "Kim, today 14:03 UTC".
pub fn signed(signature: &Signature, now: Moment) -> String {
    format!("{}, {}", signature.by, when(signature.at, now))
}

/// "done by Kim, today 14:03 UTC".
pub fn change(change: &StateChange, now: Moment) -> String {
    format!("{} by {}, {}", change.state.label(), change.by, when(change.at, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_as_one_says_them() {
        let now: Moment = "2026-11-21T00:10:00Z".parse().unwrap();
        for (at, words) in [
            ("2026-11-21T00:03:59Z", "today 00:03 UTC"),
            ("2026-11-20T23:59:00Z", "yesterday 23:59 UTC"),
            ("2026-11-19T14:03:00Z", "2026-11-19 14:03 UTC"),
            ("2026-11-22T14:03:00Z", "2026-11-22 14:03 UTC"),
        ] {
            assert_eq!(when(at.parse().unwrap(), now), words);
        }
    }
}
