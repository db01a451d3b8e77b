//! The debits of the benchmark: every value follows from the row's number.

use chrono::{NaiveDate, NaiveTime};
use yichong_core::formats::records::{DebitRow, FileFacts, Params};
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;
use yichong_core::model::person::IdType;

/// A value that cannot be wrong here; a benchmark that makes bad samples may stop.
fn good<T, E: std::fmt::Debug>(made: Result<T, E>) -> T {
    made.unwrap_or_else(|error| unreachable!("{error:?}"))
}

/// The bank's parameters and the dates of the file.
pub fn facts() -> FileFacts {
    let given = [
        ("institution", "00000000"),
        ("merchant", "700000000000001"),
        ("bank_code", "JS"),
        ("sender", "1000000001"),
        ("receiver", "2000000002"),
        ("unit_code", "U000000001"),
        ("debit_bank", "B000000001"),
        ("credit_bank", "B000000002"),
        ("credit_account", "6222020000000001"),
        ("user_name", "utility"),
        ("user_pass", "secret"),
        ("business_code", "10600"),
        ("creditor_name", "城东供电"),
        ("creditor_account", "6222020000000001"),
        ("creditor_bank", "102100099996"),
        ("debtor_bank", "102100099996"),
    ];
    let params: Params = given.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    FileFacts {
        params,
        business_date: day(),
        file_date: day(),
        seq: 1,
        made_at: day().and_time(NaiveTime::MIN),
        calendar: None,
    }
}

pub fn day() -> NaiveDate {
    good(NaiveDate::from_ymd_opt(2026, 11, 20).ok_or("no such day"))
}

pub fn amount(n: u64) -> Fen {
    Fen(5_000 + good(i64::try_from(n % 100)) * 100)
}

pub fn household(n: u64) -> AccountNo {
    good(AccountNo::new(51_600_000_001 + good(i64::try_from(n))))
}

pub fn name(n: u64) -> String {
    const SURNAMES: [&str; 8] = ["张", "王", "李", "赵", "刘", "陈", "杨", "周"];
    const GIVEN: [&str; 8] = ["建国", "淑芬", "晓明", "丽华", "志强", "秀英", "海燕", "文博"];
    let of = |list: [&'static str; 8], place: u64| list[usize::try_from(place % 8).unwrap_or(0)];
    format!("{}{}", of(SURNAMES, n), of(GIVEN, n / 8))
}

/// One debit of the file.
pub fn row(n: u64) -> DebitRow {
    let account = household(n);
    DebitRow {
        line: good(u32::try_from(n + 1)),
        debit_no: good(DebitNo::of(day(), account, 0)),
        bank_ref: (n + 1).to_string(),
        account,
        payer_name: name(n),
        card: good(CardNo::parse(&format!("622609{:010}", 1_000_000_000 + n))),
        id_type: IdType::Resident,
        id_number: "32031119900101123X".to_owned(),
        mobile: format!("138{:08}", n % 100_000_000),
        amount: amount(n),
        agreement: format!("{account}-1"),
        signed_on: day(),
        first: false,
        replaced: None,
    }
}
