//! Our account at a bank (本方账户): a statement may tell of several accounts, and only ours are taken.

use std::collections::BTreeMap;

use super::card::mask;

/// The accounts whose money is booked, as the bank's parameters say: `statement_account` (several have commas
/// between them), else `creditor_account`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnAccounts {
    plain: Vec<String>,
}

impl OwnAccounts {
    /// Reads the bank's parameters; nobody may have said which account is ours.
    pub fn of(params: &BTreeMap<String, String>) -> OwnAccounts {
        let said = ["statement_account", "creditor_account"].iter().find_map(|name| params.get(*name));
        let all = said.map_or("", String::as_str).split(',').map(plain).filter(|text| !text.is_empty());
        OwnAccounts { plain: all.collect() }
    }

    /// Whether somebody said which accounts are ours.
    pub fn are_said(&self) -> bool {
        !self.plain.is_empty()
    }

    /// Whether a statement's account is ours: as it stands, behind its bank's code (`70050000/1234567`), or before its
    /// currency (`1234567EUR`). Where nobody said, every account is.
    pub fn hold(&self, stated: &str) -> bool {
        if !self.are_said() {
            return true;
        }
        let behind = stated.rsplit('/').next().unwrap_or(stated);
        let ways = [plain(stated), plain(behind)];
        let without = ways.iter().filter_map(|way| without_currency(way));
        let mut all = ways.iter().map(String::as_str).chain(without);
        all.any(|way| self.plain.iter().any(|own| own == way))
    }

    /// For people, masked.
    pub fn shown(&self) -> String {
        self.plain.iter().map(|own| mask(own)).collect::<Vec<_>>().join(" or ")
    }
}

/// Letters and digits, as capitals: banks put blanks and dashes between them.
fn plain(account: &str) -> String {
    account.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
}

/// What stands before three letters at the end, if that ends with a digit.
fn without_currency(account: &str) -> Option<&str> {
    let (before, last) = account.split_at_checked(account.len().checked_sub(3)?)?;
    let letters = last.bytes().all(|b| b.is_ascii_uppercase());
    (letters && before.ends_with(|c: char| c.is_ascii_digit())).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, value: &str) -> OwnAccounts {
        OwnAccounts::of(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn an_account_is_known_however_banks_write_it() {
        let ours = own("creditor_account", "3300 0000 0000 0000 0001");
        for stated in ["33000000000000000001", "105100000017/33000000000000000001", "33000000000000000001CNY"] {
            assert!(ours.hold(stated), "{stated}");
        }
        for stated in ["", "33000000000000000002", "3300000000000000000", "33000000000000000001/2", "CNY"] {
            assert!(!ours.hold(stated), "{stated}");
        }
        assert!(own("creditor_account", "nl91abna0417164300").hold("NL91 ABNA 0417 1643 00"));
        assert_eq!(ours.shown(), "330000**********0001");
    }

    #[test]
    fn the_statements_own_parameter_goes_first_and_may_name_several() {
        let mut params = BTreeMap::from([("creditor_account".to_owned(), "1111".to_owned())]);
        params.insert("statement_account".to_owned(), "2222, 3333".to_owned());
        let ours = OwnAccounts::of(&params);
        assert!(ours.hold("2222") && ours.hold("3333") && !ours.hold("1111"));
        let nobody = OwnAccounts::default();
        assert!(nobody.hold("whatever") && !nobody.are_said());
    }
}
