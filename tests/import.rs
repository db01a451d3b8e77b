//! Everything that comes in by CSV, and the life of agreements, on both databases.

mod life;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// An instant as Asia/Shanghai shows it.
fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
