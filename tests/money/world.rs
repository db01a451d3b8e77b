//! A small bank day made by hand: accounts, debits, one batch, and statements of hand-written rows.

use chrono::{NaiveDate, NaiveTime};
use tempfile::TempDir;
use yichong::config::Config;
use yichong::gateways::clock::{Clock, instant};
use yichong::jobs::app::{App, Context, Outcome, Tally};
use yichong::jobs::{JobError, reconcile, statement};
use yichong::store::batches::{self, BatchRow};
use yichong::store::breaks::{self, BreakRow};
use yichong::store::calendars::{self, BankRow};
use yichong::store::db::{Db, Tx};
use yichong::store::debits::{self, DebitRow, Move, planning};
use yichong::store::files::{self, FileRow};
use yichong::store::ledger::{self, Entry};
use yichong::store::money::{self, MoneyRow};
use yichong::store::runs::{self, Claim};
use yichong_core::formats::records::{FileError, StatementRow};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;
use yichong_core::model::debit::State;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use super::rows::{accounts, debit};
pub use super::rows::{on, row};

pub const BATCH_NAME: &str = "boc-20261120-0001.txt";
pub const RESERVED: i64 = 999_999_999_001;
pub const AMOUNTS: [i64; 3] = [3000, 5000, 2000];

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub struct World {
    pub app: App,
    _folder: TempDir,
    files: i64,
}

/// A debit of the batch, by its line from 1.
pub fn number(line: usize) -> i64 {
    DebitNo::of(day("2026-11-20"), AccountNo(account(line)), 0).unwrap().0
}

pub fn account(line: usize) -> i64 {
    51_600_000_000 + i64::try_from(line).unwrap()
}

impl World {
    /// Three debits sent in one batch on 20 November, none answered. Two rows to a page, so that pages matter.
    pub async fn sent(db: &Db) -> World {
        let folder = tempfile::tempdir().unwrap();
        let bank = r#"
            [[bank]]
            no = 1
            code = "BOC"
            name = "中国银行"
            calendar = "boc"
            debit = "plain-debit"
            answers = ["plain-answer"]
            statements = ["plain-statement"]
            out = "out"
            into = "in"
            answer_days = 1
            settle_days = 1
            cutoff = "23:30"
            [bank.params]
            merchant = "M1"
        "#;
        let config = Config::parse(bank, "yichong.toml", folder.path()).unwrap();
        let clock = Clock::Fixed(instant(day("2026-11-21"), NaiveTime::from_hms_opt(9, 0, 0).unwrap()));
        let app = App::with(config, None, Vec::new(), clock).await.unwrap();
        let app = App { db: db.clone(), page: 2, ..app };
        let world = World { app, _folder: folder, files: 0 };
        let mut tx = db.write().await.unwrap();
        let bank = BankRow {
            code: "BOC".into(),
            bank_no: 1,
            name: "中国银行".into(),
            reserved_account: RESERVED,
            paused: false,
        };
        calendars::put_bank(&mut tx, &bank).await.unwrap();
        calendars::put_year(&mut tx, "boc", 2026, "test", &[]).await.unwrap();
        files::keep_format(&mut tx, "f", "plain-debit", "").await.unwrap();
        world.debits(&mut tx).await;
        tx.commit().await.unwrap();
        world
    }

    async fn debits(&self, tx: &mut Tx) {
        let night = day("2026-11-20");
        let now = self.app.clock.now();
        accounts(tx, now).await;
        let batch_id = batches::batch_id(night, 1, 1);
        let batch = BatchRow {
            batch_id,
            bank: "BOC".into(),
            business_date: night,
            file_date: night,
            seq: 1,
            state: "sealed".into(),
            file_name: BATCH_NAME.into(),
            format_hash: "f".into(),
            debits: 3,
            sum_fen: 10_000,
            largest_fen: 5000,
            new_per_mille: 0,
            bytes: 1,
            sha256: "0".repeat(64),
            sealed_at: now,
            hold_reason: None,
            limits: None,
            released_by: None,
            sent_at: None,
        };
        batches::seal(tx, &batch).await.unwrap();
        for line in 1..=3 {
            crate::support::debits::plan(tx, &debit(line, now)).await.unwrap();
        }
        let places: Vec<(i64, i64, i64, i64)> =
            (1..=3).map(|line| (account(line), number(line), batch_id, i64::try_from(line).unwrap())).collect();
        planning::place(tx, &places).await.unwrap();
        batches::judge(tx, batch_id, None, "{}").await.unwrap();
        batches::sending(tx, batch_id).await.unwrap();
        batches::sent(tx, batch_id, now).await.unwrap();
    }

    pub async fn tx(&self) -> Tx {
        self.app.db.write().await.unwrap()
    }

    /// The bank says paid: what the `apply` step does to the books.
    pub async fn paid(&self, line: usize, bank_date: &str) {
        let taken = Fen(AMOUNTS[line - 1]);
        let mut tx = self.tx().await;
        let from = debits::by_number(&mut tx, &[DebitNo(number(line))]).await.unwrap()[0].life().unwrap();
        let to = State::Paid { taken, bank_date: day(bank_date) };
        let heard = Some((Category::Paid, "00".to_owned()));
        let moved = Move { account: account(line), debit_no: number(line), from: from.word(), to, heard };
        debits::shift(&mut tx, &[moved], self.app.clock.now()).await.unwrap();
        let entry = Entry {
            account: account(line),
            posting: Posting::Paid,
            reference: number(line),
            bank: "BOC",
            amount: taken,
            posted_on: day("2026-11-20"),
            cause: "answer".into(),
        };
        ledger::post(&mut tx, &[entry]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Everything paid on one bank date.
    pub async fn all_paid(&self) {
        for line in 1..=3 {
            self.paid(line, "2026-11-20").await;
        }
    }

    /// A claimed run of a date, as the runner makes it.
    pub async fn context<'a>(&'a self, date: &str) -> Context<'a> {
        let now = self.app.clock.now();
        let business_date = day(date);
        let claim = Claim {
            job: "settlement",
            business_date,
            owner: "test",
            now,
            lease_until: now,
            scheduled_at: now,
            inputs: "{}",
            sweep: true,
            dead: Some("test"),
        };
        let mut tx = self.tx().await;
        let run = match runs::claim(&mut tx, &claim).await.unwrap() {
            Some(run) => run,
            None => runs::find(&mut tx, "settlement", business_date).await.unwrap().unwrap(),
        };
        tx.commit().await.unwrap();
        let (pass, fence, scheduled_at) = (run.pass, run.fence, now);
        Context { app: &self.app, job: "settlement", business_date, pass, fence, scheduled_at }
    }

    /// Records a statement file as `collect` does.
    pub async fn file(&mut self) -> FileRow {
        self.files += 1;
        let row = FileRow {
            file_id: 0,
            bank: "BOC".into(),
            kind: "statement".into(),
            file_name: format!("M1-{}.stmt.csv", self.files),
            format_hash: Some("f".into()),
            sha256: format!("{:064}", self.files),
            bytes: 1,
            received_at: self.app.clock.now(),
            business_date: day("2026-11-21"),
            state: "received".into(),
            batch_id: None,
            bank_date: None,
            line_count: None,
            line_sum_fen: None,
            facts: None,
            problem: None,
        };
        let mut tx = self.tx().await;
        let file_id = files::receive(&mut tx, &row).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        FileRow { file_id, ..row }
    }

    /// Pass 1 and pass 2 of a statement on a date; says what was booked how often.
    pub async fn statement(&mut self, date: &str, rows: Vec<StatementRow>) -> Tally {
        let file = self.file().await;
        let ctx = self.context(date).await;
        let taken = statement::intake::lines(&ctx, &file, rows.into_iter().map(Ok::<_, FileError>)).await.unwrap();
        statement::believe(&ctx, &file, &taken.unwrap(), &mut Tally::default()).await.unwrap();
        let mut tx = self.tx().await;
        let believed = files::find(&mut tx, file.file_id).await.unwrap().unwrap();
        drop(tx);
        let mut tally = Tally::default();
        statement::book(&ctx, &believed, &mut tally).await.unwrap();
        tally
    }

    pub async fn reconcile(&self, date: &str) -> Result<Outcome, JobError> {
        reconcile::run(&self.context(date).await).await
    }

    /// Debits minus credits of one ledger account of the bank, fen.
    pub async fn balance(&self, ledger_account: &str) -> i64 {
        let mut tx = self.tx().await;
        let rows = ledger::balances(&mut tx, day("2027-12-31")).await.unwrap();
        rows.iter().filter(|row| row.ledger == ledger_account).map(|row| row.balance_fen).sum()
    }

    /// (bank, clearing, suspense): what the tests compare before and after.
    pub async fn books(&self) -> (i64, i64, i64) {
        (self.balance("bank").await, self.balance("clearing").await, self.balance("suspense").await)
    }

    /// Breaks as (kind, account, fen, state), in the table's order.
    pub async fn breaks(&self) -> Vec<(BreakKind, i64, i64, String)> {
        let rows = self.break_rows().await;
        rows.into_iter().map(|b| (b.kind.parse().unwrap(), b.account, b.amount_fen, b.state)).collect()
    }

    pub async fn break_rows(&self) -> Vec<BreakRow> {
        let mut tx = self.tx().await;
        breaks::list(&mut tx, None, 100).await.unwrap()
    }

    /// One debit.
    pub async fn debit(&self, line: usize) -> DebitRow {
        let mut tx = self.tx().await;
        debits::by_number(&mut tx, &[DebitNo(number(line))]).await.unwrap().remove(0)
    }

    /// The entries of an account as (event, debit, credit, fen).
    pub async fn entries(&self, account: i64) -> Vec<(String, String, String, i64)> {
        let mut tx = self.tx().await;
        let rows = ledger::of_account(&mut tx, account).await.unwrap();
        rows.into_iter().map(|e| (e.event, e.debit, e.credit, e.amount_fen)).collect()
    }

    pub async fn line(&self, account: i64, money_no: i64) -> MoneyRow {
        let mut tx = self.tx().await;
        money::find(&mut tx, account, money_no).await.unwrap().unwrap()
    }
}
