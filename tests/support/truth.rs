//! Our books beside the partner's: every debit the bank really took is in ours with its amount, and no other is.

use std::collections::BTreeMap;

use yichong::simulator::{Bank, Debit};
use yichong::store::batches::batch_id;

use super::site::Site;
use super::texts;

/// What we hold of one sent debit.
struct Ours {
    state: String,
    asked: i64,
    taken: i64,
}

impl Site {
    /// Differences between a bank's truth and ours, in words; an open debit of ours is one whatever the bank did.
    pub async fn differences(&self, code: &str, bank: &Bank) -> Vec<String> {
        let mut ours = self.sent(code).await;
        let no = self.app.config.bank(code).unwrap().no;
        let mut found: Vec<String> = bank.complaints();
        found.extend(bank.double_debits().iter().map(|debit| format!("{} was taken twice", debit.identity())));
        found.extend(bank.resent_keys().iter().map(|debit| format!("{} was sent twice", debit.identity())));
        for theirs in bank.debits() {
            let Some((key, own)) = find(&mut ours, theirs, no) else {
                found.push(format!("{} of {} is not ours", theirs.key, theirs.file));
                continue;
            };
            if own.asked != theirs.asked {
                found.push(format!("{key}: we asked {}, the bank read {}", own.asked, theirs.asked));
            }
            let (took, back) = (theirs.taken, theirs.reversed_on.is_some());
            let fits = match own.state.as_str() {
                "paid" | "credited" => took == own.taken && !back,
                "reversed" => took == own.taken && back,
                "refunded" => took == own.taken,
                "refused" => took == 0,
                _ => false,
            };
            if !fits {
                let back = if back { " and gave it back" } else { "" };
                found.push(format!("{key}: {} {} here, the bank took {took}{back}", own.state, own.taken));
            }
        }
        found.extend(ours.into_keys().map(|key| format!("{} left us and never came to the bank", key.0)));
        found
    }

    /// The partner agrees with us on every debit.
    pub async fn agrees(&self, code: &str, bank: &Bank) {
        let found = self.differences(code, bank).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    /// Sent debits of a bank by `debit_no batch line`.
    async fn sent(&self, code: &str) -> BTreeMap<(i64, i64, i64), Ours> {
        let sql = format!(
            "SELECT CAST(d.debit_no AS TEXT) || ' ' || CAST(d.batch_id AS TEXT) || ' ' || CAST(d.line_no AS TEXT) || ' '
            || d.state || ' ' || CAST(d.amount_fen AS TEXT) || ' ' || CAST(COALESCE(d.taken_fen, 0) AS TEXT)
            FROM debit d JOIN batch b ON b.batch_id = d.batch_id WHERE b.bank = '{code}' AND b.sent_at IS NOT NULL"
        );
        let row = |line: String| {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |at: usize| words[at].parse::<i64>().unwrap();
            ((number(0), number(1), number(2)), Ours { state: words[3].into(), asked: number(4), taken: number(5) })
        };
        texts(&self.app.db, &sql).await.into_iter().map(row).collect()
    }
}

/// Our debit for one of the bank's: by its number, or by the file and line a short key is made of.
fn find(ours: &mut BTreeMap<(i64, i64, i64), Ours>, theirs: &Debit, bank_no: i64) -> Option<(i64, Ours)> {
    let number: i64 = theirs.key.trim().parse().ok()?;
    let short = number < 10_000_000_000;
    let place = (batch_id(theirs.file_date, bank_no, number / 1_000_000), number % 1_000_000);
    let fits = |key: &&(i64, i64, i64)| if short { (key.1, key.2) == place } else { key.0 == number };
    let key = *ours.keys().find(fits)?;
    ours.remove(&key).map(|own| (key.0, own))
}
