//! Every invariant turns red on a day that was spoilt by hand, and on nothing else.

use yichong::jobs::verify;
use yichong::store::db::Db;
use yichong::store::invariants::{INVARIANTS, Kept, Span, check};

use super::day::{self, BANK, D1, D2, D3, D5, D6, M5, change, exec};
use crate::support::on_both;

on_both!(a_right_day_is_green_and_every_wrong_one_red, what_lies_outside_the_tables_is_compared_too);

/// What is spoilt, how, and which invariants say so.
fn wrong_days() -> Vec<(&'static str, Vec<String>, Vec<u8>)> {
    let one = |what, sql: String, red: &[u8]| (what, vec![sql], red.to_vec());
    let account = |number: i64| number / 10 % 1_000_000_000_000;
    let again = |from: i64, number: i64, date: &str| {
        format!(
            "INSERT INTO debit (account, debit_no, business_date, bank, number, version, amount_fen, payer_name,
            id_type,
            payer_sealed, card_index, card_last4, signed_at, threshold_fen, balance_fen, read_at, rule_version, state)
            SELECT account, {number}, '{date}', bank, number, version, amount_fen, payer_name, id_type, payer_sealed,
            card_index, card_last4, signed_at, threshold_fen, balance_fen, read_at, rule_version, 'planned' FROM debit
            WHERE debit_no = {from}"
        )
    };
    let order = |number: i64, kind: &str, template: &str| {
        format!(
            "INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state, not_after,
            changed_at)
            VALUES ({}, '{kind}', {number}, '{template}', 'BOC', '2026-11-18', 5000, 'accepted',
            '2026-11-18T15:00:00+00:00', '2026-11-18T14:00:00+00:00')",
            account(number)
        )
    };
    let set = |table: &str, change: &str, which: &str, what: i64| {
        format!("UPDATE {table} SET {change} WHERE {which} = {what}")
    };
    let entry = |event: &str, number: i64, legs: &str, fen: i64| {
        let account = account(number);
        format!("INSERT INTO entry VALUES ({account}, '{event}', {number}, 'BOC', {legs}, {fen}, '2026-11-18', 'x')")
    };
    vec![
        one("a posting that is none", "UPDATE entry SET credit = 'loss' WHERE event = 'fee'".into(), &[1, 10]),
        one("paid, not booked", format!("DELETE FROM entry WHERE event = 'paid' AND ref = {D3}"), &[3, 30]),
        one("booked for nothing", entry("paid", D1 + 5, "'clearing', 'prepaid'", 100), &[3, 30]),
        one("booked with another amount", format!("UPDATE entry SET amount_fen = 9999 WHERE ref = {D3}"), &[3, 30]),
        one("credited twice", order(D1, "credit", "again"), &[3]),
        (
            "refunded while the credit is on its way",
            vec![
                format!("UPDATE debit SET state = 'refunded' WHERE debit_no = {D3}"),
                entry("refund", D3, "'prepaid', 'refunds_payable'", 10000),
            ],
            vec![3],
        ),
        one("paid, no credit order", format!("DELETE FROM outbox WHERE kind = 'credit' AND ref = {D3}"), &[4]),
        one("accepted, not credited", format!("UPDATE outbox SET state = 'accepted' WHERE ref = {D3}"), &[4]),
        ("twice a day", vec!["DROP INDEX debit_once_a_day".into(), again(D2, D2 + 1, "2026-11-18")], vec![5]),
        one("more than agreed", format!("UPDATE debit SET amount_fen = 6000 WHERE debit_no = {D2}"), &[6, 12]),
        one(
            "never released",
            format!("UPDATE agreement SET released_at = NULL, state = 'pending' WHERE account = {}", account(D2)),
            &[7],
        ),
        one("paid on no date", format!("UPDATE debit SET bank_date = NULL WHERE debit_no = {D3}"), &[8]),
        one("a category that is none", format!("UPDATE debit SET category = 'odd' WHERE debit_no = {D2}"), &[8]),
        one("settled in the ledger only", set("debit", "settled_by = NULL", "debit_no", D1), &[9, 30]),
        one("suspense of an explained line", set("money_line", "booking = 'explained'", "money_no", M5), &[9]),
        one("suspense without a break", format!("DELETE FROM break_item WHERE account = {BANK}"), &[9]),
        one("statement and ledger differ", set("money_line", "amount_fen = 701", "money_no", M5), &[10]),
        one("a gap in the lines", format!("UPDATE debit SET line_no = 6 WHERE debit_no = {D5}"), &[11]),
        one("a debit left its file", set("debit", "batch_id = NULL, line_no = NULL", "debit_no", D5), &[8, 11, 12]),
        one("a header of its own", "UPDATE batch SET sum_fen = 25999".into(), &[12]),
        one("sealed with no hash", "UPDATE batch SET sha256 = 'ab'".into(), &[13]),
        one("a batch number left out", "UPDATE batch SET seq = 2".into(), &[14]),
        one(
            "one debit on two lines",
            format!(
                "INSERT INTO return_line SELECT account, file_id, 5, debit_no, taken_fen, category, code, message,
                bank_date,
                bank_serial, verdict FROM return_line WHERE debit_no = {D2}"
            ),
            &[15, 16],
        ),
        one("more taken than asked", format!("UPDATE return_line SET taken_fen = 5001 WHERE debit_no = {D1}"), &[16]),
        one("quarantined and applied", set("file_in", "state = 'quarantined', problem = 'x'", "file_id", 1), &[17]),
        // The next day's number: 9819 days.
        one("a second open debit", again(D3, D3 + 10_000_000_000_000, "2026-11-19"), &[18]),
        one("a file with a line less", "UPDATE file_out SET lines = 3".into(), &[19]),
        one("a file of another sum", "UPDATE file_out SET sum_fen = 8001".into(), &[19]),
        one("another amount credited", format!("UPDATE outbox SET amount_fen = 9999 WHERE ref = {D3}"), &[20]),
        one("power before credit", order(D3, "relay", "reclose"), &[21]),
        one("told before credit", order(D3, "sms", "credited"), &[22]),
        one("one person alone", format!("UPDATE agreement SET checker = NULL WHERE account = {}", account(D2)), &[23]),
        one(
            "a break resolved by one person",
            "UPDATE break_item SET state = 'resolved', resolution = 'x', resolved_on = '2026-11-19', maker = 'li'
            WHERE kind = 'no_return'"
                .into(),
            &[23],
        ),
        one("released by somebody", "UPDATE batch SET released_by = 'li, wang'".into(), &[23]),
        one(
            "a card in clear",
            "UPDATE break_item SET detail = '卡 6226090000000048' WHERE kind = 'over'".into(),
            &[25],
        ),
        one("a step of nobody's run", "UPDATE run_step SET fence = 2".into(), &[26]),
        one("another date than its number", set("debit", "business_date = '2026-11-17'", "debit_no", D6), &[27]),
        one("an entry at another bank", "UPDATE entry SET bank = 'ABC' WHERE event = 'reversed'".into(), &[30]),
    ]
}

async fn a_right_day_is_green_and_every_wrong_one_red(db: &Db) {
    let (_folder, app) = day::app(db).await;
    let (checked, broken) = check(&mut app.db.read().await.unwrap(), Span::all(), Span::all()).await.unwrap();
    assert_eq!(broken, [], "the right day");
    assert!(checked >= 30, "{checked}");
    let mut reds = Vec::new();
    for (what, spoil, wanted) in wrong_days() {
        let mut tx = db.write().await.unwrap();
        for sql in &spoil {
            exec(&mut tx, sql).await;
        }
        let (_, broken) = check(&mut tx, Span::all(), Span::all()).await.unwrap();
        // Dropped without a commit: the next case begins with the right day.
        drop(tx);
        let mut found: Vec<u8> = broken.iter().map(|one| one.number).collect();
        found.dedup();
        assert_eq!(found, wanted, "{what}: {broken:#?}");
        assert!(broken.iter().all(|one| one.rows.iter().all(|row| !row.contains("6226090000000048"))), "{what}");
        reds.extend(wanted);
    }
    // Archive and chains are spoilt in the other tests.
    let elsewhere = [2, 24];
    let unproven = INVARIANTS.iter().filter(|one| one.kept == Kept::Checked && !elsewhere.contains(&one.number));
    for one in unproven {
        assert!(reds.contains(&one.number), "nothing turns I{} red", one.number);
    }
}

async fn what_lies_outside_the_tables_is_compared_too(db: &Db) {
    let (folder, app) = day::app(db).await;
    let red = async |what: &str| {
        let found = verify::verify(&app, None).await.unwrap();
        let numbers: Vec<u8> = found.iter().map(|one| one.number).collect();
        (numbers, verify::message(&found), what.to_owned())
    };
    assert_eq!(verify::verify(&app, None).await.unwrap(), []);
    change(db, &["UPDATE audit SET detail = '三' WHERE seq = 1"]).await;
    let (numbers, said, _) = red("audit").await;
    assert!(numbers == [24] && said.contains("audit row 1"), "{said}");
    change(db, &["UPDATE audit SET detail = '一' WHERE seq = 1", "DELETE FROM audit WHERE seq = 1"]).await;
    let (numbers, said, _) = red("gap").await;
    assert!(numbers == [24] && said.contains("after row 0 comes row 2"), "{said}");
    change(db, &["DELETE FROM audit"]).await;
    assert_eq!(verify::verify(&app, None).await.unwrap(), [], "no certificate has seen that chain");
    let sealed = folder.path().join("data/archive/out/BOC/98180010001.sealed");
    let mut bytes = std::fs::read(&sealed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&sealed, bytes).unwrap();
    let (numbers, said, _) = red("archive").await;
    assert!(numbers == [13] && said.contains("debit-1.txt"), "{said}");
    let answer = yichong::gateways::archive::measure(&b"four answers"[..]).unwrap().sha256;
    std::fs::remove_file(folder.path().join(format!("data/archive/in/BOC/{answer}.sealed"))).unwrap();
    let (numbers, said, _) = red("archive in").await;
    assert!(numbers == [13, 17] && said.contains("answer-1.txt"), "{said}");
    let texts = folder.path().join("data/archive/out/sms/sms-1.csv.sealed");
    std::fs::write(texts, "").unwrap();
    let (numbers, said, _) = red("archive of texts").await;
    assert!(numbers == [13, 17, 19] && said.contains("sms-1.csv"), "{said}");
    let step = verify::run(&day::claim(&app, "2026-11-18").await).await.unwrap_err();
    assert_eq!(step.kind, yichong::jobs::Kind::Books);
}
