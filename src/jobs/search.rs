//! Finding an account or agreement by whatever a resident brings: meter account, name, card, ID number, phone.

use yichong_core::model::card::CardNo;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::person::is_mobile;
use yichong_store::accounts::{self, AccountRow};
use yichong_store::agreements::searching::{By, search};
use yichong_store::agreements::{self, AgreementRow};
use yichong_store::db::Tx;

use crate::app::App;
use crate::error::JobError;

/// What was typed, as it was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 户号.
    Account,
    /// 手机.
    Phone,
    /// 证件号码.
    Id,
    /// 卡号.
    Card,
    /// 姓名.
    Name,
}

/// An account, and an agreement on it if there is one.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The account.
    pub account: AccountRow,
    /// The agreement that was found, or the account's newest.
    pub agreement: Option<AgreementRow>,
}

/// What a text is taken for; blanks and hyphens inside numbers do not count.
pub fn kind(text: &str) -> Kind {
    let squeezed = squeeze(text);
    let digits = squeezed.bytes().all(|b| b.is_ascii_digit());
    match squeezed.len() {
        11 if is_mobile(&squeezed) => Kind::Phone,
        1..=12 if digits => Kind::Account,
        // 15 digits of the old ID, 18 of the new: cards of so many digits begin otherwise.
        18 if squeezed.is_ascii() && squeezed[..17].bytes().all(|b| b.is_ascii_digit()) && is_id(&squeezed) => Kind::Id,
        13..=32 if digits => Kind::Card,
        _ => Kind::Name,
    }
}

fn is_id(text: &str) -> bool {
    yichong_core::model::person::check_resident_id(&text.to_ascii_uppercase()).is_ok()
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// At most `most` hits. An empty text finds nothing.
pub async fn find(app: &App, text: &str, most: i64) -> Result<Vec<Hit>, JobError> {
    let (text, number) = (text.trim(), squeeze(text));
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let index = |column: &str, value: &str| app.vault.index(column, value).to_vec();
    let mut tx = app.db.read().await?;
    match kind(text) {
        Kind::Account => {
            let Ok(account) = number.parse::<AccountNo>() else { return Ok(Vec::new()) };
            let found = accounts::find(&mut tx, account).await?.into_iter().collect();
            with_newest(&mut tx, found).await
        }
        Kind::Phone => {
            let index = index("phone", &number);
            let rows = search(&mut tx, By::Mobile(&index), most).await?;
            let mut hits = of(&mut tx, rows).await?;
            let holders = accounts::by_phone(&mut tx, &index, most).await?;
            add(&mut hits, with_newest(&mut tx, holders).await?);
            Ok(hits)
        }
        Kind::Id => {
            let index = index("id", &number.to_ascii_uppercase());
            let rows = search(&mut tx, By::Id(&index), most).await?;
            of(&mut tx, rows).await
        }
        Kind::Card => {
            let Ok(card) = CardNo::parse(&number) else { return Ok(Vec::new()) };
            let rows = agreements::by_card(&mut tx, &index("card", card.reveal()), most).await?;
            of(&mut tx, rows).await
        }
        Kind::Name => {
            let rows = search(&mut tx, By::Name(text), most).await?;
            let mut hits = of(&mut tx, rows).await?;
            let holders = accounts::by_holder(&mut tx, text, most).await?;
            add(&mut hits, with_newest(&mut tx, holders).await?);
            hits.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            Ok(hits)
        }
    }
}

/// Agreements with their accounts, in the same order.
async fn of(tx: &mut Tx, rows: Vec<AgreementRow>) -> Result<Vec<Hit>, JobError> {
    let keys: Vec<i64> = rows.iter().map(|row| row.account).collect();
    let accounts = accounts::page(tx, &keys).await?;
    let account = |row: &AgreementRow| accounts.iter().find(|account| account.account == row.account).cloned();
    Ok(rows.into_iter().filter_map(|row| Some(Hit { account: account(&row)?, agreement: Some(row) })).collect())
}

async fn with_newest(tx: &mut Tx, rows: Vec<AccountRow>) -> Result<Vec<Hit>, JobError> {
    let mut hits = Vec::with_capacity(rows.len());
    for account in rows {
        let agreement = agreements::of_account(tx, AccountNo(account.account)).await?.into_iter().next();
        hits.push(Hit { account, agreement });
    }
    Ok(hits)
}

/// Adds accounts that are not there yet.
fn add(hits: &mut Vec<Hit>, more: Vec<Hit>) {
    for hit in more {
        if !hits.iter().any(|known| known.account.account == hit.account.account) {
            hits.push(hit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_for_what_it_looks_like() {
        for (text, wanted) in [
            ("051600001234", Kind::Account),
            ("51600001234", Kind::Account),
            ("13800000001", Kind::Phone),
            ("138 0000 0001", Kind::Phone),
            ("11010519491231002X", Kind::Id),
            ("11010519491231002x", Kind::Id),
            ("110105194912310021", Kind::Card),
            ("6226 0910 0000 0001", Kind::Card),
            ("张三", Kind::Name),
            ("Zhang San", Kind::Name),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
        }
    }
}
