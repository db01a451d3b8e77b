//! A batch's money: its sums in one grouped statement, the lumps that wait, and settling it debit by debit in pages.

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;
use yichong_core::rules::settlement::KnownBatch;

use super::{MoneyRow, line_columns};
use crate::db::{Result, Tx, expect_rows, on};
use crate::rows::{many, many_of};

/// A batch's debits by what money they wait for, fen.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Sums {
    /// Paid, credited or refunded, money not arrived.
    pub live_fen: i64,
    /// Of these, with a bank date up to the one asked for.
    pub live_by_date_fen: i64,
    /// Reversed before their money arrived: a bank may still pay them over (and take them back), or net them.
    pub reversed_fen: i64,
    /// Of these, with a bank date up to the one asked for.
    pub reversed_by_date_fen: i64,
    /// Sent, no answer.
    pub unanswered_fen: i64,
    /// Money arrived before.
    pub settled_fen: i64,
    /// The last answer among those whose money has not arrived.
    pub answered_to: Option<DateTime<Utc>>,
}

/// Which of a batch's debits a lump pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    /// All the bank ever said it took, also what it took back since.
    Gross,
    /// Only what the bank has not taken back.
    Net,
}

impl Paid {
    /// What the batch waits for by this reading.
    pub const fn awaited(self, sums: &Sums) -> i64 {
        match self {
            Paid::Gross => sums.live_fen + sums.reversed_fen,
            Paid::Net => sums.live_fen,
        }
    }

    /// The batch as the rules see it by this reading; `suspended`: what waits in suspense for it, fen.
    pub const fn known(self, sums: &Sums, suspended: i64) -> KnownBatch {
        let by_date = match self {
            Paid::Gross => sums.live_by_date_fen + sums.reversed_by_date_fen,
            Paid::Net => sums.live_by_date_fen,
        };
        KnownBatch {
            awaited: Fen(self.awaited(sums)),
            awaited_by_date: Fen(by_date),
            unanswered: Fen(sums.unanswered_fen),
            suspended: Fen(suspended),
            settled: Fen(sums.settled_fen),
        }
    }
}

/// The sums of a batch that left the house; `bank_date` divides what is counted "by date".
pub async fn sums(tx: &mut Tx, batch_id: i64, bank_date: NaiveDate) -> Result<Sums> {
    const SQL: &str = "SELECT
        CAST(COALESCE(SUM(CASE WHEN open AND state <> 'reversed' THEN taken_fen END), 0) AS BIGINT) AS live_fen,
        CAST(COALESCE(SUM(CASE WHEN open AND state <> 'reversed' AND bank_date <= $2 THEN taken_fen END), 0) AS BIGINT)
            AS live_by_date_fen,
        CAST(COALESCE(SUM(CASE WHEN open AND state = 'reversed' THEN taken_fen END), 0) AS BIGINT) AS reversed_fen,
        CAST(COALESCE(SUM(CASE WHEN open AND state = 'reversed' AND bank_date <= $2 THEN taken_fen END), 0) AS BIGINT)
            AS reversed_by_date_fen,
        CAST(COALESCE(SUM(CASE WHEN state IN ('planned', 'unanswered') THEN amount_fen END), 0) AS BIGINT)
            AS unanswered_fen,
        CAST(COALESCE(SUM(CASE WHEN settled_by IS NOT NULL THEN taken_fen END), 0) AS BIGINT) AS settled_fen,
        MAX(CASE WHEN open THEN answered_at END) AS answered_to
        FROM (SELECT state, amount_fen, taken_fen, bank_date, settled_by, answered_at,
            (taken_fen IS NOT NULL AND settled_by IS NULL) AS open FROM debit WHERE batch_id = $1) d";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).bind(bank_date).fetch_one(c).await)?)
}

/// What of a batch was settled by one line so far, fen.
pub async fn settled_by(tx: &mut Tx, batch_id: i64, money_no: i64) -> Result<i64> {
    const SQL: &str = "SELECT CAST(COALESCE(SUM(taken_fen), 0) AS BIGINT) FROM debit
        WHERE batch_id = $1 AND settled_by = $2";
    let (sum,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).bind(money_no).fetch_one(c).await)?;
    Ok(sum)
}

/// Lines of a batch that wait in suspense or are being explained, oldest first.
pub async fn waiting(tx: &mut Tx, batch_id: i64) -> Result<Vec<MoneyRow>> {
    const SQL: &str = line_columns!(
        "WHERE m.batch_id = $1 AND m.batch_id IS NOT NULL AND m.booking IN ('suspend', 'explaining')
        ORDER BY m.money_no"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).fetch_all(c).await)?)
}

/// What each line still holds in suspense, fen, by (account, money number): what came in, less what two people moved
/// out of it, plus the losses they took. Lines without an entry in suspense are absent.
pub async fn held(tx: &mut Tx, lines: &[(i64, i64)]) -> Result<Vec<(i64, i64, i64)>> {
    const SQL: &str = "SELECT e.account, e.ref,
        CAST(SUM(CASE WHEN e.credit = 'suspense' THEN e.amount_fen ELSE -e.amount_fen END) AS BIGINT)
        FROM entry e JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON e.account = v.column1 AND e.ref = v.column2
        WHERE e.event IN ('suspense', 'suspense_out') GROUP BY e.account, e.ref";
    Ok(many_of!(tx, (i64, i64, i64), SQL, [], lines, |q, line| q.bind(line.0).bind(line.1)))
}

/// What of a batch was settled out of suspense by lines that still wait there, fen: a settling cut short in the middle.
pub async fn explained_by_waiting(tx: &mut Tx, batch_id: i64) -> Result<i64> {
    const SQL: &str = "SELECT d.settled_by, CAST(SUM(e.amount_fen) AS BIGINT) FROM debit d
        JOIN entry e ON e.account = d.account AND e.event = 'settled' AND e.ref = d.debit_no
        WHERE d.batch_id = $1 AND e.debit = 'suspense' GROUP BY d.settled_by";
    let by_line: Vec<(i64, i64)> = on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).fetch_all(c).await)?;
    let waiting = waiting(tx, batch_id).await?;
    let waits = |money_no: i64| waiting.iter().any(|line| line.money_no == money_no);
    Ok(by_line.iter().filter(|(money_no, _)| waits(*money_no)).map(|(_, fen)| fen).sum())
}

/// What all debits share that one line of money settles.
#[derive(Clone, Debug)]
pub struct Settling<'a> {
    /// Which batch.
    pub batch_id: i64,
    /// Which debits.
    pub paid: Paid,
    /// Answered up to here: a later answer is not this money's.
    pub answered_to: DateTime<Utc>,
    /// `Settled` or `Explained`.
    pub posting: Posting,
    /// The line that settles them.
    pub money_no: i64,
    /// Why, for auditors.
    pub cause: &'a str,
}

/// The debits (account, number, fen) of a batch that its money settles, on lines of our file after `after` up to `to`.
pub async fn due(tx: &mut Tx, settling: &Settling<'_>, after: i64, to: i64) -> Result<Vec<(i64, i64, i64)>> {
    const SQL: &str =
        "SELECT account, debit_no, taken_fen FROM debit WHERE batch_id = $1 AND line_no > $2 AND line_no <= $3
        AND taken_fen IS NOT NULL AND settled_by IS NULL AND (state <> 'reversed' OR $4 = 1)
        AND (answered_at IS NULL OR answered_at <= $5)";
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(settling.batch_id)
        .bind(after)
        .bind(to)
        .bind(i64::from(settling.paid == Paid::Gross))
        .bind(settling.answered_to)
        .fetch_all(c)
        .await)?)
}

/// Settles a page of these debits on an open date: one entry each, and the debit's mark. One that was settled, reversed
/// or answered again meanwhile stays as it is. Says how many were settled.
pub async fn settle(tx: &mut Tx, page: &Settling<'_>, posted_on: NaiveDate, debits: &[(i64, i64, i64)]) -> Result<u64> {
    const ENTRIES: &str = "INSERT INTO entry (account, event, ref, bank, debit, credit, amount_fen, posted_on, cause)
        SELECT d.account, CAST($1 AS TEXT), d.debit_no, d.bank, CAST($2 AS TEXT), CAST($3 AS TEXT), d.taken_fen, $4,
        CAST($5 AS TEXT) FROM (VALUES {rows 8: BIGINT BIGINT}) v CROSS JOIN debit d
        WHERE d.account = v.column1 AND d.debit_no = v.column2 AND d.batch_id = $6
        AND d.taken_fen IS NOT NULL AND d.settled_by IS NULL AND (d.state <> 'reversed' OR $7 = 1)
        AND (d.answered_at IS NULL OR d.answered_at <= $8)";
    const MARKS: &str = "UPDATE debit SET settled_by = $1 FROM (VALUES {rows 4: BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.batch_id + 0 = $2
        AND debit.taken_fen IS NOT NULL AND debit.settled_by IS NULL AND (debit.state <> 'reversed' OR $3 = 1)
        AND (debit.answered_at IS NULL OR debit.answered_at <= $4)";
    let legs = page.posting.legs();
    let (legs, reversed) = ((legs.0.word(), legs.1.word()), i64::from(page.paid == Paid::Gross));
    let entries = many!(
        tx,
        ENTRIES,
        [page.posting.key(), legs.0, legs.1, posted_on, page.cause, page.batch_id, reversed, page.answered_to],
        debits,
        |q, d| q.bind(d.0).bind(d.1)
    );
    let fixed = (page.money_no, page.batch_id, page.answered_to);
    let marks = many!(tx, MARKS, [fixed.0, fixed.1, reversed, fixed.2], debits, |q, d| q.bind(d.0).bind(d.1));
    expect_rows("settling a batch", usize::try_from(entries).unwrap_or(usize::MAX), marks)?;
    Ok(marks)
}

/// The numbers of debits by their lines in batches: (batch, line) → (account, debit number), for short keys.
pub async fn by_line(tx: &mut Tx, places: &[(i64, i64)]) -> Result<Vec<(i64, i64, i64, i64)>> {
    const SQL: &str = "SELECT d.batch_id, d.line_no, d.account, d.debit_no FROM debit d
        JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON d.batch_id = v.column1 AND d.line_no = v.column2";
    Ok(many_of!(tx, (i64, i64, i64, i64), SQL, [], places, |q, place| q.bind(place.0).bind(place.1)))
}

/// Explains lines that stand in suspense: a guarded change from `suspend` or `explaining`.
pub async fn explained(tx: &mut Tx, lines: &[(i64, i64)]) -> Result<()> {
    const SQL: &str = "UPDATE money_line SET booking = 'explained' FROM (VALUES {rows 0: BIGINT BIGINT}) v
        WHERE money_line.account = v.column1 AND money_line.money_no = v.column2
        AND money_line.booking IN ('suspend', 'explaining')";
    let done = many!(tx, SQL, [], lines, |q, l| q.bind(l.0).bind(l.1));
    expect_rows("explaining lines of money", lines.len(), done)
}
