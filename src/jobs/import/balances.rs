//! `import balances`: what the meters show.
//!
//! | title | | |
//! |---|---|---|
//! | 户号, account | | 12 digits of an account that exists |
//! | 余额, balance | yuan | paid money; below zero in arrears |
//! | 补助, free | yuan, optional | free credit |
//! | 补助到期, free_until | date, optional | its last day |
//! | 读数时间, read_at | Asia/Shanghai | `2026-11-20 20:00:00`; the value counts from that date on |
//!
//! A reading older than the one we have, or than the account's last credit, changes nothing and is counted unchanged.

use super::drive::{Entry, Rows, Saved};
use super::problems::{Findings, Wrong};
use super::table::{Column, Row};
use super::values;
use crate::app::App;
use crate::error::JobError;
use yichong_store::accounts::{
    self,
    readings::{self, Reading},
};
use yichong_store::db::Tx;

const ACCOUNT: usize = 0;
const BALANCE: usize = 1;
const FREE: usize = 2;
const FREE_UNTIL: usize = 3;
const READ_AT: usize = 4;

/// Rows of a balances file.
#[derive(Debug)]
pub struct Balances<'a> {
    app: &'a App,
}

impl<'a> Balances<'a> {
    /// For a site.
    pub const fn new(app: &'a App) -> Balances<'a> {
        Balances { app }
    }
}

impl Rows for Balances<'_> {
    type Item = Reading;
    type Facts = ();
    const COLUMNS: &'static [Column] = &[
        Column::needed(&["户号", "account"]),
        Column::needed(&["余额", "balance"]),
        Column::optional(&["补助", "free"]),
        Column::optional(&["补助到期", "free_until"]),
        Column::needed(&["读数时间", "read_at"]),
    ];

    fn read(&self, row: &Row<'_>, found: &mut Findings) -> Option<Reading> {
        let now = self.app.clock.now();
        let account = row.take(found, ACCOUNT, |text| values::account(&self.app.config, text));
        let paid = row.take(found, BALANCE, values::yuan);
        let free = row.maybe(found, FREE, values::yuan_not_negative);
        let free_until = row.maybe(found, FREE_UNTIL, values::date);
        let read = row.take(found, READ_AT, |text| values::past(text, now));
        let (account, paid_fen, free_fen, free_until) = (account?, paid?, free?.unwrap_or(0), free_until?);
        let (read_at, since) = read?;
        Some(Reading { account, paid_fen, free_fen, free_until, read_at, since })
    }

    fn key(item: &Reading) -> i64 {
        item.account
    }

    async fn check(&self, tx: &mut Tx, page: &[Entry<Reading>], found: &mut Findings) -> Result<(), JobError> {
        let keys: Vec<i64> = page.iter().map(|entry| entry.item.account).collect();
        if accounts::count(tx, &keys).await? == i64::try_from(keys.len()).unwrap_or(i64::MAX) {
            return Ok(());
        }
        let known: std::collections::HashSet<i64> =
            accounts::page(tx, &keys).await?.into_iter().map(|row| row.account).collect();
        for entry in page.iter().filter(|entry| !known.contains(&entry.item.account)) {
            let account = format!("{:012}", entry.item.account);
            let wrong = Wrong::new("没有这个户号", "先导入户（import accounts），或改正户号");
            found.bad(entry.line, &Self::COLUMNS[ACCOUNT], &account, wrong);
        }
        Ok(())
    }

    async fn save(&self, tx: &mut Tx, page: &[Entry<Reading>], (): &()) -> Result<Saved, JobError> {
        let page: Vec<Reading> = page.iter().map(|entry| entry.item.clone()).collect();
        let done = readings::record(tx, &page).await?;
        Ok(Saved { written: done.changed, unchanged: done.same + done.old })
    }
}
