//! The script a head-end plays.

use std::fmt;
use std::str::FromStr;

/// What the head-end does with an order file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeadEndScenario {
    /// So many orders of each file are rejected.
    pub reject: u32,
    /// So many orders of each file are applied but answered "unknown" when they first come.
    pub unknown: u32,
    /// Orders are applied, the acknowledgement gets lost.
    pub lost_ack: bool,
    /// Nothing is taken at all.
    pub offline: bool,
}

impl FromStr for HeadEndScenario {
    type Err = String;

    fn from_str(text: &str) -> Result<HeadEndScenario, String> {
        let mut scenario = HeadEndScenario::default();
        for part in text.split('+').map(str::trim).filter(|part| !part.is_empty()) {
            let (word, number) = part.split_once(':').unwrap_or((part, "1"));
            let number: u32 = number.parse().map_err(|_| format!("`{number}` in `{part}` is not a number"))?;
            match word {
                "all-accepted" => {}
                "reject" => scenario.reject = number,
                "unknown" => scenario.unknown = number,
                "lost-ack" => scenario.lost_ack = true,
                "offline" => scenario.offline = true,
                _ => {
                    return Err(format!(
                        "`{word}` is no word; known are all-accepted, reject, unknown, lost-ack, offline"
                    ));
                }
            }
        }
        Ok(scenario)
    }
}

impl fmt::Display for HeadEndScenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "reject:{}+unknown:{}", self.reject, self.unknown)?;
        out.write_str(if self.lost_ack { "+lost-ack" } else { "" })?;
        out.write_str(if self.offline { "+offline" } else { "" })
    }
}
