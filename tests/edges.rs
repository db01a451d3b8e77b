//! The edges: credits to the meters and texts to residents, on both databases, with files written by hand.

mod balances;
mod head_end;
mod ledger;
mod texts;

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use tempfile::TempDir;
use yichong::config::Config;
use yichong::gateways::clock::Clock;
use yichong::gateways::vault::Purpose;
use yichong::jobs::payer::Payer;
use yichong::jobs::{App, Context, JobError, Outcome};
use yichong::store::accounts::readings::{self, Reading};
use yichong::store::accounts::{self, AccountRow};
use yichong::store::calendars::{self, BankRow};
use yichong::store::db::Db;
use yichong::store::debits::{self, DebitRow, Move};
use yichong::store::outbox::{self, Order};
use yichong::store::runs::{self, Claim};
use yichong_core::model::category::Category;
use yichong_core::model::debit::State;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

/// 051600001234: the debit's number of 2026-11-20 is 9820 days, the account, attempt 0.
const A: i64 = 51_600_001_234;
const A_DEBIT: i64 = 98_200_516_000_012_340;
const B: i64 = 51_600_001_235;
const B_DEBIT: i64 = 98_200_516_000_012_350;

/// An instant as Asia/Shanghai shows it.
fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A site with two accounts, on one database.
struct Site {
    folder: TempDir,
    app: App,
}

impl Site {
    async fn open(db: &Db, config: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        for name in ["meters-out", "meters-in", "sms"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let text = format!("[sms]\nout = \"sms\"\n[meters]\nout = \"meters-out\"\ninto = \"meters-in\"\n{config}");
        let config = Config::parse(&text, "yichong.toml", folder.path()).unwrap();
        let clock = Clock::Fixed(at("2026-11-20T23:00:00"));
        let mut app = App::with(config, None, Vec::new(), clock).await.unwrap();
        app.db = db.clone();
        let site = Site { folder, app };
        let mut tx = db.write().await.unwrap();
        let (code, name) = ("BOC".into(), "中国银行".into());
        let bank = BankRow { code, bank_no: 1, name, reserved_account: 999_999_999_001, paused: false };
        calendars::put_bank(&mut tx, &bank).await.unwrap();
        accounts::put(&mut tx, &[site.account(A, "13900000001"), site.account(B, "13900000002")]).await.unwrap();
        let claim = Claim {
            job: "returns",
            business_date: day("2026-11-20"),
            owner: "test",
            now: at("2026-11-20T23:00:00"),
            lease_until: at("2026-12-31T23:00:00"),
            scheduled_at: at("2026-11-20T23:00:00"),
            inputs: "{}",
            sweep: true,
            dead: None,
        };
        runs::claim(&mut tx, &claim).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        site
    }

    fn account(&self, account: i64, phone: &str) -> AccountRow {
        AccountRow {
            account,
            holder: "测试甲".into(),
            address: "东区1幢101".into(),
            phone_sealed: Some(self.app.vault.seal(Purpose::Phone, account, phone.as_bytes()).unwrap()),
            phone_index: Some(self.app.vault.index("phone", phone).to_vec()),
            phone_last4: Some(phone[7..].into()),
            open: true,
            cut_for_money: false,
            hold: None,
            created_at: at("2026-11-01T08:00:00"),
        }
    }

    /// Moves the clock.
    fn clock(&mut self, text: &str) {
        self.app.clock = Clock::Fixed(at(text));
    }

    fn ctx(&self) -> Context<'_> {
        Context {
            app: &self.app,
            job: "returns",
            business_date: day("2026-11-20"),
            pass: 1,
            fence: 1,
            scheduled_at: at("2026-11-20T23:00:00"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let items = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> =
            items.map(|item| item.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The account's balance, read at 18:00 of the 20th.
    async fn balance(&self, account: i64, paid_fen: i64, free_fen: i64) {
        let mut tx = self.app.db.write().await.unwrap();
        let (read_at, since) = (at("2026-11-20T18:00:00"), day("2026-11-20"));
        let reading = Reading { account, paid_fen, free_fen, free_until: None, read_at, since };
        readings::record(&mut tx, &[reading]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A debit of the 20th the bank has taken 50.00 for at 22:50, with its credit order.
    async fn paid(&self, account: i64) {
        let debit_no = DebitNo::of(day("2026-11-20"), AccountNo(account), 0).unwrap().0;
        let row = DebitRow {
            account,
            debit_no,
            business_date: day("2026-11-20"),
            bank: "BOC".into(),
            number: 1,
            version: 1,
            amount_fen: 5_000,
            payer_name: "测试乙".into(),
            id_type: "resident".into(),
            payer_sealed: Payer::seal(&self.app.vault, account, "6226090000000048", "X1", "13800000009").unwrap(),
            card_index: vec![1; 16],
            card_last4: "0048".into(),
            signed_at: at("2026-11-02T09:00:00"),
            threshold_fen: 3_000,
            balance_fen: 1_000,
            read_at: at("2026-11-20T18:00:00"),
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
        };
        let mut tx = self.app.db.write().await.unwrap();
        crate::support::debits::plan(&mut tx, &row).await.unwrap();
        let to = State::Paid { taken: Fen(5_000), bank_date: day("2026-11-20") };
        let heard = Some((Category::Paid, "00".into()));
        let moved = Move { account, debit_no, from: "planned", to, heard };
        debits::shift(&mut tx, &[moved], at("2026-11-20T22:50:00")).await.unwrap();
        outbox::queue(&mut tx, &[order(account, debit_no, "credit", "", 5_000)], at("2026-11-20T22:50:00"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Moves a paid debit on, as another step would.
    async fn shift(&self, account: i64, debit_no: i64, to: State) {
        let mut tx = self.app.db.write().await.unwrap();
        let moved = Move { account, debit_no, from: "paid", to, heard: None };
        debits::shift(&mut tx, &[moved], at("2026-11-20T22:55:00")).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn debit_state(&self, debit_no: i64) -> String {
        let mut tx = self.app.db.read().await.unwrap();
        debits::by_number(&mut tx, &[DebitNo(debit_no)]).await.unwrap()[0].state.clone()
    }

    /// Every row of the outbox as `kind template state amount`, by account.
    async fn outbox(&self, account: i64) -> Vec<String> {
        let mut tx = self.app.db.read().await.unwrap();
        let rows = outbox::of_account(&mut tx, account).await.unwrap();
        rows.iter().map(|r| format!("{} {} {} {}", r.kind, r.template, r.state, r.amount_fen)).collect()
    }

    /// The account's balance as `paid free since`, and when it was read and last credited.
    async fn balance_now(&self, account: i64) -> (i64, DateTime<Utc>, Option<DateTime<Utc>>) {
        let mut tx = self.app.db.read().await.unwrap();
        let row = readings::find(&mut tx, AccountNo(account)).await.unwrap().unwrap();
        (row.paid_fen, row.read_at, row.last_credit_at)
    }
}

fn order(account: i64, reference: i64, kind: &'static str, template: &'static str, amount_fen: i64) -> Order {
    let (bank, business_date) = ("BOC".into(), day("2026-11-20"));
    Order { account, kind, reference, template, bank, business_date, amount_fen, not_after: None }
}

fn sha256(text: &str) -> String {
    yichong::gateways::archive::measure(text.as_bytes()).unwrap().sha256
}

/// What a finished step counted, as `runs` shows it.
fn counted(outcome: Result<Outcome, JobError>) -> String {
    match outcome.unwrap() {
        Outcome::Done(tally) => tally.to_string(),
        Outcome::Waiting(tally, why) => format!("waiting: {tally}: {why}"),
        Outcome::Partly(tally, why) => format!("partly: {tally}: {why}"),
    }
}
