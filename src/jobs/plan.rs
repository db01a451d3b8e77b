//! Tonight's files without writing state: the same candidates, rules, lines and bytes as the run, if no input changes.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Serialize;
use yichong_core::model::card::{mask, mask_name};
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::app::App;
use super::assembly::{Assembly, Night, facts};
use super::error::JobError;
use super::payer::Payer;
use super::runner;
use super::select::{Picker, beginning};
use crate::config::Bank;
use yichong_gateways::archive::measure;
use yichong_store::batches;
use yichong_store::calendars;
use yichong_store::debits::planning::{self, Filed};

/// One file of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Bank's code.
    pub bank: String,
    /// As it will be called.
    pub file_name: String,
    /// Batch number it will have.
    pub batch_id: i64,
    /// Debits.
    pub count: u64,
    /// Their sum, fen.
    pub sum: Fen,
    /// Length.
    pub bytes: u64,
    /// Of its bytes: signed where the bank wants that, without an envelope.
    pub sha256: String,
    /// Its first rows, masked.
    pub rows: Vec<PlannedRow>,
}

/// A masked row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedRow {
    /// Debit's number.
    pub debit_no: DebitNo,
    /// Meter account.
    pub account: AccountNo,
    /// Name, masked.
    pub payer: String,
    /// Card, masked.
    pub card: String,
    /// Fen.
    pub amount: Fen,
}

/// What a night would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// 业务日期.
    pub business_date: NaiveDate,
    /// The files.
    pub files: Vec<Planned>,
    /// Candidates that are not selected.
    pub not_selected: u64,
    /// Debits that cannot be written in their bank's format: (debit, why).
    pub unwritable: Vec<(DebitNo, String)>,
}

/// Plans a date; `out`: writes the bytes there (mode 0600); `rows`: how many masked rows per file to show.
pub async fn plan(app: &App, date: NaiveDate, out: Option<&Path>, rows: usize) -> Result<Plan, JobError> {
    let work = app.config.folders.data.join("work").join(format!("plan-{}", std::process::id()));
    let mut plan = Plan { business_date: date, files: Vec::new(), not_selected: 0, unwritable: Vec::new() };
    for bank in &app.config.banks {
        one_bank(app, bank, &work, out, rows, &mut plan).await?;
    }
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    Ok(plan)
}

async fn one_bank(
    app: &App,
    bank: &Bank,
    work: &Path,
    out: Option<&Path>,
    rows: usize,
    plan: &mut Plan,
) -> Result<(), JobError> {
    let scheduled_at =
        runner::slot(runner::find(app, "nightly")?, plan.business_date)?.unwrap_or_else(|| app.clock.now());
    let mut tx = app.db.read().await?;
    let mut picker = Picker::new(app, &mut tx, bank, plan.business_date, scheduled_at).await?;
    let seq = batches::next_seq(&mut tx, &bank.code, plan.business_date).await?;
    let calendar = calendars::load(&mut tx, &bank.calendar).await?;
    drop(tx);
    let mut assembly = Assembly::begin(Night {
        vault: &app.vault,
        bank,
        format: app.format(&bank.debit)?,
        facts: facts(bank, plan.business_date, scheduled_at, seq, Some(calendar)),
        scheduled_at,
        folder: work,
    })?;
    let mut shown: Vec<(i64, PlannedRow)> = Vec::new();
    let mut ahead = picker.in_order(app, bank, beginning());
    loop {
        let page = ahead.done().await?;
        let Some(last) = page.last() else { break };
        ahead = picker.in_order(app, bank, (last.signed_at, last.account));
        let picked = picker.judge(page)?;
        plan.not_selected += picked.passed.len() as u64;
        let mut tx = app.db.read().await?;
        let mut filed = planning::as_filed(&mut tx, &picked.due).await?;
        if app.format(&bank.debit)?.asks_history() {
            planning::firsts(&mut tx, &mut filed).await?;
            planning::replaced(&mut tx, &bank.code, &mut filed).await?;
        }
        drop(tx);
        for debit in &filed {
            match assembly.add(debit, picker.shared_card(&debit.card_index))? {
                Ok((batch, line)) if usize::try_from(line).is_ok_and(|line| line <= rows) => {
                    shown.push((batch, masked(app, debit)?));
                }
                Ok(_) => {}
                Err(error) => plan.unwritable.push((debit.debit_no(), error.to_string())),
            }
        }
    }
    for part in assembly.parts().iter().filter(|part| part.totals.count > 0) {
        let measured = measure(part.compose()?)?;
        if let Some(out) = out {
            write(&out.join(&part.file_name), part.compose()?)?;
        }
        plan.files.push(Planned {
            bank: bank.code.clone(),
            file_name: part.file_name.clone(),
            batch_id: part.batch_id,
            count: part.totals.count,
            sum: part.totals.sum,
            bytes: measured.bytes,
            sha256: measured.sha256,
            rows: shown.iter().filter(|(batch, _)| *batch == part.batch_id).map(|(_, row)| row.clone()).collect(),
        });
    }
    assembly.clear()
}

fn masked(app: &App, debit: &Filed) -> Result<PlannedRow, JobError> {
    let payer = Payer::open(&app.vault, debit.account, &debit.payer_sealed)?;
    Ok(PlannedRow {
        debit_no: debit.debit_no(),
        account: debit.account(),
        payer: mask_name(&debit.payer_name),
        card: mask(&payer.card),
        amount: Fen(debit.amount_fen),
    })
}

/// Writes a file with everybody's cards in it: for its owner only, and never over another.
fn write(path: &PathBuf, mut from: impl std::io::Read) -> Result<(), JobError> {
    use std::os::unix::fs::OpenOptionsExt;
    let refuse = |e: std::io::Error| JobError::input(format!("{}: {e}; choose an empty folder", path.display()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(refuse)?;
    std::io::copy(&mut from, &mut file)?;
    Ok(file.sync_all()?)
}
