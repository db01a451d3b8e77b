//! What a bank must be told of an agreement (签约, 解约), what its reply is about, and where its own list differs.

use crate::model::agreement::Operation;

/// What became of the last word to a bank about an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// On a file's line, or sent and not answered.
    Waiting,
    /// The bank said yes.
    Yes,
    /// The bank said no.
    No,
}

/// The last word to a bank about an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it was told.
    pub operation: Operation,
    /// What it said.
    pub reply: Reply,
    /// Card and name are still the same.
    pub same_payer: bool,
    /// The agreement is still at the version it was told.
    pub same_version: bool,
}

/// What to tell a bank now, in this order. `stands`: the agreement is released, not cancelled, and at this bank. While
/// a word waits for its reply nothing else is said; what the bank refused is told again only in a new version.
pub const fn to_tell(stands: bool, told: Option<Told>) -> &'static [Operation] {
    use Operation::{Cancel, Sign};
    let Some(told) = told else { return if stands { &[Sign] } else { &[] } };
    match (told.operation, told.reply) {
        (_, Reply::Waiting) => &[],
        (Sign, Reply::No) if stands && !told.same_version => &[Sign],
        (Sign, Reply::No) => &[],
        (Sign, Reply::Yes) if !stands => &[Cancel],
        (Sign, Reply::Yes) if !told.same_payer => &[Cancel, Sign],
        (Sign, Reply::Yes) => &[],
        (Cancel, _) if stands => &[Sign],
        (Cancel, _) => &[],
    }
}

/// One word of ours to a bank that a reply may be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What the bank was told.
    pub operation: Operation,
    /// What it said already.
    pub reply: Reply,
    /// Its place: agreement number and number of the word.
    pub key: (i64, i64),
    /// Whether the card the reply names, if it names one, is the word's.
    pub same_card: bool,
}

/// What a line of a reply is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// News about this word.
    News((i64, i64)),
    /// The same was said before.
    Repeat,
    /// Something else was said before: never a flip.
    Contradiction((i64, i64)),
    /// Nobody told the bank so.
    NeverTold,
    /// About another card than the bank was told.
    OtherCard,
}

/// Which of an account's words a line of a reply answers: the newest of its kind; one that waits before all others.
pub fn hear(words: &[Word], operation: Option<Operation>, yes: bool) -> Heard {
    let about = words.iter().filter(|word| operation.is_none_or(|operation| word.operation == operation));
    let Some(word) = about.max_by_key(|word| (word.reply == Reply::Waiting, word.key)) else { return Heard::NeverTold };
    match (word.same_card, word.reply) {
        (false, _) => Heard::OtherCard,
        (_, Reply::Waiting) => Heard::News(word.key),
        (_, reply) if (reply == Reply::Yes) == yes => Heard::Repeat,
        _ => Heard::Contradiction(word.key),
    }
}

/// One agreement as a side's list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Whether the card is the other side's; none: not stated.
    pub same_card: Option<bool>,
    /// Name on the card, where stated.
    pub payer_name: Option<&'a str>,
    /// Agreement number, where stated as ours are.
    pub agreement: Option<&'a str>,
}

/// Where two lists differ about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// 我有银行无.
    OnlyOurs,
    /// 银行有我无.
    OnlyTheirs,
    /// 卡号不符.
    Card,
    /// 户名不符.
    Name,
    /// 协议号不符.
    Number,
}

impl Difference {
    /// What people read.
    pub const fn zh(self) -> &'static str {
        match self {
            Difference::OnlyOurs => "我方有、银行无",
            Difference::OnlyTheirs => "银行有、我方无",
            Difference::Card => "卡号不符",
            Difference::Name => "户名不符",
            Difference::Number => "协议号不符",
        }
    }
}

/// Where the bank's line about an agreement differs from ours, first things first.
pub fn differs(theirs: &Listed<'_>, our_name: &str, our_number: &str) -> Option<Difference> {
    if theirs.same_card == Some(false) {
        return Some(Difference::Card);
    }
    if theirs.payer_name.is_some_and(|name| name != our_name) {
        return Some(Difference::Name);
    }
    theirs.agreement.is_some_and(|number| number != our_number).then_some(Difference::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Operation::{Cancel, Sign};

    #[test]
    fn a_bank_is_told_what_it_does_not_know() {
        let told =
            |operation, reply, same_payer, same_version| Some(Told { operation, reply, same_payer, same_version });
        // (told, same payer, same version) → where the agreement stands there, where it does not
        let table: &[(Option<Told>, &[Operation], &[Operation])] = &[
            (None, &[Sign], &[]),
            (told(Sign, Reply::Waiting, false, false), &[], &[]),
            (told(Sign, Reply::Yes, true, true), &[], &[Cancel]),
            (told(Sign, Reply::Yes, true, false), &[], &[Cancel]),
            (told(Sign, Reply::Yes, false, false), &[Cancel, Sign], &[Cancel]),
            (told(Sign, Reply::No, true, true), &[], &[]),
            (told(Sign, Reply::No, true, false), &[Sign], &[]),
            (told(Cancel, Reply::Waiting, true, true), &[], &[]),
            (told(Cancel, Reply::Yes, true, true), &[Sign], &[]),
            (told(Cancel, Reply::No, true, true), &[Sign], &[]),
        ];
        for (told, stands, gone) in table {
            assert_eq!((to_tell(true, *told), to_tell(false, *told)), (*stands, *gone), "{told:?}");
        }
    }

    #[test]
    fn a_reply_is_about_the_word_that_waits() {
        let word = |operation, reply, key, same_card| Word { operation, reply, key, same_card };
        let words = [
            word(Sign, Reply::Yes, (1, 1), true),
            word(Cancel, Reply::Waiting, (1, 2), true),
            word(Sign, Reply::Waiting, (1, 3), true),
        ];
        assert_eq!(hear(&words, Some(Cancel), true), Heard::News((1, 2)));
        assert_eq!(hear(&words, Some(Sign), false), Heard::News((1, 3)));
        assert_eq!(hear(&words, None, true), Heard::News((1, 3)));
        assert_eq!(hear(&words[..1], Some(Sign), true), Heard::Repeat);
        assert_eq!(hear(&words[..1], Some(Sign), false), Heard::Contradiction((1, 1)));
        assert_eq!(hear(&words[..1], Some(Cancel), true), Heard::NeverTold);
        assert_eq!(hear(&[word(Sign, Reply::Waiting, (1, 1), false)], Some(Sign), true), Heard::OtherCard);
    }

    #[test]
    fn two_lists_differ_in_what_both_state() {
        let listed = |same_card, payer_name, agreement| Listed { same_card, payer_name, agreement };
        let table = [
            (listed(Some(true), Some("测试甲"), Some("051600001234-1")), None),
            (listed(None, None, None), None),
            (listed(Some(false), Some("测试乙"), None), Some(Difference::Card)),
            (listed(Some(true), Some("测试乙"), None), Some(Difference::Name)),
            (listed(Some(true), None, Some("051600001234-2")), Some(Difference::Number)),
        ];
        for (theirs, wanted) in table {
            assert_eq!(differs(&theirs, "测试甲", "051600001234-1"), wanted, "{theirs:?}");
        }
    }
}
