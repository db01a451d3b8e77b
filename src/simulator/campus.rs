//! A made-up campus (家属区): households, their meters' balances, and agreements with two banks. Every person, card and
//! number follows from the seed; cards begin with a test prefix and pass the Luhn check, IDs pass GB 11643.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::chance::Chance;

/// What a campus is made of.
#[derive(Clone, Debug)]
pub struct CampusConfig<'a> {
    /// Seed of every choice.
    pub seed: u64,
    /// How many households.
    pub households: u32,
    /// Surnames on the first line, given names on the second, separated by blanks.
    pub names: &'a str,
    /// Codes of the banks; agreements are spread over them.
    pub banks: &'a [&'a str],
}

/// A campus as the files a site would import.
#[derive(Clone, Debug, Default)]
pub struct Campus {
    /// 户号, 户主, 地址, 电话, 表号, 装表日期.
    pub accounts: String,
    /// 户号, 银行, 姓名, 证件类型, 证件号码, 卡号, 手机, 阈值, 金额, 签约时间.
    pub agreements: String,
    /// Balance of every meter: account → (paid money, free credit), fen.
    pub balances: BTreeMap<String, (i64, i64)>,
}

/// Makes the campus.
pub fn campus(config: &CampusConfig<'_>) -> Campus {
    let mut lists = config.names.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let (surnames, given) = (lists.next().unwrap_or_default(), lists.next().unwrap_or_default());
    let mut made = Campus {
        accounts: "户号,户主,地址,电话,表号,装表日期\n".into(),
        agreements: "户号,银行,姓名,证件类型,证件号码,卡号,手机,阈值,金额,签约时间\n".into(),
        balances: BTreeMap::new(),
    };
    let mut before = None;
    for number in 0..config.households {
        let account = format!("{:012}", 51_600_000_001_u64 + u64::from(number));
        let mut chance = Chance::of(config.seed, &["household", &account]);
        let name = format!("{}{}", of(&mut chance, &surnames), of(&mut chance, &given));
        let address = format!(
            "{}区{}-{}-{}",
            of(&mut chance, &["甲", "乙", "丙"]),
            number / 48 + 1,
            number / 12 % 4 + 1,
            101 + number % 12 / 2 * 100 + number % 2
        );
        let mobile = format!("13{:09}", chance.below(1_000_000_000));
        let _ = writeln!(
            made.accounts,
            "{account},{name},{address},{mobile},{:012},2015-06-01",
            900_000_000_000_u64 + u64::from(number)
        );
        made.balances.insert(account.clone(), balance(&mut chance));
        if chance.below(100) < 70 {
            // Now and then one person pays for a second flat with the same card.
            let payer = match before.take() {
                Some(payer) if chance.below(20) == 0 => payer,
                _ => payer(&mut chance, config.banks, &name, &mobile),
            };
            let threshold = of(&mut chance, &["10", "20", "20", "30", "30", "50"]);
            let amount = of(&mut chance, &["50", "50", "100", "100", "150", "200"]);
            let day = 1 + chance.below(28);
            let minute = chance.below(480);
            let _ = writeln!(
                made.agreements,
                "{account},{payer},{threshold},{amount},2026-{:02}-{day:02} {:02}:{:02}:00",
                1 + chance.below(9),
                9 + minute / 60,
                minute % 60,
            );
            before = Some(payer);
        }
    }
    made
}

fn of<'a>(chance: &mut Chance, list: &[&'a str]) -> &'a str {
    let at = chance.below(list.len() as u64);
    usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or("")
}

/// A balance like those of a real evening: most meters hold some days' worth, some run low; new tenants hold a
/// little free
/// credit.
fn balance(chance: &mut Chance) -> (i64, i64) {
    let paid = match chance.below(10) {
        0 => i64::try_from(chance.below(3_000)).unwrap_or(0),
        1..=4 => 2_000 + i64::try_from(chance.below(6_000)).unwrap_or(0),
        _ => 6_000 + i64::try_from(chance.below(24_000)).unwrap_or(0),
    };
    let free = if chance.below(25) == 0 { 500 } else { 0 };
    (paid, free)
}

/// Bank, name, ID type, ID, card and mobile as they stand in the agreements' file.
fn payer(chance: &mut Chance, banks: &[&str], name: &str, mobile: &str) -> String {
    let bank = of(chance, banks);
    format!("{bank},{name},居民身份证,{},{},{mobile}", id_number(chance), card(chance))
}

/// An ID number with a right check character (GB 11643-1999).
fn id_number(chance: &mut Chance) -> String {
    let body = format!(
        "320311{:04}{:02}{:02}{:03}",
        1950 + chance.below(52),
        1 + chance.below(12),
        1 + chance.below(28),
        chance.below(1_000)
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = body.bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11];
    body + check
}

/// A card of a test prefix whose last digit makes the Luhn sum right.
fn card(chance: &mut Chance) -> String {
    let body = format!("622609{:09}", chance.below(1_000_000_000));
    let doubled = |at: usize, digit: u32| if at.is_multiple_of(2) { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    let sum: u32 = body.bytes().rev().enumerate().map(|(at, byte)| doubled(at, u32::from(byte - b'0'))).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campus_is_the_same_every_time() {
        let config = CampusConfig { seed: 7, households: 50, names: "王 李\n伟 芳", banks: &["A", "B"] };
        let (once, again) = (campus(&config), campus(&config));
        assert_eq!(
            (&once.accounts, &once.agreements, &once.balances),
            (&again.accounts, &again.agreements, &again.balances)
        );
        assert_eq!(once.accounts.lines().count(), 51);
        assert!(once.agreements.lines().count() > 20);
    }

    #[test]
    fn cards_pass_luhn() {
        let mut chance = Chance::of(1, &["x"]);
        for _ in 0..100 {
            let card = card(&mut chance);
            let digit = |at: usize, byte: u8| {
                let digit = u32::from(byte - b'0');
                if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
            };
            let sum: u32 = card.bytes().rev().enumerate().map(|(at, byte)| digit(at, byte)).sum();
            assert_eq!((card.len(), sum % 10), (16, 0), "{card}");
        }
    }
}
