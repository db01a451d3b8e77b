//! The list of invariants as people know it: each with how it is kept, or why it is not yet.

/// How an invariant is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// By statements that find offending rows.
    Checked,
    /// By keys and constraints alone: there is nothing to look for.
    Held,
    /// Not by this command.
    NotYet,
}

/// One invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Invariant {
    /// Its number in the list people know.
    pub number: u8,
    /// What people read.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// Whether it is checked.
    pub kept: Kept,
    /// How, or why not.
    pub how: &'static str,
}

const fn invariant(number: u8, zh: &'static str, en: &'static str, kept: Kept, how: &'static str) -> Invariant {
    Invariant { number, zh, en, kept, how }
}

/// All of them.
pub const INVARIANTS: &[Invariant] = &[
    invariant(
        1,
        "分录借贷相等，金额为正整数分",
        "every entry sums to zero, in whole fen",
        Kept::Checked,
        "two legs by construction; every event and its legs against the postings table",
    ),
    invariant(
        2,
        "账簿只增不改",
        "the ledger is append-only",
        Kept::Checked,
        "count and sum of every closed date against its certificate",
    ),
    invariant(
        3,
        "一笔扣款至多入账一次、充值一次",
        "a paid debit is booked once and credited at most once",
        Kept::Checked,
        "entries `paid` against debits both ways; credit orders per debit; refunds",
    ),
    invariant(
        4,
        "已扣必有去处",
        "every paid debit is on its way, credited, or a break",
        Kept::Checked,
        "paid and credited debits against their credit orders; what does not fit has a break",
    ),
    invariant(5, "一户一日至多一笔", "at most one debit per account and date", Kept::Checked, "also a unique index"),
    invariant(
        6,
        "扣款不超过协议金额",
        "no debit asks more than its agreement says",
        Kept::Checked,
        "against the agreement where its version still stands; caps are rules of the selection",
    ),
    invariant(
        7,
        "扣款有生效协议授权",
        "every debit has a released agreement",
        Kept::Checked,
        "agreement, version, bank and card of every debit; the state is asked again before sealing",
    ),
    invariant(
        8,
        "状态只走规定的路",
        "every debit stands in a state that it can be in",
        Kept::Checked,
        "columns and batch of every debit against the diagram; words against the rules' lists",
    ),
    invariant(
        9,
        "清算与挂账逐分可解释",
        "clearing and suspense are explained to the fen",
        Kept::Checked,
        "entries of every debit against its state; suspense of every bank against its breaks",
    ),
    invariant(
        10,
        "银行存款与对账单一致",
        "the bank account holds what the statements say",
        Kept::Checked,
        "ledger against booked statement lines per bank; late money is a break of `reconcile`",
    ),
    invariant(
        11,
        "文件明细与扣款一一对应",
        "lines of a file and debits correspond",
        Kept::Checked,
        "lines 1 to n without gap or repeat, debits in a batch of their own bank and date",
    ),
    invariant(
        12,
        "文件合计等于明细之和",
        "totals of a file are the sums of its debits",
        Kept::Checked,
        "count and sum of every batch",
    ),
    invariant(
        13,
        "封存的文件一字不变",
        "sealed bytes never change",
        Kept::Checked,
        "the archived copy's hash against the batch's",
    ),
    invariant(
        14,
        "批次号连续不重",
        "batch numbers run from 1 without a gap",
        Kept::Checked,
        "per bank and file date; files to meters and gateways likewise",
    ),
    invariant(
        15,
        "回盘只生效一次",
        "an answer counts once",
        Kept::Checked,
        "one line per debit and file; files are unique by hash",
    ),
    invariant(
        16,
        "回盘不超出所送",
        "answers are about what was sent",
        Kept::Checked,
        "every applied line against a sent debit and its amount; lines kept against lines counted",
    ),
    invariant(
        17,
        "隔离的文件不改任何数据",
        "a quarantined file changes nothing",
        Kept::Checked,
        "no verdict and no booking on its lines; its archived copy's hash",
    ),
    invariant(
        18,
        "未知结果不重送",
        "what is unknown is never sent again",
        Kept::Checked,
        "at most one open debit per account; a debit is in one batch by construction",
    ),
    invariant(
        19,
        "已送出的指令不变",
        "what left keeps its key and its body",
        Kept::Checked,
        "files to meters and gateways have all their lines, and their archived copy the hash",
    ),
    invariant(
        20,
        "充值金额等于扣款金额",
        "the meter is credited what the bank took",
        Kept::Checked,
        "every credit order against its debit; the head-end's own sums are not asked yet",
    ),
    invariant(
        21,
        "先充值后复电",
        "power returns only after the credit",
        Kept::Checked,
        "every reclose order has an expiry and a credited debit",
    ),
    invariant(
        22,
        "先到账后通知",
        "no success text before the meter's yes",
        Kept::Checked,
        "every text `credited` against its debit; one per event by the primary key",
    ),
    invariant(
        23,
        "经办与复核不是同一人",
        "maker and checker differ",
        Kept::Checked,
        "approvals, agreements, breaks, releases; also CHECK constraints",
    ),
    invariant(
        24,
        "审计链与证书链完整",
        "the audit chain and the certificates hold",
        Kept::Checked,
        "every MAC and number from the first row; every certificate's hash and the one before",
    ),
    invariant(
        25,
        "库中无明文卡号证件号",
        "no card or ID number in clear",
        Kept::Checked,
        "texts of entries, breaks, audit, files and runs",
    ),
    invariant(
        26,
        "一个任务一日一次",
        "one run per job and date, one holder",
        Kept::Checked,
        "no step under a later fence than its run; the rest is the primary key and the fence",
    ),
    invariant(
        27,
        "业务日期不重算",
        "the business date is fixed",
        Kept::Checked,
        "date and account inside every debit number",
    ),
    invariant(
        28,
        "重放不改账",
        "replaying an input changes nothing",
        Kept::Held,
        "primary keys of entries, orders, breaks; unique hashes of files; guarded updates",
    ),
    invariant(
        29,
        "备份恢复可重放",
        "a restored backup replays or stops",
        Kept::NotYet,
        "a matter of tests and of the restore command to come",
    ),
    invariant(
        30,
        "报表与账簿一致",
        "report and ledger agree",
        Kept::Checked,
        "clearing of every bank by the debits, as reports count it, against the ledger",
    ),
    invariant(
        31,
        "凡事有终",
        "everything ends",
        Kept::NotYet,
        "a matter of the simulation; open items are shown by `runs`, `breaks` and the report",
    ),
];
