//! The records that formats turn into bytes and back: what a bank's file says, whatever its shape.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::model::calendar::Calendar;
use crate::model::card::CardNo;
use crate::model::category::Category;
use crate::model::ids::{AccountNo, DebitNo};
use crate::model::money::Fen;
use crate::model::person::IdType;

/// What a bank told us to put into its files: merchant number, institution code, our account … (`[bank.params]` of the
/// site).
pub type Params = BTreeMap<String, String>;

/// What the head, tail and name of a file we write are made from. Every value is a function of
/// (business date, bank, sequence), so that a rebuilt file is the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// The bank's parameters.
    pub params: Params,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// The date the file carries towards the bank.
    pub file_date: NaiveDate,
    /// Batch number: 1, 2, 3 … per (bank, file date, direction).
    pub seq: u32,
    /// The scheduled instant of the job, Asia/Shanghai: never the wall clock.
    pub made_at: NaiveDateTime,
    /// The bank's calendar, where it is known: some files say on which bank day money is to be taken.
    pub calendar: Option<Calendar>,
}

/// Count and sum of a whole file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Rows.
    pub count: u64,
    /// Fen.
    pub sum: Fen,
}

/// One debit as it goes into a bank's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitRow {
    /// Line number among the debits of its file, from 1.
    pub line: u32,
    /// Our number.
    pub debit_no: DebitNo,
    /// Our short key where the bank's field is too small for `debit_no`: unique per (bank, file date); empty where not
    /// used.
    pub bank_ref: String,
    /// The meter account to be credited.
    pub account: AccountNo,
    /// Name on the card.
    pub payer_name: String,
    /// Card to be debited.
    pub card: CardNo,
    /// Kind of ID.
    pub id_type: IdType,
    /// ID number.
    pub id_number: String,
    /// The payer's mobile.
    pub mobile: String,
    /// To be taken, fen.
    pub amount: Fen,
    /// Our agreement number (授权号), e.g. `051600001234-1`.
    pub agreement: String,
    /// Day of the signature.
    pub signed_on: NaiveDate,
    /// No debit of this agreement has succeeded yet; asked for only where [`Format::asks_history`] says so.
    ///
    /// [`Format::asks_history`]: crate::formats::Format::asks_history
    pub first: bool,
    /// The card of the agreement's last debit that was taken, where it has been replaced since; asked for as `first`.
    pub replaced: Option<CardNo>,
}

/// What a file's name tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NameFacts {
    /// The date in the name.
    pub file_date: Option<NaiveDate>,
    /// The batch number in the name.
    pub seq: Option<u32>,
}

/// One answer of a bank (回盘明细).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerRow {
    /// Where it stands: line of the file, or record number where the file has no lines. From 1.
    pub line: u32,
    /// Our number, where the bank echoes it.
    pub debit_no: Option<DebitNo>,
    /// Our short key, where the bank echoes that.
    pub bank_ref: Option<String>,
    /// The date of our file, where the row says it.
    pub file_date: Option<NaiveDate>,
    /// The meter account, where echoed.
    pub account: Option<AccountNo>,
    /// Card, where echoed: must equal what was sent.
    pub card: Option<String>,
    /// Name, where echoed.
    pub payer_name: Option<String>,
    /// What was asked, where echoed: must equal what was sent.
    pub asked: Option<Fen>,
    /// What was taken, where the format says it apart from `asked`.
    pub taken: Option<Fen>,
    /// The bank's code, as it stands.
    pub code: String,
    /// The bank's words.
    pub text: String,
    /// What the code means by the format's table; a code that is not in it is [`Category::Unknown`] and `code_known` is
    /// false.
    pub category: Category,
    /// Whether the code stands in the table.
    pub code_known: bool,
    /// 清算日 as the bank states it (a date without year is resolved against the file date).
    pub bank_date: Option<NaiveDate>,
    /// The bank's own serial number.
    pub bank_serial: Option<String>,
    /// An echoed key or account that cannot be one of ours, as it stands; `None` on every row that is. A row with one
    /// matches nothing and is never applied.
    pub foreign: Option<String>,
    /// The bank says it is still at work: not an answer yet, and nothing changes by it.
    pub pending: bool,
}

/// What an answer says of debits it does not list (ISO 20022: a status of a payment information or of the whole
/// message).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The payment information of our file; `None`: the whole message, where none of its own says something else.
    pub payment: Option<String>,
    /// What becomes of them.
    pub category: Category,
    /// The bank refuses them; why, the category says, or nobody has mapped its reason.
    pub refuses: bool,
    /// The bank's code.
    pub code: String,
    /// The bank's words.
    pub text: String,
    /// It holds only if exactly so many are not listed.
    pub count: Option<u64>,
}

/// Something odd in a file that was read all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line} column {column}, {field}: {problem}")]
pub struct Warning {
    /// Line; 0 = the file as a whole.
    pub line: u64,
    /// Column; 0 = the whole line or element.
    pub column: u32,
    /// The field, as the file names it.
    pub field: String,
    /// What is odd, and what was made of it.
    pub problem: String,
}

/// Which rows a return file lists; decides what an absent row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lists {
    /// Every debit: an absent one is unanswered at `answer_by`.
    All,
    /// Successes only.
    Successes,
    /// Failures only.
    Failures,
}

/// What a whole answer file says, after its last row was read and all its own totals tied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerFacts {
    /// Which rows it lists.
    pub lists: Lists,
    /// May the bank take less than asked?
    pub partial: bool,
    /// Rows read.
    pub rows: Totals,
    /// Rows whose category took money, and what they took, by the rows.
    pub taken: Totals,
    /// Totals of the *request* as the answer states them (must equal what we sent), where it does.
    pub stated_request: Option<Totals>,
    /// Totals of the successes as the answer states them, where it does. Already tied to the rows whose codes the bank
    /// counts as successes, where the file lists them (`taken` may be more: money taken and posted late).
    pub stated_taken: Option<Totals>,
}

/// A file that only says: your whole file is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The bank's code.
    pub code: String,
    /// The bank's words.
    pub text: String,
    /// By the format's table.
    pub category: Category,
}

/// What a line of money on a statement is (流水类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyKind {
    /// One debit.
    Single,
    /// One sum for a whole batch (汇总入账).
    Lump,
    /// The bank's fee (手续费).
    Fee,
    /// Money given back (冲正, 退票).
    Reversal,
    /// Anything else.
    Other,
}

/// One line of a bank statement (银行流水).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// Line of the file, from 1.
    pub line: u32,
    /// What it is, by the format's table.
    pub kind: MoneyKind,
    /// When the money counts.
    pub value_date: NaiveDate,
    /// 清算日, where stated; else `value_date`.
    pub bank_date: NaiveDate,
    /// Into our account positive, out of it negative: what really moved, after `fee` was kept back.
    pub amount: Fen,
    /// Fee the bank kept back from this line; 0 if none.
    pub fee: Fen,
    /// What the bank says it belongs to: our debit number, our short key, or our file name.
    pub reference: String,
    /// The bank's serial number: unique per bank and value date.
    pub serial: String,
    /// The bank's words.
    pub text: String,
}

/// The first wrong place in a file, or the field that cannot be written. Says what, where, both values and the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file} line {line} column {column}, {field}: {problem} ({rule})")]
pub struct FileError {
    /// The file's name; empty until the caller knows it.
    pub file: String,
    /// Line, or record number where the file has no lines; 0 = the file as a whole.
    pub line: u64,
    /// Column in characters (delimited) or byte offset in the record (fixed width), from 1; 0 = the whole line.
    pub column: u32,
    /// The field, as the bank names it.
    pub field: String,
    /// What is wrong, with both values; cards, IDs and phones masked.
    pub problem: String,
    /// The rule that is broken, and what to do.
    pub rule: String,
}
