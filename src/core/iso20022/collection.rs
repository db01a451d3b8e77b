//! When a file's money is to be taken (`ReqdColltnDt`, 扣款日): so many bank days behind the file, never before it.

use chrono::NaiveDate;

use super::settings::Settings;
use super::writer::wrong;
use crate::formats::records::{FileError, FileFacts};

/// The days of first debits and of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Collection {
    pub first: NaiveDate,
    pub later: NaiveDate,
}

impl Collection {
    /// Reckons both by the bank's calendar. A calendar without the year is an error: no day is guessed.
    pub(super) fn of(settings: &Settings, facts: &FileFacts) -> Result<Collection, FileError> {
        let (first, later) = settings.lead;
        Ok(Collection { first: day(facts, first)?, later: day(facts, later)? })
    }
}

fn day(facts: &FileFacts, lead: u32) -> Result<NaiveDate, FileError> {
    // A file that is made past midnight collects nothing on the evening before.
    let made = facts.file_date.max(facts.made_at.date());
    let Some(calendar) = &facts.calendar else {
        if lead == 0 {
            return Ok(made);
        }
        let problem = format!("money is taken {lead} bank days behind the file, and the bank's calendar is not known");
        return Err(wrong(0, "ReqdColltnDt", problem, "write the file where the bank's calendar is known"));
    };
    let rule = "no day is guessed; import the bank's calendar of that year";
    let reckoned = calendar.works(made).and_then(|works| {
        // Days are counted from a bank day: what is made on a day of rest counts from the next one.
        let from = if works { made } else { calendar.after(made, 1)? };
        calendar.after(from, lead)
    });
    reckoned.map_err(|missing| wrong(0, "ReqdColltnDt", missing.to_string(), rule))
}
