//! `import agreements`: a bank's list of signed agreements (易充值协议).
//!
//! | title | | |
//! |---|---|---|
//! | 户号, account | | an open account without a live agreement |
//! | 银行, bank | | code or name of a bank of the configuration |
//! | 姓名, payer_name | | as on the card |
//! | 证件类型, id_type | | 居民身份证, 护照, 军官证, 港澳台通行证, 其他 |
//! | 证件号码, id_number | | checked by GB 11643 for 居民身份证 |
//! | 卡号, card | | a card of that bank |
//! | 手机, mobile | | texts about debits go there |
//! | 阈值, threshold | yuan | one of the form's boxes |
//! | 金额, amount | yuan | one of the form's boxes |
//! | 签约时间, signed_at | Asia/Shanghai | the original time: it is the order of the bank's file |
//!
//! They wait as `pending` until a second person releases all of them at once, by the hash of the file.

use std::collections::HashMap;

use yichong_core::model::ids::AccountNo;

use super::drive::{Entry, Rows, Saved, drive};
use super::problems::{Findings, Wrong};
use super::scan::Input;
use super::table::{Column, Row};
use super::terms::{self, Terms};
use super::{ImportRequest, Imported};
use crate::app::App;
use crate::config::Payer as WhoPays;
use crate::error::JobError;
use crate::payer::Payer;
use yichong_store::accounts::{self, AccountRow};
use yichong_store::agreements::{self, AgreementRow, Held};
use yichong_store::db::Tx;

/// Rows of an agreements file.
#[derive(Debug)]
pub struct Agreements<'a> {
    app: &'a App,
    maker: &'a str,
    /// The file's, if it is one.
    hash: Option<&'a str>,
}

/// What is known of a page's accounts.
#[derive(Debug)]
pub struct Known {
    accounts: HashMap<i64, AccountRow>,
    held: HashMap<i64, Held>,
}

/// Imports a list, once: the same file again says when it came in.
pub async fn import(app: &App, input: &Input, request: &ImportRequest) -> Result<Imported, JobError> {
    let mut tx = app.db.read().await?;
    let already = agreements::finished(&mut tx, &input.hash).await?;
    drop(tx);
    if already.is_some() {
        return Ok(Imported { hash: input.hash.clone(), already, ..Imported::default() });
    }
    let rows = Agreements { app, maker: &request.actor, hash: Some(&input.hash) };
    drive(app, &rows, input, request).await
}

impl<'a> Agreements<'a> {
    /// One by one, as a teller enters them.
    pub(crate) const fn by(app: &'a App, maker: &'a str) -> Agreements<'a> {
        Agreements { app, maker, hash: None }
    }

    /// An earlier import of this very file, cut short, entered it already.
    fn is_entered(&self, held: Option<&Held>) -> bool {
        held.is_some_and(|held| held.live.is_some() && self.hash.is_some() && held.live_import.as_deref() == self.hash)
    }

    fn pending(&self, item: &Terms, held: Option<&Held>) -> Result<AgreementRow, JobError> {
        let (vault, account) = (&self.app.vault, item.account);
        let index = |column: &str, value: &str| vault.index(column, value).to_vec();
        let card = item.card.reveal();
        Ok(AgreementRow {
            account,
            number: held.map_or(1, |held| held.last + 1),
            version: 1,
            state: "pending".to_owned(),
            state_reason: None,
            bank: item.bank.clone(),
            payer_name: item.payer_name.clone(),
            id_type: item.id_type.word().to_owned(),
            payer_sealed: Payer::seal(vault, account, card, &item.id_number, &item.mobile)?,
            card_index: index("card", card),
            card_last4: item.card.last4().to_owned(),
            id_index: index("id", &item.id_number),
            mobile_index: index("phone", &item.mobile),
            threshold_fen: item.threshold_fen,
            amount_fen: item.amount_fen,
            signed_at: item.signed_at,
            released_at: None,
            confirmed: self.app.config.bank(&item.bank).is_some_and(|bank| !bank.confirms),
            in_row_category: None,
            in_row: 0,
            held: false,
            import_hash: self.hash.map(str::to_owned),
            maker: self.maker.to_owned(),
            checker: None,
        })
    }
}

impl Rows for Agreements<'_> {
    type Item = Terms;
    type Facts = Known;
    const COLUMNS: &'static [Column] = terms::COLUMNS;

    fn read(&self, row: &Row<'_>, found: &mut Findings) -> Option<Terms> {
        terms::read(&self.app.config, self.app.clock.now(), row, found)
    }

    fn key(item: &Terms) -> i64 {
        item.account
    }

    async fn check(&self, tx: &mut Tx, page: &[Entry<Terms>], found: &mut Findings) -> Result<Known, JobError> {
        let keys: Vec<i64> = page.iter().map(|entry| entry.item.account).collect();
        let accounts: HashMap<_, _> =
            accounts::page(tx, &keys).await?.into_iter().map(|row| (row.account, row)).collect();
        let held: HashMap<_, _> =
            agreements::held(tx, &keys).await?.into_iter().map(|row| (row.account, row)).collect();
        for Entry { line, item } in page {
            let account = AccountNo(item.account).to_string();
            let mut bad = |column: usize, value: &str, problem: String, remedy: &str| {
                found.bad(*line, &Self::COLUMNS[column], value, Wrong::new(problem, remedy));
            };
            let taken = held.get(&item.account).filter(|held| !self.is_entered(Some(*held))).and_then(|held| held.live);
            match accounts.get(&item.account) {
                None => bad(terms::ACCOUNT, &account, "没有这个户号".into(), "先导入户（import accounts），或改正户号"),
                Some(row) if !row.open => bad(terms::ACCOUNT, &account, "户号已停用".into(), "改正户号，或先启用"),
                Some(row) if self.app.config.site.payer == WhoPays::Holder && row.holder != item.payer_name => {
                    let problem = format!("签约人不是户主{}", row.holder);
                    bad(terms::PAYER_NAME, &item.payer_name, problem, "本站只许户主签约：改正姓名，或先更正户主");
                }
                Some(_) => {}
            }
            if let Some(number) = taken {
                let problem = format!("已有协议{account}-{number}");
                bad(terms::ACCOUNT, &account, problem, "一户只能有一份协议：先解约，或去掉这一行");
            }
        }
        Ok(Known { accounts, held })
    }

    async fn save(&self, tx: &mut Tx, page: &[Entry<Terms>], known: &Known) -> Result<Saved, JobError> {
        let held = |item: &Terms| known.held.get(&item.account);
        let new = page.iter().map(|entry| &entry.item).filter(|item| !self.is_entered(held(item)));
        let new = new.filter(|item| known.accounts.contains_key(&item.account));
        let rows = new.map(|item| self.pending(item, held(item))).collect::<Result<Vec<_>, _>>()?;
        agreements::enter(tx, &rows, self.app.clock.now()).await?;
        let written = rows.len() as u64;
        Ok(Saved { written, unchanged: page.len() as u64 - written })
    }
}
