//! Answer files that cannot be believed change nothing and are kept; those that come again change nothing either.

use std::fs;

use super::plain::six;
use crate::support::site::day;
use crate::support::{Place, Site, both, texts};

both!(
    nothing_unbelievable_is_applied,
    the_same_answer_again_is_no_news,
    a_broken_answer_is_replaced,
    a_whole_file_is_refused
);

const MONDAY: &str = "2026-03-02";
const ANSWER: &str = "M001-20260302-001.answer.csv";

/// The night's four debits lie with the bank.
async fn sent(place: Place) -> Site {
    let mut site = Site::plain(place, &six()).await;
    site.app.page = 3;
    site.night(MONDAY).await;
    site
}

/// What one wrong file does to an answer of four rows; words its problem must hold.
const WRONG: [(&str, &str, &str); 8] = [
    ("TOTAL,4,380.00,4,380.00\n", "", "without its last line"),
    ("50.00,50.00", "51.00,51.00", "50.00"),
    ("50.00,50.00", "50.00,49.00", "49.00"),
    ("TOTAL,4,380.00,4,380.00", "TOTAL,4,380.00,4,381.00", "381.00"),
    ("TOTAL,4,380.00", "TOTAL,5,380.00", "5"),
    ("95570516000000010,", "95570516000000090,", "95570516000000090"),
    ("6226090000000001", "6226090000000009", "another card"),
    ("\n95570516000000020", "\n95570516000000010", "95570516000000010"),
];

async fn nothing_unbelievable_is_applied(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    bank.receive(day(MONDAY)).unwrap();
    bank.answer(day(MONDAY)).unwrap();
    let into = site.exchange("PLAIN").join("in");
    let good = fs::read_to_string(into.join(ANSWER)).unwrap();
    fs::remove_file(into.join(ANSWER)).unwrap();
    let before = site.debits().await;
    for (nth, (from, to, word)) in WRONG.iter().enumerate() {
        let wrong = good.replacen(from, to, 1);
        assert_ne!(wrong, good, "{from}");
        fs::write(into.join(format!("M001-20260302-90{nth}.answer.csv")), wrong).unwrap();
        site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
        let said = site.files().await.pop().unwrap();
        assert!(said.contains("quarantined") && said.contains(word), "{from} -> {to}: {said}");
        assert_eq!(site.debits().await, before, "{from} -> {to}");
        assert_eq!(site.ledger().await, Vec::<String>::new(), "{from} -> {to}");
        assert_eq!(texts(&site.app.db, "SELECT verdict FROM return_line").await, Vec::<String>::new());
    }
    // Each is kept byte for byte, and each is a break somebody owns.
    assert_eq!(site.breaks().await.len(), WRONG.len());
    assert!(site.breaks().await.iter().all(|line| line.ends_with(" PLAIN 0 open")));
    fs::write(into.join(ANSWER), good).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:20:00").await;
    assert_eq!(site.ledger().await, ["PLAIN clearing 38000", "PLAIN prepaid -38000"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn the_same_answer_again_is_no_news(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    site.answered(&mut bank, MONDAY).await;
    let (entries, outbox) = (site.entries().await, site.outbox().await);
    for name in [ANSWER, "M001-20260302-901.answer.csv"] {
        bank.answer_again("M001-20260302-001.csv").unwrap();
        bank.answer(day(MONDAY)).unwrap();
        site.renamed("PLAIN", ANSWER, name);
        let said = site.run("returns", MONDAY, "2026-03-02T23:20:00").await;
        assert!(said.contains("collect: repeated 1"), "{name}: {said}");
        assert_eq!(fs::read_dir(site.exchange("PLAIN").join("in")).unwrap().count(), 0, "{name}");
    }
    // Other bytes with the same answers: read, and every line is a repeat.
    bank.answer_again("M001-20260302-001.csv").unwrap();
    bank.answer(day(MONDAY)).unwrap();
    let into = site.exchange("PLAIN").join("in");
    let text = fs::read_to_string(into.join(ANSWER)).unwrap().replace("成功", "扣款成功");
    fs::remove_file(into.join(ANSWER)).unwrap();
    fs::write(into.join("M001-20260302-902.answer.csv"), text).unwrap();
    let said = site.run("returns", MONDAY, "2026-03-02T23:30:00").await;
    assert!(said.contains("repeat 4"), "{said}");
    assert_eq!((site.entries().await, site.outbox().await), (entries, outbox));
    assert_eq!(site.breaks().await, Vec::<String>::new());
    // The opposite under another name is a contradiction: a break, never a flip.
    bank.answer_again("M001-20260302-001.csv").unwrap();
    bank.answer(day(MONDAY)).unwrap();
    let row = "50.00,50.00,00,成功,2026-03-02,S202603020000001";
    let text = fs::read_to_string(into.join(ANSWER)).unwrap();
    assert!(text.contains(row), "{text}");
    let text =
        text.replace(row, "50.00,0.00,51,余额不足,,").replace("TOTAL,4,380.00,4,380.00", "TOTAL,4,380.00,3,330.00");
    fs::remove_file(into.join(ANSWER)).unwrap();
    fs::write(into.join("M001-20260302-903.answer.csv"), text).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:40:00").await;
    assert_eq!(site.breaks().await, ["state_differs PLAIN 5000 open"]);
    assert_eq!(site.state(1, MONDAY).await, "credited");
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn a_broken_answer_is_replaced(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("PLAIN", "corrupt");
    site.answered(&mut bank, MONDAY).await;
    let said = site.files().await;
    assert!(said.len() == 1 && said[0].contains("quarantined"), "{said:?}");
    // Delivered again under its own name: the broken one was never believed, so the name is free.
    bank.answer_again("M001-20260302-001.csv").unwrap();
    site.answered(&mut bank, MONDAY).await;
    assert_eq!(site.ledger().await, ["PLAIN clearing 38000", "PLAIN prepaid -38000"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn a_whole_file_is_refused(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("PLAIN", "whole-file-refused");
    site.answered(&mut bank, MONDAY).await;
    assert_eq!(site.batches().await, ["M001-20260302-001.csv refused 4 38000"]);
    for nth in [1, 2, 4, 5] {
        assert_eq!(site.state(nth, MONDAY).await, "refused");
    }
    assert_eq!(site.ledger().await, Vec::<String>::new());
    // The date is spent, and the rows wait for an operator: nobody is selected on Tuesday.
    site.night("2026-03-03").await;
    assert_eq!(site.passed(1, "2026-03-03").await, "not_held");
    assert_eq!(site.batches().await.len(), 1);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}
