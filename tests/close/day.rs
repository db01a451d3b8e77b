//! One small day written by hand, 18 November 2026 (a Wednesday), and everything a step needs around it.
//!
//! Five debits in one file: credited and settled, refused, paid and in transit, reversed and paid out, unanswered; a
//! sixth void. The bank keeps a fee of 1.00 and pays in 7.00 that belong to nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use yichong::config::Config;
use yichong::gateways::archive::Archive;
use yichong::gateways::clock::{Clock, instant};
use yichong::gateways::vault::Vault;
use yichong::jobs::app::{App, Context, Progress};
use yichong::jobs::definition::Job;
use yichong::store::audit::{self, Act};
use yichong::store::db::{Db, Tx};
use yichong::store::{batches, files};
use yichong_core::formats::Catalogue;

/// Debits by account: 9818 days since 2000-01-01, account, attempt 0.
pub const D1: i64 = 98_180_516_000_000_010;
pub const D2: i64 = D1 + 10;
pub const D3: i64 = D1 + 20;
pub const D4: i64 = D1 + 30;
pub const D5: i64 = D1 + 40;
pub const D6: i64 = D1 + 50;
/// The bank's reserved account.
pub const BANK: i64 = 999_999_999_001;
/// Money lines of statement file 2: for D1, for D4, D4's reversal, the fee, and what nobody knows.
pub const M1: i64 = 20_000_001;
pub const M5: i64 = M1 + 4;

const CONFIG: &str = r#"
[[bank]]
no = 1
code = "BOC"
name = "中国银行"
calendar = "boc"
debit = "plain-debit"
answers = ["plain-answer"]
statements = ["plain-statement"]
out = "out"
into = "into"
answer_days = 1
settle_days = 1
cutoff = "23:30"
"#;

pub fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// Runs one statement.
pub async fn exec(tx: &mut Tx, sql: &str) {
    let ran = match tx {
        Tx::Sqlite(t) => sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut **t).await.map(drop),
        Tx::Postgres(t) => sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut **t).await.map(drop),
    };
    ran.unwrap_or_else(|e| panic!("{e}\n{sql}"));
}

/// Runs statements and keeps what they did.
pub async fn change(db: &Db, sql: &[&str]) {
    let mut tx = db.write().await.unwrap();
    for one in sql {
        exec(&mut tx, one).await;
    }
    tx.commit().await.unwrap();
}

/// The program around a database, at noon of 19 November 2026, with the small day in it.
pub async fn app(db: &Db) -> (TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::parse(CONFIG, "yichong.toml", folder.path()).unwrap();
    std::fs::create_dir_all(&config.folders.data).unwrap();
    let vault = Arc::new(Vault::parse(&format!("1 {}\n", "7".repeat(64)), "key").unwrap());
    let archive = Archive::at(&config.folders.data);
    let app = App {
        db: db.clone(),
        config,
        vault,
        formats: Arc::new(Catalogue::load([]).unwrap()),
        format_texts: BTreeMap::new(),
        jobs: Job::built_in().unwrap(),
        clock: Clock::Fixed(instant(date("2026-11-19"), chrono::NaiveTime::from_hms_opt(12, 0, 0).unwrap())),
        archive,
        page: 2,
        progress: Progress::default(),
    };
    write(&app).await;
    (folder, app)
}

/// A run that closes a date.
pub async fn claim<'a>(app: &'a App, day: &str) -> Context<'a> {
    let at = "2026-11-19T11:00:00+00:00";
    change(
        &app.db,
        &[&format!(
            "INSERT INTO run (job, business_date, state, pass, owner, lease_until, fence, scheduled_at, started_at,
            inputs)
            VALUES ('close', '{day}', 'running', 1, 'test', '{at}', 1, '{at}', '{at}', '{{}}')
            ON CONFLICT (job, business_date) DO NOTHING"
        )],
    )
    .await;
    Context { app, job: "close", business_date: date(day), pass: 1, fence: 1, scheduled_at: app.clock.now() }
}

const POINTS: [&str; 2] = ["file.archive.after_fsync", "file.archive.after_rename"];

async fn write(app: &App) {
    let mut tx = app.db.write().await.unwrap();
    for sql in house() {
        exec(&mut tx, &sql).await;
    }
    let batch = batches::find(&mut tx, 98_180_010_001).await.unwrap().unwrap();
    let ours = app.archive.keep(&app.vault, &batch.archive_name(), &b"five debits"[..], POINTS).unwrap();
    exec(&mut tx, &format!("UPDATE batch SET sha256 = '{}'", ours.sha256)).await;
    for (id, body) in [(1, "four answers"), (2, "five lines of money")] {
        let mut file = files::find(&mut tx, id).await.unwrap().unwrap();
        file.sha256 = yichong::gateways::archive::measure(body.as_bytes()).unwrap().sha256;
        app.archive.keep(&app.vault, &file.archive_name(), body.as_bytes(), POINTS).unwrap();
        exec(&mut tx, &format!("UPDATE file_in SET sha256 = '{}' WHERE file_id = {id}", file.sha256)).await;
    }
    let texts = app.archive.keep(&app.vault, "out/sms/sms-1.csv", &b"two texts"[..], POINTS).unwrap();
    exec(&mut tx, &format!("UPDATE file_out SET sha256 = '{}'", texts.sha256)).await;
    for detail in ["一", "二"] {
        let act = Act { at: app.clock.now(), actor: "engine", action: "step.done", object: "x", detail };
        audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn house() -> Vec<String> {
    let at = "2026-11-18T14:00:00+00:00";
    let hash = "0".repeat(64);
    let mut sql = vec![
        format!("INSERT INTO bank VALUES ('BOC', 1, '中国银行', {BANK}, false)"),
        "INSERT INTO calendar_year VALUES ('boc', 2026, 'test')".to_owned(),
        format!(
            "INSERT INTO run (job, business_date, state, pass, owner, lease_until, fence, scheduled_at, started_at,
            inputs)
            VALUES ('nightly', '2026-11-18', 'done', 1, 'test', '{at}', 1, '{at}', '{at}', '{{}}')"
        ),
        format!(
            "INSERT INTO run_step (job, business_date, pass, step, state, fence, started_at)
            VALUES ('nightly', '2026-11-18', 1, 'select', 'done', 1, '{at}')"
        ),
        "INSERT INTO format_version VALUES ('f', 'plain-debit', 'x')".to_owned(),
        format!(
            "INSERT INTO batch (batch_id, bank, business_date, file_date, direction, seq, state, file_name, format_hash,
            debits, sum_fen, largest_fen, new_per_mille, bytes, sha256, sealed_at, released_by, sent_at)
            VALUES (98180010001, 'BOC', '2026-11-18', '2026-11-18', 'debit', 1, 'sent', 'debit-1.txt', 'f', 5,
            26000, 10000,
            0, 11, '{hash}', '{at}', 'engine', '{at}')"
        ),
        format!(
            "INSERT INTO file_in (file_id, bank, kind, file_name, sha256, bytes, received_at, business_date, state,
            batch_id,
            bank_date, line_count, line_sum_fen) VALUES
            (1, 'BOC', 'answer', 'answer-1.txt', 'a', 1, '{at}', '2026-11-18', 'applied', 98180010001, NULL, 4, 20000),
            (2, 'BOC', 'statement', '=money.csv', 'b', 1, '{at}', '2026-11-18', 'applied', NULL, '2026-11-18', 5, 5600)"
        ),
    ];
    sql.extend(debits(at));
    sql.extend(money(at));
    sql
}

fn debits(at: &str) -> Vec<String> {
    let mut sql = Vec::new();
    let rows = [
        (D1, 5000, "'credited'", "1", "'paid'", "5000", "'2026-11-18'", "20000001", "NULL"),
        (D2, 3000, "'refused'", "2", "'funds'", "NULL", "NULL", "NULL", "NULL"),
        (D3, 10000, "'paid'", "3", "'paid'", "10000", "'2026-11-18'", "NULL", "NULL"),
        (D4, 5000, "'reversed'", "4", "'paid'", "5000", "'2026-11-18'", "20000002", "20000003"),
        (D5, 3000, "'unanswered'", "5", "NULL", "NULL", "NULL", "NULL", "NULL"),
        (D6, 5000, "'void'", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"),
    ];
    for (number, amount, state, line, category, taken, bank_date, settled, paid_back) in rows {
        let account = number / 10 % 1_000_000_000_000;
        let batch = if line == "NULL" { "NULL" } else { "98180010001" };
        sql.push(format!(
            "INSERT INTO account VALUES ({account}, '测试', '一号楼', NULL, NULL, NULL, true, false, NULL, '{at}')"
        ));
        sql.push(format!(
            "INSERT INTO agreement (account, number, version, state, bank, payer_name, id_type, payer_sealed,
            card_index,
            card_last4, id_index, mobile_index, threshold_fen, amount_fen, signed_at, released_at, confirmed,
            in_row, held,
            maker, checker) VALUES ({account}, 1, 1, 'active', 'BOC', '测试', 'resident', {bytes}, {bytes}, '0048',
            {bytes},
            {bytes}, 3000, {amount}, '{at}', '{at}', true, 0, false, 'wang', 'li')",
            bytes = "CAST('x' AS BYTEA)"
        ));
        sql.push(format!(
            "INSERT INTO debit (account, debit_no, business_date, bank, number, version, amount_fen, payer_name,
            id_type,
            payer_sealed, card_index, card_last4, signed_at, threshold_fen, balance_fen, read_at, rule_version, state,
            batch_id, line_no, category, taken_fen, bank_date, settled_by, reversal_paid_by) VALUES ({account},
            {number},
            '2026-11-18', 'BOC', 1, 1, {amount}, '测试', 'resident', {bytes}, {bytes}, '0048', '{at}', 3000, 100,
            '{at}', 1,
            {state}, {batch}, {line}, {category}, {taken}, {bank_date}, {settled}, {paid_back})",
            bytes = "CAST('x' AS BYTEA)"
        ));
    }
    for (line, number, taken, category) in
        [(1, D1, "5000", "paid"), (2, D2, "NULL", "funds"), (3, D3, "10000", "paid"), (4, D4, "5000", "paid")]
    {
        sql.push(format!(
            "INSERT INTO return_line (account, file_id, line_no, debit_no, taken_fen, category, code, message,
            bank_date,
            verdict) VALUES ({}, 1, {line}, {number}, {taken}, '{category}', '00', '', '2026-11-18', 'applied')",
            number / 10 % 1_000_000_000_000
        ));
    }
    sql
}

fn money(at: &str) -> Vec<String> {
    let account = |number: i64| number / 10 % 1_000_000_000_000;
    let mut sql = Vec::new();
    for (nth, owner, debit, kind, amount, booking) in [
        (1, account(D1), D1.to_string(), "single", 5000, "settle"),
        (2, account(D4), D4.to_string(), "single", 5000, "settle"),
        (3, account(D4), D4.to_string(), "reversal", -5000, "pay_out"),
        (4, BANK, "NULL".to_owned(), "fee", -100, "fee"),
        (5, BANK, "NULL".to_owned(), "other", 700, "suspend"),
    ] {
        sql.push(format!(
            "INSERT INTO money_line (account, money_no, file_id, line_no, bank, kind, value_date, bank_date, amount_fen,
            fee_fen, reference, serial, message, debit_no, booking) VALUES ({owner}, {}, 2, {nth}, 'BOC', '{kind}',
            '2026-11-18', '2026-11-18', {amount}, 0, '', 's{nth}', '', {debit}, '{booking}')",
            M1 + nth - 1
        ));
    }
    for (number, event, debit, credit, fen) in [
        (D1, "paid", "clearing", "prepaid", 5000),
        (D3, "paid", "clearing", "prepaid", 10000),
        (D4, "paid", "clearing", "prepaid", 5000),
        (D1, "settled", "bank", "clearing", 5000),
        (D4, "settled", "bank", "clearing", 5000),
        (D4, "reversed", "prepaid", "clearing", 5000),
        (D4, "reversal_paid", "clearing", "bank", 5000),
        (M1 + 3, "fee", "fees", "bank", 100),
        (M5, "suspense", "bank", "suspense", 700),
    ] {
        let owner = if number > D1 - 1 { account(number) } else { BANK };
        sql.push(format!(
            "INSERT INTO entry VALUES ({owner}, '{event}', {number}, 'BOC', '{debit}', '{credit}', {fen},
            '2026-11-18', 'test')"
        ));
    }
    for (number, kind, template, amount, state, file) in [
        (D1, "credit", "", 5000, "accepted", "NULL, NULL"),
        (D3, "credit", "", 10000, "queued", "NULL, NULL"),
        (D4, "credit", "", 5000, "accepted", "NULL, NULL"),
        (D1, "sms", "credited", 5000, "sent", "1, 1"),
        (D2, "sms", "funds", 3000, "sent", "1, 2"),
        (D4, "sms", "reversed", 5000, "queued", "NULL, NULL"),
    ] {
        sql.push(format!(
            "INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state, file_no, line_no,
            changed_at) VALUES ({}, '{kind}', {number}, '{template}', 'BOC', '2026-11-18', {amount}, '{state}',
            {file}, '{at}')",
            account(number)
        ));
    }
    sql.push(format!(
        "INSERT INTO file_out VALUES (1, 'sms', '2026-11-18', 1, 'sms-1.csv', 2, 8000, '{}', 'sent')",
        "1".repeat(64)
    ));
    for (owner, kind, about, fen) in [(BANK, "over", M5, 700), (account(D5), "no_return", D5, 3000)] {
        sql.push(format!(
            "INSERT INTO break_item (account, kind, ref, bank, opened_on, bank_date, amount_fen, owner, detail, state)
            VALUES ({owner}, '{kind}', {about}, 'BOC', '2026-11-18', '2026-11-18', {fen}, 'finance',
            'debit {about}', 'open')"
        ));
    }
    sql
}
