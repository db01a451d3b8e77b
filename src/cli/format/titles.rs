//! The titles banks give their columns, and what they mean. A title not listed here is a question, never a guess.

use yichong_core::formats::Meaning as M;

use super::Wanted;

/// (titles, in debits, in answers, in statements). Titles are compared without blanks, brackets and case.
type Entry = (&'static [&'static str], Option<M>, Option<M>, Option<M>);

const fn all(titles: &'static [&'static str], means: M) -> Entry {
    (titles, Some(means), Some(means), None)
}

const KNOWN: &[Entry] = &[
    all(&["debit_no", "orderid", "订单号", "商户订单号", "明细流水号", "业务流水号"], M::DebitNo),
    all(&["bank_ref", "费用id", "序号", "编号", "明细序号", "sn"], M::BankRef),
    all(&["account", "户号", "用户号", "用户编号", "客户编号", "缴费号码", "表计户号"], M::Account),
    all(
        &[
            "payer_name",
            "customernm",
            "name",
            "户名",
            "姓名",
            "客户姓名",
            "付款人名称",
            "付款户名",
            "扣款户名",
            "账户名称",
        ],
        M::PayerName,
    ),
    all(
        &["card", "card_no", "accno", "卡号", "账号", "银行卡号", "银行账号", "扣款账号", "付款账号", "付款人账号"],
        M::Card,
    ),
    all(&["id_number", "certifid", "证件号码", "证件号", "身份证号", "身份证号码"], M::IdNumber),
    all(&["mobile", "phoneno", "手机号", "手机号码", "联系电话"], M::Mobile),
    all(&["agreement", "协议号", "授权号", "协议书号", "多方协议号"], M::Agreement),
    (&["signed_on", "签约日期"], Some(M::SignedOn), None, None),
    (
        &["amount", "txnamt", "金额", "扣款金额", "代扣金额", "应扣金额", "应处理金额", "交易金额", "总金额"],
        Some(M::Amount),
        Some(M::Asked),
        None,
    ),
    (&["taken", "实扣金额", "实处理金额", "实收金额", "成功金额"], None, Some(M::Taken), None),
    (
        &[
            "code",
            "respcode",
            "status",
            "返回码",
            "应答码",
            "响应码",
            "处理标志",
            "结果标志",
            "处理结果",
            "扣款状态",
            "交易状态",
            "状态",
        ],
        None,
        Some(M::Code),
        None,
    ),
    (&["message", "respmsg", "失败原因", "应答信息", "返回信息", "原因", "描述"], None, Some(M::Text), None),
    (&["text", "摘要", "用途", "附言", "交易摘要"], None, None, Some(M::Text)),
    (&["bank_date", "settledate", "清算日", "清算日期", "扣款日期"], None, Some(M::BankDate), Some(M::BankDate)),
    (&["value_date", "交易日期", "记账日期", "入账日期", "日期"], None, None, Some(M::ValueDate)),
    (&["serial", "queryid", "流水号", "交易流水号", "银行流水号", "交易流水"], None, Some(M::Serial), Some(M::Serial)),
    (&["income", "收入", "收入金额", "贷方发生额", "贷方金额", "存入", "存入金额"], None, None, Some(M::Income)),
    (&["outgo", "支出", "支出金额", "借方发生额", "借方金额", "支取", "支取金额"], None, None, Some(M::Outgo)),
    (&["fee", "手续费"], None, None, Some(M::Fee)),
    (&["reference", "参考号", "批次号", "商户订单号", "客户流水号"], None, None, Some(M::Reference)),
];

/// What a title means in a message.
pub fn meaning(title: &str, message: Wanted) -> Option<M> {
    let plain = plain(title);
    KNOWN.iter().find_map(|(titles, debit, answer, statement)| {
        let means = match message {
            Wanted::Debit => *debit,
            Wanted::Answer => *answer,
            Wanted::Statement => *statement,
        };
        means.filter(|_| titles.contains(&plain.as_str()))
    })
}

/// How many of these cells are titles somebody knows.
pub fn known(cells: &[String]) -> usize {
    let messages = [Wanted::Debit, Wanted::Answer, Wanted::Statement];
    cells.iter().filter(|cell| messages.iter().any(|message| meaning(cell, *message).is_some())).count()
}

/// The message most titles fit; of equals the one with what only it has.
pub fn message(cells: &[String]) -> Wanted {
    let has = |means: M, message| cells.iter().any(|cell| meaning(cell, message) == Some(means));
    if has(M::Income, Wanted::Statement) || has(M::Outgo, Wanted::Statement) {
        Wanted::Statement
    } else if has(M::Code, Wanted::Answer) || has(M::Taken, Wanted::Answer) {
        Wanted::Answer
    } else {
        Wanted::Debit
    }
}

/// `应处理 金额（元）` → `应处理金额`.
fn plain(title: &str) -> String {
    let bare = title.split(['(', '（', '[']).next().unwrap_or(title);
    bare.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_known_whatever_stands_around_them() {
        assert_eq!(meaning("应处理 金额（元）", Wanted::Answer), Some(M::Asked));
        assert_eq!(meaning("TxnAmt", Wanted::Debit), Some(M::Amount));
        assert_eq!(meaning("流水号", Wanted::Statement), Some(M::Serial));
        assert_eq!(meaning("流水号", Wanted::Debit), None);
        assert_eq!(meaning("备注", Wanted::Answer), None);
        let cells = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(message(&cells("卡号,金额,状态")), Wanted::Answer);
        assert_eq!(message(&cells("日期,收入,支出")), Wanted::Statement);
        assert_eq!(message(&cells("卡号,户名,金额")), Wanted::Debit);
    }
}
