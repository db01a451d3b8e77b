//! The script a bank plays: words joined by `+`, each with a number where one makes sense.
//!
//! `refusals:25+missing-rows:2+net-of-fee:30` refuses a quarter of the rows, leaves two of each file
//! unanswered and settles in lumps less 30 fen a debit.

use std::fmt;
use std::str::FromStr;

use super::outcome::Reason;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// One word of a scenario. Where nothing else is said, the number is how many rows of each file (1 if absent).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word {
            $($(#[$doc])* $name,)*
            /// A reason's own word: so many rows are answered with it.
            Row(Reason),
        }

        impl Word {
            /// The word as written.
            pub const fn text(self) -> &'static str {
                match self { $(Word::$name => $word,)* Word::Row(reason) => reason.word() }
            }

            /// Every word but the reasons.
            pub const PLAIN: &'static [Word] = &[$(Word::$name),*];
        }
    };
}

words! {
    /// Every row is paid (what happens without any word).
    AllPaid = "all-paid";
    /// So many percent of all rows are refused, for the family's reasons.
    Refusals = "refusals";
    /// Rows without an answer and without money.
    MissingRows = "missing-rows";
    /// Rows without an answer whose money is taken and settled.
    MoneyWithoutAnswer = "money-without-answer";
    /// Rows that come only in a second answer, a day later.
    AnswerNextDay = "answer-next-day";
    /// Rows that stand twice in one answer.
    DuplicateRow = "duplicate-row";
    /// Rows whose repeated amount is one yuan more than we asked.
    WrongAmount = "wrong-amount";
    /// Rows of which one yuan less is taken.
    TakenLess = "taken-less";
    /// Rows of which one yuan more is taken.
    TakenMore = "taken-more";
    /// Rows answered as refused though the money is taken and settled.
    RefusedButTaken = "refused-but-taken";
    /// Paid rows that a second file, a day later, calls refused.
    ContradictNextDay = "contradict-next-day";
    /// Paid rows taken back the same day (冲正).
    ReversalSameDay = "reversal-same-day";
    /// Paid and settled rows taken back by the next day's statement (退票).
    ReturnNextDay = "return-next-day";
    /// One paid and settled row of each file is taken back so many *days* after.
    ReturnLate = "return-late";
    /// Rows settled one yuan short.
    SettleShort = "settle-short";
    /// Rows settled one yuan over.
    SettleOver = "settle-over";
    /// Paid rows whose money never comes.
    SettleMissing = "settle-missing";
    /// Rows settled twice, by two entries.
    DuplicateSettlement = "duplicate-settlement";
    /// Rows settled once whose entry is printed twice.
    DuplicateLine = "duplicate-line";
    /// All money comes so many *days* later.
    SettleLate = "settle-late";
    /// The last so many rows of each file (all, if absent) are taken after the cut: 清算日 = next day.
    DayCut = "day-cut";
    /// One of several return files is missing; a single file misses a fifth of its rows, whose money is real.
    PartialSet = "partial-set";
    /// The same answer is delivered again under another name.
    DuplicateFile = "duplicate-file";
    /// Answers are held until the next day, or until told.
    Late = "late";
    /// The bank takes files and never does anything.
    Silent = "silent";
    /// The answer breaks off in the middle of a line.
    Corrupt = "corrupt";
    /// The answer holds a byte that is no character.
    BadGbk = "bad-gbk";
    /// The answer's totals are one yuan off.
    WrongTotals = "wrong-totals";
    /// So many items we never sent stand in each answer.
    UnknownItem = "unknown-item";
    /// Every file is refused whole.
    WholeFileRefused = "whole-file-refused";
    /// Settled by one entry for each file.
    Lump = "lump";
    /// Settled by one entry for each debit.
    Singles = "singles";
    /// Settled by lumps less so many *fen* for each debit.
    NetOfFee = "net-of-fee";
    /// The statement has a line of its own for the fee, so many *fen* for each debit.
    FeeLine = "fee-line";
    /// Each statement holds so many transfers of strangers.
    SettleLong = "settle-long";
}

/// A bank's script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    words: Vec<(Word, Option<u32>)>,
}

impl Scenario {
    /// Every row is paid, answered and settled.
    pub fn all_paid() -> Scenario {
        Scenario::default()
    }

    /// Whether a word is in it.
    pub fn has(&self, word: Word) -> bool {
        self.words.iter().any(|(own, _)| *own == word)
    }

    /// The number of a word, `default` where it has none; nothing where the word is not in the script.
    pub fn number(&self, word: Word, default: u32) -> Option<u32> {
        self.words.iter().find(|(own, _)| *own == word).map(|(_, number)| number.unwrap_or(default))
    }

    /// The words and their numbers, in the order written.
    pub fn words(&self) -> impl Iterator<Item = (Word, Option<u32>)> + '_ {
        self.words.iter().copied()
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Scenario, String> {
        let mut words: Vec<(Word, Option<u32>)> = Vec::new();
        for part in text.split('+').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, number) = match part.split_once(':') {
                Some((name, digits)) => {
                    let number =
                        digits.parse::<u32>().map_err(|_| format!("`{digits}` in `{part}` is not a number"))?;
                    (name, Some(number))
                }
                None => (part, None),
            };
            let reasons = Reason::ALL.iter().map(|reason| Word::Row(*reason));
            let known = Word::PLAIN.iter().copied().chain(reasons).find(|word| word.text() == name);
            let word = known.ok_or_else(|| format!("`{name}` is no word of a scenario; known are {}", vocabulary()))?;
            if word == Word::Refusals && number.is_none_or(|percent| percent > 100) {
                return Err("`refusals` needs a percentage, as in `refusals:25`".to_owned());
            }
            words.push((word, number));
        }
        Ok(Scenario { words })
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.words.is_empty() {
            return out.write_str(Word::AllPaid.text());
        }
        for (place, (word, number)) in self.words.iter().enumerate() {
            let join = if place == 0 { "" } else { "+" };
            write!(out, "{join}{}", word.text())?;
            if let Some(number) = number {
                write!(out, ":{number}")?;
            }
        }
        Ok(())
    }
}

/// Every word, for help texts and errors.
pub fn vocabulary() -> String {
    let reasons = Reason::ALL.iter().map(|reason| reason.word());
    Word::PLAIN.iter().map(|word| word.text()).chain(reasons).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_round_trip() {
        let text = "refusals:25+missing-rows:2+net-of-fee+funds:3";
        let scenario: Scenario = text.parse().unwrap();
        assert_eq!(scenario.to_string(), text);
        assert_eq!(scenario.number(Word::MissingRows, 1), Some(2));
        assert_eq!(scenario.number(Word::NetOfFee, 50), Some(50));
        assert_eq!(scenario.number(Word::Row(Reason::Funds), 1), Some(3));
        assert_eq!(scenario.number(Word::Late, 1), None);
        assert_eq!("".parse::<Scenario>().unwrap().to_string(), "all-paid");
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_known_ones() {
        let error = "refusal:3".parse::<Scenario>().unwrap_err();
        assert!(error.starts_with("`refusal` is no word") && error.contains("refusals") && error.contains("bad-gbk"));
        assert!("refusals".parse::<Scenario>().is_err());
        assert!("refusals:101".parse::<Scenario>().is_err());
        assert!("late:x".parse::<Scenario>().is_err());
    }

    #[test]
    fn every_word_is_read_back() {
        for word in Word::PLAIN.iter().filter(|word| **word != Word::Refusals) {
            assert!(word.text().parse::<Scenario>().unwrap().has(*word));
        }
    }
}
