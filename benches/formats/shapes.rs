//! The families that are measured: which formats, which cells, and what the bank's answer says.

use yichong_core::formats::Kind;
use yichong_core::formats::records::DebitRow;
use yichong_core::model::money::Fen;

/// Cells by the bank's names.
pub type Cells = Vec<(&'static str, String)>;

/// One family of files.
pub struct Family {
    pub name: &'static str,
    pub debit: &'static str,
    pub answer: &'static str,
    /// Between the answer's cells; none in fixed records.
    pub separator: Option<u8>,
    /// The answer's charset; else UTF-8.
    pub gbk: bool,
    /// The texts of a request's row, for the floor.
    pub cells: fn(&DebitRow) -> Vec<String>,
    /// The lines before the answer's rows; count, sum, paid count and paid sum in fen.
    pub before: fn([i64; 4]) -> Vec<(Kind, Cells)>,
    /// One answer.
    pub answer_row: fn(&DebitRow, bool) -> Cells,
    /// The lines behind.
    pub behind: fn([i64; 4]) -> Vec<(Kind, Cells)>,
}

pub const FAMILIES: [Family; 4] = [
    Family {
        name: "unionpay-dk",
        debit: "unionpay-dk-debit",
        answer: "unionpay-dk-answer",
        separator: Some(b'|'),
        gbk: true,
        cells: |row| {
            let mut cells = person(row);
            cells.extend(["156", "01", "01", row.mobile.as_str(), "", &row.agreement, ""].map(str::to_owned));
            cells
        },
        before: |[count, sum, paid, paid_sum]| {
            let head = vec![
                ("version", "5.0.0".to_owned()),
                ("totalAmount", sum.to_string()),
                ("totalNumber", count.to_string()),
                ("successAmount", paid_sum.to_string()),
                ("successCount", paid.to_string()),
            ];
            vec![(Kind::Head, head), (Kind::Titles, Vec::new())]
        },
        answer_row: |row, paid| {
            vec![
                ("orderId", row.debit_no.0.to_string()),
                ("currencyCode", "156".to_owned()),
                ("txnAmt", row.amount.0.to_string()),
                ("accType", "01".to_owned()),
                ("accNo", row.card.reveal().to_owned()),
                ("customerNm", row.payer_name.clone()),
                ("certifTp", "01".to_owned()),
                ("certifId", row.id_number.clone()),
                ("phoneNo", row.mobile.clone()),
                ("reqReserved1", row.agreement.clone()),
                ("respCode", if paid { "00" } else { "64" }.to_owned()),
                ("respMsg", if paid { "成功" } else { "卡上余额不足" }.to_owned()),
                ("queryId", format!("20261120{:013}", row.line)),
                ("sysTraNo", "000001".to_owned()),
                ("sysTm", "1120230101".to_owned()),
                ("settleDate", "1120".to_owned()),
            ]
        },
        behind: |_| Vec::new(),
    },
    Family {
        name: "pipe",
        debit: "pipe-debit",
        answer: "pipe-answer",
        separator: Some(b'|'),
        gbk: true,
        cells: person,
        before: |_| Vec::new(),
        answer_row: |row, paid| {
            vec![
                ("费用ID", row.bank_ref.clone()),
                ("户号", row.account.to_string()),
                ("开户名", row.payer_name.clone()),
                ("账号", row.card.reveal().to_owned()),
                ("水费月份", "2026-11".to_owned()),
                ("水费金额", row.amount.to_string()),
                ("滞纳金", "0.00".to_owned()),
                ("总金额", row.amount.to_string()),
                ("结果标志", if paid { "0" } else { "1" }.to_owned()),
            ]
        },
        behind: |[count, sum, paid, paid_sum]| {
            let tail = vec![
                ("总笔数", count.to_string()),
                ("总金额", Fen(sum).to_string()),
                ("扣款日期", "2026-11-20".to_owned()),
                ("生成时间", "2026-11-20 23:00:00".to_owned()),
                ("扣款金额", Fen(paid_sum).to_string()),
                ("扣款笔数", paid.to_string()),
            ];
            vec![(Kind::Tail, tail)]
        },
    },
    Family {
        name: "plain",
        debit: "plain-debit",
        answer: "plain-answer",
        separator: Some(b','),
        gbk: false,
        cells: person,
        before: |_| vec![(Kind::Titles, Vec::new())],
        answer_row: |row, paid| {
            vec![
                ("debit_no", row.debit_no.0.to_string()),
                ("card", row.card.reveal().to_owned()),
                ("amount", row.amount.to_string()),
                ("taken", if paid { row.amount.to_string() } else { String::new() }),
                ("code", if paid { "00" } else { "51" }.to_owned()),
                ("message", if paid { "成功" } else { "余额不足" }.to_owned()),
                ("bank_date", "2026-11-20".to_owned()),
                ("serial", format!("S{:012}", row.line)),
            ]
        },
        behind: |[count, sum, paid, paid_sum]| {
            let tail = vec![
                ("count", count.to_string()),
                ("sum", Fen(sum).to_string()),
                ("paid_count", paid.to_string()),
                ("paid_sum", Fen(paid_sum).to_string()),
            ];
            vec![(Kind::Tail, tail)]
        },
    },
    Family {
        name: "ccb",
        debit: "ccb-debit",
        answer: "ccb-answer",
        separator: Some(b'|'),
        gbk: false,
        cells: person,
        before: |_| Vec::new(),
        answer_row: |row, paid| {
            vec![
                ("序号", row.line.to_string()),
                ("账号", row.card.reveal().to_owned()),
                ("户名", row.payer_name.clone()),
                ("金额", row.amount.to_string()),
                ("跨行标识", "0".to_owned()),
                ("标识号", row.debit_no.0.to_string()),
                ("摘要", "电费".to_owned()),
                ("状态", if paid { "成功" } else { "失败" }.to_owned()),
                ("失败原因", if paid { "" } else { "余额不足" }.to_owned()),
            ]
        },
        behind: |_| Vec::new(),
    },
];

fn person(row: &DebitRow) -> Vec<String> {
    vec![
        row.debit_no.0.to_string(),
        row.account.to_string(),
        row.payer_name.clone(),
        row.card.reveal().to_owned(),
        row.id_number.clone(),
        row.mobile.clone(),
        row.amount.0.to_string(),
        row.agreement.clone(),
    ]
}
