//! The monthly comparison (签约核对): a bank's own list of all agreements beside ours. It is read as a stream, page by
//! page; which accounts it names is remembered in about a bit each. Differences are breaks at the counter.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufReader;

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;
use yichong_core::formats::agreements::{AgreementLine, AgreementReader};
use yichong_core::model::agreement::{AgreementNo, Operation};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::card::{CardNo, mask_name};
use yichong_core::model::ids::AccountNo;
use yichong_core::rules::telling::{Difference, Listed, differs};

pub use super::list::List;
use super::{about, stranger};
use crate::app::App;
use crate::config::Bank;
use crate::error::JobError;
use crate::import::seen::Seen;
use crate::signature;
use yichong_gateways::archive::measure;
use yichong_store::agreements::listing::{self, Ours};
use yichong_store::audit::{self, Act};
use yichong_store::breaks;
use yichong_store::db::Tx;

/// So many differences are listed; all of them are breaks.
const LISTED_MOST: usize = 1_000;
/// Lines of one list: part of what a break about a stranger refers to.
const LINES_MOST: i64 = 1_000_000_000;

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Compared {
    /// Agreements on the bank's list.
    pub theirs: u64,
    /// Agreements of ours that should be on it.
    pub ours: u64,
    /// How many differences of each kind.
    pub differences: BTreeMap<&'static str, u64>,
    /// Breaks opened; the others were open already.
    pub opened: u64,
    /// Breaks of earlier lists that ended: the lists agree by now.
    pub healed: u64,
    /// Differences about which a break is open already.
    pub known: u64,
    /// The first differences, masked.
    pub found: Vec<Found>,
}

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Meter account, or what the bank has in its place.
    pub account: String,
    /// Line of the list; 0 where it has none.
    pub line: u32,
    /// Which difference.
    pub difference: Difference,
    /// In words, masked.
    pub detail: String,
}

/// One comparison at work.
struct Comparison<'a> {
    app: &'a App,
    bank: &'a Bank,
    today: NaiveDate,
    seen: Seen,
    result: Compared,
    /// Looks only: takes every difference, and nothing is written.
    look: Option<Look<'a>>,
}

type Look<'a> = &'a mut (dyn FnMut(&Found) + Send + Sync);

/// Compares a bank's list with ours; differences become breaks. A list that cannot be read to its end changes nothing;
/// the same list again opens nothing twice.
pub async fn compare(app: &App, list: &List<'_>, by: &str) -> Result<Compared, JobError> {
    let bank = app.bank(list.bank)?;
    let result = walk(app, list, None).await?;
    let Compared { theirs, ours, opened, healed, .. } = &result;
    let name = list.file_name();
    let detail = format!("{name}: theirs {theirs}, ours {ours}, opened {opened}, healed {healed}");
    let object = format!("{} {}", bank.code, measure(list.input()?)?.sha256);
    let mut tx = app.db.write().await?;
    let act = Act { at: app.clock.now(), actor: by, action: "agreements.compared", object: &object, detail: &detail };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    tx.commit().await?;
    Ok(result)
}

/// The same to look at: `take` gets every difference, and nothing is written.
pub async fn dry_run(
    app: &App,
    list: &List<'_>,
    mut take: impl FnMut(&Found) + Send + Sync,
) -> Result<Compared, JobError> {
    walk(app, list, Some(&mut take)).await
}

async fn walk<'a>(app: &'a App, list: &List<'_>, look: Option<Look<'a>>) -> Result<Compared, JobError> {
    let bank = app.bank(list.bank)?;
    let name = list.file_name();
    let format = list.format_of(app, bank, &name)?;
    let open = || Ok::<_, JobError>(AgreementReader::open(format, &bank.params, &name, BufReader::new(list.input()?))?);
    let signed = signature::check(bank, format, list.input()?, app.clock.now());
    signed.map_err(|error| signature::unusable(bank, &error))?.map_err(JobError::input)?;
    open()?.finish()?;
    let today = app.clock.today();
    let mut comparison = Comparison { app, bank, today, seen: Seen::default(), result: Compared::default(), look };
    let mut reader = open()?;
    let most = usize::try_from(app.page).unwrap_or(1).max(1);
    loop {
        let mut page = Vec::new();
        while page.len() < most {
            let Some(row) = reader.next_row()? else { break };
            page.push(row);
        }
        if page.is_empty() {
            break;
        }
        // A line that says cancelled is no agreement of theirs.
        page.retain(|row| row.operation != Some(Operation::Cancel));
        comparison.theirs(&page).await?;
    }
    comparison.ours().await?;
    Ok(comparison.result)
}

impl Comparison<'_> {
    /// The transaction of a page: who only looks keeps nobody from writing.
    async fn page(&self) -> Result<Tx, JobError> {
        Ok(if self.look.is_some() { self.app.db.read().await? } else { self.app.db.write().await? })
    }

    /// A page of the bank's list.
    async fn theirs(&mut self, page: &[AgreementLine]) -> Result<(), JobError> {
        let accounts: Vec<i64> = page.iter().filter_map(|row| row.account).map(|account| account.0).collect();
        let mut tx = self.page().await?;
        let ours = listing::of_accounts(&mut tx, &self.bank.code, &accounts).await?;
        let ours: HashMap<i64, Ours> = ours.into_iter().map(|row| (row.account, row)).collect();
        let moving: HashSet<i64> =
            listing::on_their_way(&mut tx, &self.bank.code, &accounts).await?.into_iter().collect();
        let (mut different, mut same) = (Vec::new(), Vec::new());
        for row in page {
            self.result.theirs += 1;
            let Some(account) = row.account else {
                let shown = stranger(row.foreign.as_ref());
                let key = (self.bank.reserved_account().0, self.month() * LINES_MOST + i64::from(row.line));
                different.push((key, self.found(shown, row.line, Difference::OnlyTheirs, "不是本站的户号".to_owned())));
                continue;
            };
            self.seen.add(account.0);
            if moving.contains(&account.0) {
                continue;
            }
            let found = match ours.get(&account.0) {
                None => Some((Difference::OnlyTheirs, format!("银行第{}行有签约，我方没有", row.line))),
                Some(own) => self.differs(row, own),
            };
            let key = (account.0, self.month());
            match found {
                Some((difference, detail)) => {
                    different.push((key, self.found(account.to_string(), row.line, difference, detail)));
                }
                None => same.push(account.0),
            }
        }
        self.keep(tx, different, &same).await
    }

    fn differs(&self, row: &AgreementLine, own: &Ours) -> Option<(Difference, String)> {
        let card = row.card.as_deref().filter(|card| !card.contains('*')).and_then(|card| CardNo::parse(card).ok());
        let number = AgreementNo { account: AccountNo(own.account), number: own.number }.to_string();
        let listed = Listed {
            same_card: card.as_ref().map(|card| self.app.vault.index("card", card.reveal())[..] == own.card_index[..]),
            payer_name: row.payer_name.as_deref(),
            // A number of the bank's own making says nothing about ours.
            agreement: row.agreement.as_deref().filter(|text| text.parse::<AgreementNo>().is_ok()),
        };
        let difference = differs(&listed, &own.payer_name, &number)?;
        let detail = match difference {
            Difference::Card => {
                let theirs = card.map_or_else(|| "-".to_owned(), |card| card.last4().to_owned());
                format!("卡尾号 我方 {}，银行 {theirs}", own.card_last4)
            }
            Difference::Name => {
                let theirs = mask_name(row.payer_name.as_deref().unwrap_or_default());
                format!("户名 我方 {}，银行 {theirs}", mask_name(&own.payer_name))
            }
            _ => format!("协议号 我方 {number}，银行 {}", row.agreement.as_deref().unwrap_or_default()),
        };
        Some((difference, detail))
    }

    /// Ours that the list did not name.
    async fn ours(&mut self) -> Result<(), JobError> {
        let mut after = 0;
        loop {
            let mut tx = self.page().await?;
            let page = listing::expected(&mut tx, &self.bank.code, after, self.app.page).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.account;
            let mut different = Vec::new();
            for own in &page {
                self.result.ours += 1;
                if !self.seen.add(own.account) {
                    continue;
                }
                let number = AgreementNo { account: AccountNo(own.account), number: own.number };
                let detail = format!("我方协议 {number}（卡尾号 {}）不在银行清单上", own.card_last4);
                let shown = AccountNo(own.account).to_string();
                let found = self.found(shown, 0, Difference::OnlyOurs, detail);
                different.push(((own.account, self.month()), found));
            }
            self.keep(tx, different, &[]).await?;
        }
    }

    /// Which comparison: one break an account and month.
    fn month(&self) -> i64 {
        i64::from(self.today.year()) * 100 + i64::from(self.today.month())
    }

    fn found(&mut self, account: String, line: u32, difference: Difference, detail: String) -> Found {
        *self.result.differences.entry(difference.zh()).or_insert(0) += 1;
        let found = Found { account, line, difference, detail };
        match &mut self.look {
            Some(take) => take(&found),
            None if self.result.found.len() < LISTED_MOST => self.result.found.push(found.clone()),
            None => {}
        }
        found
    }

    /// A difference is a break unless one about its account is open; where the lists agree, open ones end.
    async fn keep(&mut self, mut tx: Tx, different: Vec<((i64, i64), Found)>, same: &[i64]) -> Result<(), JobError> {
        let (code, kind) = (self.bank.code.as_str(), BreakKind::AgreementDiffers);
        let accounts: Vec<i64> = different.iter().map(|((account, _), _)| *account).collect();
        let known = breaks::open_about(&mut tx, code, kind, &accounts).await?;
        let reserved = self.bank.reserved_account().0;
        let known: HashSet<i64> =
            known.into_iter().map(|(account, _)| account).filter(|account| *account != reserved).collect();
        self.result.known += different.iter().filter(|((account, _), _)| known.contains(account)).count() as u64;
        if self.look.is_some() {
            return Ok(());
        }
        let open: Vec<_> = different
            .into_iter()
            .filter(|((account, _), _)| !known.contains(account))
            .map(|(key, found)| {
                about(kind, code, key, self.today, format!("{}: {}", found.difference.zh(), found.detail))
            })
            .collect();
        self.result.opened += breaks::open(&mut tx, &open).await?;
        let ended = breaks::open_about(&mut tx, code, kind, same).await?;
        let ended: Vec<_> = ended.into_iter().map(|(account, about)| (account, kind, about)).collect();
        self.result.healed += breaks::heal(&mut tx, self.today, "与银行清单已一致", &ended).await?;
        tx.commit().await?;
        Ok(())
    }
}
