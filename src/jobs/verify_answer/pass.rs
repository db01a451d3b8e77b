//! One answer file beside what we sent: rows are matched page by page, totals at the end.

use std::collections::HashMap;

use chrono::NaiveDate;
use yichong_core::formats::records::{AnswerFacts, AnswerRow, Totals};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::money::Fen;
use yichong_core::rules::matching::{self, Absent, Pair, Sent};

use super::{Doubt, Stop, WholeFile};
use crate::app::Context;
use crate::assembly::LINES_PER_BATCH;
use crate::config::Bank;
use yichong_gateways::crash;
use yichong_store::answers::{self, LineRow, SentRow};
use yichong_store::batches::{self, BatchRow};
use yichong_store::db::Tx;
use yichong_store::files::{self, FileRow, Verified};
use yichong_store::grown::{self, Grown};

/// Lines are kept in memory until so many are read (some 20 MiB), and saved in the order of accounts: pass 2 reads them
/// in that order, and finds its page in a few places of the table instead of in as many as it has rows.
const RUN: usize = 1 << 16;

/// A file while it is read.
pub struct Pass<'a> {
    ctx: &'a Context<'a>,
    bank: &'a Bank,
    file: &'a FileRow,
    named: Option<BatchRow>,
    partial: bool,
    /// Read and matched, not saved yet.
    run: Vec<LineRow>,
    lines: i64,
    /// The one batch every row belongs to so far; `Some(None)`: rows of several.
    batch: Option<Option<i64>>,
    /// What refuses every debit it decides, and lists none: category, code, words.
    refusal: Option<(String, String, String)>,
}

impl<'a> Pass<'a> {
    /// Nothing is read yet; `named` is the batch that the file's name tells, `partial` whether less than asked may
    /// be taken.
    pub fn begin(
        ctx: &'a Context<'a>,
        bank: &'a Bank,
        file: &'a FileRow,
        named: Option<BatchRow>,
        partial: bool,
    ) -> Pass<'a> {
        Pass { ctx, bank, file, named, partial, run: Vec::new(), lines: 0, batch: None, refusal: None }
    }

    /// Matches a page of rows and keeps them as return lines.
    pub async fn page(&mut self, page: &[AnswerRow], file_date: Option<NaiveDate>) -> Result<(), Stop> {
        let mut tx = self.ctx.app.db.read().await?;
        let sent = self.sent(&mut tx, page, file_date).await?;
        drop(tx);
        for (row, sent) in page.iter().zip(&sent) {
            let pair = self.pair(row, sent.as_ref());
            matching::check_row(&pair, self.partial).map_err(|mismatch| {
                let kind = match mismatch {
                    matching::Mismatch::Asked { .. } | matching::Mismatch::Taken { .. } => BreakKind::AmountDiffers,
                    _ => BreakKind::StateDiffers,
                };
                Stop::Doubt(Doubt { kind, problem: mismatch.to_string() })
            })?;
            let Some(sent) = sent else { continue };
            self.batch = Some(match self.batch {
                None => Some(sent.batch_id),
                Some(one) => one.filter(|batch| *batch == sent.batch_id),
            });
            self.lines += 1;
            self.run.push(LineRow {
                account: sent.account,
                file_id: self.file.file_id,
                line_no: i64::from(row.line),
                debit_no: sent.debit_no,
                taken_fen: row.taken.filter(|_| row.category.took_money()).map(|taken| taken.0),
                category: row.category.word().to_owned(),
                code: row.code.clone(),
                message: row.text.clone(),
                bank_date: row.bank_date.unwrap_or(sent.file_date),
                bank_serial: row.bank_serial.clone(),
            });
        }
        if self.run.len() >= RUN {
            self.save().await?;
        }
        Ok(())
    }

    /// The batch it is about: the one it names, or the one every row so far belongs to.
    pub async fn about(&self) -> Result<Option<BatchRow>, Stop> {
        match (&self.named, self.batch.flatten()) {
            (Some(named), _) => Ok(Some(named.clone())),
            (None, Some(id)) => Ok(batches::find(&mut self.ctx.app.db.read().await?, id).await?),
            (None, None) => Ok(None),
        }
    }

    /// Every line was made by a word that refuses; where those are all debits of the batch, it is refused itself.
    pub fn refused_by(&mut self, refusal: Option<(String, String, String)>) {
        self.refusal = refusal;
    }

    /// Those of these rows whose debits do not stand on a line of the file yet.
    pub async fn not_listed(
        &mut self,
        rows: Vec<AnswerRow>,
        file_date: Option<NaiveDate>,
    ) -> Result<Vec<AnswerRow>, Stop> {
        self.save().await?;
        let mut tx = self.ctx.app.db.read().await?;
        let sent = self.sent(&mut tx, &rows, file_date).await?;
        let keys: Vec<(i64, i64)> = sent.iter().flatten().map(|sent| (sent.account, sent.debit_no)).collect();
        let listed = answers::listed(&mut tx, self.file.file_id, &keys).await?;
        let is_listed =
            |sent: &Option<SentRow>| sent.as_ref().is_some_and(|s| listed.contains(&(s.account, s.debit_no)));
        let pairs = rows.into_iter().zip(&sent);
        Ok(pairs.filter(|(_, sent)| !is_listed(sent)).map(|(row, _)| row).collect())
    }

    /// Saves what was read so far.
    async fn save(&mut self) -> Result<(), Stop> {
        self.run.sort_unstable_by_key(|line| (line.account, line.line_no));
        for page in self.run.chunks(usize::try_from(self.ctx.app.page).unwrap_or(1)) {
            let mut tx = self.ctx.page().await?;
            answers::add(&mut tx, page).await?;
            tx.commit().await?;
            crash::point("verify.page.after_commit");
        }
        self.run.clear();
        Ok(())
    }

    /// For each row the debit it answers, if we sent such a debit to this bank (and in the named file).
    async fn sent(
        &self,
        tx: &mut Tx,
        page: &[AnswerRow],
        file_date: Option<NaiveDate>,
    ) -> Result<Vec<Option<SentRow>>, Stop> {
        let numbers: Vec<(i64, i64)> = page.iter().filter_map(|r| r.debit_no).map(|n| (n.account().0, n.0)).collect();
        let places: Vec<(i64, i64)> = page.iter().filter_map(|row| self.place(row, file_date)).collect();
        let about = self.named.as_ref().map(|batch| batch.batch_id);
        // No key of ours, but the agreement's account, in a file whose batch is known: one debit for each account.
        let named: Vec<(i64, i64)> = page.iter().filter_map(|row| Some((about?, keyless(row)?))).collect();
        let by_account: HashMap<i64, SentRow> =
            answers::sent_by_account(tx, &named).await?.into_iter().map(|s| (s.account, s)).collect();
        let by_number: HashMap<i64, SentRow> =
            answers::sent_by_number(tx, &numbers).await?.into_iter().map(|s| (s.debit_no, s)).collect();
        let by_place: HashMap<(i64, i64), SentRow> =
            answers::sent_by_place(tx, &places).await?.into_iter().map(|s| ((s.batch_id, s.line_no), s)).collect();
        let ours = |sent: &&SentRow| {
            sent.bank == self.bank.code && self.named.as_ref().is_none_or(|batch| batch.batch_id == sent.batch_id)
        };
        let found = page.iter().map(|row| {
            let place = self.place(row, file_date);
            // An echoed key or account that cannot be ours matches nothing.
            let found = match (row.debit_no.filter(|_| row.foreign.is_none()), place.filter(|_| row.foreign.is_none()))
            {
                (Some(number), _) => by_number.get(&number.0),
                (None, Some(place)) => by_place.get(&place),
                (None, None) => keyless(row).and_then(|account| by_account.get(&account)),
            };
            found.filter(ours).cloned()
        });
        Ok(found.collect())
    }

    /// (batch, line) of a short key, by arithmetic.
    fn place(&self, row: &AnswerRow, file_date: Option<NaiveDate>) -> Option<(i64, i64)> {
        let key: i64 = row.bank_ref.as_ref()?.parse().ok()?;
        let named = self.named.as_ref().map(|batch| batch.file_date);
        let date = row.file_date.or(file_date).or(named)?;
        let (seq, line) = (key / LINES_PER_BATCH, key % LINES_PER_BATCH);
        Some((batches::batch_id(date, self.bank.no, seq), line))
    }

    fn pair(&self, row: &AnswerRow, sent: Option<&SentRow>) -> Pair {
        let key = match (&row.foreign, &row.debit_no, &row.bank_ref) {
            (Some(foreign), ..) => foreign.clone(),
            (None, Some(number), _) => number.to_string(),
            (None, None, Some(key)) => key.clone(),
            (None, None, None) => "a row without our number".to_owned(),
        };
        let card_equal = row
            .card
            .as_ref()
            .zip(sent)
            .map(|(card, sent)| self.ctx.app.vault.index("card", card)[..] == sent.card_index[..]);
        Pair {
            line: row.line,
            key,
            stated_asked: row.asked,
            taken: row.taken,
            took_money: row.category.took_money(),
            sent: sent.map(|sent| Sent { asked: Fen(sent.amount_fen), left: true }),
            card_equal,
            earlier_line: None,
        }
    }

    /// The last row was read: totals, twice-named debits, what absent rows mean.
    pub async fn whole(&mut self, facts: &AnswerFacts) -> Result<(), Stop> {
        self.save().await?;
        let mut tx = self.ctx.page().await?;
        if let Some((debit, earlier, line)) = answers::twice(&mut tx, self.file.file_id).await? {
            let said = format!("line {line}: debit {debit} stands on line {earlier} already");
            return Err(Stop::Doubt(Doubt::of(said)));
        }
        let batch_id = self.named.as_ref().map(|batch| batch.batch_id).or(self.batch.flatten());
        let batch = match batch_id {
            Some(id) => batches::find(&mut tx, id).await?,
            None => None,
        };
        let totals = |count: i64, sum: i64| Totals { count: count.unsigned_abs(), sum: Fen(sum) };
        let sent = batch.as_ref().map(|batch| totals(batch.debits, batch.sum_fen));
        matching::check_whole(facts, sent).map_err(|mismatch| Stop::Doubt(Doubt::of(mismatch)))?;
        let (mut absent, mut complete) = (Absent::Open, false);
        if let (Some(batch), Some(sent)) = (&batch, sent) {
            // As many different debits of this batch as it has: none is absent, and nothing needs to be searched.
            complete = self.lines == batch.debits && self.batch == Some(Some(batch.batch_id));
            let (count, sum) =
                if complete { (0, 0) } else { answers::absent(&mut tx, self.file.file_id, batch.batch_id).await? };
            absent = matching::absent_rows(facts, sent, totals(count, sum));
        }
        let word = match absent {
            Absent::Open => "open",
            Absent::Refused => "refused",
            Absent::Paid => "paid",
        };
        let whole = WholeFile { absent: word.into(), refusal: self.refusal.take().filter(|_| complete) };
        let (facts_json, sum) = (serde_json::to_string(&whole)?, facts.taken.sum.0);
        let verified = Verified { batch_id, bank_date: None, lines: self.lines, sum_fen: sum, facts: &facts_json };
        files::verified(&mut tx, self.file.file_id, &verified).await?;
        tx.commit().await?;
        if self.lines >= self.ctx.app.page {
            grown::look(&self.ctx.app.db, Grown::Answers).await?;
        }
        Ok(())
    }
}

/// The account of a row that carries no key of ours.
fn keyless(row: &AnswerRow) -> Option<i64> {
    let none = row.debit_no.is_none() && row.bank_ref.is_none() && row.foreign.is_none();
    row.account.filter(|_| none).map(|account| account.0)
}
