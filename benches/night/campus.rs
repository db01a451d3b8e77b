//! The site: 2 × due households with a live agreement each, every second of them due tonight; one bank, the built-in
//! ledger.
//!
//! Every value follows from the household's number. Agreements were signed in another order than accounts are
//! numbered, as
//! people do, so that the file's order is not the tables' order.

use std::io::{self, Write};

/// The card that is searched for in the database's bytes: household 0's, which is due.
pub const CANARY_CARD: &str = "6226098415926535";

const SURNAMES: [&str; 8] = ["张", "王", "李", "赵", "刘", "陈", "杨", "周"];
const GIVEN: [&str; 8] = ["建国", "淑芬", "晓明", "丽华", "志强", "秀英", "海燕", "文博"];

/// One household by its number, from 0.
#[derive(Clone, Copy, Debug)]
pub struct Household(pub u64);

impl Household {
    /// 户号.
    pub fn account(self) -> String {
        format!("{:012}", 51_600_000_001 + self.0)
    }

    /// 户主, who also pays.
    pub fn name(self) -> String {
        let of = |list: [&'static str; 8], place: u64| list[usize::try_from(place % 8).unwrap_or(0)];
        format!("{}{}", of(SURNAMES, self.0), of(GIVEN, self.0 / 8))
    }

    /// 卡号; every fiftieth household pays with its neighbour's.
    pub fn card(self) -> String {
        match self.0 {
            0 => CANARY_CARD.to_owned(),
            n if n % 50 == 49 => Household(n - 1).card(),
            n => format!("622609{:010}", 1_000_000_000 + n),
        }
    }

    /// 证件号码, with the check character of GB 11643.
    pub fn id_number(self) -> String {
        let n = self.0;
        let body =
            format!("320311{:04}{:02}{:02}{:03}", 1950 + n % 50, 1 + n / 50 % 12, 1 + n / 600 % 28, n / 16_800 % 1_000);
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: usize = body.bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
        let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11];
        body + check
    }

    /// 手机.
    pub fn mobile(self) -> String {
        format!("138{:08}", self.0 % 100_000_000)
    }

    /// 余额, yuan: below the threshold of 30 for every second household.
    pub fn balance(self) -> String {
        let fen = if self.0.is_multiple_of(2) { self.0 % 3_000 } else { 6_000 + self.0 % 9_000 };
        format!("{}.{:02}", fen / 100, fen % 100)
    }

    /// 签约时间: scattered over 300 days of 540 minutes each, none in the last 30 days.
    pub fn signed_at(self) -> String {
        let minute = self.0.wrapping_mul(2_654_435_761) % (280 * 540);
        let (day, minute) = (minute / 540, minute % 540);
        format!("2026-{:02}-{:02} {:02}:{:02}:00", 1 + day / 28, 1 + day % 28, 9 + minute / 60, minute % 60)
    }
}

/// `import accounts`.
pub fn accounts(households: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "户号,户主,地址,电话,表号,装表日期")?;
    for n in 0..households {
        let one = Household(n);
        let (account, name, mobile) = (one.account(), one.name(), one.mobile());
        writeln!(
            out,
            "{account},{name},甲区{}-{}-101,{mobile},{:012},2015-06-01",
            n / 48,
            n % 48,
            900_000_000_000 + n
        )?;
    }
    Ok(())
}

/// `import balances`.
pub fn balances(households: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "户号,余额,读数时间")?;
    for one in (0..households).map(Household) {
        writeln!(out, "{},{},2026-11-20 20:00:00", one.account(), one.balance())?;
    }
    Ok(())
}

/// `import agreements`.
pub fn agreements(households: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "户号,银行,姓名,证件类型,证件号码,卡号,手机,阈值,金额,签约时间")?;
    for one in (0..households).map(Household) {
        let (account, name, id, card) = (one.account(), one.name(), one.id_number(), one.card());
        writeln!(out, "{account},BOC,{name},居民身份证,{id},{card},{},30,100,{}", one.mobile(), one.signed_at())?;
    }
    Ok(())
}

/// The site's configuration: one bank, the built-in ledger, no stop limit in the way.
pub const CONFIG: &str = r#"
[stop]
count_max = 1000000
sum_max = 100000000000
[meters]
kind = "ledger"
[[bank]]
no = 1
code = "BOC"
name = "中国银行"
calendar = "boc"
debit = "unionpay-dk-debit"
answers = ["unionpay-dk-answer"]
statements = ["plain-statement"]
out = "exchange/boc/out"
into = "exchange/boc/in"
answer_days = 1
settle_days = 1
cutoff = "23:30"
[bank.params]
institution = "00000000"
merchant = "700000000000001"
"#;
