//! Lines that tell a movement of money which another line told before: by the bank's serial, which names one movement.
//! A file that came again is no news, nor is a statement behind the notification of the same bookings; all else is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Facts;
use crate::app::Context;
use crate::error::JobError;
use yichong_store::db::Tx;
use yichong_store::files::{self, FileRow};
use yichong_store::money::{self, MoneyRow};

/// Marks the lines whose serial was seen before, here or in an earlier file: each is a twin of that line.
pub async fn mark(tx: &mut Tx, lines: &mut [MoneyRow]) -> Result<(), JobError> {
    let mut seen: BTreeSet<(NaiveDate, String)> = BTreeSet::new();
    // Entries that another file told, whole or in parts: no part of them is new money.
    let mut told: BTreeSet<(NaiveDate, String)> = BTreeSet::new();
    for (date, serials) in by_date(lines) {
        let (bank, file) = (lines[0].bank.clone(), lines[0].file_id);
        for line in money::by_serial(tx, &bank, date, &serials).await? {
            if line.file_id != file {
                told.insert((line.value_date, line.serial.clone()));
            }
            seen.insert((line.value_date, line.serial));
        }
    }
    for line in lines.iter_mut() {
        let part = entry_of(&line.serial).is_some_and(|entry| told.contains(&(line.value_date, entry.to_owned())));
        if !seen.insert((line.value_date, line.serial.clone())) || part {
            line.serial = format!("{}~{}", line.serial, line.money_no);
            line.booking = Some(money::TWIN.to_owned());
        }
    }
    Ok(())
}

/// The entry that a line is a part of, in the serials of a standard's statements: `…|8005C` of `…|8005C+1`.
fn entry_of(serial: &str) -> Option<&str> {
    let (entry, nth) = serial.rsplit_once('+')?;
    (is_number(nth) && holds_amount(entry)).then_some(entry)
}

/// Whether the serial of an entry holds its amount and direction: two messages that say it tell one booking.
pub fn holds_amount(serial: &str) -> bool {
    let entry = serial.rsplit_once('+').filter(|(_, nth)| is_number(nth)).map_or(serial, |(entry, _)| entry);
    let Some((_, amount)) = entry.rsplit_once('|') else { return false };
    let amount = amount.split_once('~').map_or(amount, |(amount, _)| amount);
    amount.strip_suffix(['C', 'D']).is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The serials of lines, as the bank wrote them, and of the entries they are parts of, by value date.
fn by_date(lines: &[MoneyRow]) -> BTreeMap<NaiveDate, Vec<String>> {
    let mut dates: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    for line in lines {
        let (own, serials) = (line.bank_serial(), dates.entry(line.value_date).or_default());
        serials.extend([Some(own), entry_of(own)].into_iter().flatten().map(str::to_owned));
    }
    dates.into_iter().map(|(date, serials)| (date, serials.into_iter().collect())).collect()
}

/// The first lines that carry serials, by (value date, serial).
#[derive(Debug, Default)]
pub struct Originals {
    found: BTreeMap<(NaiveDate, String), MoneyRow>,
}

impl Originals {
    /// Those of twins.
    pub async fn of(tx: &mut Tx, twins: &[MoneyRow]) -> Result<Originals, JobError> {
        let mut found = BTreeMap::new();
        for (date, serials) in by_date(twins) {
            let before = money::by_serial(tx, &twins[0].bank, date, &serials).await?;
            found.extend(before.into_iter().map(|line| ((line.value_date, line.serial.clone()), line)));
        }
        Ok(Originals { found })
    }

    /// The line a twin repeats; of a part of an entry told before, the entry's.
    pub fn get(&self, twin: &MoneyRow) -> Option<&MoneyRow> {
        let of = |serial: &str| self.found.get(&(twin.value_date, serial.to_owned()));
        let entry = || of(entry_of(twin.bank_serial())?).filter(|line| line.file_id != twin.file_id);
        of(twin.bank_serial()).or_else(entry)
    }
}

/// What the twins of a file say of it as a whole.
pub async fn facts(ctx: &Context<'_>, file: &FileRow) -> Result<Facts, JobError> {
    let mut same: BTreeMap<i64, i64> = BTreeMap::new();
    let mut earlier: BTreeSet<i64> = BTreeSet::new();
    let mut after = 0;
    loop {
        let mut tx = ctx.app.db.read().await?;
        let twins = money::twins(&mut tx, file.file_id, after, ctx.app.page).await?;
        let Some(last) = twins.last() else { break };
        after = last.line_no;
        let originals = Originals::of(&mut tx, &twins).await?;
        for twin in &twins {
            let Some(original) = originals.get(twin).filter(|original| original.file_id != file.file_id) else {
                continue;
            };
            earlier.insert(original.file_id);
            *same.entry(original.file_id).or_insert(0) += i64::from(original.says_the_same(twin));
        }
    }
    let mut facts = Facts::default();
    let mut tx = ctx.app.db.read().await?;
    let own = format_name(&mut tx, file).await?;
    for earlier in earlier {
        let Some(row) = files::find(&mut tx, earlier).await? else { continue };
        if format_name(&mut tx, &row).await? != own {
            facts.others.push(earlier);
        } else if row.line_count == same.get(&earlier).copied() {
            facts.repeats.push(earlier);
        }
    }
    Ok(facts)
}

/// The name of the format a file was read by.
async fn format_name(tx: &mut Tx, file: &FileRow) -> Result<Option<String>, JobError> {
    let Some(hash) = &file.format_hash else { return Ok(None) };
    Ok(files::format(tx, hash).await?.map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::{entry_of, holds_amount};

    #[test]
    fn parts_know_their_entry() {
        assert_eq!(entry_of("3300|R1|8005C+1"), Some("3300|R1|8005C"));
        assert_eq!(entry_of("3300|R1|8005D~1+12"), Some("3300|R1|8005D~1"));
        for other in ["BK1", "BK+1", "3300|R+1", "3300|R1|8005C", "3300|R1|8005+1", "3300|R1|C+1", "3300|R1|8005C+"] {
            assert_eq!(entry_of(other), None, "{other}");
        }
        assert!(holds_amount("3300|R1|8005C") && holds_amount("3300|R1|8005C~1+2"));
        assert!(!holds_amount("BK1") && !holds_amount("3300|R1|C") && !holds_amount("3300-245/1-20240901-1"));
    }
}
