//! What `[iso20022]` says of files we write, checked: days before a collection, codes, references, amendments.

use serde::Deserialize;
use toml::Spanned;

use super::settings::Wrong;

/// What is said of an agreement whose card was replaced (换卡) since its last debit that was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amendments {
    /// Nothing.
    #[default]
    None,
    /// The account before.
    Account,
    /// `SMNDA`, same mandate with new debtor account: as the agent before in version 2, as the account since.
    Smnda,
}

/// The most bank days between a file and its collection.
const LEAD: u32 = 30;

/// Bank days before the collection, of first debits and of others.
pub(super) fn lead(later: &Option<Spanned<u32>>, first: &Option<Spanned<u32>>) -> Result<(u32, u32), Wrong> {
    if let Some(days) = [later, first].into_iter().flatten().find(|days| *days.get_ref() > LEAD) {
        return Err((days.span(), format!("at most {LEAD} bank days lie between a file and its collection")));
    }
    let later = later.as_ref().map_or(0, |days| *days.get_ref());
    Ok((first.as_ref().map_or(later, |days| *days.get_ref()), later))
}

/// `UETR` is written where the version has it, unless the bank's edition leaves it out.
pub(super) fn uetr(said: &Option<Spanned<bool>>, has: bool) -> Result<bool, Wrong> {
    match said {
        Some(said) if *said.get_ref() && !has => {
            Err((said.span(), "a UETR stands in debit files of version 08 and later".to_owned()))
        }
        Some(said) => Ok(*said.get_ref()),
        None => Ok(has),
    }
}

/// A code of ISO's external lists.
pub(super) fn code(said: &Option<Spanned<String>>) -> Result<Option<String>, Wrong> {
    let Some(said) = said else { return Ok(None) };
    let text = said.get_ref();
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if fits { Ok(Some(text.clone())) } else { Err((said.span(), "a code has 1 to 4 capitals or digits".to_owned())) }
}
