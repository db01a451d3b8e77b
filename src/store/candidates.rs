//! Candidates of a night: a superset by SQL, judged by the rules; those not selected are kept with their reason.

use chrono::{DateTime, NaiveDate, Utc};

use super::db::{Result, Tx, on};
use super::rows::{many, many_of};

/// Everything about one candidate that the rules or the debit need.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CandidateRow {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// Agreement's version.
    pub version: i64,
    /// Agreement's state.
    pub state: String,
    /// Why it is in that state.
    pub state_reason: Option<String>,
    /// Bank's code.
    pub bank: String,
    /// When a second person released it.
    pub released_at: Option<DateTime<Utc>>,
    /// The bank confirmed it, or needs not.
    pub confirmed: bool,
    /// The meter account is open.
    pub open: bool,
    /// 充值阈值, fen.
    pub threshold_fen: i64,
    /// 充值金额, fen.
    pub amount_fen: i64,
    /// Paid money, fen.
    pub paid_fen: Option<i64>,
    /// Free credit, fen.
    pub free_fen: Option<i64>,
    /// Its last day.
    pub free_until: Option<NaiveDate>,
    /// When the balance was read.
    pub read_at: Option<DateTime<Utc>>,
    /// When the account was last credited.
    pub last_credit_at: Option<DateTime<Utc>>,
    /// An open debit.
    pub open_debit: Option<i64>,
    /// Debits of this date, void ones included: the next attempt's number.
    pub attempts: i64,
    /// Answers of the same category in a row: which.
    pub in_row_category: Option<String>,
    /// How many.
    pub in_row: i64,
    /// A format fault waits for an operator.
    pub held: bool,
    /// Taken or on its way this month from this account, fen.
    pub month_fen: i64,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Order of the file.
    pub signed_at: DateTime<Utc>,
}

/// Which candidates to hand out.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Bank's code.
    pub bank: String,
    /// First debit number of the date: `DebitNo::of(date, account 0)`.
    pub date_base: i64,
    /// First debit number of the month.
    pub month_base: i64,
    /// At most so many.
    pub most: i64,
}

macro_rules! candidate_columns {
    ($rest:literal) => {
        concat!(
            "SELECT a.account, a.number, a.version, a.state, a.state_reason, a.bank, a.released_at, ",
            "a.confirmed, t.open, ",
            "a.threshold_fen, a.amount_fen, b.paid_fen, b.free_fen, b.free_until, b.read_at, b.last_credit_at, ",
            "(SELECT MIN(d.debit_no) FROM debit d WHERE d.account = a.account ",
            "AND (d.state = 'planned' OR d.state = 'unanswered' OR d.state = 'paid')) AS open_debit, ",
            "(SELECT COUNT(*) FROM debit d WHERE d.account = a.account AND d.debit_no >= $1 + a.account * 10 ",
            "AND d.debit_no < $1 + a.account * 10 + 10) AS attempts, ",
            "a.in_row_category, a.in_row, a.held, ",
            "COALESCE((SELECT CAST(SUM(d.amount_fen) AS BIGINT) FROM debit d WHERE d.account = a.account ",
            "AND d.debit_no >= $2 AND d.state NOT IN ('void', 'refused', 'reversed', 'refunded')), 0) AS month_fen, ",
            "a.card_index, a.signed_at ",
            "FROM agreement a JOIN account t ON t.account = a.account LEFT JOIN balance b ON b.account = a.account ",
            $rest
        )
    };
}

/// A page of candidates in the file's order, after (signed_at, account): live agreements whose paid money is below the
/// threshold or unknown, without a debit of this date. A superset of who is due: free credit is never negative, so it
/// only lifts the balance.
pub async fn in_order(tx: &mut Tx, w: &Wanted, after: (DateTime<Utc>, i64)) -> Result<Vec<CandidateRow>> {
    const SQL: &str = candidate_columns!(
        "WHERE a.bank = $3 AND a.state <> 'cancelled' AND (a.signed_at, a.account) > ($4, $5)
        AND (b.account IS NULL OR b.paid_fen < a.threshold_fen)
        AND NOT EXISTS (SELECT 1 FROM debit d WHERE d.account = a.account AND d.debit_no >= $1 + a.account * 10
        AND d.debit_no < $1 + a.account * 10 + 10 AND d.state <> 'void')
        ORDER BY a.signed_at, a.account LIMIT $6"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(w.date_base)
        .bind(w.month_base)
        .bind(&w.bank)
        .bind(after.0)
        .bind(after.1)
        .bind(w.most)
        .fetch_all(c)
        .await)?)
}

/// The same candidates after an account, in the order of accounts: the tables' own order, so that a million of them are
/// read once from end to end.
pub async fn by_account(tx: &mut Tx, w: &Wanted, after: i64) -> Result<Vec<CandidateRow>> {
    const SQL: &str = candidate_columns!(
        "WHERE a.bank = $3 AND a.state <> 'cancelled' AND a.account > $4
        AND (b.account IS NULL OR b.paid_fen < a.threshold_fen)
        AND NOT EXISTS (SELECT 1 FROM debit d WHERE d.account = a.account AND d.debit_no >= $1 + a.account * 10
        AND d.debit_no < $1 + a.account * 10 + 10 AND d.state <> 'void')
        ORDER BY a.account LIMIT $5"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(w.date_base)
        .bind(w.month_base)
        .bind(&w.bank)
        .bind(after)
        .bind(w.most)
        .fetch_all(c)
        .await)?)
}

/// These agreements (account, number) as candidates, in no order.
pub async fn these(tx: &mut Tx, w: &Wanted, agreements: &[(i64, i64)]) -> Result<Vec<CandidateRow>> {
    const SQL: &str =
        candidate_columns!("JOIN (VALUES {rows 2: BIGINT BIGINT}) v ON a.account = v.column1 AND a.number = v.column2");
    let bases = (w.date_base, w.month_base);
    Ok(many_of!(tx, CandidateRow, SQL, [bases.0, bases.1], agreements, |q, a| q.bind(a.0).bind(a.1)))
}

/// The last agreement of one account, whatever its balance: for `explain`.
pub async fn of_account(tx: &mut Tx, account: i64, date_base: i64, month_base: i64) -> Result<Option<CandidateRow>> {
    const SQL: &str = candidate_columns!("WHERE a.account = $3 ORDER BY a.number DESC LIMIT 1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(date_base).bind(month_base).bind(account).fetch_optional(c).await)?)
}

/// A card that serves several accounts: what was taken from it, or is on its way.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SharedCard {
    /// Blind index.
    pub card_index: Vec<u8>,
    /// This date, fen.
    pub today_fen: i64,
    /// This month, fen.
    pub month_fen: i64,
}

/// Every card with two or more agreements, with what was taken from it: one grouped statement.
pub async fn shared_cards(tx: &mut Tx, date: NaiveDate, month_base: i64) -> Result<Vec<SharedCard>> {
    const SQL: &str = "SELECT a.card_index,
        CAST(COALESCE(SUM(CASE WHEN d.business_date = $1 THEN d.amount_fen END), 0) AS BIGINT) AS today_fen,
        CAST(COALESCE(SUM(d.amount_fen), 0) AS BIGINT) AS month_fen
        FROM agreement a LEFT JOIN debit d ON d.account = a.account AND d.number = a.number AND d.debit_no >= $2
        AND d.card_index = a.card_index AND d.state NOT IN ('void', 'refused', 'reversed', 'refunded')
        WHERE a.card_index IN (SELECT card_index FROM agreement GROUP BY card_index HAVING COUNT(*) > 1)
        GROUP BY a.card_index";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(date).bind(month_base).fetch_all(c).await)?)
}

/// A candidate that was not selected.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Passed {
    /// Meter account.
    pub account: i64,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// Agreement's number.
    pub number: i64,
    /// The rule's word.
    pub rule: String,
    /// The rules' version.
    pub rule_version: i64,
    /// Everything the rules looked at, as JSON.
    pub inputs: String,
}

/// Keeps candidates that were not selected; the first word on a date stays.
pub async fn keep(tx: &mut Tx, passed: &[Passed]) -> Result<u64> {
    const SQL: &str = "INSERT INTO candidate (account, business_date, number, rule, rule_version, inputs)
        VALUES {rows 0: BIGINT DATE BIGINT TEXT BIGINT TEXT} ON CONFLICT (account, business_date) DO NOTHING";
    Ok(many!(tx, SQL, [], passed, |q, p| q
        .bind(p.account)
        .bind(p.business_date)
        .bind(p.number)
        .bind(&p.rule)
        .bind(p.rule_version)
        .bind(&p.inputs)))
}

/// Why an account was not selected on a date, if it was a candidate.
pub async fn passed(tx: &mut Tx, account: i64, business_date: NaiveDate) -> Result<Option<Passed>> {
    const SQL: &str = "SELECT account, business_date, number, rule, rule_version, inputs FROM candidate
        WHERE account = $1 AND business_date = $2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account).bind(business_date).fetch_optional(c).await)?)
}

/// How many candidates of a date each rule kept out.
pub async fn reasons(tx: &mut Tx, business_date: NaiveDate) -> Result<Vec<(String, i64)>> {
    const SQL: &str = "SELECT rule, COUNT(*) FROM candidate WHERE business_date = $1 GROUP BY rule ORDER BY rule";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(business_date).fetch_all(c).await)?)
}

/// Which of these agreements (account, number) are no longer active: asked again before their debits are sealed.
pub async fn no_longer_active(tx: &mut Tx, agreements: &[(i64, i64)]) -> Result<Vec<(i64, i64, String)>> {
    const SQL: &str = "SELECT a.account, a.number, a.state FROM agreement a
        JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON a.account = v.column1 AND a.number = v.column2
        WHERE a.state <> 'active'";
    Ok(many_of!(tx, (i64, i64, String), SQL, [], agreements, |q, key| q.bind(key.0).bind(key.1)))
}

/// A format fault: these agreements (account, number) are not selected until an operator has looked.
pub async fn hold(tx: &mut Tx, agreements: &[(i64, i64)]) -> Result<u64> {
    const SQL: &str = "UPDATE agreement SET held = TRUE FROM (VALUES {rows 0: BIGINT BIGINT}) v
        WHERE agreement.account = v.column1 AND agreement.number = v.column2";
    Ok(many!(tx, SQL, [], agreements, |q, a| q.bind(a.0).bind(a.1)))
}
