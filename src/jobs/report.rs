//! Step: the settlement report, per bank: a text for the terminal and a CSV for the spreadsheet, made from the same
//! lines.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::calendar::Calendar;
use yichong_core::model::category::Category;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use super::app::{App, Context, Outcome, Tally};
use super::error::{JobError, Kind};
use yichong_gateways::crash;
use yichong_store::calendars;
use yichong_store::db::Tx;
use yichong_store::report::{self, Count, DayFigures};

/// One bank's business date, with how old its money in transit is: bank days since each 清算日, where the calendar knows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// The figures.
    #[serde(flatten)]
    pub figures: DayFigures,
    /// Bank days since the 清算日 of money in transit.
    pub ages: BTreeMap<NaiveDate, u32>,
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 类别.
    pub part: &'static str,
    /// 项目.
    pub item: String,
    /// 笔数; none where there is nothing to count.
    pub count: Option<i64>,
    /// Fen.
    pub sum: Fen,
}

/// Writes every bank's report of the date to `data/reports/DATE/BANK.txt` and `.csv`. Written again, it says what is
/// known by then.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let reports = of_day(ctx.app, ctx.business_date).await?;
    let folder = folder(ctx.app, ctx.business_date);
    for report in &reports {
        let name = &report.figures.bank;
        publish(&folder, &format!("{name}.txt"), text(&ctx.app.config.site.name, report).as_bytes())?;
        publish(&folder, &format!("{name}.csv"), &csv(report)?)?;
        ctx.more("report", 1);
    }
    Ok(Outcome::Done(Tally::of("reports", i64::try_from(reports.len()).unwrap_or(i64::MAX))))
}

/// The reports of a date, one per bank in the order of their numbers: what `yichong report` prints.
pub async fn of_day(app: &App, date: NaiveDate) -> Result<Vec<Report>, JobError> {
    let mut tx = app.db.read().await?;
    let mut reports = Vec::new();
    for figures in figures(app, &mut tx, date).await? {
        let calendar = match app.config.bank(&figures.bank) {
            Some(bank) => calendars::load(&mut tx, &bank.calendar).await?,
            None => Calendar::default(),
        };
        let age = |from: &NaiveDate| Some((*from, bank_days(&calendar, *from, date)?));
        let ages = figures.in_transit.keys().filter_map(age).collect();
        reports.push(Report { figures, ages });
    }
    Ok(reports)
}

/// A date's figures, one per bank, with the files whose receipt is missing where the bank is known to give receipts.
pub(super) async fn figures(app: &App, tx: &mut Tx, date: NaiveDate) -> Result<Vec<DayFigures>, JobError> {
    let mut banks = report::day(tx, date).await?;
    for figures in &mut banks {
        if app.config.bank(&figures.bank).is_some_and(|bank| bank.door.receipt.is_some()) {
            let missing = figures.batches.iter().filter(|batch| batch.unreceipted);
            figures.no_receipt = missing.map(|batch| batch.file_name.clone()).collect();
        }
    }
    Ok(banks)
}

/// Working days after `from`, up to and including `to`; `None` where the calendar has no such year.
fn bank_days(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> Option<u32> {
    let days = from.iter_days().skip(1).take_while(|day| *day <= to);
    days.map(|day| calendar.works(day).ok().map(u32::from)).sum()
}

/// Where a date's reports and certificate lie.
pub fn folder(app: &App, date: NaiveDate) -> PathBuf {
    app.config.folders.data.join("reports").join(date.to_string())
}

/// The lines of a report, in reading order.
pub fn lines(report: &Report) -> Vec<Line> {
    let f = &report.figures;
    let mut lines = Vec::new();
    let mut add = |part, item: String, count: Count| {
        lines.push(Line { part, item, count: Some(count.count), sum: Fen(count.sum_fen) });
    };
    let mut day = |item: &str, count| add("当日扣款", item.to_owned(), count);
    day("应扣", f.due);
    day("已送", f.sent);
    day("已扣", f.paid);
    f.refused.iter().for_each(|(word, count)| day(&format!("失败·{}", category(word)), *count));
    day("待回盘", f.waiting);
    day("未回盘", f.unanswered);
    day("已充", f.credited);
    day("待充", f.crediting);
    day("冲正/退票", f.reversed);
    day("已退款", f.refunded);
    day("到账", f.settled);
    day("作废", f.void);
    for (date, there) in &f.by_bank_date {
        add("清算日", format!("{date} 已扣"), there.paid);
        add("清算日", format!("{date} 冲正/退票"), there.reversed);
        add("清算日", format!("{date} 到账"), there.settled);
    }
    for (date, count) in &f.in_transit {
        // A calendar that does not reach so far leaves the age out; the money is there all the same.
        let age = report.ages.get(date).map_or(String::new(), |age| format!("（已过 {age} 个银行工作日）"));
        add("在途", format!("{date}{age}"), *count);
    }
    let total = f
        .in_transit
        .values()
        .fold(Count::default(), |sum, one| Count { count: sum.count + one.count, sum_fen: sum.sum_fen + one.sum_fen });
    add("在途", "合计".to_owned(), total);
    add("在途", "待付退回".to_owned(), f.reversal_owed);
    f.posted.iter().for_each(|(key, count)| add("当日入账", posting(key).to_owned(), *count));
    f.breaks.iter().for_each(|(word, count)| add("未结差错", kind(word), *count));
    f.sms.iter().for_each(|(word, count)| add("短信", template(word).to_owned(), *count));
    let batch = |b: &report::BatchFigures| format!("{} {} {}", b.file_name, batch_state(&b.state), &short(&b.sha256));
    for b in f.batches.iter().filter(|b| f.no_receipt.contains(&b.file_name)) {
        add("无回执", b.file_name.clone(), Count { count: b.debits, sum_fen: b.sum_fen });
    }
    f.batches.iter().for_each(|b| add("文件", batch(b), Count { count: b.debits, sum_fen: b.sum_fen }));
    for (item, fen) in [("清算余额", f.clearing_fen), ("挂账", f.suspense_fen), ("手续费累计", f.fees_fen)] {
        lines.push(Line { part: "日终余额", item: item.to_owned(), count: None, sum: Fen(fen) });
    }
    lines
}

/// The report for a terminal; Chinese characters count as two columns.
pub fn text(site: &str, report: &Report) -> String {
    let f = &report.figures;
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["类别", "项目", "笔数", "金额（元）"]);
    let mut before = "";
    for line in lines(report) {
        let part = if line.part == before { "" } else { line.part };
        let count = line.count.map_or(String::new(), |count| count.to_string());
        table.add_row([part.to_owned(), line.item, count, line.sum.to_string()]);
        before = line.part;
    }
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let head = format!("{site} 清算报表\n银行 {}（{}）　业务日期 {}\n", f.bank_name, f.bank, f.business_date);
    format!("{head}{}\n", table.trim_fmt())
}

/// The report for a spreadsheet: UTF-8 with a mark so that it is read as such, no text that could be taken for a
/// formula.
pub fn csv(report: &Report) -> Result<Vec<u8>, JobError> {
    let f = &report.figures;
    let failed = |e: &dyn std::fmt::Display| JobError::new(Kind::Machine, format!("writing the report's CSV: {e}"));
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let title = ["业务日期", "银行", "类别", "项目", "笔数", "金额（元）"];
    out.write_record(title).map_err(|e| failed(&e))?;
    for line in lines(report) {
        let count = line.count.map_or(String::new(), |count| count.to_string());
        let date = f.business_date.to_string();
        let row = [date, plain(&f.bank_name), line.part.to_owned(), plain(&line.item), count, line.sum.to_string()];
        out.write_record(row).map_err(|e| failed(&e))?;
    }
    out.into_inner().map_err(|e| failed(&e))
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) { format!("'{text}") } else { text.to_owned() }
}

fn category(word: &str) -> &str {
    word.parse().map_or(word, |category: Category| category.zh())
}

fn kind(word: &str) -> String {
    word.parse().map_or_else(|_| word.to_owned(), |kind: BreakKind| kind.zh().to_owned())
}

fn posting(key: &str) -> &str {
    if !Posting::ALL.iter().any(|posting| posting.key() == key) {
        return key;
    }
    match key {
        "paid" => "扣款入账",
        "settled" => "到账",
        "fee" => "手续费",
        "suspense" => "挂账",
        "reversed" => "冲正/退票",
        "reversal_paid" => "退票付出",
        "refund" => "退款",
        "suspense_out" => "挂账处理",
        "opening" => "期初余额",
        "granted" => "补助电",
        "consumed" => "用电",
        other => other,
    }
}

fn template(word: &str) -> &str {
    match word {
        "credited" => "充值成功",
        "credit_pending" => "已扣款，充值处理中",
        "funds" | "funds_last" => "余额不足",
        "limit" => "超过限额",
        "visit_bank" => "请到银行办理",
        "sign_again" => "请重新签约",
        "ask_bank" => "请咨询银行",
        "failed" => "扣款失败",
        "reversed" => "已冲正/退票",
        "still_short" => "充值后仍欠费",
        "reclosed" => "已复电",
        other => other,
    }
}

fn batch_state(word: &str) -> &str {
    match word {
        "sealed" => "待审",
        "held" => "已拦截",
        "released" | "sending" => "待送",
        "sent" => "已送",
        "void" => "作废",
        "refused" => "整盘拒绝",
        other => other,
    }
}

/// The first 12 digits of a hash: enough to compare by eye.
fn short(sha256: &str) -> String {
    sha256.chars().take(12).collect()
}

/// Puts a file out whole or not at all: temporary name, fsync, rename, fsync of the folder. Mode 0600.
pub(super) fn publish(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), JobError> {
    let path = folder.join(name);
    let failed = |e: std::io::Error| JobError::new(Kind::Machine, format!("{}: {e}", path.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let temporary = folder.join(format!(".{name}.tmp"));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&temporary, &path).and_then(|()| File::open(folder)?.sync_all()).map_err(failed)?;
    crash::point("report.after_rename");
    Ok(())
}
