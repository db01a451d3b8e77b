//! Lines of bank statements (银行流水): taken in whole, booked in pages, found again by the bank's serial.

pub mod batch;
pub mod due;
pub mod reversal;

use chrono::NaiveDate;
use yichong_core::formats::records::MoneyKind;
use yichong_core::model::money::Fen;

use super::db::{Result, StoreError, Tx, expect_rows, on};
use super::rows::{many, many_of};

/// Lines a file may have: the line number's share of a money number.
pub const LINES_MAX: i64 = 10_000_000;

/// Booked: the debit it names is settled.
pub const SETTLED: &str = "settle";
/// Booked: its batch is settled, by it alone or with lumps that waited.
pub const SETTLED_BATCH: &str = "settle_batch";
/// Waits in suspense, with a break.
pub const SUSPENDED: &str = "suspend";
/// Stood in suspense and is explained by now.
pub const EXPLAINED: &str = "explained";
/// Stood in suspense; two people gave it back, wrote it off or took the loss.
pub const RESOLVED: &str = "resolved";
/// A fee.
pub const FEE: &str = "fee";
/// Money of a reversal that went out.
pub const PAID_OUT: &str = "pay_out";
/// The same line of a statement delivered again: no news.
pub const REPEAT: &str = "repeat";
/// The same serial again: no new money, a break.
pub const DUPLICATE: &str = "duplicate";
/// Not booked yet: its serial stood on an earlier line.
pub const TWIN: &str = "twin";
/// Being settled, debit by debit, out of the bank account.
pub const SETTLING: &str = "settling";
/// Being settled, debit by debit, out of suspense.
pub const EXPLAINING: &str = "explaining";
/// A line of nothing: no money moved.
pub const NOTHING: &str = "nothing";

/// A line as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MoneyRow {
    /// The meter account of its debit, or the bank's reserved one.
    pub account: i64,
    /// See [`money_no`].
    pub money_no: i64,
    /// Which file.
    pub file_id: i64,
    /// Where in it.
    pub line_no: i64,
    /// Bank's code.
    pub bank: String,
    /// [`word`] of its kind.
    pub kind: String,
    /// When the money counts.
    pub value_date: NaiveDate,
    /// 清算日.
    pub bank_date: NaiveDate,
    /// What moved, fen: in positive, out negative, after the fee.
    pub amount_fen: i64,
    /// Fee kept back, fen.
    pub fee_fen: i64,
    /// As the bank wrote it; what could be a card is masked.
    pub reference: String,
    /// The bank's serial; a twin's has `~` and its own money number behind it.
    pub serial: String,
    /// The bank's words; what could be a card is masked.
    pub message: String,
    /// The debit it names, if it is ours.
    pub debit_no: Option<i64>,
    /// The batch it names, if it is ours.
    pub batch_id: Option<i64>,
    /// What became of it; none: not booked yet.
    pub booking: Option<String>,
}

/// The number of a line, by arithmetic: its file and its place.
pub const fn money_no(file_id: i64, line_no: i64) -> i64 {
    file_id * LINES_MAX + line_no
}

/// The word of a kind in the table.
pub const fn word(kind: MoneyKind) -> &'static str {
    match kind {
        MoneyKind::Single => "single",
        MoneyKind::Lump => "lump",
        MoneyKind::Fee => "fee",
        MoneyKind::Reversal => "reversal",
        MoneyKind::Other => "other",
    }
}

impl MoneyRow {
    /// Its kind; an unknown word is a named error.
    pub fn money_kind(&self) -> Result<MoneyKind> {
        use MoneyKind::{Fee, Lump, Other, Reversal, Single};
        [Single, Lump, Fee, Reversal, Other].into_iter().find(|kind| word(*kind) == self.kind).ok_or_else(|| {
            let problem = format!("kind `{}` is none", self.kind);
            StoreError::Corrupt { table: "money_line", row: self.money_no.to_string(), problem }
        })
    }

    /// What the bank says moved before it kept its fee, fen.
    pub const fn gross(&self) -> Fen {
        Fen(self.amount_fen.saturating_add(self.fee_fen))
    }

    /// The serial as the bank wrote it.
    pub fn bank_serial(&self) -> &str {
        self.serial.strip_suffix(&format!("~{}", self.money_no)).unwrap_or(&self.serial)
    }

    /// Whether two lines say the same, wherever they stand.
    pub fn says_the_same(&self, other: &MoneyRow) -> bool {
        let said = |line: &MoneyRow| {
            (line.kind.clone(), line.value_date, line.bank_date, line.amount_fen, line.fee_fen, line.reference.clone())
        };
        said(self) == said(other) && self.message == other.message && self.bank_serial() == other.bank_serial()
    }
}

macro_rules! line_columns {
    ($rest:literal) => {
        concat!(
            "SELECT m.account, m.money_no, m.file_id, m.line_no, m.bank, m.kind, m.value_date, m.bank_date, ",
            "m.amount_fen, m.fee_fen, m.reference, m.serial, m.message, m.debit_no, m.batch_id, m.booking ",
            "FROM money_line m ",
            $rest
        )
    };
}
pub(crate) use line_columns;

/// Adds lines of a file that is being taken in.
pub async fn insert(tx: &mut Tx, lines: &[MoneyRow]) -> Result<()> {
    const SQL: &str = "INSERT INTO money_line (account, money_no, file_id, line_no, bank, kind, value_date, bank_date,
        amount_fen, fee_fen, reference, serial, message, debit_no, batch_id, booking)
        VALUES {rows 0: BIGINT BIGINT BIGINT BIGINT TEXT TEXT DATE DATE BIGINT BIGINT TEXT TEXT TEXT BIGINT BIGINT
        TEXT}";
    let done = many!(tx, SQL, [], lines, |q, m| q
        .bind(m.account)
        .bind(m.money_no)
        .bind(m.file_id)
        .bind(m.line_no)
        .bind(&m.bank)
        .bind(&m.kind)
        .bind(m.value_date)
        .bind(m.bank_date)
        .bind(m.amount_fen)
        .bind(m.fee_fen)
        .bind(&m.reference)
        .bind(&m.serial)
        .bind(&m.message)
        .bind(m.debit_no)
        .bind(m.batch_id)
        .bind(&m.booking));
    expect_rows("adding lines of money", lines.len(), done)
}

/// Forgets up to a page of lines of a file that was not believed, or whose taking in was cut short. Says how many.
pub async fn forget(tx: &mut Tx, file_id: i64, most: i64) -> Result<u64> {
    const LAST: &str =
        "SELECT MAX(line_no) FROM (SELECT line_no FROM money_line WHERE file_id = $1 ORDER BY line_no LIMIT $2) l";
    const SQL: &str = "DELETE FROM money_line WHERE file_id = $1 AND line_no <= $2
        AND EXISTS (SELECT 1 FROM file_in f WHERE f.file_id = $1 AND f.state = 'received')";
    let (last,): (Option<i64>,) = on!(tx, |c| sqlx::query_as(LAST).bind(file_id).bind(most).fetch_one(c).await)?;
    let Some(last) = last else { return Ok(0) };
    Ok(on!(tx, |c| sqlx::query(SQL).bind(file_id).bind(last).execute(c).await?.rows_affected()))
}

/// The first lines that carry these serials of one bank and value date.
pub async fn by_serial(tx: &mut Tx, bank: &str, value_date: NaiveDate, serials: &[String]) -> Result<Vec<MoneyRow>> {
    const SQL: &str =
        line_columns!("JOIN (VALUES {rows 2: TEXT}) v ON m.serial = v.column1 WHERE m.bank = $1 AND m.value_date = $2");
    Ok(many_of!(tx, MoneyRow, SQL, [bank, value_date], serials, |q, serial| q.bind(serial)))
}

/// A file's lines after a line that are not booked to their end, in order.
pub async fn unbooked(tx: &mut Tx, file_id: i64, line: i64, most: i64) -> Result<Vec<MoneyRow>> {
    const SQL: &str = line_columns!(
        "WHERE m.file_id = $1 AND m.line_no > $2
        AND (m.booking IS NULL OR m.booking IN ('twin', 'settling', 'explaining')) ORDER BY m.line_no LIMIT $3"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_id).bind(line).bind(most).fetch_all(c).await)?)
}

/// A file's lines whose serial stood on an earlier line, after a line, in order.
pub async fn twins(tx: &mut Tx, file_id: i64, line: i64, most: i64) -> Result<Vec<MoneyRow>> {
    const SQL: &str =
        line_columns!("WHERE m.file_id = $1 AND m.line_no > $2 AND m.booking = 'twin' ORDER BY m.line_no LIMIT $3");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_id).bind(line).bind(most).fetch_all(c).await)?)
}

/// One line.
pub async fn find(tx: &mut Tx, account: i64, money_no: i64) -> Result<Option<MoneyRow>> {
    const SQL: &str = line_columns!("WHERE m.account = $1 AND m.money_no = $2");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account).bind(money_no).fetch_optional(c).await)?)
}

/// What became of a line: (account, money number, booking before or empty, booking now).
pub type Booked = (i64, i64, &'static str, &'static str);

/// Records what became of lines; each must still be as the caller saw it.
pub async fn book(tx: &mut Tx, lines: &[Booked]) -> Result<()> {
    const SQL: &str = "UPDATE money_line SET booking = v.column4 FROM (VALUES {rows 0: BIGINT BIGINT TEXT TEXT}) v
        WHERE money_line.account = v.column1 AND money_line.money_no = v.column2
        AND COALESCE(money_line.booking, '') = v.column3";
    let done = many!(tx, SQL, [], lines, |q, l| q.bind(l.0).bind(l.1).bind(l.2).bind(l.3));
    expect_rows("booking lines of money", lines.len(), done)
}

/// Marks debits settled: (account, debit number, money number). A debit settles once.
pub async fn settle(tx: &mut Tx, debits: &[(i64, i64, i64)]) -> Result<()> {
    const SQL: &str = "UPDATE debit SET settled_by = v.column3 FROM (VALUES {rows 0: BIGINT BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.settled_by IS NULL";
    let done = many!(tx, SQL, [], debits, |q, d| q.bind(d.0).bind(d.1).bind(d.2));
    expect_rows("settling debits", debits.len(), done)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_s_number_is_arithmetic() {
        assert_eq!(super::money_no(12, 345), 120_000_345);
    }
}
