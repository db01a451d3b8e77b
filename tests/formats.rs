//! Banks' files against the shipped formats: cases by the documents' byte facts, refusals, formats added by TOML alone.
//!
//! A case is a file `tests/formats/<format>/<its name at the bank>` and beside it `<name>.json` with what it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod agreements;
mod cases;
mod collections;
mod conformance;
mod damages;
mod entries;
mod iso20022;
mod limits;
mod loading;
mod loading_rest;
mod manual;
mod messages;
mod mt940;
mod properties;
mod refusals;
mod refusals_rest;
mod rendered;
mod reports;
mod samples;
mod signature;
mod unshipped;
mod workbook;
mod workbook_dialects;
mod workbook_loading;
mod writing;
mod xml;
mod xml_loading;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime};
use yichong_core::formats::records::{DebitRow, FileFacts, Params, Totals};
use yichong_core::formats::{AnswerReader, Catalogue, Format, RecordReader, Writer};
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;
use yichong_core::model::person::IdType;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Every shipped format.
fn shipped() -> &'static Catalogue {
    static SHIPPED: LazyLock<Catalogue> = LazyLock::new(load);
    &SHIPPED
}

fn load() -> Catalogue {
    let texts: Vec<_> = files(&root().join("formats"))
        .iter()
        .map(|path| (name_of(path), std::fs::read_to_string(path).unwrap()))
        .collect();
    Catalogue::load(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap()
}

fn format(name: &str) -> &'static Format {
    shipped().get(name).unwrap_or_else(|| panic!("no format {name}"))
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn made_at() -> NaiveDateTime {
    day(2024, 9, 1).and_hms_opt(22, 30, 0).unwrap()
}

/// What every bank of the tests told us.
fn params() -> Params {
    let pairs = [
        ("institution", "00000000"),
        ("merchant", "700000000000001"),
        ("bank_code", "JS"),
        ("sender", "1000000001"),
        ("receiver", "2000000001"),
        ("unit_code", "3000000001"),
        ("debit_bank", "1020000001"),
        ("credit_bank", "1050000001"),
        ("credit_account", "33000000000000000001"),
        ("operator", "OPER0001"),
        ("user_name", "TESTUSER"),
        ("user_pass", "TEST&PASS"),
        ("business_code", "10600"),
        ("credit_branch", "105000000012"),
        ("credit_name", "某大学水电中心"),
        ("category_purpose", "D200"),
        ("purpose", "00201"),
        ("debit_branch", "102000000012"),
        ("check_flag", "CE02"),
        ("creditor_name", "某大学水电中心"),
        ("creditor_account", "33000000000000000001"),
        ("creditor_bank", "105100000017"),
    ];
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn facts(seq: u32) -> FileFacts {
    let date = day(2024, 9, 1);
    FileFacts { params: params(), business_date: date, file_date: date, seq, made_at: made_at(), calendar: None }
}

/// 测试甲 and 和珅: UnionPay's published cards and ID number, and a name whose second byte is a separator.
fn two_debits() -> Vec<DebitRow> {
    let debit = |line: u32, account: i64, name: &str, card: &str, fen: i64| DebitRow {
        line,
        debit_no: DebitNo::of(day(2024, 9, 1), AccountNo(account), 0).unwrap(),
        bank_ref: line.to_string(),
        account: AccountNo(account),
        payer_name: name.to_owned(),
        card: CardNo::parse(card).unwrap(),
        id_type: IdType::Resident,
        id_number: "341126197709218366".to_owned(),
        mobile: "13552535506".to_owned(),
        amount: Fen(fen),
        agreement: format!("{}-{line}", AccountNo(account)),
        signed_on: day(2024, 3, 9 + line),
        first: false,
        replaced: None,
    };
    let mut rows = vec![
        debit(1, 51_600_001_234, "测试甲", "6221558812340000", 5000),
        debit(2, 51_600_001_235, "和珅", "6226090000000048", 3005),
    ];
    rows[1].id_type = IdType::Passport;
    rows[1].id_number = "E12345678".to_owned();
    rows[1].mobile = "13552535507".to_owned();
    rows
}

/// Head ++ rows ++ tail.
fn write(format: &Format, facts: &FileFacts, rows: &[DebitRow]) -> Vec<u8> {
    let mut writer = Writer::new(format, facts).unwrap();
    let mut body = Vec::new();
    for row in rows {
        writer.row(row, &mut body).unwrap();
    }
    let totals = Totals { count: rows.len() as u64, sum: Fen::sum(rows.iter().map(|row| row.amount)).unwrap() };
    let mut file = Vec::new();
    writer.head(totals, &mut file).unwrap();
    writer.group(0, totals, &mut file).unwrap();
    file.extend(body);
    writer.tail(totals, &mut file).unwrap();
    file
}

/// The first thing wrong with a file, read as whatever the format is for.
fn first_wrong(format: &Format, name: &str, bytes: &[u8]) -> String {
    let generic = RecordReader::open(format, &params(), name, bytes).finish().err().map(|e| e.to_string());
    if format.lists().is_none() {
        return generic.unwrap_or_else(|| "nothing".to_owned());
    }
    let answers = AnswerReader::open(format, &params(), name, bytes).and_then(AnswerReader::finish);
    answers.err().map(|e| e.to_string()).unwrap_or_else(|| "nothing".to_owned())
}

fn gbk(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for c in text.chars() {
        match c {
            // The few characters the tests need, by the code table: no codec of ours makes them.
            '测' => bytes.extend([0xB2, 0xE2]),
            '试' => bytes.extend([0xCA, 0xD4]),
            '甲' => bytes.extend([0xBC, 0xD7]),
            '乙' => bytes.extend([0xD2, 0xD2]),
            '和' => bytes.extend([0xBA, 0xCD]),
            '珅' => bytes.extend([0xAB, 0x7C]),
            c if c.is_ascii() => bytes.push(c as u8),
            other => panic!("{other} is not in the table of the tests"),
        }
    }
    bytes
}
