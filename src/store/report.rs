//! What a business date amounts to at each bank: one grouped statement per fact, never one per debit.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendars;
use super::db::{Result, Tx, on};
use super::ledger;

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many.
    pub count: i64,
    /// Fen.
    pub sum_fen: i64,
}

impl Count {
    fn add(&mut self, count: i64, sum_fen: i64) {
        self.count += count;
        self.sum_fen += sum_fen;
    }
}

/// The debits of one business date at one bank, and where the bank stands at the end of that date. Sums in fen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// 业务日期.
    pub business_date: NaiveDate,
    /// Bank's code.
    pub bank: String,
    /// What people read.
    pub bank_name: String,
    /// 应扣: selected, and not voided before leaving.
    pub due: Count,
    /// 作废: selected, and taken out before leaving.
    pub void: Count,
    /// 已送: in a file that left.
    pub sent: Count,
    /// 待回盘: sent, and within the bank's time to answer.
    pub waiting: Count,
    /// 未回盘: sent, and nobody knows.
    pub unanswered: Count,
    /// 已扣: the bank took the money; what was taken.
    pub paid: Count,
    /// 失败, by category's word; what was asked.
    pub refused: BTreeMap<String, Count>,
    /// 已充: paid, and the meter said yes.
    pub credited: Count,
    /// 待充: paid, and the meter has not said yes.
    pub crediting: Count,
    /// 冲正 and 退票.
    pub reversed: Count,
    /// 已退款.
    pub refunded: Count,
    /// 到账: the money is on a statement.
    pub settled: Count,
    /// The same debits by 清算日: money is compared per bank and bank date.
    pub by_bank_date: BTreeMap<NaiveDate, BankDateFigures>,
    /// 在途 of the bank, over all its debits up to this date, by 清算日: paid, not reversed, not settled.
    pub in_transit: BTreeMap<NaiveDate, Count>,
    /// 待付退回: reversed, settled, and the reversal has not left our account.
    pub reversal_owed: Count,
    /// What was posted on this date, by event's key.
    pub posted: BTreeMap<String, Count>,
    /// 清算余额 at the end of the date: debits minus credits.
    pub clearing_fen: i64,
    /// 挂账 at the end of the date: money nobody has explained, above zero where it is money we hold.
    pub suspense_fen: i64,
    /// 手续费 up to the end of the date.
    pub fees_fen: i64,
    /// 差错 that stand open, by kind's word; the differences.
    pub breaks: BTreeMap<String, Count>,
    /// Texts about the date's debits that left, by template; the amounts they name.
    pub sms: BTreeMap<String, Count>,
    /// Our files of the date, by number.
    pub batches: Vec<BatchFigures>,
    /// Those that left and have no receipt (回执), where the bank gives receipts: filled in by who knows whether it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_receipt: Vec<String>,
}

/// What one 清算日 got of the date's debits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankDateFigures {
    /// 已扣.
    pub paid: Count,
    /// 到账.
    pub settled: Count,
    /// 冲正 and 退票.
    pub reversed: Count,
}

/// One of our files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct BatchFigures {
    /// Bank's code.
    #[serde(skip)]
    pub bank: String,
    /// Its number.
    pub seq: i64,
    /// Its name.
    pub file_name: String,
    /// Its state's word.
    pub state: String,
    /// Debits.
    pub debits: i64,
    /// Fen.
    pub sum_fen: i64,
    /// Of the bytes the bank got.
    pub sha256: String,
    /// It left, and the bank's receipt for it has not come.
    #[serde(skip)]
    pub unreceipted: bool,
}

#[derive(sqlx::FromRow)]
struct DebitGroup {
    bank: String,
    state: String,
    category: String,
    bank_date: Option<NaiveDate>,
    sent: bool,
    settled: bool,
    count: i64,
    asked_fen: i64,
    taken_fen: i64,
}

/// The figures of a business date, one per bank of the house, in the order of their numbers.
pub async fn day(tx: &mut Tx, business_date: NaiveDate) -> Result<Vec<DayFigures>> {
    let mut figures: BTreeMap<String, DayFigures> = BTreeMap::new();
    let banks = calendars::banks(tx).await?;
    for bank in &banks {
        let one = DayFigures {
            business_date,
            bank: bank.code.clone(),
            bank_name: bank.name.clone(),
            ..DayFigures::default()
        };
        figures.insert(bank.code.clone(), one);
    }
    for group in debits(tx, business_date).await? {
        if let Some(one) = figures.get_mut(&group.bank) {
            one.count(&group);
        }
    }
    standing(tx, business_date, &mut figures).await?;
    paper(tx, business_date, &mut figures).await?;
    Ok(banks.iter().filter_map(|bank| figures.remove(&bank.code)).collect())
}

impl DayFigures {
    fn count(&mut self, group: &DebitGroup) {
        let (count, asked, taken) = (group.count, group.asked_fen, group.taken_fen);
        if group.state == "void" {
            return self.void.add(count, asked);
        }
        self.due.add(count, asked);
        if group.sent {
            self.sent.add(count, asked);
        }
        match group.state.as_str() {
            "planned" if group.sent => self.waiting.add(count, asked),
            "unanswered" => self.unanswered.add(count, asked),
            "refused" => self.refused.entry(group.category.clone()).or_default().add(count, asked),
            "paid" => self.crediting.add(count, taken),
            "credited" => self.credited.add(count, taken),
            "reversed" => self.reversed.add(count, taken),
            "refunded" => self.refunded.add(count, taken),
            _ => {}
        }
        let Some(bank_date) = group.bank_date.filter(|_| taken > 0) else { return };
        let there = self.by_bank_date.entry(bank_date).or_default();
        self.paid.add(count, taken);
        there.paid.add(count, taken);
        if group.state == "reversed" {
            there.reversed.add(count, taken);
        }
        if group.settled {
            self.settled.add(count, taken);
            there.settled.add(count, taken);
        }
    }
}

async fn debits(tx: &mut Tx, business_date: NaiveDate) -> Result<Vec<DebitGroup>> {
    const SQL: &str = "SELECT d.bank, d.state, COALESCE(d.category, '') AS category, d.bank_date,
        (b.sent_at IS NOT NULL) AS sent, (d.settled_by IS NOT NULL) AS settled, COUNT(*) AS count,
        CAST(SUM(d.amount_fen) AS BIGINT) AS asked_fen, CAST(COALESCE(SUM(d.taken_fen), 0) AS BIGINT) AS taken_fen
        FROM debit d LEFT JOIN batch b ON b.batch_id = d.batch_id WHERE d.business_date = $1
        GROUP BY d.bank, d.state, d.category, d.bank_date, (b.sent_at IS NOT NULL), (d.settled_by IS NOT NULL)";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(business_date).fetch_all(c).await)?)
}

/// Where the banks stand at the end of the date: money on its way, the ledger, the breaks.
async fn standing(tx: &mut Tx, date: NaiveDate, figures: &mut BTreeMap<String, DayFigures>) -> Result<()> {
    const TRANSIT: &str = "SELECT bank, bank_date, (state = 'reversed') AS reversed, COUNT(*),
        CAST(SUM(taken_fen) AS BIGINT) FROM debit
        WHERE business_date <= $1 AND bank_date IS NOT NULL AND ((state IN ('paid', 'credited', 'refunded')
        AND settled_by IS NULL) OR (state = 'reversed' AND settled_by IS NOT NULL AND reversal_paid_by IS NULL))
        GROUP BY bank, bank_date, (state = 'reversed')";
    const POSTED: &str = "SELECT bank, event, COUNT(*), CAST(SUM(amount_fen) AS BIGINT) FROM entry
        WHERE posted_on = $1 GROUP BY bank, event";
    const BREAKS: &str = "SELECT bank, kind, COUNT(*), CAST(SUM(amount_fen) AS BIGINT) FROM break_item
        WHERE opened_on <= $1 AND (state = 'open' OR resolved_on > $1) GROUP BY bank, kind";
    let moving: Vec<(String, NaiveDate, bool, i64, i64)> =
        on!(tx, |c| sqlx::query_as(TRANSIT).bind(date).fetch_all(c).await)?;
    for (bank, bank_date, reversed, count, sum) in moving {
        let Some(one) = figures.get_mut(&bank) else { continue };
        let place = if reversed { &mut one.reversal_owed } else { one.in_transit.entry(bank_date).or_default() };
        place.add(count, sum);
    }
    let words: Vec<(String, String, i64, i64)> = on!(tx, |c| sqlx::query_as(POSTED).bind(date).fetch_all(c).await)?;
    for (bank, event, count, sum) in words {
        if let Some(one) = figures.get_mut(&bank) {
            one.posted.entry(event).or_default().add(count, sum);
        }
    }
    let words: Vec<(String, String, i64, i64)> = on!(tx, |c| sqlx::query_as(BREAKS).bind(date).fetch_all(c).await)?;
    for (bank, kind, count, sum) in words {
        if let Some(one) = figures.get_mut(&bank) {
            one.breaks.entry(kind).or_default().add(count, sum);
        }
    }
    for row in ledger::balances(tx, date).await? {
        let Some(one) = figures.get_mut(&row.bank) else { continue };
        match row.ledger.as_str() {
            "clearing" => one.clearing_fen = row.balance_fen,
            "suspense" => one.suspense_fen = -row.balance_fen,
            "fees" => one.fees_fen = row.balance_fen,
            _ => {}
        }
    }
    Ok(())
}

/// What left the house: files and texts.
async fn paper(tx: &mut Tx, date: NaiveDate, figures: &mut BTreeMap<String, DayFigures>) -> Result<()> {
    const SMS: &str = "SELECT bank, template, COUNT(*), CAST(SUM(amount_fen) AS BIGINT) FROM outbox
        WHERE business_date = $1 AND kind = 'sms' AND state IN ('sent', 'accepted') GROUP BY bank, template";
    const BATCHES: &str = "SELECT b.bank, b.seq, b.file_name, b.state, b.debits, b.sum_fen, b.sha256,
        b.sent_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dispatch p WHERE p.batch_id = b.batch_id
            AND p.receipt_name IS NOT NULL) AS unreceipted
        FROM batch b WHERE b.business_date = $1 ORDER BY b.bank, b.file_date, b.direction, b.seq";
    let words: Vec<(String, String, i64, i64)> = on!(tx, |c| sqlx::query_as(SMS).bind(date).fetch_all(c).await)?;
    for (bank, template, count, sum) in words {
        if let Some(one) = figures.get_mut(&bank) {
            one.sms.entry(template).or_default().add(count, sum);
        }
    }
    let batches: Vec<BatchFigures> = on!(tx, |c| sqlx::query_as(BATCHES).bind(date).fetch_all(c).await)?;
    for batch in batches {
        if let Some(one) = figures.get_mut(&batch.bank) {
            one.batches.push(batch);
        }
    }
    Ok(())
}

/// The last business date that has debits, for a report nobody named a date for.
pub async fn last_date(tx: &mut Tx) -> Result<Option<NaiveDate>> {
    const SQL: &str = "SELECT MAX(business_date) FROM debit";
    let (last,): (Option<NaiveDate>,) = on!(tx, |c| sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(last)
}
