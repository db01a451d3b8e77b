//! What our books hold, as a test reads them: lines of text and figures in fen.

use yichong::store::ledger;
use yichong_core::model::ids::AccountNo;

use super::site::{Site, day};
use super::{account, texts};

impl Site {
    /// Debits minus credits of one ledger account of a bank, fen; 0 where nothing was ever posted.
    pub async fn balance(&self, bank: &str, of: &str) -> i64 {
        let mut tx = self.app.db.read().await.unwrap();
        let rows = ledger::balances(&mut tx, day("2027-12-31")).await.unwrap();
        rows.iter().find(|row| row.bank == bank && row.ledger == of).map_or(0, |row| row.balance_fen)
    }

    /// Every ledger account that is not at zero, as `bank ledger fen`.
    pub async fn ledger(&self) -> Vec<String> {
        let mut tx = self.app.db.read().await.unwrap();
        let rows = ledger::balances(&mut tx, day("2027-12-31")).await.unwrap();
        rows.iter()
            .filter(|row| row.balance_fen != 0)
            .map(|row| format!("{} {} {}", row.bank, row.ledger, row.balance_fen).trim().to_owned())
            .collect()
    }

    /// Every debit, as `account date state asked taken bank_date category`, in the order of numbers.
    pub async fn debits(&self) -> Vec<String> {
        let sql =
            "SELECT CAST(account - 51600000000 AS TEXT) || ' ' || CAST(business_date AS TEXT) || ' ' || state || ' '
            || CAST(amount_fen AS TEXT) || ' ' || COALESCE(CAST(taken_fen AS TEXT), '-') || ' '
            || COALESCE(CAST(bank_date AS TEXT), '-') || ' ' || COALESCE(category, '-')
            FROM debit ORDER BY debit_no";
        texts(&self.app.db, sql).await
    }

    /// The state of a household's debit of a date.
    pub async fn state(&self, nth: i64, date: &str) -> String {
        let sql = format!(
            "SELECT state FROM debit WHERE account = {} AND business_date = '{date}' ORDER BY debit_no DESC LIMIT 1",
            account(nth)
        );
        texts(&self.app.db, &sql).await.pop().unwrap_or_else(|| "none".into())
    }

    /// Every entry, as `account event bank debit>credit fen posted_on`, by account.
    pub async fn entries(&self) -> Vec<String> {
        let sql =
            "SELECT CASE WHEN account >= 999999999000 THEN 'bank' ELSE CAST(account - 51600000000 AS TEXT) END || ' '
            || event || ' ' || bank || ' ' || debit || '>' || credit || ' ' || CAST(amount_fen AS TEXT) || ' '
            || CAST(posted_on AS TEXT) FROM entry ORDER BY account, ref, event";
        texts(&self.app.db, sql).await
    }

    /// Every row of the outbox, as `account kind template state fen`.
    pub async fn outbox(&self) -> Vec<String> {
        let sql = "SELECT CAST(account - 51600000000 AS TEXT) || ' ' || kind || ' ' || template || ' ' || state || ' '
            || CAST(amount_fen AS TEXT) FROM outbox ORDER BY account, ref, kind, template";
        texts(&self.app.db, sql).await.into_iter().map(|line| line.replace("  ", " ")).collect()
    }

    /// Every break, as `kind bank fen state`.
    pub async fn breaks(&self) -> Vec<String> {
        let sql = "SELECT kind || ' ' || bank || ' ' || CAST(amount_fen AS TEXT) || ' ' || state FROM break_item
            ORDER BY opened_on, kind, account, ref";
        texts(&self.app.db, sql).await
    }

    /// Every batch, as `file_name state debits fen`.
    pub async fn batches(&self) -> Vec<String> {
        let sql = "SELECT file_name || ' ' || state || ' ' || CAST(debits AS TEXT) || ' ' || CAST(sum_fen AS TEXT)
            FROM batch ORDER BY batch_id";
        texts(&self.app.db, sql).await
    }

    /// Every file that came in, as `file_name kind state`, with what is wrong with it.
    pub async fn files(&self) -> Vec<String> {
        let sql = "SELECT file_name || ' ' || kind || ' ' || state || COALESCE(': ' || problem, '') FROM file_in
            ORDER BY file_id";
        texts(&self.app.db, sql).await
    }

    /// Why a household was not selected on a date.
    pub async fn passed(&self, nth: i64, date: &str) -> String {
        let sql = format!("SELECT rule FROM candidate WHERE account = {} AND business_date = '{date}'", account(nth));
        texts(&self.app.db, &sql).await.pop().unwrap_or_else(|| "none".into())
    }

    /// The paid balance of a household's meter as we know it, fen.
    pub async fn meter(&self, nth: i64) -> i64 {
        let mut tx = self.app.db.read().await.unwrap();
        let found = yichong::store::accounts::readings::find(&mut tx, AccountNo(account(nth))).await.unwrap();
        found.unwrap().paid_fen
    }
}
