//! What one row of an agreements file says, checked as far as the row alone allows.

use chrono::{DateTime, Utc};
use yichong_core::model::card::CardNo;
use yichong_core::model::money::Fen;
use yichong_core::model::person::{IdNumberError, IdType, check_resident_id, is_mobile};

use super::problems::{Findings, Wrong};
use super::table::{Column, Row};
use super::values;
use crate::config::Config;

pub(crate) const ACCOUNT: usize = 0;
const BANK: usize = 1;
pub(super) const PAYER_NAME: usize = 2;
const ID_TYPE: usize = 3;
const ID_NUMBER: usize = 4;
const CARD: usize = 5;
const MOBILE: usize = 6;
const THRESHOLD: usize = 7;
const AMOUNT: usize = 8;
const SIGNED_AT: usize = 9;

/// The columns, in the order of the form.
pub const COLUMNS: &[Column] = &[
    Column::needed(&["户号", "account"]),
    Column::needed(&["银行", "bank"]),
    Column::needed(&["姓名", "payer_name"]),
    Column::needed(&["证件类型", "id_type"]),
    Column::needed(&["证件号码", "id_number"]).secret(),
    Column::needed(&["卡号", "card"]).secret(),
    Column::needed(&["手机", "mobile"]).secret(),
    Column::needed(&["阈值", "threshold"]),
    Column::needed(&["金额", "amount"]),
    Column::needed(&["签约时间", "signed_at"]),
];

/// What a row says.
pub struct Terms {
    /// 户号.
    pub account: i64,
    /// Bank's code.
    pub bank: String,
    /// Name on the card.
    pub payer_name: String,
    /// Which ID was shown.
    pub id_type: IdType,
    /// Its number.
    pub id_number: String,
    /// The card.
    pub card: CardNo,
    /// Texts about debits go there.
    pub mobile: String,
    /// 充值阈值, fen.
    pub threshold_fen: i64,
    /// 充值金额, fen.
    pub amount_fen: i64,
    /// The original time.
    pub signed_at: DateTime<Utc>,
}

/// Reads a row; what is bad or odd about it goes to `found`.
pub fn read(config: &Config, now: DateTime<Utc>, row: &Row<'_>, found: &mut Findings) -> Option<Terms> {
    let account = row.take(found, ACCOUNT, |text| values::account(config, text));
    let bank = row.take(found, BANK, |text| bank(config, text));
    let payer_name = row.take(found, PAYER_NAME, |text| values::words(text, 60));
    let id_type = row.take(found, ID_TYPE, id_type);
    let id_number = row.take(found, ID_NUMBER, |text| id_number(id_type, text));
    let card = row.take(found, CARD, card);
    let mobile = row.take(found, MOBILE, mobile);
    let boxes = &config.site.boxes;
    let threshold_fen = row.take(found, THRESHOLD, |text| boxed(&boxes.thresholds, text));
    let amount_fen = row.take(found, AMOUNT, |text| boxed(&boxes.amounts, text));
    let signed_at = row.take(found, SIGNED_AT, |text| values::past(text, now));
    let terms = Terms {
        account: account?,
        bank: bank?,
        payer_name: payer_name?,
        id_type: id_type?,
        id_number: id_number?,
        card: card?,
        mobile: mobile?,
        threshold_fen: threshold_fen?,
        amount_fen: amount_fen?,
        signed_at: signed_at?.0,
    };
    look_at(config, &terms, row, found);
    Some(terms)
}

/// What is accepted and should be looked at all the same.
fn look_at(config: &Config, terms: &Terms, row: &Row<'_>, found: &mut Findings) {
    if !terms.card.luhn() {
        row.warn(found, CARD, "卡号校验位（Luhn）不符", "对照卡片核对；存折和个别卡没有校验位");
    }
    if encoding_rs::GBK.encode(&terms.payer_name).2 {
        row.warn(found, PAYER_NAME, "姓名有GBK以外的字，银行的文件可能不收", "问银行此人的户名怎样写");
    }
    if terms.amount_fen < terms.threshold_fen {
        row.warn(found, AMOUNT, "余额用尽时，充一次仍低于阈值，次日还会代扣", "与签约人确认阈值和金额");
    }
    if terms.amount_fen > config.limits.per_debit.0 {
        let problem = format!("超过单笔限额{}元，不会被代扣", config.limits.per_debit);
        row.warn(found, AMOUNT, &problem, "改小金额，或调整配置limits.per_debit");
    }
}

fn bank(config: &Config, text: &str) -> Result<String, Wrong> {
    let found = config.banks.iter().find(|bank| bank.code == text || bank.name == text);
    found.map(|bank| bank.code.clone()).ok_or_else(|| {
        let codes: Vec<_> = config.banks.iter().map(|bank| format!("{}（{}）", bank.code, bank.name)).collect();
        Wrong::new("没有配置这家银行", format!("写其中之一：{}", codes.join("、")))
    })
}

fn id_type(text: &str) -> Result<IdType, Wrong> {
    let remedy = "写居民身份证、护照、军官证、港澳台通行证或其他";
    IdType::parse(text).ok_or_else(|| Wrong::new("没有这种证件类型", remedy))
}

/// The check character of a resident ID is written as a capital, so that one person has one index.
fn id_number(id_type: Option<IdType>, text: &str) -> Result<String, Wrong> {
    let number = text.to_ascii_uppercase();
    let remedy = "对照证件重新填写；电子表格中把此列设为文本";
    if id_type != Some(IdType::Resident) {
        let plain = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-()/".contains(&b));
        return if plain { Ok(number) } else { Err(Wrong::new("不是32位以内的字母和数字", remedy)) };
    }
    let problem = match check_resident_id(&number) {
        Ok(()) => return Ok(number),
        Err(IdNumberError::Length(length)) => format!("身份证号码应为18位，这里是{length}位"),
        Err(IdNumberError::Character(place)) => format!("身份证号码第{place}位不是数字"),
        Err(IdNumberError::Birth(_)) => "身份证号码中的出生日期不存在".to_owned(),
        Err(IdNumberError::Check { .. }) => "身份证号码的校验位不符（GB 11643）".to_owned(),
    };
    Err(Wrong::new(problem, remedy))
}

fn card(text: &str) -> Result<CardNo, Wrong> {
    let remedy = "写8到32位数字或字母，不带空格；电子表格中把此列设为文本";
    CardNo::parse(text).map_err(|error| Wrong::new(format!("不是卡号（{}个字符）", error.length), remedy))
}

fn mobile(text: &str) -> Result<String, Wrong> {
    if is_mobile(text) { Ok(text.to_owned()) } else { Err(Wrong::new("不是手机号", "写11位手机号")) }
}

fn boxed(boxes: &[Fen], text: &str) -> Result<i64, Wrong> {
    let fen = values::yuan(text)?;
    if boxes.contains(&Fen(fen)) {
        return Ok(fen);
    }
    let boxes: Vec<String> = boxes.iter().map(|fen| fen.to_string().trim_end_matches(".00").to_owned()).collect();
    Err(Wrong::new("不是协议书上的选项", format!("写其中之一：{}（元）", boxes.join("、"))))
}
