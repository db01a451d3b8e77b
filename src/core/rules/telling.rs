//! What a bank must be told of an agreement (签约, 解约), what its reply is about, and where its own list differs.

use chrono::NaiveDate;

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

/// What a bank still has of an agreement, by the words it said yes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing: it never said yes, or it said yes to a cancellation since.
    Nothing,
    /// The agreement's own card and name.
    Same,
    /// A card or name from before.
    Other,
}

/// The last word to a bank about an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it was told.
    pub operation: Operation,
    /// What it said.
    pub reply: Reply,
    /// What it still has.
    pub holds: Holds,
    /// The agreement is still at the version it was told.
    pub same_version: bool,
    /// Two people ordered what the bank refused to be told again (重报).
    pub again: bool,
}

/// What to tell a bank now, in this order. `stands`: the agreement is released, not cancelled, and at this bank. While
/// a word waits for its reply nothing else is said; what the bank refused is told again only in a new version, or where
/// two people ordered it ([`tell_again`]).
pub const fn to_tell(stands: bool, told: Option<Told>) -> &'static [Operation] {
    use Operation::{Cancel, Sign};
    let Some(told) = told else { return if stands { &[Sign] } else { &[] } };
    match (told.operation, told.reply) {
        (_, Reply::Waiting) => &[],
        (Sign, Reply::No) if stands && (!told.same_version || told.again) => signed_anew(told.holds),
        // The old card's cancellation was refused, too, before the new card's signing.
        (Sign, Reply::No) if !stands && told.again && !matches!(told.holds, Holds::Nothing) => &[Cancel],
        (Sign, Reply::No) => &[],
        (Sign, Reply::Yes) if !stands => &[Cancel],
        (Sign, Reply::Yes) if matches!(told.holds, Holds::Other) => &[Cancel, Sign],
        (Sign, Reply::Yes) => &[],
        (Cancel, _) if stands => signed_anew(told.holds),
        (Cancel, Reply::No) if told.again => &[Cancel],
        (Cancel, _) => &[],
    }
}

/// A bank has one card an account: what it still has of another goes first.
const fn signed_anew(holds: Holds) -> &'static [Operation] {
    match holds {
        Holds::Other => &[Operation::Cancel, Operation::Sign],
        Holds::Nothing | Holds::Same => &[Operation::Sign],
    }
}

/// Why a bank's refusal cannot be ordered to be told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAgain {
    /// The bank was told nothing.
    #[error("that bank was never told of it; what is due leaves with the next file by itself")]
    NeverTold,
    /// Its reply is outstanding.
    #[error("that bank has not replied to the last word yet; ask it, its reply decides")]
    Waiting,
    /// It said yes.
    #[error("that bank said yes to the last word; there is nothing to tell it again")]
    Accepted,
    /// It was ordered before, or a new version is told by itself.
    #[error("it leaves with the next file already; nothing more is needed")]
    Due,
    /// The agreement does not stand at that bank any more, and the bank never had it.
    #[error("the agreement does not stand at that bank and the bank never took it; there is nothing to tell")]
    Gone,
}

/// Whether people may order a bank's refusal to be told again, the cause being mended at the bank: what will be told.
pub fn tell_again(stands: bool, told: Option<Told>) -> Result<&'static [Operation], NotAgain> {
    let told = told.ok_or(NotAgain::NeverTold)?;
    match told.reply {
        Reply::Waiting => return Err(NotAgain::Waiting),
        Reply::Yes => return Err(NotAgain::Accepted),
        Reply::No => {}
    }
    if !to_tell(stands, Some(told)).is_empty() {
        return Err(NotAgain::Due);
    }
    match to_tell(stands, Some(Told { again: true, ..told })) {
        [] => Err(NotAgain::Gone),
        words => Ok(words),
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
    /// The date of the file that told it.
    pub told_on: NaiveDate,
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

/// Which of an account's words a line of a reply answers: the newest of its kind about the card it
/// names; one that waits before all others.
/// `on`: the bank's date of the reply, where it says one. A bank replies to nothing it has not been told yet: an old
/// refusal that comes once more is not the reply to what was told again since.
pub fn hear(words: &[Word], operation: Option<Operation>, yes: bool, on: Option<NaiveDate>) -> Heard {
    let about = words.iter().filter(|word| operation.is_none_or(|operation| word.operation == operation));
    let about: Vec<&Word> = about.filter(|word| on.is_none_or(|on| word.told_on <= on)).collect();
    let same = about.iter().filter(|word| word.same_card);
    let Some(word) = same.max_by_key(|word| (word.reply == Reply::Waiting, word.key)) else {
        return if about.is_empty() { Heard::NeverTold } else { Heard::OtherCard };
    };
    match word.reply {
        Reply::Waiting => Heard::News(word.key),
        reply if (reply == Reply::Yes) == yes => Heard::Repeat,
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
mod tests;
