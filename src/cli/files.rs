//! `files`: our files of a date and what the bank said of their arrival, files that came in; as tables or JSON.

use std::process::ExitCode;

use chrono::{NaiveDate, NaiveDateTime};
use clap::Args;
use serde::Serialize;

use super::{Site, output};
use crate::gateways::clock::local;
use crate::jobs::{App, JobError};
use crate::store::batches::{self, BatchRow};
use crate::store::db::Tx;
use crate::store::dispatches::{self, DispatchRow};
use crate::store::files::{self as file_store, FileRow};

/// Lists batches and files, in and out.
#[derive(Debug, Args)]
pub struct FilesArgs {
    /// Business date; the last files if not given.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    date: NaiveDate,
    out: Vec<OutShown>,
    #[serde(rename = "in")]
    into: Vec<InShown>,
}

/// A file of ours (送盘).
#[derive(Serialize)]
struct OutShown {
    batch: i64,
    bank: String,
    file_name: String,
    state: String,
    debits: i64,
    sum_fen: i64,
    sha256: String,
    sent_at: Option<NaiveDateTime>,
    /// The bank's receipt (回执).
    receipt: Option<ReceiptShown>,
    /// It left, the bank gives receipts, and none came.
    receipt_missing: bool,
    /// Carried by hand, sent again, held, released: in words.
    said: String,
}

#[derive(Serialize)]
struct ReceiptShown {
    name: String,
    at: NaiveDateTime,
}

/// A file that came in.
#[derive(Serialize)]
struct InShown {
    file: i64,
    bank: String,
    kind: String,
    file_name: String,
    state: String,
    lines: Option<i64>,
    received_at: NaiveDateTime,
    problem: Option<String>,
}

/// Lists files.
pub async fn run(site: &Site, args: &FilesArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let date = args.date.unwrap_or_else(|| app.clock.today());
    let mut tx = app.db.read().await?;
    let mut out = Vec::new();
    for batch in batches::of_date(&mut tx, date).await? {
        out.push(sent(&app, &mut tx, batch).await?);
    }
    let came = file_store::recent(&mut tx, 50).await?.into_iter();
    let into = came.filter(|file| args.date.is_none_or(|date| file.business_date == date)).map(received).collect();
    let shown = Shown { date, out, into };
    if args.json {
        output::json(&shown)?
    } else {
        tables(&shown)
    }
    Ok(ExitCode::SUCCESS)
}

async fn sent(app: &App, tx: &mut Tx, batch: BatchRow) -> Result<OutShown, JobError> {
    let travelled = dispatches::find(tx, batch.batch_id).await?;
    let receipt = travelled.as_ref().and_then(|row| {
        let (name, at) = (row.receipt_name.clone()?, local(row.receipt_at?));
        Some(ReceiptShown { name, at })
    });
    let gives = app.config.bank(&batch.bank).is_some_and(|bank| bank.door.receipt.is_some());
    Ok(OutShown {
        batch: batch.batch_id,
        receipt_missing: gives && receipt.is_none() && batch.sent_at.is_some(),
        receipt,
        said: travelled.and_then(by_hand).or(batch.hold_reason).or(batch.released_by).unwrap_or_default(),
        bank: batch.bank,
        file_name: batch.file_name,
        state: batch.state,
        debits: batch.debits,
        sum_fen: batch.sum_fen,
        sha256: batch.sha256,
        sent_at: batch.sent_at.map(local),
    })
}

fn by_hand(row: DispatchRow) -> Option<String> {
    match (row.by_hand, row.taken_out_by, row.attempt) {
        (Some(people), ..) => Some(format!("手工送盘 {people}")),
        (None, Some(person), _) => Some(format!("已取出待送 {person}")),
        (None, None, 2..) => Some(format!("补发第{}次", row.attempt - 1)),
        _ => None,
    }
}

fn received(file: FileRow) -> InShown {
    InShown {
        file: file.file_id,
        bank: file.bank,
        kind: file.kind,
        file_name: file.file_name,
        state: file.state,
        lines: file.line_count,
        received_at: local(file.received_at),
        problem: file.problem,
    }
}

fn tables(shown: &Shown) {
    let mut out = output::table(&["批次", "银行", "文件", "状态", "笔数", "金额", "回执", "说明"], &[4, 5]);
    for file in &shown.out {
        let receipt = file.receipt.as_ref().map(|own| own.at.format("%m-%d %H:%M").to_string());
        let missing = if file.receipt_missing { "未到" } else { "" };
        out.add_row([
            &file.batch.to_string(),
            &file.bank,
            &file.file_name,
            &file.state,
            &file.debits.to_string(),
            &output::yuan(file.sum_fen),
            receipt.as_deref().unwrap_or(missing),
            &file.said,
        ]);
    }
    output::say(format!("{} 送盘\n{out}", shown.date));
    let mut into = output::table(&["编号", "银行", "类别", "文件", "状态", "行数", "说明"], &[5]);
    for file in &shown.into {
        into.add_row([
            &file.file.to_string(),
            &file.bank,
            &file.kind,
            &file.file_name,
            &file.state,
            &file.lines.map(|n| n.to_string()).unwrap_or_default(),
            file.problem.as_deref().unwrap_or(""),
        ]);
    }
    output::say(format!("收到的文件\n{into}"));
}
