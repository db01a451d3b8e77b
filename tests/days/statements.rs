//! The money of a night, told by a workbook from a branch or by a SWIFT statement: the same books.

use std::fs;

use crate::support::{Place, Site, both};

both!(a_workbook_settles_a_night, a_swift_statement_settles_a_night);

/// A night of which three debits are paid: 50.00, 30.00 and 100.00.
async fn answered(place: Place) -> Site {
    use yichong::simulator::{Outcome, Reason, Which};
    let mut site = Site::plain(place, &super::plain::six()).await;
    let more = ["sheet-statement", "mt940-statement"].map(str::to_owned);
    site.app.config.banks[0].statements.extend(more);
    site.night("2026-03-02").await;
    let mut bank = site.partner("PLAIN", "all-paid");
    bank.override_outcome(Which::Account("051600000005".into()), Outcome::refused(Reason::Funds));
    site.answered(&mut bank, "2026-03-02").await;
    assert_eq!(site.ledger().await, ["PLAIN clearing 18000", "PLAIN prepaid -18000"]);
    site
}

async fn a_workbook_settles_a_night(place: Place) {
    let mut site = answered(place).await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(0, 0, "三月二日入账").unwrap();
    for (column, title) in ["交易日期", "流水号", "收入", "支出", "参考号", "摘要"].iter().enumerate() {
        sheet.write(2, column as u16, *title).unwrap();
    }
    // 46083 is 2026-03-02.
    sheet.write_number_with_format(3, 0, 46_083, &day).unwrap();
    sheet.write(3, 1, "9001").unwrap().write(3, 2, 180).unwrap();
    sheet.write(3, 4, "M001-20260302-001.csv").unwrap().write(3, 5, "代扣汇总").unwrap();
    sheet.write(4, 0, "合计").unwrap().write(4, 1, 1).unwrap();
    // No format has this name: the workbook is known by its titles.
    fs::write(site.exchange("PLAIN").join("in/三月二日.xlsx"), book.save_to_buffer().unwrap()).unwrap();
    site.reconciled("2026-03-03").await;
    assert!(site.files().await.contains(&"三月二日.xlsx statement applied".to_owned()), "{:?}", site.files().await);
    assert_eq!(site.ledger().await, ["PLAIN bank 18000", "PLAIN prepaid -18000"]);
    site.green().await;
}

/// 1000.00 and three singles make 1180.00.
const SWIFT: &str = ":20:A\r\n:25:33000000000000000001\r\n:28C:61/1\r\n:60F:C260301CNY1000,00\r\n\
    :61:2603020302C50,00NTRF95570516000000010//B1\r\n:86:代扣入账\r\n\
    :61:2603020302C30,00NTRFNONREF//B2\r\n:86:166?00代扣入账?20EREF+95570516000000020\r\n\
    :61:2603020302C100,00NTRF95570516000000040\r\n:86:/REMI/代扣入账\r\n\
    :62F:C260302CNY1180,00\r\n";

async fn a_swift_statement_settles_a_night(place: Place) {
    let mut site = answered(place).await;
    let put = |site: &Site, name: &str, text: &str| {
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        fs::write(site.exchange("PLAIN").join("in").join(name), bytes).unwrap();
    };
    // A digit changed on the way: the page does not tie, nothing is booked, finance hears of it.
    put(&site, "wrong.sta", &SWIFT.replace("C30,00NTRF", "C31,00NTRF"));
    site.reconciled("2026-03-03").await;
    assert_eq!(site.ledger().await, ["PLAIN clearing 18000", "PLAIN prepaid -18000"]);
    let both = "the page closes with 1180.00; it opened with 1000.00 and its 3 entries make 1181.00";
    assert!(site.files().await.iter().any(|file| file.contains("quarantined") && file.contains(both)));
    let wrong = site.breaks().await;
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    put(&site, "right.sta", SWIFT);
    site.reconciled("2026-03-04").await;
    assert_eq!(site.ledger().await, ["PLAIN bank 18000", "PLAIN prepaid -18000"]);
    // The same statement under another message number: every line is known by its serial, nothing is booked twice.
    put(&site, "again.sta", &SWIFT.replace(":20:A", ":20:B"));
    site.reconciled("2026-03-05").await;
    assert_eq!(site.ledger().await, ["PLAIN bank 18000", "PLAIN prepaid -18000"]);
    assert_eq!(site.breaks().await, wrong);
    site.green().await;
}
