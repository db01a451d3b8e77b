//! People, runs, numbers and words: who did it, under which claim, and whether every word in a table is one we know.

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::person::check_resident_id;
use yichong_core::rules::posting::Posting;

use super::{Broken, Check, MOST, Span};
use crate::db::{Result, Tx, on};

const TWO_PEOPLE: &str = "SELECT 'approval of ' || object || ': ' || maker || ' proposed and approved it' AS found
    FROM approval WHERE checker = maker
    UNION ALL SELECT 'agreement ' || CAST(account AS TEXT) || '-' || CAST(number AS TEXT) || ' is ' || state
    || ', made by ' || maker || ', checked by ' || COALESCE(checker, 'nobody') FROM agreement
    WHERE checker = maker OR (state IN ('active', 'suspended') AND checker IS NULL)
    UNION ALL SELECT 'break ' || kind || ' ' || CAST(ref AS TEXT) || ' is resolved by ' || COALESCE(maker, 'nobody')
    || ', checked by ' || COALESCE(checker, 'nobody') FROM break_item WHERE checker = maker
    OR (state = 'resolved' AND COALESCE(maker, '') <> 'engine' AND checker IS NULL)
    UNION ALL SELECT 'batch ' || b.file_name || ' was released by ' || b.released_by || ' without an approval' FROM
    batch b
    WHERE b.released_by <> 'engine' AND NOT EXISTS (SELECT 1 FROM approval a
      WHERE a.object = 'batch:' || CAST(b.batch_id AS TEXT) AND a.checker IS NOT NULL) LIMIT 20";

const FENCES: &str = "SELECT 'step ' || s.step || ' of ' || s.job || ' for ' || CAST(s.business_date AS TEXT)
    || ' wrote under fence ' || CAST(s.fence AS TEXT) || ', the run holds ' || COALESCE(CAST(r.fence AS TEXT), 'none')
    AS found FROM run_step s LEFT JOIN run r ON r.job = s.job AND r.business_date = s.business_date
    WHERE r.job IS NULL OR s.fence > r.fence OR s.pass > r.pass LIMIT 20";

/// Of the whole house.
pub(super) const WHOLE: &[Check] = &[Check { number: 23, sql: TWO_PEOPLE }, Check { number: 26, sql: FENCES }];

/// I1: every entry moves one amount between two ledger accounts, as the postings table says.
pub(super) async fn postings(tx: &mut Tx) -> Result<Broken> {
    const SQL: &str = "SELECT event, debit, credit, COUNT(*) FROM entry GROUP BY event, debit, credit
        ORDER BY event, debit, credit";
    const AMOUNTS: &str = "SELECT event, account, ref, amount_fen FROM entry WHERE amount_fen <= 0 LIMIT 20";
    let used: Vec<(String, String, String, i64)> = on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)?;
    let known = |event: &str, debit: &str, credit: &str| {
        let legs = (debit, credit);
        Posting::ALL.iter().any(|p| p.key() == event && (p.legs().0.word(), p.legs().1.word()) == legs)
    };
    let mut rows: Vec<String> = used
        .into_iter()
        .filter(|(event, debit, credit, _)| !known(event, debit, credit))
        .map(|(event, debit, credit, count)| {
            format!("{count} entries `{event}` from {debit} to {credit}: no such posting")
        })
        .collect();
    let odd: Vec<(String, i64, i64, i64)> = on!(tx, |c| sqlx::query_as(AMOUNTS).fetch_all(c).await)?;
    let words =
        |(event, account, about, fen)| format!("entry `{event}` of account {account} about {about} moves {fen} fen");
    rows.extend(odd.into_iter().map(words));
    Ok(Broken { number: 1, rows })
}

/// I8: every category and kind in a table is one the rules know.
pub(super) async fn words(tx: &mut Tx) -> Result<Broken> {
    const SQL: &str =
        "SELECT 'debit' AS place, category AS word FROM debit WHERE category IS NOT NULL GROUP BY category
        UNION ALL SELECT 'return_line', category FROM return_line GROUP BY category
        UNION ALL SELECT 'break_item', kind FROM break_item GROUP BY kind ORDER BY 1, 2";
    let used: Vec<(String, String)> = on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)?;
    let known = |place: &str, word: &str| match place {
        "break_item" => BreakKind::ALL.iter().any(|kind| kind.word() == word),
        _ => Category::ALL.iter().any(|category| category.word() == word),
    };
    let odd = used.into_iter().filter(|(place, word)| !known(place, word));
    Ok(Broken {
        number: 8,
        rows: odd.map(|(place, word)| format!("table {place}: `{word}` is no word of ours")).collect(),
    })
}

/// I27: a debit's number holds its business date and its account.
pub(super) async fn numbers(tx: &mut Tx, span: Span) -> Result<Broken> {
    const DATES: &str = "SELECT business_date, MIN(debit_no), MAX(debit_no) FROM debit
        WHERE business_date >= $1 AND business_date <= $2 GROUP BY business_date ORDER BY business_date";
    const ACCOUNTS: &str = "SELECT account, debit_no FROM debit WHERE business_date >= $1 AND business_date <= $2
        AND debit_no % 10000000000000 / 10 <> account LIMIT 20";
    let dates: Vec<(NaiveDate, i64, i64)> =
        on!(tx, |c| sqlx::query_as(DATES).bind(span.from).bind(span.to).fetch_all(c).await)?;
    let mut rows = Vec::new();
    for (date, least, most) in dates {
        let odd = [least, most].into_iter().find(|number| DebitNo(*number).business_date() != date);
        rows.extend(odd.map(|number| {
            format!("debit {number} stands on {date}, its number says {}", DebitNo(number).business_date())
        }));
    }
    let accounts: Vec<(i64, i64)> =
        on!(tx, |c| sqlx::query_as(ACCOUNTS).bind(span.from).bind(span.to).fetch_all(c).await)?;
    rows.extend(accounts.into_iter().map(|(account, number)| {
        let says = DebitNo(number).account();
        format!("debit {number} stands on account {}, its number says {says}", AccountNo(account))
    }));
    rows.truncate(MOST);
    Ok(Broken { number: 27, rows })
}

/// Every digit becomes 0, so that one LIKE finds a long run on both databases.
macro_rules! zeroed {
    () => {
        "REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(t.words, '1', '0'), '2', '0'), '3',
        '0'),
        '4', '0'), '5', '0'), '6', '0'), '7', '0'), '8', '0'), '9', '0')"
    };
}

/// I25: no card and no resident ID stands in a clear text column. Our own long numbers (debits) are let through.
pub(super) async fn canary(tx: &mut Tx, span: Span) -> Result<Broken> {
    const SQL: &str = concat!(
        "SELECT t.place, t.words FROM (
        SELECT 'break_item.detail of ' || CAST(ref AS TEXT) AS place, detail AS words FROM break_item
        UNION ALL SELECT 'break_item.resolution of ' || CAST(ref AS TEXT), resolution FROM break_item
        UNION ALL SELECT 'entry.cause of ' || event || ' ' || CAST(ref AS TEXT), cause FROM entry
            WHERE posted_on >= $1 AND posted_on <= $2
        UNION ALL SELECT 'audit.detail ' || CAST(seq AS TEXT), detail FROM audit
        UNION ALL SELECT 'audit.object ' || CAST(seq AS TEXT), object FROM audit
        UNION ALL SELECT 'file_in.problem ' || CAST(file_id AS TEXT), problem FROM file_in
        UNION ALL SELECT 'outbox.message of ' || CAST(ref AS TEXT), message FROM outbox
            WHERE business_date >= $1 AND business_date <= $2
        UNION ALL SELECT 'run.message of ' || job || ' ' || CAST(business_date AS TEXT), message FROM run
        UNION ALL SELECT 'run_step.message of ' || step || ' ' || CAST(business_date AS TEXT), message FROM run_step
        ) t WHERE ",
        zeroed!(),
        " LIKE '%0000000000000000%' LIMIT 20000"
    );
    let found: Vec<(String, String)> =
        on!(tx, |c| sqlx::query_as(SQL).bind(span.from).bind(span.to).fetch_all(c).await)?;
    let odd = found.into_iter().filter_map(|(place, words)| {
        // The row must not repeat what it complains of.
        personal(&words).map(|what| format!("{place} holds {what}"))
    });
    Ok(Broken { number: 25, rows: odd.take(MOST).collect() })
}

/// What a text gives away. Cards begin with 3 to 6; our debit numbers, 17 or 18 digits, will not until 2082.
fn personal(text: &str) -> Option<&'static str> {
    let runs = text.split(|c: char| !(c.is_ascii_digit() || c == 'X'));
    runs.filter(|run| run.len() >= 16).find_map(|run| {
        let digits = run.bytes().all(|b| b.is_ascii_digit());
        let card = digits && run.len() <= 19 && matches!(run.as_bytes().first(), Some(b'3'..=b'6')) && luhn(run);
        match run.len() {
            18 if check_resident_id(run).is_ok() => Some("a resident's ID number"),
            _ if card => Some("a card number"),
            _ => None,
        }
    })
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits.bytes().rev().enumerate().fold(0, |sum, (i, b)| {
        let digit = u32::from(b - b'0');
        sum + if i % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
    });
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::personal;

    #[test]
    fn cards_and_ids_are_told_from_our_own_numbers() {
        assert_eq!(personal("卡 6226090000000048 退回"), Some("a card number"));
        assert_eq!(personal("ID 11010519491231002X"), Some("a resident's ID number"));
        // 2026-11-20, account 051600001234, attempt 0: our own.
        assert_eq!(personal("debit 98200516000012340 of batch 98200070012"), None);
        assert_eq!(personal("6226090000000047"), None, "the check digit is wrong");
        assert_eq!(personal("第 12 行, 20261120_700000000000001"), None);
    }
}
