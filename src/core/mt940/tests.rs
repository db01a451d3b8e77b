//! Whole files: pages, blocks, charsets, and what is wrong with each. Sums were made by hand.

use super::*;
use crate::formats::Charset;
use crate::formats::records::MoneyKind;

/// Two days' pages would look so: 1000.00 + 50.00 − 0.50 − 30.05 = 1019.45.
const BARE: &str = "\
:20:STMT-1
:25:33000000000000000001
:28C:245/1
:60F:C240901CNY1000,00
:61:2409020902C50,00NTRF90100516000012340//BK0001
:86:166?00代扣入账?20EREF+90100516000012340
:61:240902D0,50NCHGNONREF//BK0001
:86:手续费
:61:2409020903RC30,05NTRF90100516000012350
退票
:62F:C240902CNY1019,45
:64:C240902CNY1019,45
:86:账户说明
";

fn options() -> Options {
    let rule = |code: Option<&str>, text: Option<&str>, kind| KindRule {
        code: code.map(str::to_owned),
        text: text.map(str::to_owned),
        kind,
    };
    Options {
        currency: "CNY".to_owned(),
        references: ["EREF+", "customer"].map(|word| Reference::parse(word).unwrap()).to_vec(),
        kinds: vec![
            rule(Some("CHG"), None, MoneyKind::Fee),
            rule(None, Some("代扣汇总"), MoneyKind::Lump),
            rule(Some("166"), Some("代扣"), MoneyKind::Single),
        ],
        pages_apart: false,
    }
}

fn read_with(options: &Options, charset: Charset, bytes: &[u8]) -> Result<Vec<Item>, FileError> {
    let mut reader = Reader::new(options, charset, bytes);
    std::iter::from_fn(|| reader.next_item().transpose()).collect()
}

fn read(text: &str) -> Result<Vec<Item>, FileError> {
    read_with(&options(), Charset::Utf8, text.as_bytes())
}

fn rows(items: &[Item]) -> Vec<crate::formats::records::StatementRow> {
    let entries = items.iter().filter_map(|item| if let Item::Entry(entry) = item { Some(entry) } else { None });
    entries.map(|entry| row(&options(), entry)).collect()
}

/// The error of a file changed in one place.
fn wrong(from: &str, to: &str) -> String {
    assert!(BARE.contains(from), "{from}");
    read(&BARE.replacen(from, to, 1)).map_or_else(|error| error.to_string(), |_| "nothing".to_owned())
}

#[test]
fn a_statement_becomes_lines_of_money() {
    let items = read(BARE).unwrap();
    assert_eq!(items.len(), 5);
    let rows = rows(&items);
    let said: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.kind, row.amount.0, row.reference.as_str(), row.serial.as_str(), row.text.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (5, MoneyKind::Single, 5000, "90100516000012340", "BK0001", "代扣入账 EREF+90100516000012340"),
            (7, MoneyKind::Fee, -50, "", "BK0001#2", "手续费"),
            (9, MoneyKind::Reversal, -3005, "90100516000012350", "33000000000000000001-245/1-20240901-1", "退票"),
        ]
    );
    assert_eq!(rows[2].value_date.to_string(), "2024-09-02");
    assert_eq!(rows[2].bank_date.to_string(), "2024-09-03");
    let Item::Closing(closing) = &items[4] else { panic!("{:?}", items[4]) };
    assert_eq!((closing.entries, closing.balance.amount.0, closing.goes_on), (3, 101_945, false));
}

#[test]
fn blocks_line_ends_and_charsets_change_nothing() {
    let plain = rows(&read(BARE).unwrap());
    let block = format!("{{1:F01AAAACNBJAXXX0000000000}}{{2:I940AAAACNBJXXXXN}}{{3:{{108:A}}}}{{4:\n{BARE}-}}{{5:}}\n");
    let shifted = |by| {
        let mut rows = plain.clone();
        rows.iter_mut().for_each(|row| row.line += by);
        rows
    };
    assert_eq!(rows(&read(&block).unwrap()), shifted(1));
    let crlf = BARE.replace('\n', "\r\n");
    assert_eq!(rows(&read(&crlf).unwrap()), plain);
    let mixed = BARE.replacen('\n', "\r\n", 3);
    assert_eq!(rows(&read(&format!("\u{FEFF}{mixed}-\r\n\r\n")).unwrap()), plain);
    let (gbk, _, _) = encoding_rs::GBK.encode(BARE);
    assert_eq!(rows(&read_with(&options(), Charset::Gbk, &gbk).unwrap()), plain);
    // Two messages in one file, `$` between them.
    let two = format!("{block}${block}").replace("-}{5:}\n$", "-}{5:}$").replacen("245/1", "244/1", 1);
    assert_eq!(rows(&read(&two).unwrap()).len(), 6);
}

#[test]
fn pages_follow_one_another() {
    let second = ":20:STMT-2\n:25:33000000000000000001\n:28C:245/2\n:60M:C240902CNY1019,45\n\
                  :61:240902C0,55NTRFx\n:62F:C240902CNY1020,00\n";
    let first = BARE.replace(":62F:", ":62M:");
    let both = format!("{first}{second}");
    let serials: Vec<String> = rows(&read(&both).unwrap()).into_iter().map(|row| row.serial).collect();
    assert_eq!(serials[2..], ["33000000000000000001-245/1-20240901-1", "33000000000000000001-245/2-20240902-1"]);
    for (file, wanted) in [
        (first.clone(), "line 14 column 0, the file: the file ends before the statement's last page"),
        (second.to_owned(), "line 4 column 0, :60M:: it goes on from a page that is not in this file"),
        (both.replace("245/2", "245/3"), "line 17 column 0, :60M:: it is page 3 behind page 1"),
        (both.replace("245/2", "246/2"), "the page is of statement 246, the page before of 245"),
        (
            both.replace(":60M:C240902CNY1019,45", ":60M:C240902CNY1019,44"),
            "it opens with 1019.44, the page before closed with 1019.45",
        ),
        (both.replace(":60M:", ":60F:"), "statement 245 was to go on, and a new one begins"),
    ] {
        let found = read(&file).unwrap_err().to_string();
        assert!(found.contains(wanted), "{found}\n{wanted}");
    }
    let apart = Options { pages_apart: true, ..options() };
    for page in [first.as_str(), second] {
        assert!(read_with(&apart, Charset::Utf8, page.as_bytes()).is_ok(), "{page}");
    }
}

#[test]
fn each_mistake_has_its_place() {
    for (from, to, wanted) in [
        (
            "CNY1019,45\n:64",
            "CNY1019,46\n:64",
            "line 11 column 0, :62F:: the page closes with 1019.46; it opened with 1000.00 and its 3 entries make 1019",
        ),
        (":61:2409020902C50,00", ":61:2409020902C5O,00", "line 5 column 16, :61:: `5` is no amount"),
        (":61:2409020902C", ":61:2409310902C", "line 5 column 5, :61:: it has no value date"),
        (":28C:245/1\n", "", "line 3 column 0, :60F:: no :28C: stands before it"),
        (":28C:245/1", ":28C:A/1", "line 3 column 6, :28C:: `A/1` is no such number"),
        (":25:33000000000000000001\n", "", "no :25: stands before it"),
        (
            ":60F:C240901CNY1000,00\n",
            "",
            "line 4 column 0, :61:: it stands where :60F:, the opening balance, is expected",
        ),
        (":60F:C240901CNY", ":60F:C240901EUR", "line 4 column 0, :60F:: its currency is EUR, not CNY"),
        (":62F:C240902CNY", ":62F:C240902EUR", "its currency is EUR, the opening balance's CNY"),
        (
            ":62F:C240902CNY1019,45\n:64:C240902CNY1019,45\n:86:账户说明\n",
            "",
            "the file ends before the closing balance (:62F:)",
        ),
        (":61:2409020902C50,00NTRF90100516000012340//BK0001\n", "", "line 5 column 0, :86:: no :61: stands before it"),
        (
            "CNY1019,45\n:64",
            "CNY1019,45\nCNY1\n:64",
            "line 11 column 0, :62F:: a line without a field follows the balance",
        ),
        (":20:STMT-1\n", ":20:STMT-1\n:13D:x\n", "line 2 column 0, :13D:: an MT940 has no such field"),
        (":20:STMT-1", "STMT-1", "line 1 column 1, the line: this is no field of a statement"),
        ("手续费", "手\0续费", "line 8 column 6, the line: it holds the control character 0x00"),
        ("手续费", "手\r续费", "it holds the control character 0x0D"),
        (BARE, "", "line 1 column 0, the file: the file holds no statement"),
        (BARE, "{1:F01}{2:I942AAAAN}{4:\n:20:x\n-}\n", "line 1 column 0, the line: it is a message MT942"),
        (BARE, "{1:F01}{4:\n:20:x\n", "line 3 column 0, the line: the message that began in line 1 has no end `-}`"),
        (BARE, "{1:F01{4:\n", "a block is not closed"),
        (BARE, "{1:F01}{4:\nx\n", "line 2 column 1, the line: no field has begun"),
    ] {
        let found = wrong(from, to);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let (mut gbk, _, _) = encoding_rs::GBK.encode(BARE);
    let at = gbk.len() - 3;
    gbk.to_mut()[at] = 0xFF;
    let found = read_with(&options(), Charset::Gbk, &gbk).unwrap_err().to_string();
    assert!(found.contains("line 13 column 8, the line: the bytes FF"), "{found}");
}

/// So many bytes of one letter, without holding them.
fn endless(letter: u8, bytes: u64) -> impl std::io::Read {
    std::io::Read::take(std::io::repeat(letter), bytes)
}

#[test]
fn a_line_of_a_hundred_million_bytes_fails_early() {
    use std::io::Read as _;
    let input = BARE.as_bytes().chain(endless(b'x', 100_000_000));
    let options = options();
    let mut reader = Reader::new(&options, Charset::Utf8, input);
    let error = std::iter::from_fn(|| reader.next_item().transpose()).find_map(Result::err).unwrap();
    assert_eq!((error.line, error.problem.as_str()), (14, "it is longer than 65536 bytes"));
    // The same bytes as short lines of one field.
    let long = BARE.replace("账户说明\n", &"x\n".repeat(70_000));
    assert!(read(&long).unwrap_err().problem.starts_with("the field :86: is longer than 65536 bytes"));
}
