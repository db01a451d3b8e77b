//! The worked example of the manual is a real one.

use yichong_core::formats::records::Totals;
use yichong_core::formats::{Format, RecordReader};
use yichong_core::model::money::Fen;

use super::{cases, facts, params, root, two_debits, write};

/// The fenced blocks of the manual that open with ```` ```<word> ````.
fn blocks(word: &str) -> Vec<String> {
    let manual = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let parts = manual.split("```").collect::<Vec<_>>();
    let inside = parts.iter().skip(1).step_by(2);
    inside.filter_map(|block| block.strip_prefix(&format!("{word}\n"))).map(str::to_owned).collect()
}

#[test]
fn the_manuals_example_works() {
    let tomls = blocks("toml");
    let find = |mark: &str| tomls.iter().find(|text| text.contains(mark)).unwrap();
    let debit = Format::parse("lake-debit.toml", find("message = \"debit\"")).unwrap();
    let answer = Format::parse("lake-answer.toml", find("message = \"answer\"")).unwrap();
    let files = blocks("text");
    let sent = files.iter().find(|text| text.starts_with("H;")).unwrap();
    let returned = files.iter().find(|text| text.starts_with("R;")).unwrap();

    let written = write(&debit, &facts(1), &two_debits());
    assert_eq!(String::from_utf8(written.clone()).unwrap(), *sent);
    assert_eq!(debit.file_name(&facts(1)).unwrap(), "LAKE_20240901_01.TXT");
    let totals = RecordReader::open(&debit, &params(), "LAKE_20240901_01.TXT", &written[..]).finish().unwrap();
    assert_eq!(totals, Totals { count: 2, sum: Fen(8005) });

    let read = cases::read(&answer, "LAKE_20240901_01.RET", returned.as_bytes());
    assert_eq!(read["rows"][0]["category"], "paid");
    assert_eq!(read["rows"][0]["debit_no"], "90100516000012340");
    assert_eq!(read["rows"][1]["category"], "funds");
    assert_eq!(read["rows"][1]["text"], "余额不足");
    assert_eq!(read["facts"]["stated_taken"], serde_json::json!([1, 5000]));
}

#[test]
fn the_manuals_documents_work() {
    let tomls = blocks("toml");
    let find = |mark: &str| tomls.iter().find(|text| text.contains("[xml]") && text.contains(mark)).unwrap();
    let debit = Format::parse("green-debit.toml", find("message = \"debit\"")).unwrap();
    let answer = Format::parse("green-answer.toml", find("message = \"answer\"")).unwrap();
    let documents = blocks("xml");
    let gbk = |at: usize| encoding_rs::GBK.encode(&documents[at]).0.into_owned();

    let written = write(&debit, &facts(1), &two_debits());
    assert!(written == gbk(0), "{}", written.escape_ascii());
    let name = debit.file_name(&facts(1)).unwrap();
    let totals = RecordReader::open(&debit, &params(), &name, &written[..]).finish().unwrap();
    assert_eq!(totals, Totals { count: 2, sum: Fen(8005) });

    let read = cases::read(&answer, "GREEN_20240901_001.ret.xml", &gbk(1));
    assert_eq!(read["rows"][0]["category"], "paid");
    assert_eq!(read["rows"][0]["text"], "成功 & 入账");
    assert_eq!(read["rows"][1]["debit_no"], "90100516000012350");
    assert_eq!(read["rows"][1]["text"], "余额不足");
}

#[test]
fn the_manuals_sheet_works() {
    let tomls = blocks("toml");
    let toml = tomls.iter().find(|text| text.contains("[workbook]")).unwrap();
    let format = Format::parse("lake-settlement.toml", toml).unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("结算").unwrap();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    for (row, line) in blocks("sheet")[0].lines().enumerate() {
        for (column, cell) in line.split('|').map(str::trim).enumerate() {
            let (row, column) = (row as u32, column as u16);
            match cell.parse::<f64>() {
                _ if cell.is_empty() => {}
                Ok(number) if cell.len() < 16 => {
                    sheet.write_number(row, column, number).unwrap();
                }
                // 45537 is 2024-09-02.
                _ if cell == "2024-09-02" => {
                    sheet.write_number_with_format(row, column, 45537, &day).unwrap();
                }
                _ => {
                    sheet.write_string(row, column, cell).unwrap();
                }
            }
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let rows = &cases::read(&format, "湖泊20240902.xlsx", &bytes)["rows"];
    assert_eq!((&rows[0]["kind"], &rows[0]["amount"]), (&"lump".into(), &800_500.into()));
    assert_eq!((&rows[0]["serial"], &rows[0]["value_date"]), (&"9001".into(), &"2024-09-02".into()));
    assert_eq!((&rows[1]["kind"], &rows[1]["amount"]), (&"reversal".into(), &(-3005).into()));
    assert_eq!(rows[1]["reference"], "90100516000012350");
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[test]
fn the_manuals_swift_statement_works() {
    let tomls = blocks("toml");
    let toml = tomls.iter().find(|text| text.contains("[mt940]")).unwrap();
    let format = Format::parse("lake-swift.toml", toml).unwrap();
    let bytes = encoding_rs::GBK.encode(&blocks("swift")[0]).0.into_owned();
    let rows = &cases::read(&format, "LAKE20240902.940", &bytes)["rows"];
    assert_eq!((&rows[0]["kind"], &rows[0]["amount"]), (&"single".into(), &5000.into()));
    assert_eq!((&rows[0]["reference"], &rows[0]["serial"]), (&"90100516000012340".into(), &"BK1".into()));
    assert_eq!((&rows[1]["kind"], &rows[1]["amount"]), (&"fee".into(), &(-50).into()));
}

#[test]
fn the_manuals_report_works() {
    let tomls = blocks("toml");
    let format = tomls.iter().find(|text| text.contains("message = \"pain.002\"")).unwrap();
    let format = Format::parse("lake-report.toml", format).unwrap();
    let documents = blocks("xml");
    let report = documents.iter().find(|text| text.contains("CstmrPmtStsRpt")).unwrap();
    let read = cases::read(&format, "report.xml", report.as_bytes());
    let said = |nth: usize| [&read["rows"][nth]["category"], &read["rows"][nth]["code"], &read["rows"][nth]["text"]];
    assert_eq!(said(0), ["paid", "ACSP", ""]);
    assert_eq!(said(1), ["funds", "AM04", "余额不足"]);
    assert_eq!(read["rows"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_manual_names_every_option_and_meaning() {
    let manual = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let options = "title message name charset bom line_end last_line_end end_mark amounts separator quotes \
                   trailing_separator \
                   skip rows bytes rows_per_card titles fields means value param default width max pad format required \
                   quote secret words repeat may_be_missing read lists partial key codes code category text \
                   in_success_total reasons contains code_by_columns columns kinds kind template file_codes says \
                   root namespace declaration declared unknown signature sheet title_row formulas hidden reference \
                   currency pages profile message_id strict statuses reversal_flips local_instrument sequence \
                   batch_booking rows_per_group";
    let meanings = "line debit_no bank_ref account payer_name card id_type id_number mobile amount agreement signed_on \
                    business_date file_date made_at sent_at seq count sum paid_count paid_sum listed_count listed_sum \
                    asked taken code text bank_date serial value_date income outgo fee reference";
    for word in options.split_whitespace().chain(meanings.split_whitespace()) {
        assert!(manual.contains(&format!("`{word}`")), "the manual does not explain `{word}`");
    }
}
