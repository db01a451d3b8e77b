//! Debits: planned in pages, moved by guarded updates that `rules` and `model::debit` decided.

pub mod planning;

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::category::Category;
use yichong_core::model::debit::State;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::db::{Result, StoreError, Tx, expect_rows, on};
use super::rows::{grouped, many, many_of};

/// A debit as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DebitRow {
    /// Meter account.
    pub account: i64,
    /// Its number.
    pub debit_no: i64,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// Bank's code.
    pub bank: String,
    /// Agreement's number within the account.
    pub number: i64,
    /// The agreement's version it was made under.
    pub version: i64,
    /// Asked, fen.
    pub amount_fen: i64,
    /// Name on the card.
    pub payer_name: String,
    /// ID type's word.
    pub id_type: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// The card's last 4.
    pub card_last4: String,
    /// Order of the file.
    pub signed_at: DateTime<Utc>,
    /// The threshold it was judged by.
    pub threshold_fen: i64,
    /// The balance it was judged by.
    pub balance_fen: i64,
    /// When that was read.
    pub read_at: DateTime<Utc>,
    /// Rules' version.
    pub rule_version: i64,
    /// State's word.
    pub state: String,
    /// Its batch.
    pub batch_id: Option<i64>,
    /// Its line there.
    pub line_no: Option<i64>,
    /// Category's word of the answer.
    pub category: Option<String>,
    /// The bank's code.
    pub code: Option<String>,
    /// Taken, fen.
    pub taken_fen: Option<i64>,
    /// 清算日.
    pub bank_date: Option<NaiveDate>,
    /// The statement line that settled it.
    pub settled_by: Option<i64>,
    /// The statement line that paid its reversal out.
    pub reversal_paid_by: Option<i64>,
    /// Its file left the house (a fact of its batch).
    pub sent: bool,
}

/// Every column of [`DebitRow`], for statements that join the batch as `b` and the debit as `d`.
macro_rules! debit_columns {
    ($rest:literal) => {
        concat!(
            "SELECT d.account, d.debit_no, d.business_date, d.bank, d.number, d.version, d.amount_fen, ",
            "d.payer_name, d.id_type, ",
            "d.payer_sealed, d.card_index, d.card_last4, d.signed_at, d.threshold_fen, d.balance_fen, d.read_at, ",
            "d.rule_version, d.state, d.batch_id, d.line_no, d.category, d.code, d.taken_fen, ",
            "d.bank_date, d.settled_by, ",
            "d.reversal_paid_by, ",
            "(b.sent_at IS NOT NULL) AS sent FROM debit d LEFT JOIN batch b ON b.batch_id = d.batch_id ",
            $rest
        )
    };
}

impl DebitRow {
    /// The state with its facts; a contradictory row is a named error.
    pub fn life(&self) -> Result<State> {
        let corrupt = |problem| StoreError::Corrupt { table: "debit", row: self.debit_no.to_string(), problem };
        let category = self.category.as_deref().map(str::parse::<Category>).transpose().map_err(corrupt)?;
        State::from_columns(&self.state, self.sent, self.taken_fen.map(Fen), self.bank_date, category).map_err(corrupt)
    }

    /// Its number.
    pub const fn debit_no(&self) -> DebitNo {
        DebitNo(self.debit_no)
    }

    /// Its account.
    pub const fn account(&self) -> AccountNo {
        AccountNo(self.account)
    }
}

/// One debit's move, as [`yichong_core::model::debit::step`] decided it.
#[derive(Clone, Debug)]
pub struct Move {
    /// Meter account.
    pub account: i64,
    /// Which debit.
    pub debit_no: i64,
    /// The word it was decided from: the guard.
    pub from: &'static str,
    /// The new state with its facts.
    pub to: State,
    /// What the bank said, where it said something.
    pub heard: Option<(Category, String)>,
}

impl Move {
    fn words(&self) -> Option<(&'static str, &str)> {
        self.heard.as_ref().map(|(category, code)| (category.word(), code.as_str()))
    }
}

/// Moves debits; every row must still be in the state the decision was made from.
pub async fn shift(tx: &mut Tx, moves: &[Move], at: DateTime<Utc>) -> Result<()> {
    let mut done = 0;
    for ((from, to, heard), moves) in grouped(moves, |m| (m.from, m.to.word(), m.words())) {
        done += match heard {
            None if to != "paid" => turn(tx, from, to, &moves).await?,
            Some(words) if to != "paid" => answer(tx, (from, to), words, &moves, at).await?,
            heard => pay(tx, from, heard, &moves, at).await?,
        };
    }
    expect_rows("moving debits", moves.len(), done)
}

/// Nothing but the state: what was taken, and when, stays.
async fn turn(tx: &mut Tx, from: &str, to: &str, moves: &[&Move]) -> Result<u64> {
    // `|| ''`, here and below: or SQLite walks an index of states and looks each debit up among the rows.
    const SQL: &str = "UPDATE debit SET state = $2 FROM (VALUES {rows 2: BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.state || '' = $1";
    Ok(many!(tx, SQL, [from, to], moves, |q, m| q.bind(m.account).bind(m.debit_no)))
}

/// The bank said something, and it was not money taken.
async fn answer(
    tx: &mut Tx,
    (from, to): (&str, &str),
    (category, code): (&str, &str),
    moves: &[&Move],
    at: DateTime<Utc>,
) -> Result<u64> {
    const SQL: &str = "UPDATE debit SET state = $2, category = $3, code = $4, answered_at = $5
        FROM (VALUES {rows 5: BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.state || '' = $1";
    Ok(many!(tx, SQL, [from, to, category, code, at], moves, |q, m| q.bind(m.account).bind(m.debit_no)))
}

/// Money was taken: by the bank's word, or (nothing heard) by two people's.
async fn pay(tx: &mut Tx, from: &str, heard: Option<(&str, &str)>, moves: &[&Move], at: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE debit SET state = 'paid', category = COALESCE(CAST($2 AS TEXT), category),
        code = COALESCE(CAST($3 AS TEXT), code), taken_fen = v.column3, bank_date = v.column4,
        answered_at = CASE WHEN CAST($2 AS TEXT) IS NULL THEN answered_at ELSE $4 END
        FROM (VALUES {rows 4: BIGINT BIGINT BIGINT DATE}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.state || '' = $1";
    let facts = |state: &State| match state {
        State::Paid { taken, bank_date } => Some((taken.0, *bank_date)),
        _ => None,
    };
    let (category, code) = (heard.map(|heard| heard.0), heard.map(|heard| heard.1));
    Ok(many!(tx, SQL, [from, category, code, at], moves, |q, m| q
        .bind(m.account)
        .bind(m.debit_no)
        .bind(facts(&m.to).map(|facts| facts.0))
        .bind(facts(&m.to).map(|facts| facts.1))))
}

/// Debits by their numbers (at most a page), in no order.
pub async fn by_number(tx: &mut Tx, numbers: &[DebitNo]) -> Result<Vec<DebitRow>> {
    const SQL: &str =
        debit_columns!("JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON d.account = v.column1 AND d.debit_no = v.column2");
    Ok(many_of!(tx, DebitRow, SQL, [], numbers, |q, number| q.bind(number.account().0).bind(number.0)))
}

/// A batch's debits with line numbers after `line`, in line order.
pub async fn of_batch(tx: &mut Tx, batch_id: i64, line: i64, most: i64) -> Result<Vec<DebitRow>> {
    const SQL: &str = debit_columns!("WHERE d.batch_id = $1 AND d.line_no > $2 ORDER BY d.line_no LIMIT $3");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).bind(line).bind(most).fetch_all(c).await)?)
}

/// An account's debits, newest first.
pub async fn of_account(tx: &mut Tx, account: AccountNo, most: i64) -> Result<Vec<DebitRow>> {
    const SQL: &str = debit_columns!("WHERE d.account = $1 ORDER BY d.debit_no DESC LIMIT $2");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).bind(most).fetch_all(c).await)?)
}

/// An account's debits that are on their way: planned, unanswered, or paid and not credited. Oldest first.
pub async fn open_of(tx: &mut Tx, account: AccountNo) -> Result<Vec<DebitRow>> {
    const SQL: &str = debit_columns!(
        "WHERE d.account = $1 AND (d.state = 'planned' OR d.state = 'unanswered' OR d.state = 'paid')
        ORDER BY d.debit_no"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).fetch_all(c).await)?)
}
