//! The rows the small bank day is made of: accounts, agreements, debits, lines of a statement.

use chrono::{DateTime, Utc};
use yichong::store::agreements::{self, AgreementRow};
use yichong::store::db::Tx;
use yichong::store::debits::DebitRow;
use yichong_core::formats::records::{MoneyKind, StatementRow};
use yichong_core::model::money::Fen;

use super::world::{AMOUNTS, account, day, number};

pub async fn accounts(tx: &mut Tx, now: DateTime<Utc>) {
    for line in 1..=3 {
        let sql = "INSERT INTO account (account, holder, address, open, cut_for_money, created_at)
            VALUES ($1, '户主', '1号楼', TRUE, FALSE, $2)";
        match tx {
            Tx::Sqlite(t) => sqlx::query(sql).bind(account(line)).bind(now).execute(&mut **t).await.map(drop),
            Tx::Postgres(t) => sqlx::query(sql).bind(account(line)).bind(now).execute(&mut **t).await.map(drop),
        }
        .unwrap();
    }
    let rows: Vec<AgreementRow> = (1..=3).map(|line| agreement(line, now)).collect();
    agreements::enter(tx, &rows, now).await.unwrap();
    let sql = "UPDATE agreement SET state = 'active', released_at = $1, checker = '乙'";
    match tx {
        Tx::Sqlite(t) => sqlx::query(sql).bind(now).execute(&mut **t).await.map(drop),
        Tx::Postgres(t) => sqlx::query(sql).bind(now).execute(&mut **t).await.map(drop),
    }
    .unwrap();
}

pub fn agreement(line: usize, now: DateTime<Utc>) -> AgreementRow {
    AgreementRow {
        account: account(line),
        number: 1,
        version: 1,
        state: "pending".into(),
        state_reason: None,
        bank: "BOC".into(),
        payer_name: "测试".into(),
        id_type: "resident".into(),
        payer_sealed: vec![1],
        card_index: vec![u8::try_from(line).unwrap()],
        card_last4: "0048".into(),
        id_index: vec![1],
        mobile_index: vec![1],
        threshold_fen: 1000,
        amount_fen: AMOUNTS[line - 1],
        signed_at: now,
        released_at: None,
        confirmed: true,
        in_row_category: None,
        in_row: 0,
        held: false,
        import_hash: None,
        maker: "甲".into(),
        checker: None,
    }
}

pub fn debit(line: usize, now: DateTime<Utc>) -> DebitRow {
    DebitRow {
        account: account(line),
        debit_no: number(line),
        business_date: day("2026-11-20"),
        bank: "BOC".into(),
        number: 1,
        version: 1,
        amount_fen: AMOUNTS[line - 1],
        payer_name: "测试".into(),
        id_type: "resident".into(),
        payer_sealed: vec![1],
        card_index: vec![u8::try_from(line).unwrap()],
        card_last4: "0048".into(),
        signed_at: now,
        threshold_fen: 1000,
        balance_fen: 500,
        read_at: now,
        rule_version: 1,
        state: "planned".into(),
        batch_id: None,
        line_no: None,
        category: None,
        code: None,
        taken_fen: None,
        bank_date: None,
        settled_by: None,
        reversal_paid_by: None,
        sent: false,
    }
}

/// A line of a statement of 21 November: kind, fen, fee, reference. The serial is the line unless said otherwise.
pub fn row(line: u32, kind: MoneyKind, amount: i64, fee: i64, reference: &str) -> StatementRow {
    StatementRow {
        line,
        kind,
        value_date: day("2026-11-21"),
        bank_date: day("2026-11-20"),
        amount: Fen(amount),
        fee: Fen(fee),
        reference: reference.to_owned(),
        serial: format!("S{line}"),
        text: "代扣".into(),
    }
}

/// The same line on another bank date and with a serial of its own.
pub fn on(row: StatementRow, date: &str, serial: &str) -> StatementRow {
    let date = day(date);
    StatementRow { value_date: date, bank_date: date, serial: serial.to_owned(), ..row }
}
