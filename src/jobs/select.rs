//! Step: who is due tonight. Pages of candidates are judged by the rules; the selected become planned debits, the
//! others are
//! kept with their reason and everything the rules looked at.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use yichong_core::model::agreement::{AgreementNo, AgreementState};
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;
use yichong_core::rules::RULE_VERSION;
use yichong_core::rules::grouping::CardKey;
use yichong_core::rules::selection::{self, Balance, Candidate, Night, Rule};

use super::app::{Ahead, App, Context, Outcome, Tally};
use super::doors::ShutDoors;
use super::error::{JobError, Kind};
use super::signature;
use crate::config::{Bank, MeterKind};
use yichong_gateways::crash;
use yichong_store::calendars;
use yichong_store::candidates::{self, CandidateRow, Passed, Wanted};
use yichong_store::db::Tx;
use yichong_store::debits::planning::{self, Due};
use yichong_store::grown::{self, Grown};

/// Where a page begins that follows nothing: both databases know this instant.
pub fn beginning() -> (DateTime<Utc>, i64) {
    (DateTime::from_timestamp(-2_000_000_000, 0).unwrap_or(DateTime::UNIX_EPOCH), 0)
}

/// Judges one bank's candidates for one night, page by page, remembering what shared cards have given.
#[derive(Debug)]
pub struct Picker {
    night: Night,
    meter: MeterKind,
    shared: HashMap<CardKey, (Fen, Fen)>,
    date_base: i64,
    month_base: i64,
}

/// What became of a page.
#[derive(Debug, Default)]
pub struct Picked {
    /// To be planned.
    pub due: Vec<Due>,
    /// Not selected.
    pub passed: Vec<Passed>,
}

impl Picker {
    /// Asks what a bank's night needs: calendar, pause, shared cards. A missing calendar year is refused here, before
    /// anything is sent.
    pub async fn new(
        app: &App,
        tx: &mut Tx,
        bank: &Bank,
        date: NaiveDate,
        selected_at: DateTime<Utc>,
    ) -> Result<Picker, JobError> {
        let calendar = calendars::load(tx, &bank.calendar).await?;
        let bank_open = calendar.works(date)?;
        let paused = calendars::banks(tx).await?.into_iter().any(|row| row.code == bank.code && row.paused);
        let (date_base, month_base) = bases(date)?;
        let shared = candidates::shared_cards(tx, date, month_base).await?;
        let usage = |card: candidates::SharedCard| (key(&card.card_index), (Fen(card.today_fen), Fen(card.month_fen)));
        Ok(Picker {
            night: Night {
                business_date: date,
                selected_at,
                bank_open,
                bank_running: !paused,
                limits: app.config.limits.clone(),
            },
            meter: app.config.meters.kind,
            shared: shared.into_iter().map(usage).collect(),
            date_base,
            month_base,
        })
    }

    /// Begins to read the next page of candidates after a place in the file's order.
    pub fn in_order(&self, app: &App, bank: &Bank, after: (DateTime<Utc>, i64)) -> Ahead<Vec<CandidateRow>> {
        let (db, wanted) = (app.db.clone(), self.wanted(app, &bank.code));
        Ahead::read(async move { candidates::in_order(&mut db.read().await?, &wanted, after).await })
    }

    /// Begins to read the next page of candidates after an account.
    fn by_account(&self, app: &App, bank: &Bank, after: i64) -> Ahead<Vec<CandidateRow>> {
        let (db, wanted) = (app.db.clone(), self.wanted(app, &bank.code));
        Ahead::read(async move { candidates::by_account(&mut db.read().await?, &wanted, after).await })
    }

    fn wanted(&self, app: &App, bank: &str) -> Wanted {
        Wanted { bank: bank.to_owned(), date_base: self.date_base, month_base: self.month_base, most: app.page }
    }

    /// Judges a page.
    pub fn judge(&mut self, page: Vec<CandidateRow>) -> Result<Picked, JobError> {
        let mut picked = Picked::default();
        for row in page {
            let candidate = self.candidate(&row, None)?;
            match selection::decide(&candidate, &self.night) {
                Ok(amount) => {
                    if let Some((today, month)) = self.shared.get_mut(&key(&row.card_index)) {
                        (*today, *month) = (today.plus(amount)?, month.plus(amount)?);
                    }
                    picked.due.push(self.due(&row, &candidate, amount)?);
                }
                Err(rule) => picked.passed.push(self.passed(&row, &candidate, rule)?),
            }
        }
        Ok(picked)
    }

    /// Whether a card serves several accounts.
    pub fn shared_card(&self, card_index: &[u8]) -> Option<CardKey> {
        Some(key(card_index)).filter(|key| self.shared.contains_key(key))
    }

    /// The night as the rules see it.
    pub const fn night(&self) -> &Night {
        &self.night
    }

    /// A row as the rules see it.
    pub fn candidate(&self, row: &CandidateRow, debit_today: Option<DebitNo>) -> Result<Candidate, JobError> {
        let state = AgreementState::from_word(&row.state)
            .ok_or_else(|| JobError::new(Kind::Books, format!("agreement of {}: state {}", row.account, row.state)))?;
        // Where Yichong keeps the balance itself there is no reading that could be old.
        let read_at = match self.meter {
            MeterKind::Ledger => row.read_at.map(|_| self.night.selected_at),
            MeterKind::File => row.read_at,
        };
        let balance = read_at.map(|read_at| Balance {
            paid: Fen(row.paid_fen.unwrap_or(0)),
            free: Fen(row.free_fen.unwrap_or(0)),
            free_until: row.free_until,
            read_at,
        });
        let (card_today, card_month) =
            self.shared.get(&key(&row.card_index)).copied().unwrap_or((Fen::ZERO, Fen(row.month_fen)));
        let unexplained = row.in_row_category.as_deref() == Some("unexplained");
        Ok(Candidate {
            agreement: AgreementNo { account: AccountNo(row.account), number: row.number },
            version: row.version,
            state,
            state_reason: row.state_reason.clone(),
            released_at: row.released_at,
            confirmed: row.confirmed,
            account_open: row.open,
            threshold: Fen(row.threshold_fen),
            amount: Fen(row.amount_fen),
            balance,
            last_credit_at: row.last_credit_at,
            debit_today,
            open_debit: row.open_debit.map(DebitNo),
            unexplained_in_row: if unexplained { row.in_row } else { 0 },
            held: row.held,
            card_today,
            card_month,
        })
    }

    fn due(&self, row: &CandidateRow, candidate: &Candidate, amount: Fen) -> Result<Due, JobError> {
        let date = self.night.business_date;
        let attempt = u8::try_from(row.attempts).unwrap_or(u8::MAX);
        let number = DebitNo::of(date, AccountNo(row.account), attempt)
            .map_err(|e| JobError::new(Kind::Refused, format!("account {}: {e}", AccountNo(row.account))))?;
        let balance = candidate.balance.as_ref();
        Ok(Due {
            account: row.account,
            number: row.number,
            debit_no: number.0,
            version: row.version,
            amount_fen: amount.0,
            balance_fen: balance.map_or(0, |b| b.counts(date).0),
            read_at: balance.map_or(self.night.selected_at, |b| b.read_at),
        })
    }

    fn passed(&self, row: &CandidateRow, candidate: &Candidate, rule: Rule) -> Result<Passed, JobError> {
        Ok(Passed {
            account: row.account,
            business_date: self.night.business_date,
            number: row.number,
            rule: rule.word().to_owned(),
            rule_version: RULE_VERSION,
            inputs: serde_json::to_string(&(candidate, &self.night))?,
        })
    }
}

/// First debit numbers of a date and of its month.
pub fn bases(date: NaiveDate) -> Result<(i64, i64), JobError> {
    let base =
        |day| DebitNo::of(day, AccountNo(0), 0).map(|number| number.0).map_err(|e| JobError::input(e.to_string()));
    Ok((base(date)?, base(date.with_day(1).unwrap_or(date))?))
}

fn key(index: &[u8]) -> CardKey {
    std::array::from_fn(|i| index.get(i).copied().unwrap_or(0))
}

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let app = ctx.app;
    let (mut tally, mut shut) = (Tally::default(), ShutDoors::default());
    for bank in &app.config.banks {
        // Nothing is planned that could not be signed: it would stay open without ever leaving.
        match signature::own(bank, app.format(&bank.debit)?) {
            Ok(_) => one_bank(ctx, bank, &mut tally).await?,
            Err(error) => shut.refuse(&bank.code, error),
        }
    }
    if tally.0.get("planned").is_some_and(|planned| *planned >= app.page) {
        grown::look(&app.db, Grown::Debits).await?;
    }
    Ok(shut.outcome(tally))
}

/// Candidates are judged in the order of accounts; those that share a card compete for it in the file's order, so they
/// are put aside and judged after the others, by what is signed first.
async fn one_bank(ctx: &Context<'_>, bank: &Bank, tally: &mut Tally) -> Result<(), JobError> {
    let app = ctx.app;
    let mut tx = app.db.read().await?;
    let mut picker = Picker::new(app, &mut tx, bank, ctx.business_date, ctx.scheduled_at).await?;
    drop(tx);
    let mut sharing = Vec::new();
    let mut ahead = picker.by_account(app, bank, 0);
    loop {
        let page = ahead.done().await?;
        let Some(last) = page.last() else { break };
        ahead = picker.by_account(app, bank, last.account);
        let (shared, alone): (Vec<_>, _) =
            page.into_iter().partition(|row| picker.shared_card(&row.card_index).is_some());
        sharing.extend(shared.iter().map(|row| (row.signed_at, row.account, row.number)));
        keep(ctx, &mut picker, alone, tally).await?;
    }
    sharing.sort_unstable();
    for places in sharing.chunks(usize::try_from(app.page).unwrap_or(1)) {
        let agreements: Vec<(i64, i64)> = places.iter().map(|place| (place.1, place.2)).collect();
        let wanted = picker.wanted(app, &bank.code);
        let mut page = candidates::these(&mut app.db.read().await?, &wanted, &agreements).await?;
        page.sort_unstable_by_key(|row| (row.signed_at, row.account));
        keep(ctx, &mut picker, page, tally).await?;
    }
    Ok(())
}

/// Judges a page and keeps what became of it.
async fn keep(
    ctx: &Context<'_>,
    picker: &mut Picker,
    page: Vec<CandidateRow>,
    tally: &mut Tally,
) -> Result<(), JobError> {
    let rows = page.len();
    let picked = picker.judge(page)?;
    let mut tx = ctx.page().await?;
    planning::plan(&mut tx, ctx.business_date, RULE_VERSION, &picked.due).await?;
    candidates::keep(&mut tx, &picked.passed).await?;
    crash::point("select.page.before_commit");
    tx.commit().await?;
    crash::point("select.page.after_commit");
    tally.add("planned", i64::try_from(picked.due.len()).unwrap_or(i64::MAX));
    tally.add("not_selected", i64::try_from(picked.passed.len()).unwrap_or(i64::MAX));
    tally.add("sum_fen", picked.due.iter().map(|d| d.amount_fen).sum());
    ctx.more("select", rows);
    Ok(())
}
