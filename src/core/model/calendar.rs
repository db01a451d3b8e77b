//! Calendars (日历): which days work. Weekends rest unless a make-up day (调休) says otherwise; every year is a data file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// One calendar: a bank's, or the one for cuts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    years: BTreeSet<i32>,
    exceptions: BTreeMap<NaiveDate, bool>,
}

/// The year is not loaded: nothing may be sent on a guess.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("calendar `{calendar}` has no year {year}; import it with `yichong import calendar`")]
pub struct MissingYear {
    /// Which calendar.
    pub calendar: String,
    /// Which year.
    pub year: i32,
}

impl Calendar {
    /// A calendar of the given years; `exceptions` are holidays (`false`) and make-up working days (`true`).
    pub fn new(
        name: &str,
        years: impl IntoIterator<Item = i32>,
        exceptions: impl IntoIterator<Item = (NaiveDate, bool)>,
    ) -> Calendar {
        let (years, exceptions) = (years.into_iter().collect(), exceptions.into_iter().collect());
        Calendar { name: name.to_owned(), years, exceptions }
    }

    /// Whether the day works.
    pub fn works(&self, day: NaiveDate) -> Result<bool, MissingYear> {
        if !self.years.contains(&day.year()) {
            return Err(MissingYear { calendar: self.name.clone(), year: day.year() });
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(self.exceptions.get(&day).copied().unwrap_or(!weekend))
    }

    /// The day that lies `days` working days after `from` (0: `from` itself).
    pub fn after(&self, from: NaiveDate, days: u32) -> Result<NaiveDate, MissingYear> {
        let mut day = from;
        let mut left = days;
        while left > 0 {
            day = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
            if self.works(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn holidays_rest_and_make_up_days_work() {
        // National Day 2026: Thursday 1 October rests; Saturday 10 October works (调休).
        let calendar = Calendar::new("c", [2026], [(day("2026-10-01"), false), (day("2026-10-10"), true)]);
        for (date, works) in [("2026-09-30", true), ("2026-10-01", false), ("2026-10-10", true), ("2026-10-11", false)]
        {
            assert_eq!(calendar.works(day(date)), Ok(works), "{date}");
        }
        assert_eq!(calendar.after(day("2026-09-30"), 1), Ok(day("2026-10-02")));
        assert_eq!(calendar.after(day("2026-10-09"), 1), Ok(day("2026-10-10")));
    }

    #[test]
    fn a_year_that_is_not_loaded_is_refused() {
        let calendar = Calendar::new("c", [2026], []);
        let missing = MissingYear { calendar: "c".into(), year: 2027 };
        assert_eq!(calendar.works(day("2027-01-04")), Err(missing.clone()));
        assert_eq!(calendar.after(day("2026-12-31"), 1), Err(missing));
    }
}
