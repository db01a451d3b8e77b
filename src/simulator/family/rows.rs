//! Requests and answers as every family knows them.

use chrono::NaiveDate;

/// Whom a file must name. An empty text is not checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Party<'a> {
    /// 商户号.
    pub merchant: &'a str,
    /// 机构号.
    pub institution: &'a str,
    /// 银行代码, two letters.
    pub code: &'a str,
}

/// One row of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRow {
    /// Our key as sent: the debit number, or the short key.
    pub key: String,
    /// The meter account, where the family carries it.
    pub account: Option<String>,
    /// The agreement, where the family carries it.
    pub agreement: Option<String>,
    /// Card.
    pub card: String,
    /// Name.
    pub name: String,
    /// Asked, fen.
    pub asked: i64,
    /// Every column as written.
    pub fields: Vec<String>,
}

/// A request, read whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// Name of the file.
    pub file: String,
    /// The date it carries.
    pub file_date: NaiveDate,
    /// How its lines end.
    pub line_end: &'static str,
    /// Its last line has its end too.
    pub closed: bool,
    /// Head (or trailer) fields.
    pub head: Vec<String>,
    /// Titles row, where there is one.
    pub titles: Vec<String>,
    /// Rows in file order.
    pub rows: Vec<RequestRow>,
}

/// One row of an answer.
#[derive(Clone, Debug)]
pub struct AnswerRow<'a> {
    /// The row it answers, or resembles.
    pub row: &'a RequestRow,
    /// The key written.
    pub key: String,
    /// The repeated amount, fen.
    pub asked: i64,
    /// What the row says was taken, fen.
    pub taken: i64,
    /// Code.
    pub code: String,
    /// Text.
    pub message: String,
    /// The row says that money was taken.
    pub paid: bool,
    /// The bank still works on it.
    pub pending: bool,
    /// 清算日.
    pub bank_date: NaiveDate,
    /// The bank's number of the row in this file, from 1.
    pub nth: usize,
}

/// An answer, to be written.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// What it answers.
    pub request: &'a Request,
    /// Its rows.
    pub rows: Vec<AnswerRow<'a>>,
    /// The day the bank worked.
    pub ran_on: NaiveDate,
    /// Added to the stated totals, fen.
    pub totals_off: i64,
    /// 1 for the answer's own name; 2, 3 … for another name that says another sequence number.
    pub copy: u32,
}

impl Answer<'_> {
    /// Sum of the repeated amounts.
    pub fn asked(&self) -> i64 {
        self.rows.iter().map(|row| row.asked).sum()
    }
}

/// A file to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// Name.
    pub name: String,
    /// Bytes.
    pub bytes: Vec<u8>,
}
