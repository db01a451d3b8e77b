//! One meter and one credit order, as the head-end knows them.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::chance::Chance;

/// A meter's own figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// Account.
    pub account: String,
    /// Paid money left, fen; below zero = 欠费.
    pub balance: i64,
    /// Free credit left (补助电), fen.
    pub free: i64,
    /// Credited by orders so far, fen.
    pub credited: i64,
    /// Used so far, fen.
    pub used: i64,
    /// The relay lets power through.
    pub closed: bool,
    /// Consumption is counted up to this day.
    pub as_of: NaiveDate,
}

impl Meter {
    /// A meter with its opening balance, switched on.
    pub fn opened(account: String, balance: i64, free: i64, as_of: NaiveDate) -> Meter {
        Meter { account, balance, free, credited: 0, used: 0, closed: true, as_of }
    }

    /// Uses power day by day up to a date: free credit first. A cut meter uses none.
    pub fn live_until(&mut self, seed: u64, date: NaiveDate) {
        while self.as_of < date {
            let Some(next) = self.as_of.succ_opt() else { return };
            self.as_of = next;
            if self.closed {
                let used = consumption(seed, &self.account, next);
                let free = used.min(self.free.max(0));
                self.free -= free;
                self.balance -= used - free;
                self.used += used;
            }
        }
    }

    /// `closed` or `open`, as the relay's acknowledgement says it.
    pub fn state(&self) -> &'static str {
        if self.closed { "closed" } else { "open" }
    }
}

/// What a room uses on a day: 1 to 8 yuan, always the same for the same seed, account and day.
pub fn consumption(seed: u64, account: &str, date: NaiveDate) -> i64 {
    let draw = Chance::of(seed, &["consumption", account, &date.to_string()]).below(700);
    100 + i64::try_from(draw).unwrap_or(0)
}

/// A credit order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Order number.
    pub number: String,
    /// Account.
    pub account: String,
    /// Amount, fen.
    pub fen: i64,
    /// Accepted when it first came.
    pub accepted: bool,
    /// How often the amount went onto the meter.
    pub applied: u32,
    /// How often the order came.
    pub deliveries: u32,
    /// When it first came.
    pub at: NaiveDateTime,
}

impl Order {
    /// An order that came for the first time.
    pub fn new(number: &str, account: &str, fen: i64, accepted: bool, at: NaiveDateTime) -> Order {
        let (number, account) = (number.to_owned(), account.to_owned());
        Order { number, account, fen, accepted, applied: u32::from(accepted), deliveries: 1, at }
    }
}

/// What a relay is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// 合闸.
    Close,
    /// 拉闸.
    Open,
}
