//! Enrolment at the counter (签约): a form's fields, checked like a row of a list, entered as a pending agreement that
//! a second person releases.

use csv::StringRecord;
use yichong_core::model::card::mask;
use yichong_core::model::ids::AccountNo;
use yichong_store::accounts::{self, AccountRow};
use yichong_store::people::PersonRow;

use crate::app::App;
use crate::error::JobError;
use crate::import::agreements::Agreements;
use crate::import::drive::{Entry, Rows};
pub use crate::import::problems::Problem;
use crate::import::problems::{Findings, Wrong};
use crate::import::table::{Row, Table};
use crate::import::terms::{self, Terms};
use crate::resolve::{self, Asked, Object, Shown};
use yichong_gateways::clock::local;

/// The form as it was typed, in the order of the paper.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Form {
    /// 户号.
    pub account: String,
    /// 签约人, as on the card.
    pub payer_name: String,
    /// 证件类型.
    pub id_type: String,
    /// 证件号码.
    pub id_number: String,
    /// 银行.
    pub bank: String,
    /// 卡号.
    pub card: String,
    /// 手机.
    pub mobile: String,
    /// 阈值, yuan.
    pub threshold: String,
    /// 金额, yuan.
    pub amount: String,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Form({}, card {})", self.account, mask(&self.card))
    }
}

/// What is wrong with a form, and what to look at; by the column's title as in imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The account, if there is such.
    pub account: Option<AccountRow>,
    /// Fields that cannot be accepted.
    pub bad: Vec<Problem>,
    /// Fields to look at once more.
    pub warnings: Vec<Problem>,
}

/// Checks a form; nothing is written.
pub async fn check(app: &App, form: &Form) -> Result<Checked, JobError> {
    Ok(read(app, "", form).await?.0)
}

/// Enters the form as a pending agreement and proposes its release. Where fields are bad nothing is written.
pub async fn enrol(
    app: &App,
    maker: &PersonRow,
    form: &Form,
    reason: &str,
) -> Result<Result<Shown, Checked>, JobError> {
    resolve::may(&Object::Agreement(AccountNo(0)), maker)?;
    let (checked, entry) = read(app, &maker.name, form).await?;
    let Some(entry) = entry else { return Ok(Err(checked)) };
    let account = AccountNo(entry.item.account);
    let (rows, page) = (Agreements::by(app, &maker.name), [entry]);
    let mut tx = app.db.write().await?;
    let mut found = Findings::default();
    let known = rows.check(&mut tx, &page, &mut found).await?;
    if !found.bad.is_empty() {
        return Ok(Err(Checked { bad: found.bad, ..checked }));
    }
    rows.save(&mut tx, &page, &known).await?;
    tx.commit().await?;
    let reason = if reason.trim().is_empty() { "柜面签约" } else { reason };
    let asked = Asked { object: Object::Agreement(account), action: "release", reason, sealed: None };
    Ok(Ok(resolve::propose_as(app, maker, asked).await?))
}

async fn read(app: &App, maker: &str, form: &Form) -> Result<(Checked, Option<Entry<Terms>>), JobError> {
    let signed = local(app.clock.now()).format("%Y-%m-%d %H:%M:%S").to_string();
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    // A card reader types blanks between groups of digits, a person may too.
    let (card, id, mobile) = (squeezed(&form.card), squeezed(&form.id_number), squeezed(&form.mobile));
    let values = [
        &form.account,
        &form.bank,
        &form.payer_name,
        &form.id_type,
        &id,
        &card,
        &mobile,
        &form.threshold,
        &form.amount,
        &signed,
    ];
    let titles = StringRecord::from_iter(terms::COLUMNS.iter().map(|column| column.title()));
    let table = Table::read(terms::COLUMNS, &titles, "form")?;
    let record = StringRecord::from_iter(values.map(String::as_str));
    let row = Row { table: &table, record: &record, line: 1 };
    let (mut found, rows) = (Findings::default(), Agreements::by(app, maker));
    let item = rows.read(&row, &mut found);
    let mut tx = app.db.read().await?;
    let account = match form.account.trim().parse::<AccountNo>() {
        Ok(number) => accounts::find(&mut tx, number).await?,
        Err(_) => None,
    };
    if account.is_none() && !found.bad.iter().any(|p| p.column == "户号") && !form.account.trim().is_empty() {
        // The rest is not right yet; that there is no such account should be known at once.
        let wrong = Wrong::new("没有这个户号", "核对户号；新用户先由水电中心建户");
        found.bad(1, &terms::COLUMNS[terms::ACCOUNT], &form.account, wrong);
    }
    let entry = item.filter(|_| account.is_some()).map(|item| Entry { line: 1, item });
    if let Some(entry) = &entry {
        rows.check(&mut tx, std::slice::from_ref(entry), &mut found).await?;
    }
    let entry = entry.filter(|_| found.bad.is_empty());
    Ok((Checked { account, bad: found.bad, warnings: found.warnings }, entry))
}
