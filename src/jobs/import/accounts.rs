//! `import accounts`: meter accounts, their holders, and the devices on them.
//!
//! | title | | |
//! |---|---|---|
//! | 户号, account | | 12 digits by the site's pattern |
//! | 户主, holder | | name |
//! | 地址, address | | |
//! | 电话, phone | optional | for texts about balance and cuts; a file without the column leaves phones as they are |
//! | 表号, device | optional | what hangs there now; another one than before is a meter swap |
//! | 装表日期, installed | date, optional | the day it was hung; without it, today |
//!
//! What a row says replaces what was known; whether an account is open, cut or held is not an import's business.

use std::collections::HashMap;

use chrono::NaiveDate;
use yichong_core::model::person::is_mobile;

use super::drive::{Entry, Rows, Saved};
use super::problems::{Findings, Wrong};
use super::table::{Column, Row};
use super::values;
use crate::app::App;
use crate::error::JobError;
use yichong_gateways::vault::Purpose;
use yichong_store::accounts::{self, AccountRow, DeviceRow};
use yichong_store::db::Tx;

const ACCOUNT: usize = 0;
const HOLDER: usize = 1;
const ADDRESS: usize = 2;
const PHONE: usize = 3;
const DEVICE: usize = 4;
const INSTALLED: usize = 5;

/// Rows of an accounts file.
#[derive(Debug)]
pub struct Accounts<'a> {
    app: &'a App,
}

/// What a row says.
#[derive(Debug)]
pub struct Account {
    account: i64,
    holder: String,
    address: String,
    phone: Phone,
    device: Option<String>,
    installed: Option<NaiveDate>,
}

#[derive(Debug)]
enum Phone {
    /// The file says nothing about phones.
    Unsaid,
    None,
    Is(String),
}

/// What is known of a page's accounts.
#[derive(Debug)]
pub struct Known {
    accounts: HashMap<i64, AccountRow>,
    devices: HashMap<i64, DeviceRow>,
}

impl<'a> Accounts<'a> {
    /// For a site.
    pub const fn new(app: &'a App) -> Accounts<'a> {
        Accounts { app }
    }

    /// The account as it will be; its phone is sealed again only where it changed.
    fn row(&self, new: &Account, old: Option<&AccountRow>) -> Result<AccountRow, JobError> {
        let index = match &new.phone {
            Phone::Is(phone) => Some(self.app.vault.index("phone", phone).to_vec()),
            Phone::Unsaid => old.and_then(|old| old.phone_index.clone()),
            Phone::None => None,
        };
        let same = old.is_some_and(|old| old.phone_index == index);
        let (phone_sealed, phone_last4) = match (&new.phone, old) {
            (_, Some(old)) if same => (old.phone_sealed.clone(), old.phone_last4.clone()),
            (Phone::Is(phone), _) => {
                let sealed = self.app.vault.seal(Purpose::Phone, new.account, phone.as_bytes())?;
                (Some(sealed), Some(phone[phone.len().saturating_sub(4)..].to_owned()))
            }
            _ => (None, None),
        };
        Ok(AccountRow {
            account: new.account,
            holder: new.holder.clone(),
            address: new.address.clone(),
            phone_sealed,
            phone_index: index,
            phone_last4,
            open: old.is_none_or(|old| old.open),
            cut_for_money: old.is_some_and(|old| old.cut_for_money),
            hold: old.and_then(|old| old.hold.clone()),
            created_at: old.map_or_else(|| self.app.clock.now(), |old| old.created_at),
        })
    }

    /// The device to hang, if it is another one than hangs there.
    fn swap(&self, new: &Account, old: Option<&DeviceRow>) -> Option<DeviceRow> {
        let device = new.device.as_ref().filter(|device| old.is_none_or(|old| old.device != **device))?;
        let from_day = new.installed.unwrap_or_else(|| self.app.clock.today());
        Some(DeviceRow { account: new.account, device: device.clone(), from_day, to_day: None })
    }
}

fn phone(text: &str) -> Result<String, Wrong> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if plain && (7..=12).contains(&digits) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new("不是电话号码", "写11位手机号，或带区号的固定电话0516-83885330"))
}

impl Rows for Accounts<'_> {
    type Item = Account;
    type Facts = Known;
    const COLUMNS: &'static [Column] = &[
        Column::needed(&["户号", "account"]),
        Column::needed(&["户主", "holder"]),
        Column::needed(&["地址", "address"]),
        Column::optional(&["电话", "phone"]).secret(),
        Column::optional(&["表号", "device"]),
        Column::optional(&["装表日期", "installed"]),
    ];

    fn read(&self, row: &Row<'_>, found: &mut Findings) -> Option<Account> {
        let account = row.take(found, ACCOUNT, |text| values::account(&self.app.config, text));
        let holder = row.take(found, HOLDER, |text| values::words(text, 60));
        let address = row.take(found, ADDRESS, |text| values::words(text, 200));
        let phone = row.maybe(found, PHONE, phone);
        let device = row.maybe(found, DEVICE, |text| values::words(text, 32));
        let today = self.app.clock.today();
        let installed = row.maybe(found, INSTALLED, |text| {
            let day = values::date(text)?;
            if day <= today { Ok(day) } else { Err(Wrong::new("装表日期在将来", "改正日期")) }
        });
        if phone.iter().flatten().any(|phone| !is_mobile(phone)) {
            row.warn(found, PHONE, "不是手机号，收不到短信", "有手机号时改填手机号");
        }
        let (installed, device) = (installed?, device?);
        if installed.is_some() && device.is_none() {
            row.warn(found, INSTALLED, "有装表日期而没有表号，日期未采用", "补填表号");
        }
        let phone = match phone? {
            Some(phone) => Phone::Is(phone),
            None if row.table.has(PHONE) => Phone::None,
            None => Phone::Unsaid,
        };
        Some(Account { account: account?, holder: holder?, address: address?, phone, device, installed })
    }

    fn key(item: &Account) -> i64 {
        item.account
    }

    async fn check(&self, tx: &mut Tx, page: &[Entry<Account>], found: &mut Findings) -> Result<Known, JobError> {
        let keys: Vec<i64> = page.iter().map(|entry| entry.item.account).collect();
        let accounts = accounts::page(tx, &keys).await?.into_iter().map(|row| (row.account, row)).collect();
        let devices: HashMap<_, _> =
            accounts::devices_now(tx, &keys).await?.into_iter().map(|row| (row.account, row)).collect();
        for Entry { line, item } in page {
            let (Some(old), Some(new)) = (devices.get(&item.account), self.swap(item, devices.get(&item.account)))
            else {
                continue;
            };
            if new.from_day < old.from_day {
                let problem = format!("早于现装表{}的装表日期{}", old.device, old.from_day);
                let wrong = Wrong::new(problem, "改正装表日期，或去掉这一行的表号");
                found.bad(*line, &Self::COLUMNS[INSTALLED], &new.from_day.to_string(), wrong);
            }
        }
        Ok(Known { accounts, devices })
    }

    async fn save(&self, tx: &mut Tx, page: &[Entry<Account>], known: &Known) -> Result<Saved, JobError> {
        let (mut rows, mut swaps, mut written) = (Vec::new(), Vec::new(), 0);
        for Entry { item, .. } in page {
            let old = known.accounts.get(&item.account);
            let new = self.row(item, old)?;
            let swap = self.swap(item, known.devices.get(&item.account));
            let changed = old != Some(&new);
            written += u64::from(changed || swap.is_some());
            swaps.extend(swap);
            if changed {
                rows.push(new);
            }
        }
        accounts::put(tx, &rows).await?;
        accounts::hang(tx, &swaps).await?;
        Ok(Saved { written, unchanged: page.len() as u64 - written })
    }
}
