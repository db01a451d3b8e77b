//! The only file that asks what time it is.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;

/// Where the time comes from: the machine, or a command line or test that moves the day.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// Stands still.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// Now.
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now(),
            Clock::Fixed(at) => *at,
        }
    }

    /// The day it is in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        local(self.now()).date()
    }
}

/// An instant as Asia/Shanghai shows it.
pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Shanghai).naive_local()
}

/// The instant of a local date and time. Asia/Shanghai has had no summer time since 1991, so there is exactly one.
pub fn instant(day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = day.and_time(time);
    Shanghai.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shanghai_is_eight_hours_ahead() {
        let day = "2026-11-20".parse().unwrap();
        let at = instant(day, NaiveTime::from_hms_opt(22, 0, 0).unwrap());
        assert_eq!(at.to_rfc3339(), "2026-11-20T14:00:00+00:00");
        assert_eq!(local(at).to_string(), "2026-11-20 22:00:00");
        assert_eq!(Clock::Fixed(instant(day, NaiveTime::from_hms_opt(0, 0, 0).unwrap())).today(), day);
    }
}
