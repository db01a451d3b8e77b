//! *Judge*: what codes mean, and whether what a file states about itself is what its rows say.

use chrono::NaiveDate;

use super::fault::{Problem, show};
use super::format::{Answer, Code, FileCode, Format};
use super::meaning::{Meaning, Message, Secret};
use super::records::{FileError, Lists, Totals};
use super::words::Says;
use crate::model::category::Category;
use crate::model::money::Fen;

/// The meaning of one answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict<'f> {
    pub category: Category,
    pub known: bool,
    pub in_success_total: bool,
    /// The table's words for the code, for banks that send none.
    pub text: &'f str,
}

/// A table of reasons, as a standard's reader asks it.
pub(crate) trait Ruled {
    /// Category of a reason's code beside the bank's words, whether the table has it, and the table's words for it.
    fn ruled(&self, code: &str, text: &str) -> (Category, bool, String);
    /// A category that only the bank's words explain.
    fn words(&self, category: Category, text: &str) -> Category;
}

impl Ruled for Answer {
    fn ruled(&self, code: &str, text: &str) -> (Category, bool, String) {
        let verdict = self.verdict(code, text);
        (verdict.category, verdict.known, verdict.text.to_owned())
    }

    fn words(&self, category: Category, text: &str) -> Category {
        if category != Category::Unexplained {
            return category;
        }
        let explained = self.reasons.iter().find(|(part, _)| text.contains(part.as_str()));
        explained.map_or(category, |(_, reason)| *reason)
    }
}

impl Answer {
    /// What a code and the bank's words mean.
    pub(super) fn verdict(&self, code: &str, text: &str) -> Verdict<'_> {
        self.verdict_near(&mut 0, code, text)
    }

    /// The same; `near` is where the row before was found, and is looked at first: most rows of a night have one code.
    #[inline]
    pub(super) fn verdict_near(&self, near: &mut usize, code: &str, text: &str) -> Verdict<'_> {
        let again = self.codes.get(*near).filter(|known| known.code == code).map(|_| *near);
        let found = again.or_else(|| self.codes.binary_search_by(|known| known.code.as_str().cmp(code)).ok());
        let Some(found) = found else {
            return Verdict { category: Category::Unknown, known: false, in_success_total: false, text: "" };
        };
        *near = found;
        let Code { category, text: words, in_success_total, .. } = &self.codes[found];
        // Banks with one code for "failed" put the reason into words.
        let category = self.words(*category, text);
        let text = words.as_deref().unwrap_or_default();
        Verdict { category, known: true, in_success_total: *in_success_total, text }
    }

    /// What the head's code says about the whole file. A code that is not in the table is refused: no row of such a
    /// file may be believed.
    pub(super) fn of_file(&self, facts: &Facts) -> Result<Option<&FileCode>, FileError> {
        let Some(said) = facts.said.as_ref().filter(|_| !self.file_codes.is_empty()) else { return Ok(None) };
        if let Some(known) = self.file_codes.iter().find(|known| known.code == said.code) {
            return Ok(Some(known));
        }
        let problem = format!("{} is no code for a whole file that the format knows", show(Secret::No, &said.code));
        let rule = "ask the bank what it means, and add it to `file_codes` of the format";
        Err(Problem::new(problem, rule).at(said.line, said.column, &said.field))
    }

    /// The code of a row whose number of columns tells it.
    pub(super) fn code_of_columns(&self, columns: usize) -> &str {
        self.by_columns.iter().find(|(count, _)| *count == columns).map_or("", |(_, code)| code)
    }
}

/// Counts rows while they are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub rows: Totals,
    /// Rows whose category took money.
    pub taken: Totals,
    /// Rows whose code counts in the bank's own success totals.
    pub success: Totals,
}

impl Tally {
    /// Counts a row of any message.
    #[inline]
    pub(super) fn row(&mut self, amount: Fen) -> Result<(), Problem> {
        add(&mut self.rows, amount)
    }

    /// Counts an answer. What was taken may be less than asked only where the format says so.
    #[inline]
    pub(super) fn answer(
        &mut self,
        answer: &Answer,
        verdict: Verdict<'_>,
        asked: Option<Fen>,
        taken: Option<Fen>,
    ) -> Result<(), Problem> {
        self.row(asked.or(taken).unwrap_or_default())?;
        let took = verdict.category.took_money();
        if let (Some(taken), false) = (taken, took)
            && taken > Fen::ZERO
            && verdict.known
            && verdict.category != Category::Reversed
            && !verdict.category.is_open()
        {
            let problem = format!("`{taken}` was taken, but the code means {}", verdict.category.word());
            return Err(Problem::new(problem, "a refused debit takes nothing; ask the bank which of the two is right"));
        }
        if let (Some(taken), Some(asked), true) = (taken, asked, took)
            && (taken > asked || (taken < asked && !answer.partial))
        {
            let rule = if answer.partial {
                "no more than asked may be taken"
            } else {
                "taken is what was asked: the format is not `partial`"
            };
            return Err(Problem::new(format!("`{taken}` was taken, `{asked}` was asked"), rule));
        }
        let amount = taken.or(asked).unwrap_or_default();
        if took {
            add(&mut self.taken, amount)?;
        }
        if verdict.in_success_total {
            add(&mut self.success, amount)?;
        }
        Ok(())
    }
}

#[inline]
fn add(totals: &mut Totals, amount: Fen) -> Result<(), Problem> {
    totals.count += 1;
    totals.sum =
        totals.sum.plus(amount).map_err(|e| Problem::new(e.to_string(), "sums stay inside the range of money"))?;
    Ok(())
}

/// One total as the file states it.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    pub means: Meaning,
    pub number: i64,
    pub line: u64,
    pub column: u32,
    pub field: String,
}

/// The code in an answer's head, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub code: String,
    pub line: u64,
    pub column: u32,
    pub field: String,
}

/// What a file says about itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub totals: Vec<Stated>,
    pub file_date: Option<NaiveDate>,
    /// The number of our file, as its head states it.
    pub seq: Option<u32>,
    /// Its code for the whole file, and the words beside it.
    pub said: Option<Said>,
    pub words: String,
    /// A number of the file that cannot be one of ours: none of its rows is.
    pub foreign: Option<String>,
}

impl Facts {
    fn get(&self, means: Meaning) -> Option<i64> {
        self.totals.iter().find(|stated| stated.means == means).map(|stated| stated.number)
    }

    /// Two stated numbers as totals; a sum alone has no count and the other way round: both or none.
    pub(super) fn pair(&self, count: Meaning, sum: Meaning) -> Option<Totals> {
        let count = u64::try_from(self.get(count)?).ok()?;
        Some(Totals { count, sum: Fen(self.get(sum)?) })
    }

    /// Compares every stated total with the rows.
    pub(super) fn tie(&self, format: &Format, tally: &Tally) -> Result<(), FileError> {
        let lists = format.answer.as_ref().map_or(Lists::All, |answer| answer.lists);
        let says = match &format.answer {
            Some(answer) => answer.of_file(self)?.map(|code| code.says),
            None => None,
        };
        for stated in &self.totals {
            let by_rows = match stated.means {
                // Totals of the request and of the successes can be tied only where the file lists those rows.
                Meaning::Count | Meaning::Sum if says == Some(Says::InProgress) => continue,
                Meaning::Count if lists == Lists::All => tally.rows.count,
                Meaning::Sum if lists == Lists::All => tally.rows.sum.0.unsigned_abs(),
                Meaning::ListedCount => tally.rows.count,
                Meaning::ListedSum => tally.rows.sum.0.unsigned_abs(),
                Meaning::PaidCount if lists != Lists::Failures => tally.success.count,
                Meaning::PaidSum if lists != Lists::Failures => tally.success.sum.0.unsigned_abs(),
                _ => continue,
            };
            if u64::try_from(stated.number) == Ok(by_rows) {
                continue;
            }
            let sum = matches!(stated.means, Meaning::Sum | Meaning::PaidSum | Meaning::ListedSum);
            let shown = |number: i64| if sum { Fen(number).to_string() } else { number.to_string() };
            let (says, have) = (shown(stated.number), shown(i64::try_from(by_rows).unwrap_or(i64::MAX)));
            let problem = format!("the file states {says}, its rows make {have}");
            let rule = match (format.message, stated.means) {
                (Message::Answer, Meaning::PaidCount | Meaning::PaidSum) => {
                    "rows whose code counts as success (`in_success_total`) make the stated successes"
                }
                _ => "totals tie to the rows; the file is cut short or damaged, fetch it again or ask the bank",
            };
            return Err(Problem::new(problem, rule).at(stated.line, stated.column, &stated.field));
        }
        Ok(())
    }
}
