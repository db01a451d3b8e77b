//! Pass 1: a statement's rows become lines of money, each with the debit or batch it names; a serial seen before makes
//! a twin.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use yichong_core::formats::records::{FileError, StatementRow};
use yichong_core::model::card::mask;
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;

use super::twins;
use crate::app::Context;
use crate::assembly::LINES_PER_BATCH;
use crate::error::JobError;
use yichong_gateways::crash;
use yichong_store::batches::{self, BatchRow};
use yichong_store::db::Tx;
use yichong_store::debits;
use yichong_store::files::FileRow;
use yichong_store::money::{self, MoneyRow, batch};

/// What a whole file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Lines.
    pub lines: i64,
    /// What moved: in positive, out negative, fen.
    pub sum: Fen,
    /// The last 清算日.
    pub bank_date: Option<NaiveDate>,
}

/// Takes a file's rows in, page by page, from the beginning: what an earlier try left goes first. A row that cannot be
/// read is given back as the inner error; the caller quarantines the file.
pub async fn lines(
    ctx: &Context<'_>,
    file: &FileRow,
    rows: impl Iterator<Item = Result<StatementRow, FileError>>,
) -> Result<Result<Taken, FileError>, JobError> {
    forget(ctx, file.file_id).await?;
    let mut taken = Taken::default();
    let mut known = BTreeMap::new();
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let mut page = Vec::new();
        for row in rows.by_ref().take(usize::try_from(ctx.app.page).unwrap_or(1)) {
            match row {
                Ok(row) => page.push(row),
                Err(error) => return Ok(Err(error)),
            }
        }
        let mut tx = ctx.page().await?;
        let lines = resolve(ctx, &mut tx, file, &page, &mut known).await?;
        money::insert(&mut tx, &lines).await?;
        tx.commit().await?;
        crash::point("statement.page.after_commit");
        for line in &lines {
            taken.lines += 1;
            taken.sum = taken.sum.plus(Fen(line.amount_fen))?;
            taken.bank_date = taken.bank_date.max(Some(line.bank_date));
        }
    }
    Ok(Ok(taken))
}

/// Forgets what an earlier try left of a file that is not believed yet.
pub async fn forget(ctx: &Context<'_>, file_id: i64) -> Result<(), JobError> {
    loop {
        let mut tx = ctx.page().await?;
        let gone = money::forget(&mut tx, file_id, ctx.app.page).await?;
        tx.commit().await?;
        if gone == 0 {
            return Ok(());
        }
    }
}

/// Batches by their files' names, as the rows of one statement ask for them.
type Batches = BTreeMap<String, Option<BatchRow>>;

async fn resolve(
    ctx: &Context<'_>,
    tx: &mut Tx,
    file: &FileRow,
    page: &[StatementRow],
    known: &mut Batches,
) -> Result<Vec<MoneyRow>, JobError> {
    for row in page {
        let name = row.reference.split_once('#').map_or(row.reference.as_str(), |(name, _)| name);
        if !name.is_empty() && !known.contains_key(name) {
            let mut batch = batches::by_name(tx, &file.bank, name, row.bank_date.max(row.value_date)).await?;
            // A standard's statement repeats the id of our message, or of a payment information in it.
            let bank = ctx.app.bank(&file.bank)?;
            let message = ctx.app.format(&bank.debit)?.message_names(name, &bank.params);
            if let (None, Some((date, seq))) = (&batch, message) {
                batch = batches::find(tx, batches::batch_id(date, bank.no, i64::from(seq))).await?;
            }
            let batch = batch.filter(|batch| batch.sent_at.is_some());
            known.insert(name.to_owned(), batch);
        }
    }
    let numbers: Vec<DebitNo> = page.iter().filter_map(|row| row.reference.parse().ok()).collect();
    let by_number: HashMap<i64, i64> = debits::by_number(tx, &numbers)
        .await?
        .into_iter()
        .filter(|debit| debit.bank == file.bank)
        .map(|debit| (debit.debit_no, debit.account))
        .collect();
    let places: Vec<(i64, i64)> = page.iter().filter_map(|row| short_key(&row.reference, known)).collect();
    let by_place: HashMap<(i64, i64), (i64, i64)> = batch::by_line(tx, &places)
        .await?
        .into_iter()
        .map(|(batch_id, line, account, debit_no)| ((batch_id, line), (account, debit_no)))
        .collect();
    let reserved = ctx.app.bank(&file.bank)?.reserved_account().0;
    let mut lines: Vec<MoneyRow> = Vec::with_capacity(page.len());
    for row in page {
        let number = row.reference.parse::<DebitNo>().ok();
        let debit = number
            .and_then(|number| Some((*by_number.get(&number.0)?, number.0)))
            .or_else(|| by_place.get(&short_key(&row.reference, known)?).copied());
        let batch = known.get(&row.reference).and_then(Option::as_ref).map(|batch| batch.batch_id);
        lines.push(line(file, row, debit, batch, reserved)?);
    }
    twins::mark(tx, &mut lines).await?;
    Ok(lines)
}

/// (batch, line) of `<file name>#<short key>`, by the arithmetic the key was made with.
fn short_key(reference: &str, known: &Batches) -> Option<(i64, i64)> {
    let (name, key) = reference.split_once('#')?;
    let batch = known.get(name)?.as_ref()?;
    let key: i64 = key.parse().ok()?;
    (key / LINES_PER_BATCH == batch.seq).then_some((batch.batch_id, key % LINES_PER_BATCH))
}

fn line(
    file: &FileRow,
    row: &StatementRow,
    debit: Option<(i64, i64)>,
    batch_id: Option<i64>,
    reserved: i64,
) -> Result<MoneyRow, JobError> {
    let line_no = i64::from(row.line);
    if line_no >= money::LINES_MAX {
        return Err(JobError::input(format!(
            "{}: line {line_no}; a statement may have {} lines, ask the bank for smaller files",
            file.file_name,
            money::LINES_MAX - 1
        )));
    }
    let ours = debit.is_some() || batch_id.is_some();
    Ok(MoneyRow {
        account: debit.map_or(reserved, |(account, _)| account),
        money_no: money::money_no(file.file_id, line_no),
        file_id: file.file_id,
        line_no,
        bank: file.bank.clone(),
        kind: money::word(row.kind).to_owned(),
        value_date: row.value_date,
        bank_date: row.bank_date,
        amount_fen: row.amount.0,
        fee_fen: row.fee.0,
        reference: if ours { row.reference.clone() } else { without_cards(&row.reference) },
        serial: row.serial.clone(),
        message: without_cards(&row.text),
        debit_no: debit.map(|(_, number)| number),
        batch_id,
        booking: None,
    })
}

/// A bank's words without what could be a card or an ID number: runs of 13 digits and more are masked.
pub fn without_cards(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        clean.push_str(&if run.len() >= 13 { mask(&run) } else { std::mem::take(&mut run) });
        run.clear();
        clean.push(c);
    }
    clean.pop();
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_cards_and_keep_the_rest() {
        assert_eq!(without_cards("转自6226090000000048张三"), "转自622609******0048张三");
        assert_eq!(without_cards("户号051600001234"), "户号051600001234");
        assert_eq!(without_cards(""), "");
    }

    #[test]
    fn a_short_key_is_a_place_in_its_own_batch() {
        assert_eq!(short_key("a.txt#1000002", &Batches::new()), None);
        assert_eq!(short_key("no key", &Batches::new()), None);
    }
}
