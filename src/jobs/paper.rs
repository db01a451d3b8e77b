//! The paper form (业务申请表): what stands on it of an agreement, in clear, because it is signed. Who had it printed
//! stands in the audit.

use chrono::{DateTime, Utc};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::person::IdType;
use yichong_store::audit::{self, Act};
use yichong_store::people::PersonRow;
use yichong_store::{accounts, agreements};

use crate::app::App;
use crate::error::JobError;
use crate::payer::Payer;
use crate::resolve::{Object, may};

/// The form's fields, as they are printed. Card and ID number are in clear: it is kept nowhere.
#[derive(Debug)]
pub struct Paper {
    /// 协议号.
    pub agreement: String,
    /// 户号.
    pub account: String,
    /// 客户姓名.
    pub payer_name: String,
    /// Which ID was shown.
    pub id_type: IdType,
    /// 银行.
    pub bank: String,
    /// 证件号码, 卡号, 手机; gone from memory with the page.
    pub payer: Payer,
    /// 地址.
    pub address: String,
    /// 充值阈值, fen.
    pub threshold_fen: i64,
    /// 充值金额, fen.
    pub amount_fen: i64,
    /// 申请 or, for a cancelled one, 撤销.
    pub cancels: bool,
    /// 签约时间.
    pub signed_at: DateTime<Utc>,
    /// 经办人.
    pub maker: String,
}

/// The newest agreement's form.
pub async fn of(app: &App, person: &PersonRow, account: AccountNo) -> Result<Paper, JobError> {
    may(&Object::Agreement(account), person)?;
    let mut tx = app.db.write().await?;
    let nothing = || JobError::input(format!("account {account} has no agreement to print"));
    let row = agreements::of_account(&mut tx, account).await?.into_iter().next().ok_or_else(nothing)?;
    let home = accounts::find(&mut tx, account).await?.ok_or_else(nothing)?;
    let payer = Payer::open(&app.vault, row.account, &row.payer_sealed)?;
    let object = row.agreement_no().to_string();
    let act =
        Act { at: app.clock.now(), actor: &person.name, action: "form printed", object: &object, detail: "in clear" };
    audit::add(&mut tx, &act, |previous, line| app.vault.audit_mac(previous, line)).await?;
    tx.commit().await?;
    Ok(Paper {
        agreement: object,
        account: account.to_string(),
        id_type: IdType::parse(&row.id_type).unwrap_or(IdType::Other),
        bank: app.config.bank(&row.bank).map_or(row.bank.clone(), |bank| bank.name.clone()),
        payer,
        address: home.address,
        threshold_fen: row.threshold_fen,
        amount_fen: row.amount_fen,
        cancels: row.state == "cancelled",
        signed_at: row.signed_at,
        maker: row.maker,
        payer_name: row.payer_name,
    })
}
