//! What may be shown of a bank's file: cards, IDs, phones and names never whole.

use std::collections::HashSet;

use yichong_core::formats::records::FileError;
use yichong_core::formats::{Meaning, NamedCell};
use yichong_core::model::card::{mask, mask_name};

use super::layout::Layout;

/// So many digits or letters in a row may be a card, an ID or a phone.
const LONG: usize = 8;
/// So many digits in a free text are one: serial numbers and dates are shorter or have their own column.
const CARD: usize = 11;

/// How much of a cell may be shown; the later hides more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Veil {
    /// All of it.
    Open,
    /// All but long numbers: free words, and columns nobody said the meaning of.
    Words,
    /// Its ends.
    Secret,
}

impl Veil {
    /// Of a cell of a row.
    pub fn of(layout: &Layout, cell: &NamedCell<'_>) -> Veil {
        match layout.means(cell.name) {
            _ if cell.secret => Veil::Secret,
            Some(Meaning::Text) | None => Veil::Words,
            Some(_) => Veil::Open,
        }
    }

    /// Of a cell around the rows.
    pub fn of_edge(cell: &NamedCell<'_>) -> Veil {
        if cell.secret { Veil::Secret } else { Veil::Open }
    }

    /// The text as it may be shown.
    pub fn show(self, text: &str) -> String {
        match self {
            Veil::Open => printable(text),
            Veil::Words => printable(&texts(text)),
            Veil::Secret => secret(text),
        }
    }
}

/// A text known to be secret. Numbers keep their ends, names their first character.
fn secret(text: &str) -> String {
    let number = text.is_ascii() && text.bytes().any(|b| b.is_ascii_digit());
    printable(&if number { mask(text) } else { mask_name(text) })
}

/// Control characters would move the terminal's cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

/// Free words: only what may be a card, an ID or a phone is masked.
fn texts(text: &str) -> String {
    let hide = |run: &str| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if digits >= CARD { mask(run) } else { run.to_owned() }
    };
    by_runs(text, hide)
}

/// The words of a format file: what stands there is no person's.
pub struct Vocabulary<'t>(HashSet<&'t str>);

impl<'t> Vocabulary<'t> {
    /// Of a format's TOML.
    pub fn of(toml: &'t str) -> Vocabulary<'t> {
        Vocabulary(runs(toml).into_iter().filter(|run| is_word(run)).collect())
    }

    /// A whole line whose columns may be shifted, so that no column can be trusted: whatever may be somebody's is
    /// masked, character for character.
    pub fn line(&self, text: &str) -> String {
        let hide = |run: &str| {
            let length = run.chars().count();
            let digits = run.bytes().any(|b| b.is_ascii_digit());
            match () {
                () if !is_word(run) || (length < 2 && run.is_ascii()) => run.to_owned(),
                () if digits && length >= LONG => mask(run),
                () if digits || self.0.contains(run) => run.to_owned(),
                () => mask_name(run),
            }
        };
        printable(&by_runs(text, hide))
    }

    /// A reader's words about a place: what they quote (between backticks) is veiled like a line. A reader masks what
    /// its column says is secret, but in a shifted line, or under the wrong format, a card stands anywhere.
    pub fn error(&self, error: FileError) -> FileError {
        let parts = error.problem.split('`').enumerate();
        let veiled = parts.map(|(at, part)| if at % 2 == 1 { self.line(part) } else { part.to_owned() });
        let problem = veiled.collect::<Vec<_>>().join("`");
        // A data line taken for titles makes its cells names of fields.
        let field = if error.field.starts_with("the ") { error.field } else { self.line(&error.field) };
        FileError { problem, field, ..error }
    }
}

fn by_runs(text: &str, hide: impl Fn(&str) -> String) -> String {
    runs(text).into_iter().map(hide).collect()
}

fn is_word(run: &str) -> bool {
    run.starts_with(char::is_alphanumeric)
}

/// Cuts a text where words begin and end; ASCII and other letters are words apart. Joined again it is the same text.
fn runs(text: &str) -> Vec<&str> {
    let class = |c: char| (c.is_alphanumeric(), c.is_ascii());
    let mut cut = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|known| known != class(c)) {
            cut.push(&text[start..at]);
            start = at;
        }
        before = Some(class(c));
    }
    cut.push(&text[start..]);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_nobody() {
        let words = Vocabulary::of("# TOTAL 成功\nname = \"debit_no\"");
        // Card: 6 + 4 of 16. Phone: 3 + 4 of 11. 测试甲 and ZHANG keep one letter; TOTAL, 成功, debit_no stand in the TOML.
        let line = "1|6221558812340000|测试甲|13552535506|ZHANG SAN|50.00|成功|TOTAL|debit_no";
        let want = "1|622155******0000|测**|135****5506|Z**** S**|50.00|成功|TOTAL|debit_no";
        assert_eq!(words.line(line), want);
        // A name that runs into a number is masked on both sides of the border.
        assert_eq!(words.line("6221558812340000测试甲"), "622155******0000测**");
        assert_eq!(words.line("5O.00\t\u{1b}[31m"), "5O.00··[31m");
    }

    #[test]
    fn what_a_reader_quotes_is_veiled() {
        let problem = "`6221558812340000` is no amount, `测试甲` neither; the word is free".to_owned();
        let error =
            FileError { file: "f".into(), line: 1, column: 2, field: "测试乙".into(), problem, rule: "r".into() };
        let veiled = Vocabulary::of("").error(error);
        assert_eq!(veiled.problem, "`622155******0000` is no amount, `测**` neither; the word is free");
        assert_eq!(veiled.field, "测**");
    }

    #[test]
    fn secrets_keep_their_ends() {
        assert_eq!(secret("6226090000000048"), "622609******0048");
        assert_eq!(secret("测试甲"), "测**");
        assert_eq!(secret("Zhang San"), "Z********");
        assert_eq!(secret("测13552535506"), "测***********");
        assert_eq!(secret(""), "");
    }

    #[test]
    fn free_words_hide_cards_only() {
        assert_eq!(texts("卡6226090000000048余额不足 2024090100"), "卡622609******0048余额不足 2024090100");
    }
}
