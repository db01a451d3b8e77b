//! The bank's statement of our account (对账单).

use std::collections::BTreeMap;
use std::io;

use chrono::{Days, NaiveDate};

use super::bank::{Bank, Settle};
use super::chance::Chance;
use super::outcome::{Money, Then};
use super::scenario::Word;
use super::text::{compact, csv_line, yuan};
use super::truth::{Debit, Entry};

const TITLES: &str = "交易日期,清算日,流水号,收入,支出,手续费,参考号,摘要";

impl Bank {
    /// Writes the statement of a day, also when nothing moved; returns its name. It holds all money due by that day and
    /// not yet on a statement. Once made it never changes: asked again, the same bytes are written.
    pub fn statement(&mut self, value_date: NaiveDate) -> io::Result<String> {
        if !self.truth.statements.contains(&value_date) {
            self.settle(value_date)?;
            self.take_back(value_date)?;
            self.strangers(value_date)?;
            self.truth.add_statement(value_date)?;
            self.truth.save()?;
        }
        let (merchant, entries) = (&self.config.merchant, &self.truth.entries);
        if let Some(own) = self.config.family.statement(merchant, value_date, entries) {
            self.exchange.deliver(&own.name, &own.bytes)?;
            return Ok(own.name);
        }
        let mut text = format!("{TITLES}\n");
        for entry in self.truth.entries.iter().filter(|entry| entry.value_date == value_date) {
            for _ in 0..entry.printed {
                text.push_str(&line(entry));
                text.push('\n');
            }
        }
        let name = format!("{}-{}.stmt.csv", self.config.merchant, compact(value_date));
        self.exchange.deliver(&name, text.as_bytes())?;
        Ok(name)
    }

    fn manner(&self) -> Settle {
        let script = &self.config.scenario;
        if let Some(fee) = script.number(Word::NetOfFee, 50) {
            Settle::LumpsNetOfFee { fee_fen_per_debit: i64::from(fee) }
        } else if script.has(Word::Lump) {
            Settle::Lumps
        } else if script.has(Word::Singles) {
            Settle::Singles
        } else {
            self.config.settle
        }
    }

    /// Pays over what is due.
    fn settle(&mut self, day: NaiveDate) -> io::Result<()> {
        let due: Vec<usize> = (self.truth.debits.iter())
            .filter(|debit| debit.settled_on.is_none() && debit.settles_on.is_some_and(|own| own <= day))
            .map(|debit| debit.number)
            .collect();
        let manner = self.manner();
        let fee_each = match manner {
            Settle::LumpsNetOfFee { fee_fen_per_debit } => fee_fen_per_debit,
            _ => self.config.scenario.number(Word::FeeLine, 50).map_or(0, i64::from),
        };
        for number in &due {
            let debit = &mut self.truth.debits[*number];
            debit.settled_on = Some(day);
            debit.settled = debit.taken + off(debit);
            debit.fee = fee_each;
        }
        match manner {
            Settle::Singles => self.pay_singles(day, &due)?,
            Settle::Lumps => self.pay_lumps(day, &due, 0)?,
            Settle::LumpsNetOfFee { .. } => self.pay_lumps(day, &due, fee_each)?,
        }
        for number in &due {
            self.truth.note_debit(*number)?;
        }
        let fees = fee_each * i64::try_from(due.len()).unwrap_or(0);
        if fees > 0 && !matches!(manner, Settle::LumpsNetOfFee { .. }) {
            self.enter_money(day, day, -fees, 0, "", "手续费", 1)?;
        }
        Ok(())
    }

    fn pay_singles(&mut self, day: NaiveDate, due: &[usize]) -> io::Result<()> {
        for number in due {
            let debit = self.truth.debits[*number].clone();
            let money = money(&debit);
            let printed = if money == Money::PrintedTwice { 2 } else { 1 };
            let bank_date = debit.bank_date.unwrap_or(day);
            self.enter_money(day, bank_date, debit.settled, 0, &debit.reference, "代扣入账", printed)?;
            if money == Money::Twice {
                self.enter_money(day, bank_date, debit.settled, 0, &debit.reference, "代扣入账", 1)?;
                self.truth.debits[*number].settled *= 2;
            }
        }
        Ok(())
    }

    fn pay_lumps(&mut self, day: NaiveDate, due: &[usize], fee_each: i64) -> io::Result<()> {
        let mut lumps: BTreeMap<(usize, NaiveDate), Vec<usize>> = BTreeMap::new();
        for number in due {
            let debit = &self.truth.debits[*number];
            lumps.entry((debit.file_number, debit.bank_date.unwrap_or(day))).or_default().push(*number);
        }
        for ((file, bank_date), members) in lumps {
            let reference = self.truth.files[file].name.clone();
            let sum: i64 = members.iter().map(|number| self.truth.debits[*number].settled).sum();
            let fee = fee_each * i64::try_from(members.len()).unwrap_or(0);
            let has = |kind: Money| members.iter().any(|number| money(&self.truth.debits[*number]) == kind);
            let (twice, printed) = (has(Money::Twice), if has(Money::PrintedTwice) { 2 } else { 1 });
            self.enter_money(day, bank_date, sum - fee, fee, &reference, "代扣汇总", printed)?;
            if twice {
                self.enter_money(day, bank_date, sum - fee, fee, &reference, "代扣汇总", 1)?;
                for number in members {
                    self.truth.debits[number].settled *= 2;
                    self.truth.debits[number].fee *= 2;
                }
            }
        }
        Ok(())
    }

    /// 冲正 of settled debits, and 退票 whose day has come.
    fn take_back(&mut self, day: NaiveDate) -> io::Result<()> {
        for number in 0..self.truth.debits.len() {
            let debit = &self.truth.debits[number];
            let Some(settled_on) = debit.settled_on.filter(|_| debit.taken_back_on.is_none()) else { continue };
            let text = match debit.outcome.as_ref().map(|own| own.then) {
                Some(Then::ReversedSameDay) => "代扣冲正",
                Some(Then::Returned(days)) if day >= settled_on + Days::new(u64::from(days)) => "代扣退回",
                _ => continue,
            };
            let (reference, taken) = (debit.reference.clone(), debit.taken);
            let bank_date = if text == "代扣冲正" { debit.bank_date.unwrap_or(day) } else { day };
            self.enter_money(day, bank_date, -taken, 0, &reference, text, 1)?;
            let debit = &mut self.truth.debits[number];
            debit.taken_back_on = Some(day);
            debit.reversed_on = debit.reversed_on.or(Some(day));
            self.truth.note_debit(number)?;
        }
        Ok(())
    }

    fn strangers(&mut self, day: NaiveDate) -> io::Result<()> {
        for nth in 0..self.config.scenario.number(Word::SettleLong, 1).unwrap_or(0) {
            let mut chance = Chance::of(self.config.seed, &["stranger", &compact(day), &nth.to_string()]);
            let fen = 1 + i64::try_from(chance.below(100_000)).unwrap_or(0);
            self.enter_money(day, day, fen, 0, "", "转账存入", 1)?;
        }
        Ok(())
    }

    /// Adds one entry; money above zero comes in, below zero goes out.
    #[expect(clippy::too_many_arguments, reason = "one argument for each column of the statement")]
    fn enter_money(
        &mut self,
        day: NaiveDate,
        bank_date: NaiveDate,
        fen: i64,
        fee: i64,
        reference: &str,
        text: &str,
        printed: u32,
    ) -> io::Result<()> {
        let last = self.truth.entries.last().filter(|entry| entry.value_date == day);
        let nth = last.and_then(|entry| entry.serial.get(8..)?.parse::<u64>().ok()).unwrap_or(0) + 1;
        self.truth.add_entry(Entry {
            value_date: day,
            bank_date,
            serial: format!("{}{nth:06}", compact(day)),
            income: fen.max(0),
            outgo: (-fen).max(0),
            fee,
            reference: reference.to_owned(),
            text: text.to_owned(),
            printed,
        })
    }
}

fn money(debit: &Debit) -> Money {
    debit.outcome.as_ref().map_or(Money::OnTime, |outcome| outcome.money)
}

fn off(debit: &Debit) -> i64 {
    if let Money::Off(fen) = money(debit) { fen } else { 0 }
}

fn line(entry: &Entry) -> String {
    let some = |fen: i64| if fen == 0 { String::new() } else { yuan(fen) };
    let (date, bank_date) = (entry.value_date.to_string(), entry.bank_date.to_string());
    let income = if entry.outgo == 0 { yuan(entry.income) } else { String::new() };
    csv_line(&[
        &date,
        &bank_date,
        &entry.serial,
        &income,
        &some(entry.outgo),
        &some(entry.fee),
        &entry.reference,
        &entry.text,
    ])
}
