//! What a reversal (冲正, 退票) or a refund looks at and marks beside the debit's state.

use crate::db::{Result, Tx, expect_rows, on};
use crate::rows::many;

/// Marks reversals whose money went out: (account, debit number, money number). It goes out once.
pub async fn paid_out(tx: &mut Tx, debits: &[(i64, i64, i64)]) -> Result<()> {
    const SQL: &str = "UPDATE debit SET reversal_paid_by = v.column3 FROM (VALUES {rows 0: BIGINT BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.reversal_paid_by IS NULL";
    let done = many!(tx, SQL, [], debits, |q, d| q.bind(d.0).bind(d.1).bind(d.2));
    expect_rows("paying reversals out", debits.len(), done)
}

/// The state of a debit's credit order, if there is one.
pub async fn credit_order(tx: &mut Tx, account: i64, debit_no: i64) -> Result<Option<String>> {
    const SQL: &str = "SELECT state FROM outbox WHERE account = $1 AND kind = 'credit' AND ref = $2";
    let found: Option<(String,)> =
        on!(tx, |c| sqlx::query_as(SQL).bind(account).bind(debit_no).fetch_optional(c).await)?;
    Ok(found.map(|(state,)| state))
}
