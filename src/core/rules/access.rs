//! Who gets in: how long somebody who guesses waits, when a session ends, what a password must be.

use chrono::{DateTime, Duration, Utc};

/// Wrong passwords in a row that cost nothing: people mistype.
const FREE_FAILURES: i64 = 4;

/// The longest wait, minutes. It is counted per name *and* address, so that nobody locks a colleague out from another
/// machine, the last supervisor least of all.
const WAIT_MINUTES_MAX: i64 = 15;

/// Without a click for so long, a session ends (minutes).
pub const IDLE_MINUTES: i64 = 30;

/// A session ends after a shift, whatever happens (hours).
pub const SESSION_HOURS: i64 = 12;

/// The shortest password, characters.
pub const PASSWORD_CHARS_MIN: usize = 12;

/// The longest; a longer one is refused, never cut.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    Short,
    /// More than [`PASSWORD_CHARS_MAX`].
    Long,
    /// It holds the person's name.
    Name,
    /// It is the old one.
    Same,
    /// One character again and again, or a row of the keyboard.
    Obvious,
}

/// How long a name from one address waits after so many wrong passwords in a row.
pub fn wait_after(failures: i64) -> Duration {
    if failures <= FREE_FAILURES {
        return Duration::zero();
    }
    let doubled = (failures - FREE_FAILURES - 1).min(6);
    Duration::seconds(30 << doubled).min(Duration::minutes(WAIT_MINUTES_MAX))
}

/// Whether a session that began at `made` and was last used at `seen` still counts.
pub fn is_live(made: DateTime<Utc>, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - seen < Duration::minutes(IDLE_MINUTES) && now - made < Duration::hours(SESSION_HOURS)
}

/// Whether a new password will do. No rules of letters and digits: length is what counts.
pub fn check_password(new: &str, old: &str, name: &str) -> Result<(), Weak> {
    let length = new.chars().count();
    if length < PASSWORD_CHARS_MIN {
        return Err(Weak::Short);
    }
    if length > PASSWORD_CHARS_MAX {
        return Err(Weak::Long);
    }
    if new == old {
        return Err(Weak::Same);
    }
    let lower = new.to_lowercase();
    if name.chars().count() > 2 && lower.contains(&name.to_lowercase()) {
        return Err(Weak::Name);
    }
    let first = lower.chars().next();
    let rows = ["01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz", "password1234"];
    if lower.chars().all(|c| Some(c) == first) || rows.iter().any(|row| row.contains(&lower)) {
        return Err(Weak::Obvious);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_slow_and_a_mistake_is_free() {
        let seconds: Vec<i64> = [0, 4, 5, 6, 7, 9, 10, 1_000].map(|n| wait_after(n).num_seconds()).to_vec();
        assert_eq!(seconds, [0, 0, 30, 60, 120, 480, 900, 900]);
    }

    #[test]
    fn a_session_ends_by_rest_or_by_shift() {
        let made = DateTime::from_timestamp(1_700_000_000, 0).unwrap_or_default();
        let after = |minutes: i64| made + Duration::minutes(minutes);
        assert!(is_live(made, after(0), after(29)) && !is_live(made, after(0), after(30)));
        assert!(is_live(made, after(719), after(719)) && !is_live(made, after(719), after(720)));
    }

    #[test]
    fn a_password_is_long_and_not_obvious() {
        for (new, wanted) in [
            ("correct horse", Ok(())),
            ("水电中心的老张今天上夜班", Ok(())),
            ("elevenchars", Err(Weak::Short)),
            ("old password!", Err(Weak::Same)),
            ("zhangsan-2026-x", Err(Weak::Name)),
            ("aaaaaaaaaaaaa", Err(Weak::Obvious)),
            ("123456789012", Err(Weak::Obvious)),
        ] {
            assert_eq!(check_password(new, "old password!", "zhangsan"), wanted, "{new}");
        }
        assert_eq!(check_password(&"长".repeat(129), "", "a"), Err(Weak::Long));
    }
}
