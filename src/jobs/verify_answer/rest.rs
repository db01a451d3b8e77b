//! What an answer decides for debits it does not list: which they are, our own archived file says.

use std::collections::{BTreeMap, BTreeSet};

use yichong_core::formats::records::{AnswerRow, Decision, Params};
use yichong_core::formats::{Format, Kind as Part, RecordReader};
use yichong_core::model::category::Category;

use super::pass::Pass;
use super::{Doubt, Stop};
use crate::app::Context;
use yichong_gateways::archive::Opened;
use yichong_store::batches::BatchRow;
use yichong_store::files;

/// Turns the decisions of a file into lines for every debit they mean; `lines` are those the file has.
pub async fn decide(
    ctx: &Context<'_>,
    pass: &mut Pass<'_>,
    mut decisions: Vec<Decision>,
    lines: u64,
) -> Result<(), Stop> {
    if !decisions.iter().any(settles) {
        return Ok(());
    }
    let Some(batch) = pass.about().await? else {
        return Err(doubt("it decides for debits it does not list, and names no file we sent"));
    };
    let format = format_of(ctx, &batch).await?;
    // How many are not listed must be known before a decision that counts them is believed.
    if decisions.iter().any(|decision| decision.count.is_some()) {
        let mut counts = BTreeMap::new();
        let mut sent = Sent::open(ctx, &batch, &format)?;
        while let Some(page) = sent.page(ctx.app.page, &decisions)? {
            for (at, rows) in by_decision(page) {
                let rows = pass.not_listed(rows, Some(batch.file_date)).await?;
                *counts.entry(at).or_insert(0) += rows.len() as u64;
            }
        }
        for (at, decision) in decisions.iter_mut().enumerate() {
            let found = counts.get(&at).copied().unwrap_or(0);
            if let Some(stated) = decision.count.filter(|stated| *stated != found) {
                let payment = decision.payment.as_deref().unwrap_or("the message");
                tracing::warn!(payment, stated, found, "those not listed are not as many as it counts: left open");
                (decision.category, decision.refuses) = (Category::Unknown, false);
            }
        }
    }
    let mut sent = Sent::open(ctx, &batch, &format)?;
    let mut line = u32::try_from(lines).unwrap_or(u32::MAX);
    while let Some(page) = sent.page(ctx.app.page, &decisions)? {
        let page = page.into_iter().filter(|(at, _)| settles(&decisions[*at])).map(|(_, row)| row).collect();
        let mut rows = pass.not_listed(page, Some(batch.file_date)).await?;
        for row in &mut rows {
            line = line.saturating_add(1);
            row.line = line;
        }
        pass.page(&rows, Some(batch.file_date)).await?;
        ctx.more("verify", rows.len());
    }
    let strange = decisions.iter().filter(|d| settles(d)).filter_map(|d| d.payment.as_deref());
    if let Some(strange) = strange.into_iter().find(|payment| !sent.payments.contains(*payment)) {
        let problem = format!("it decides payment information `{strange}`, our file {} has none such", batch.file_name);
        return Err(doubt(&problem));
    }
    if lines == 0 {
        pass.refused_by(refusal(&decisions));
    }
    Ok(())
}

fn doubt(problem: &str) -> Stop {
    Stop::Doubt(Doubt::of(problem))
}

/// Whether a decision changes anything: also a refusal for a reason nobody has mapped is an answer, for people.
fn settles(decision: &Decision) -> bool {
    decision.category != Category::Unknown || decision.refuses
}

/// A message that is refused whole, for a reason the format does not know, waits for people as one file.
pub fn known(decisions: &[Decision], listed: u64) -> Result<(), Stop> {
    let strange = |decision: &&Decision| decision.refuses && decision.category == Category::Unknown;
    let whole = decisions.iter().filter(|decision| decision.payment.is_none()).find(strange);
    let lower = decisions.iter().any(|decision| decision.payment.is_some() && settles(decision));
    let Some(whole) = whole.filter(|_| listed == 0 && !lower) else { return Ok(()) };
    let (code, text) = (&whole.code, &whole.text);
    Err(doubt(&format!(
        "it refuses the whole message for a reason that the format does not know (`{code}` {text}): read it, write the \
         code into the format or let two people refuse the batch"
    )))
}

/// The refusal that all these decisions come to; none, where one of them is something else.
fn refusal(decisions: &[Decision]) -> Option<(String, String, String)> {
    let settling: Vec<&Decision> = decisions.iter().filter(|decision| settles(decision)).collect();
    let first = settling.first()?;
    let refused = settling.iter().all(|decision| decision.refuses && !decision.category.is_open());
    refused.then(|| (first.category.word().to_owned(), first.code.clone(), first.text.clone()))
}

fn by_decision(page: Vec<(usize, AnswerRow)>) -> BTreeMap<usize, Vec<AnswerRow>> {
    let mut parted: BTreeMap<usize, Vec<AnswerRow>> = BTreeMap::new();
    for (at, row) in page {
        parted.entry(at).or_default().push(row);
    }
    parted
}

/// The format our file was written by.
async fn format_of(ctx: &Context<'_>, batch: &BatchRow) -> Result<Format, Stop> {
    let kept = files::format(&mut ctx.app.db.read().await?, &batch.format_hash).await?;
    let format = kept.and_then(|(name, body)| Format::parse(&format!("{name}.toml"), &body).ok());
    let format = format.filter(Format::is_standard);
    format.ok_or_else(|| doubt("it decides for debits it does not list, in a file that has no groups"))
}

/// Our file, read again.
struct Sent<'f> {
    reader: RecordReader<'f, Opened<'f>>,
    short: bool,
    payment: String,
    payments: BTreeSet<String>,
}

impl<'f> Sent<'f> {
    fn open(ctx: &'f Context<'_>, batch: &BatchRow, format: &'f Format) -> Result<Sent<'f>, Stop> {
        let archived = ctx.app.archive.open(&ctx.app.vault, &batch.archive_name())?;
        let reader = RecordReader::open(format, &Params::new(), &batch.file_name, archived);
        let short = format.uses_bank_ref().is_some();
        Ok(Sent { reader, short, payment: String::new(), payments: BTreeSet::new() })
    }

    /// The next debits a decision speaks of, as answers, each with which decision; `None` after the last.
    fn page(&mut self, most: i64, decisions: &[Decision]) -> Result<Option<Vec<(usize, AnswerRow)>>, Stop> {
        let mut page = Vec::new();
        let mut read = 0;
        while read < most {
            let section = self.reader.next_section().map_err(|e| doubt(&format!("our own file: {e}")))?;
            let Some(section) = section else {
                return Ok((read > 0).then_some(page));
            };
            let text = |name: &str| section.cells.iter().find(|cell| cell.name == name).map_or("", |cell| cell.text);
            match section.kind {
                Part::Group => {
                    self.payment = text("PmtInfId").to_owned();
                    self.payments.insert(self.payment.clone());
                }
                Part::Row => {
                    read += 1;
                    let own = decisions.iter().position(|d| d.payment.as_deref() == Some(self.payment.as_str()));
                    let whole = || decisions.iter().position(|d| d.payment.is_none());
                    let Some(at) = own.or_else(whole) else { continue };
                    let mut row = answer(&decisions[at]);
                    let key = text("EndToEndId");
                    if self.short {
                        row.bank_ref = Some(key.to_owned());
                    } else {
                        row.debit_no = key.parse().ok();
                    }
                    page.push((at, row));
                }
                _ => {}
            }
        }
        Ok(Some(page))
    }
}

fn answer(decision: &Decision) -> AnswerRow {
    AnswerRow {
        category: decision.category,
        code: decision.code.clone(),
        text: decision.text.clone(),
        code_known: true,
        ..AnswerRow::default()
    }
}
