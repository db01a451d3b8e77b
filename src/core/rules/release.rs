//! The stop limits (design §5, Release): inside them the engine releases a file by itself, outside two people do.

use serde::{Deserialize, Serialize};

use crate::model::money::Fen;

/// What a file, or a past run's file, amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Debits.
    pub count: i64,
    /// Their sum, fen.
    pub sum: Fen,
    /// The largest single debit, fen.
    pub largest: Fen,
    /// Debits under agreements signed in the last 30 days, in 1/1000 of the count.
    pub new_per_mille: i64,
}

/// The site's stop limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopLimits {
    /// Never above this many debits without people, however many runs there were.
    pub count_max: i64,
    /// Never above this sum without people, fen.
    pub sum_max: Fen,
    /// Never a single debit above this without people, fen.
    pub largest_max: Fen,
    /// A file may pass the largest of the last 30 by this many per cent.
    pub over_recent_percent: i64,
    /// And the share of new agreements the largest of the last 30 by this many per mille.
    pub new_over_recent_per_mille: i64,
}

impl Default for StopLimits {
    fn default() -> StopLimits {
        StopLimits {
            count_max: 20_000,
            sum_max: Fen::yuan(2_000_000),
            largest_max: Fen::yuan(300),
            over_recent_percent: 100,
            new_over_recent_per_mille: 300,
        }
    }
}

/// With fewer past runs than this only the absolute limits speak.
pub const RUNS_TO_COMPARE: usize = 5;

/// Why a file is held; empty: release it. `recent` are the bank's last 30 released files.
pub fn reasons_to_hold(file: &Figures, recent: &[Figures], limits: &StopLimits) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut over = |what: &str, value: String, most: String| reasons.push(format!("{what} {value} is above {most}"));
    if file.count > limits.count_max {
        over("count", file.count.to_string(), limits.count_max.to_string());
    }
    if file.sum > limits.sum_max {
        over("sum", file.sum.to_string(), limits.sum_max.to_string());
    }
    if file.largest > limits.largest_max {
        over("largest debit", file.largest.to_string(), limits.largest_max.to_string());
    }
    if recent.len() >= RUNS_TO_COMPARE {
        let grown = |value: i64| value.saturating_mul(100 + limits.over_recent_percent) / 100;
        let count = grown(recent.iter().map(|f| f.count).max().unwrap_or(0));
        if file.count > count {
            over(
                "count",
                file.count.to_string(),
                format!("{count}, the most of the last {} runs plus {}%", recent.len(), limits.over_recent_percent),
            );
        }
        let sum = Fen(grown(recent.iter().map(|f| f.sum.0).max().unwrap_or(0)));
        if file.sum > sum {
            over(
                "sum",
                file.sum.to_string(),
                format!("{sum}, the most of the last {} runs plus {}%", recent.len(), limits.over_recent_percent),
            );
        }
        let share = recent.iter().map(|f| f.new_per_mille).max().unwrap_or(0) + limits.new_over_recent_per_mille;
        if file.new_per_mille > share {
            over("share of new agreements", format!("{}‰", file.new_per_mille), format!("{share}‰"));
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(count: i64, sum: i64) -> Figures {
        Figures { count, sum: Fen::yuan(sum), largest: Fen::yuan(100), new_per_mille: 50 }
    }

    #[test]
    fn absolute_limits_always_speak() {
        let limits = StopLimits::default();
        assert_eq!(reasons_to_hold(&file(20_000, 2_000_000), &[], &limits), Vec::<String>::new());
        assert_eq!(reasons_to_hold(&file(20_001, 1), &[], &limits), ["count 20001 is above 20000"]);
        assert_eq!(reasons_to_hold(&file(1, 2_000_001), &[], &limits), ["sum 2000001.00 is above 2000000.00"]);
        let large = Figures { largest: Fen(30_001), ..file(1, 1) };
        assert_eq!(reasons_to_hold(&large, &[], &limits), ["largest debit 300.01 is above 300.00"]);
    }

    #[test]
    fn recent_runs_speak_from_the_fifth_on() {
        let limits = StopLimits::default();
        let four = [file(100, 5_000); 4];
        let five = [file(100, 5_000); 5];
        assert!(reasons_to_hold(&file(201, 5_000), &four, &limits).is_empty());
        assert!(reasons_to_hold(&file(200, 10_000), &five, &limits).is_empty());
        assert_eq!(
            reasons_to_hold(&file(201, 5_000), &five, &limits),
            ["count 201 is above 200, the most of the last 5 runs plus 100%"]
        );
        let many_new = Figures { new_per_mille: 351, ..file(100, 5_000) };
        assert_eq!(reasons_to_hold(&many_new, &five, &limits), ["share of new agreements 351‰ is above 350‰"]);
    }
}
