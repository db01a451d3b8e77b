//! Debits as rows, written past the rules: for tests that need one without a night and an agreement behind it.

use yichong::store::db::Tx;
use yichong::store::debits::DebitRow;

/// Plans one debit as its row says.
pub async fn plan(tx: &mut Tx, d: &DebitRow) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO debit (account, debit_no, business_date, bank, number, version, amount_fen,
        payer_name, id_type, payer_sealed, card_index, card_last4, signed_at, threshold_fen, balance_fen, read_at,
        rule_version, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'planned')";
    macro_rules! written {
        ($c:expr) => {
            sqlx::query(SQL)
                .bind(d.account)
                .bind(d.debit_no)
                .bind(d.business_date)
                .bind(&d.bank)
                .bind(d.number)
                .bind(d.version)
                .bind(d.amount_fen)
                .bind(&d.payer_name)
                .bind(&d.id_type)
                .bind(&d.payer_sealed)
                .bind(&d.card_index)
                .bind(&d.card_last4)
                .bind(d.signed_at)
                .bind(d.threshold_fen)
                .bind(d.balance_fen)
                .bind(d.read_at)
                .bind(d.rule_version)
                .execute(&mut **$c)
                .await
                .map(drop)
        };
    }
    match tx {
        Tx::Sqlite(c) => written!(c),
        Tx::Postgres(c) => written!(c),
    }
}
