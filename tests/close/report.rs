//! The settlement report as people open it.

use yichong::jobs::report;
use yichong::store::db::Db;

use super::day::{self, change, date};
use crate::support::on_both;

on_both!(the_report_says_the_day_twice_alike);

async fn the_report_says_the_day_twice_alike(db: &Db) {
    let (folder, app) = day::app(db).await;
    change(db, &["UPDATE batch SET file_name = '=1+1.txt'"]).await;
    let ctx = day::claim(&app, "2026-11-18").await;
    report::run(&ctx).await.unwrap();
    let read = |name: &str| std::fs::read(folder.path().join("data/reports/2026-11-18").join(name)).unwrap();
    let (text, csv) = (read("BOC.txt"), read("BOC.csv"));
    report::run(&ctx).await.unwrap();
    assert_eq!((&text, &csv), (&read("BOC.txt"), &read("BOC.csv")), "the same facts are the same bytes");
    let text = String::from_utf8(text).unwrap();
    for words in ["银行 中国银行（BOC）　业务日期 2026-11-18", "失败·余额不足", "清算余额", "260.00", "未回盘入账"]
    {
        assert!(text.contains(words) != (words == "未回盘入账"), "{words}:\n{text}");
    }
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.starts_with('\u{feff}'));
    for row in [
        "2026-11-18,中国银行,当日扣款,应扣,5,260.00",
        "2026-11-18,中国银行,当日扣款,已扣,3,200.00",
        "2026-11-18,中国银行,当日扣款,失败·余额不足,1,30.00",
        "2026-11-18,中国银行,在途,2026-11-18（已过 0 个银行工作日）,1,100.00",
        "2026-11-18,中国银行,未结差错,长款,1,7.00",
        "2026-11-18,中国银行,短信,充值成功,1,50.00",
        "2026-11-18,中国银行,日终余额,挂账,,7.00",
    ] {
        assert!(csv.lines().any(|line| line.trim_end() == row), "{row}\n{csv}");
    }
    assert!(csv.contains(",'=1+1.txt 已送 "), "a text that looks like a formula:\n{csv}");
    // Friday the 20th is two bank days after the 18th; the weekend adds none.
    let age = async |day: &str| report::of_day(&app, date(day)).await.unwrap()[0].ages[&date("2026-11-18")];
    assert_eq!((age("2026-11-20").await, age("2026-11-22").await), (2, 2));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.path().join("data/reports/2026-11-18/BOC.csv")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}
