//! pain.008: on which day money is taken, what is said of a replaced card, codes and references of the standard.

use yichong_core::formats::Writer;
use yichong_core::formats::records::{DebitRow, FileFacts};
use yichong_core::model::calendar::Calendar;
use yichong_core::model::card::CardNo;

use super::iso20022::{changed, euro_debits, euro_facts, written};
use super::{day, facts, format, two_debits};

/// What stands between two texts.
fn between<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    text.split(from).skip(1).filter_map(|rest| rest.split_once(to).map(|(inside, _)| inside)).collect()
}

/// A file's facts on a date, with a calendar of 2026: National Day rests from 1 to 7 October, Saturday the 10th works.
fn on(date: (i32, u32, u32), mut facts: FileFacts) -> FileFacts {
    let rest = (1..=7).map(|d| (day(2026, 10, d), false));
    facts.calendar = Some(Calendar::new("bank", [2026], rest.chain([(day(2026, 10, 10), true)])));
    (facts.file_date, facts.business_date) = (day(date.0, date.1, date.2), day(date.0, date.1, date.2));
    facts.made_at = facts.file_date.and_hms_opt(22, 0, 0).unwrap();
    facts
}

#[test]
fn money_is_taken_bank_days_behind_the_file() {
    let format = changed("iso-debit-sepa", &[("lead_days = 1 ", "lead_days = 2\nlead_days_first = 5 ")]);
    for (date, first, later) in [
        // Tuesday: Wednesday the 30th is one, then Thursday the 8th, Friday, Saturday the 10th, Monday the 12th.
        ((2026, 9, 29), "2026-10-12", "2026-10-08"),
        ((2026, 11, 20), "2026-11-27", "2026-11-24"),
        // Sunday: counted from Monday the 23rd.
        ((2026, 11, 22), "2026-11-30", "2026-11-25"),
    ] {
        let file = String::from_utf8(written(&format, &on(date, euro_facts()), &euro_debits())).unwrap();
        // One payment information for each sequence type, and so for each day.
        assert_eq!(between(&file, "<SeqTp>", "<"), ["FRST", "RCUR"]);
        assert_eq!(between(&file, "<ReqdColltnDt>", "<"), [first, later], "{date:?}");
    }
}

#[test]
fn no_day_is_in_the_past_or_guessed() {
    // Without a lead the file's own day; a file made past midnight of a holiday's eve takes nothing on that evening.
    let plain = |facts: &FileFacts| String::from_utf8(written(format("iso-debit"), facts, &two_debits())).unwrap();
    let mut late = on((2026, 9, 30), facts(1));
    assert_eq!(between(&plain(&late), "<ReqdColltnDt>", "<"), ["2026-09-30"]);
    late.made_at = day(2026, 10, 1).and_hms_opt(0, 30, 0).unwrap();
    assert_eq!(between(&plain(&late), "<ReqdColltnDt>", "<"), ["2026-10-08"]);
    let sepa = |facts: &FileFacts| Writer::new(format("iso-debit-sepa"), facts).map(|_| ()).unwrap_err().to_string();
    let error = sepa(&on((2026, 12, 31), euro_facts()));
    let wanted = "ReqdColltnDt: calendar `bank` has no year 2027; import it with `yichong import calendar` (no day is";
    assert!(error.contains(wanted), "{error}");
    let mut unknown = euro_facts();
    unknown.calendar = None;
    let error = sepa(&unknown);
    assert!(error.contains("1 bank days behind the file, and the bank's calendar is not known"), "{error}");
}

/// The second debit's card was another when its agreement was last collected.
fn replaced() -> Vec<DebitRow> {
    let mut rows = euro_debits();
    rows[1].replaced = Some(CardNo::parse("NL91ABNA0417164300").unwrap());
    rows
}

#[test]
fn a_replaced_account_is_an_amendment() {
    let amended = |format: &str, changes: &[(&str, &str)]| {
        let file = String::from_utf8(written(&changed(format, changes), &euro_facts(), &replaced())).unwrap();
        let inside = between(&file, "</DtOfSgntr>", "</MndtRltdInf>").join("|");
        (inside, between(&file, "<SeqTp>", "<").join(" "))
    };
    let since_8 = "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlDbtrAcct><Id><Othr><Id>SMNDA</Id></Othr></Id>\
                   </OrgnlDbtrAcct></AmdmntInfDtls>";
    // Both collections are the first of their kind: one payment information.
    assert_eq!(amended("iso-debit-sepa", &[]), (format!("|{since_8}"), "FRST".to_owned()));
    let in_2 = "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlDbtrAgt><FinInstnId><Othr><Id>SMNDA</Id></Othr>\
                </FinInstnId></OrgnlDbtrAgt></AmdmntInfDtls>";
    let (inside, _) = amended("iso-debit-sepa", &[("pain.008.001.08", "pain.008.001.02")]);
    assert_eq!(inside, format!("|{in_2}"));
    let (inside, sequence) = amended("iso-debit-sepa", &[("\"smnda\"", "\"account\"")]);
    let account = "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlDbtrAcct><Id><IBAN>NL91ABNA0417164300</IBAN></Id>\
                   </OrgnlDbtrAcct></AmdmntInfDtls>";
    assert_eq!((inside, sequence.as_str()), (format!("|{account}"), "FRST RCUR"));
    let (inside, _) = amended("iso-debit-sepa", &[("\"smnda\"", "\"none\"")]);
    assert_eq!(inside, "|");
    let mut wrong = replaced().remove(1);
    wrong.replaced = Some(CardNo::parse("6221558812340000").unwrap());
    let account = changed("iso-debit-sepa", &[("\"smnda\"", "\"account\"")]);
    let error = Writer::new(&account, &euro_facts()).unwrap().row(&wrong, &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("OrgnlDbtrAcct: `622155******0000`, the card before, does not fit"), "{error}");
}

#[test]
fn codes_and_references_stand_where_the_version_has_them() {
    let add = ("rows_per_group", "category_purpose = \"UBIL\"\npurpose = \"ELEC\"\nrows_per_group");
    let file = |changes: &[(&str, &str)]| {
        String::from_utf8(written(&changed("iso-debit", changes), &facts(1), &two_debits())).unwrap()
    };
    let text = file(&[add]);
    assert_eq!(between(&text, "<PmtTpInf>", "</PmtTpInf>"), ["<CtgyPurp><Cd>UBIL</Cd></CtgyPurp>"]);
    assert_eq!(text.matches("</DbtrAcct><Purp><Cd>ELEC</Cd></Purp><RmtInf>").count(), 2);
    // The same for the same file, another for another; version 2 has none, nor a bank that takes none.
    let all = between(&text, "<UETR>", "<").join(" ");
    assert_eq!(all, between(&file(&[]), "<UETR>", "<").join(" "));
    assert_eq!(all.len(), 73);
    assert!(!file(&[("pain.008.001.08", "pain.008.001.02")]).contains("UETR"));
    assert!(!file(&[("rows_per_group", "uetr = false\nrows_per_group")]).contains("UETR"));
}

#[test]
fn wrong_options_are_refused_in_their_place() {
    let toml = std::fs::read_to_string(super::root().join("formats/iso-debit.toml")).unwrap();
    for (line, wanted) in [
        ("lead_days = 31", "at most 30 bank days lie between a file and its collection"),
        ("purpose = \"elec\"", "a code has 1 to 4 capitals or digits"),
        ("amendment = \"smnda\"", "unknown field `amendment`"),
        ("amendments = \"all\"", "unknown variant `all`, expected one of `none`, `account`, `smnda`"),
    ] {
        let text = toml.replace("amendments = \"account\" #", &format!("{line} #"));
        let found = yichong_core::formats::Format::parse("made-up.toml", &text).unwrap_err().to_string();
        assert!(found.contains(wanted), "{found}\nwanted {wanted}");
    }
    let two = toml.replace("pain.008.001.08", "pain.008.001.02").replace("amendments =", "uetr = true\namendments =");
    let found = yichong_core::formats::Format::parse("made-up.toml", &two).unwrap_err().to_string();
    assert!(found.contains("a UETR stands in debit files of version 08 and later"), "{found}");
}
