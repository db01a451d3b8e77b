//! A small site: a few households with agreements, one or two banks with a partner on the other side, a clock that
//! stands where the test puts it.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use yichong::gateways::clock::{Clock, instant};
use yichong::jobs::payer::Payer;
use yichong::jobs::runner::{self, Ended};
use yichong::jobs::{App, JobError};
use yichong::simulator::{AgreementDesk, Bank, BankConfig, SealKind};
use yichong::store::accounts::readings::{self, Reading};
use yichong::store::accounts::{self, AccountRow};
use yichong::store::agreements::{self, AgreementRow};
use yichong::store::audit::{self, Act};
use yichong::store::calendars::{self, Exception};
use yichong_core::model::ids::AccountNo;

use super::Place;
use super::partners::{banks, config, desk, make_keys, partner, seal};

/// An instant by what a clock in Asia/Shanghai shows: `2026-03-02T22:00:00`.
pub fn at(local: &str) -> DateTime<Utc> {
    let local: NaiveDateTime = local.parse().unwrap();
    instant(local.date(), local.time())
}

/// A day.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The nth household's account: 051600000001, 051600000002 …
pub const fn account(nth: i64) -> i64 {
    51_600_000_000 + nth
}

/// One household and its agreement.
#[derive(Clone, Debug)]
pub struct Household {
    /// 1, 2, 3 …
    pub nth: i64,
    /// The bank of its card.
    pub bank: &'static str,
    /// On the meter, fen.
    pub balance: i64,
    /// 充值阈值, fen.
    pub threshold: i64,
    /// 充值金额, fen.
    pub amount: i64,
    /// Its card.
    pub card: String,
}

/// The nth household: 10.00 on the meter, 50.00 to be taken below 30.00, at the bank of the plain files.
pub fn household(nth: i64) -> Household {
    let card = format!("62260900000{nth:05}");
    Household { nth, bank: "PLAIN", balance: 1_000, threshold: 3_000, amount: 5_000, card }
}

impl Household {
    /// Another amount, fen.
    pub fn taking(self, amount: i64) -> Household {
        Household { amount, ..self }
    }

    /// Another balance, fen.
    pub fn with(self, balance: i64) -> Household {
        Household { balance, ..self }
    }

    /// At another bank.
    pub fn at(self, bank: &'static str) -> Household {
        Household { bank, ..self }
    }
}

/// An opened site.
#[derive(Debug)]
pub struct Site {
    /// The program.
    pub app: App,
    /// Where it lives; gone with it.
    pub place: Place,
}

impl Site {
    /// A site with these banks, by code; more of the configuration as TOML in front of them.
    pub async fn with(place: Place, more: &str, codes: &[&str]) -> Site {
        let folder = place.folder.path().to_owned();
        let mut text = format!("{more}\n[database]\nurl = \"{}\"\n", place.url);
        text += &banks(codes);
        for exchange in codes.iter().map(|code| code.to_lowercase()).chain(["sms".into(), "meters".into()]) {
            fs::create_dir_all(folder.join("exchange").join(&exchange).join("out")).unwrap();
            fs::create_dir_all(folder.join("exchange").join(&exchange).join("in")).unwrap();
        }
        if codes.contains(&"AIPG") {
            make_keys(&folder, "RSA");
        }
        fs::write(folder.join("yichong.toml"), text).unwrap();
        fs::create_dir_all(folder.join("data")).unwrap();
        fs::write(folder.join("data/keys"), format!("1 {}\n", "a5".repeat(32))).unwrap();
        let app = App::open(&folder.join("yichong.toml"), Clock::Fixed(at("2026-03-01T12:00:00"))).await.unwrap();
        let site = Site { app, place };
        for year in [2026, 2027] {
            let mut tx = site.app.db.write().await.unwrap();
            calendars::put_year(&mut tx, "banks", year, "made up", &[]).await.unwrap();
            calendars::put_year(&mut tx, "cuts", year, "made up", &[]).await.unwrap();
            tx.commit().await.unwrap();
        }
        site
    }

    /// A site with the bank of the plain files and these households.
    pub async fn plain(place: Place, households: &[Household]) -> Site {
        let site = Site::with(place, "", &["PLAIN"]).await;
        site.enrol(households).await;
        site
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.place.folder.path()
    }

    /// Its configuration's file.
    pub fn config(&self) -> PathBuf {
        self.folder().join("yichong.toml")
    }

    /// The exchange folder of a bank.
    pub fn exchange(&self, code: &str) -> PathBuf {
        self.folder().join("exchange").join(code.to_lowercase())
    }

    /// Accounts, balances and agreements, entered by one and released by another before the first night.
    pub async fn enrol(&self, households: &[Household]) {
        let mut tx = self.app.db.write().await.unwrap();
        let (entered, released) = (at("2026-02-02T10:00:00"), at("2026-02-02T11:00:00"));
        let rows: Vec<AccountRow> = households.iter().map(account_row).collect();
        accounts::put(&mut tx, &rows).await.unwrap();
        let readings: Vec<Reading> = households.iter().map(reading).collect();
        readings::record(&mut tx, &readings).await.unwrap();
        let list = format!("list {}", households.first().map_or(0, |h| h.nth));
        let agreements: Vec<AgreementRow> = households.iter().map(|h| self.agreement(h, &list)).collect();
        agreements::enter(&mut tx, &agreements, entered).await.unwrap();
        let action = agreements::releasing::ENTERED;
        let act = Act { at: entered, actor: "teller", action, object: &list, detail: "" };
        audit::add(&mut tx, &act, |previous, row| self.app.vault.audit_mac(previous, row)).await.unwrap();
        agreements::release(&mut tx, &list, "supervisor", released, agreements.len() as u64).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn agreement(&self, h: &Household, list: &str) -> AgreementRow {
        let (vault, no) = (&self.app.vault, account(h.nth));
        let (id_number, mobile) = ("341126197709218366", format!("1355253{:04}", h.nth));
        AgreementRow {
            account: no,
            number: 1,
            version: 1,
            state: "pending".into(),
            state_reason: None,
            bank: h.bank.into(),
            payer_name: format!("王珅{}", h.nth),
            id_type: "resident".into(),
            payer_sealed: Payer::seal(vault, no, &h.card, id_number, &mobile).unwrap(),
            card_index: vault.index("card", &h.card).to_vec(),
            card_last4: h.card[h.card.len() - 4..].into(),
            id_index: vault.index("id", id_number).to_vec(),
            mobile_index: vault.index("phone", &mobile).to_vec(),
            threshold_fen: h.threshold,
            amount_fen: h.amount,
            // Signed a minute apart, so that the file's order is the order of the households.
            signed_at: at("2026-01-05T09:00:00") + chrono::Duration::minutes(h.nth),
            released_at: None,
            confirmed: true,
            in_row_category: None,
            in_row: 0,
            held: false,
            import_hash: Some(list.into()),
            maker: "teller".into(),
            checker: None,
        }
    }

    /// The bank rests on these days.
    pub async fn rests(&self, days: &[&str]) {
        let rest = |text: &&str| Exception { day: day(text), works: false, name: "made up".into() };
        let rests: Vec<Exception> = days.iter().map(rest).collect();
        let mut tx = self.app.db.write().await.unwrap();
        calendars::put_year(&mut tx, "banks", 2026, "made up", &rests).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The partner on the other side of a bank's folders, with the books it left there.
    pub fn partner(&self, code: &str, scenario: &str) -> Bank {
        partner(&self.exchange(code), code, scenario)
    }

    /// A faultless partner that signs another way.
    pub fn partner_signing(&self, code: &str, kind: SealKind) -> Bank {
        let exchange = self.exchange(code);
        let own = config(&exchange, code, "all-paid");
        Bank::open(&exchange, BankConfig { seal: Some(seal(&exchange, kind)), ..own }).unwrap()
    }

    /// The bank's desk for agreements, with the books it left there.
    pub fn desk(&self, code: &str, scenario: &str) -> AgreementDesk {
        desk(&self.exchange(code), code, scenario)
    }

    /// Puts the clock to a local time.
    pub fn clock(&mut self, local: &str) {
        self.app.clock = Clock::Fixed(at(local));
    }

    /// Runs a job for a date at a local time.
    pub async fn try_run(&mut self, job: &str, date: &str, local: &str) -> Result<Ended, JobError> {
        self.clock(local);
        runner::run(&self.app, job, day(date)).await
    }

    /// Runs a job that must end well; gives what each step counted, as words.
    pub async fn run(&mut self, job: &str, date: &str, local: &str) -> String {
        match self.try_run(job, date, local).await {
            Ok(Ended::Done { steps }) => {
                let words: Vec<String> = steps.iter().map(|(step, tally)| format!("{step}: {tally}")).collect();
                words.join("\n")
            }
            Ok(other) => panic!("{job} of {date}: {other:?}"),
            Err(error) => panic!("{job} of {date}: {error}"),
        }
    }
}

fn account_row(h: &Household) -> AccountRow {
    AccountRow {
        account: account(h.nth),
        holder: format!("户主{}", h.nth),
        address: format!("东区1幢{:03}", h.nth),
        phone_sealed: None,
        phone_index: None,
        phone_last4: None,
        open: true,
        cut_for_money: false,
        hold: None,
        created_at: at("2026-02-02T09:00:00"),
    }
}

fn reading(h: &Household) -> Reading {
    Reading {
        account: AccountNo(account(h.nth)).0,
        paid_fen: h.balance,
        free_fen: 0,
        free_until: None,
        read_at: at("2026-03-01T20:00:00"),
        since: day("2026-03-01"),
    }
}
