//! Files that are not what they should be: each refused with what, where, and what to do.

use yichong::jobs::Kind;
use yichong::jobs::import::What;
use yichong::store::db::Db;

use super::Site;
use crate::support::on_both;

on_both!(a_wrong_file_is_refused_in_words);

async fn a_wrong_file_is_refused_in_words(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let good = "account,balance,read_at\n051600001234,10,2026-11-20 20:00:00\n";
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let after = |start: &[u8], rest: &[u8]| [start, rest].concat();
    // 测 is B2 E2 in GB18030; FF begins nothing there, nor in UTF-8.
    let gb_titles: &[u8] = b"account,balance,read_at\n\xB2\xE2,1,\xFF\n";
    let table: Vec<(Vec<u8>, &[&str])> = vec![
        (b"".to_vec(), &["is empty"]),
        (b"\xEF\xBB\xBF \r\n\r\n".to_vec(), &["is empty"]),
        (b"account,balance,read_at\n".to_vec(), &["titles and no rows"]),
        (b"account;balance;read_at\n1;2;3\n".to_vec(), &["account;balance", "commas"]),
        (b"account,balance,balance,read_at\n".to_vec(), &["line 1", "`余额` stands there twice"]),
        (b"account,balance,read_at,note\n".to_vec(), &["`note`", "column 4", "户号|account", "补助到期|free_until"]),
        (b"account,balance\n".to_vec(), &["`读数时间|read_at` is missing"]),
        (b"account,balance,read_at\n\"x,1,2\n".to_vec(), &["line 2", "quotation mark"]),
        (after(good.as_bytes(), &[b'x'; 70_000]), &["line 3", "65536 bytes"]),
        (utf16, &["zero byte", "UTF-16"]),
        (b"PK\x03\x04....".to_vec(), &["Excel workbook"]),
        (gb_titles.to_vec(), &["neither UTF-8 (line 2 byte 1: b2e2", "nor GB18030 (line 2 byte 6: ff0a)"]),
        (after(b"\xEF\xBB\xBF", gb_titles), &["line 2 byte 1: b2e22c31", "marked"]),
    ];
    for (content, words) in table {
        let error = site.import(What::Balances, &content).await.unwrap_err();
        let shown = String::from_utf8_lossy(&content[..content.len().min(40)]).into_owned();
        assert_eq!(error.kind, Kind::Input, "{shown}");
        for word in words {
            assert!(error.message.contains(word), "{shown}\n{word}\n{}", error.message);
        }
    }
    // A mark, CRLF, quotes and blanks around a value are all right.
    let odd = "\u{feff}\"account\", balance ,read_at\r\n\"051600001234\", 10 ,2026-11-20 20:00:00\r\n\r\n";
    assert_eq!(site.import(What::Balances, odd).await.unwrap().written, 1);
}
