//! Accounts, balances and calendars: what a file says is what the database holds, once.

use yichong::gateways::vault::Purpose;
use yichong::jobs::Kind;
use yichong::jobs::import::{self, What};
use yichong::store::accounts::{self, readings};
use yichong::store::db::Db;
use yichong::store::{audit, calendars};
use yichong_core::model::ids::AccountNo;

use super::{Site, at, day, list};
use crate::support::on_both;

on_both!(
    accounts_come_in_gb18030_and_change,
    balances_move_on,
    one_bad_row_stops_all,
    bad_rows_can_be_kept_for_later,
    a_dry_run_writes_nothing,
    a_calendars_year_is_replaced_whole,
);

const A: AccountNo = AccountNo(51_600_001_234);
const B: AccountNo = AccountNo(51_600_001_235);

async fn accounts_come_in_gb18030_and_change(db: &Db) {
    let site = Site::new(db).await;
    // The sample has two accounts, its columns in another order, and 𠮷, which GB18030 writes with four bytes.
    let sample = include_bytes!("accounts.gb18030.csv");
    let done = site.import(What::Accounts, sample).await.unwrap();
    assert_eq!((done.read, done.written, done.unchanged, done.warned), (2, 2, 0, 1));
    assert_eq!(done.warnings[0].value, "0516-8***5330");
    let again = site.import(What::Accounts, sample).await.unwrap();
    assert_eq!((again.read, again.written, again.unchanged), (2, 0, 2));

    let mut tx = db.read().await.unwrap();
    let row = accounts::find(&mut tx, A).await.unwrap().unwrap();
    assert_eq!((row.holder.as_str(), row.address.as_str(), row.open), ("测试𠮷", "东区1幢101", true));
    let phone = site.app.vault.open_value(Purpose::Phone, A.0, &row.phone_sealed.clone().unwrap()).unwrap();
    assert_eq!((phone.as_slice(), row.phone_last4.as_deref()), (b"13552535506".as_slice(), Some("5506")));
    let index = site.app.vault.index("phone", "13552535506");
    assert_eq!(accounts::by_phone(&mut tx, &index, 9).await.unwrap(), [row]);
    drop(tx);

    // Without the column phones stay; with an empty value they go. Another device is a swap, without a date today.
    let text = "account,holder,address,device\n051600001234,测试甲,东区1幢101,M2\n051600001235,测试乙,东区1幢102,M9\n";
    let done = site.import(What::Accounts, text).await.unwrap();
    assert_eq!((done.written, done.unchanged), (2, 0));
    let text = "account,holder,address,phone\n051600001235,测试乙,东区1幢102,\n";
    assert_eq!(site.import(What::Accounts, text).await.unwrap().written, 1);
    let mut tx = db.read().await.unwrap();
    let phone = |row: Option<accounts::AccountRow>| row.unwrap().phone_last4;
    assert_eq!(phone(accounts::find(&mut tx, A).await.unwrap()).as_deref(), Some("5506"));
    assert_eq!(phone(accounts::find(&mut tx, B).await.unwrap()), None);
    let hung = accounts::devices(&mut tx, A).await.unwrap();
    let hung: Vec<_> = hung.iter().map(|d| (d.device.as_str(), d.from_day, d.to_day)).collect();
    let (first, today) = (day("2026-01-05"), day("2026-11-20"));
    assert_eq!(hung, [("M1", first, Some(today)), ("M2", today, None)]);
    drop(tx);

    let text = "account,holder,address,device,installed\n051600001234,测试甲,东1,M3,2026-11-19\n";
    let said = site.import(What::Accounts, text).await.unwrap_err().message;
    assert!(said.contains("早于现装表M2的装表日期2026-11-20"), "{said}");
}

async fn balances_move_on(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let text = "读数时间,余额,户号,补助,补助到期\n2026-11-19 20:00:00,29.99,051600001234,5,2026-11-30\n\
                2026/11/19 20:00,-1.5,051600001235,,\n,,,,\n2026-11-19 20:00:00,0,051600001236,0.00,\n";
    let done = site.import(What::Balances, text).await.unwrap();
    assert_eq!((done.read, done.written, done.unchanged, done.rejected), (3, 3, 0, 0));
    let again = site.import(What::Balances, text).await.unwrap();
    assert_eq!((again.written, again.unchanged, &again.hash), (0, 3, &done.hash));
    // One changes, one is read again with the same value, one reading is older than what we have.
    let text = "account,balance,read_at\n051600001234,10,2026-11-20 20:00:00\n\
                051600001235,-1.50,2026-11-20 20:00:00\n051600001236,7,2026-11-19 19:59:59\n";
    let done = site.import(What::Balances, text).await.unwrap();
    assert_eq!((done.written, done.unchanged), (1, 2));

    let mut tx = db.read().await.unwrap();
    let mut on = async |account, date| readings::on_date(&mut tx, account, day(date)).await.unwrap();
    let past = on(A, "2026-11-19").await.unwrap();
    assert_eq!((past.paid_fen, past.free_fen, past.free_until), (2_999, 500, Some(day("2026-11-30"))));
    assert_eq!(on(A, "2026-11-20").await.unwrap().paid_fen, 1_000);
    let same = on(B, "2026-11-20").await.unwrap();
    assert_eq!((same.paid_fen, same.since, same.read_at), (-150, day("2026-11-19"), at("2026-11-20T20:00:00")));
    let acts = audit::after(&mut tx, 0, 9).await.unwrap();
    assert_eq!(acts.len(), 4);
    assert_eq!((acts[3].action.as_str(), acts[3].actor.as_str()), ("import balances", "teller"));
    assert_eq!(acts[3].detail, "balances.csv: read 3, written 1, unchanged 2, rejected 0");
}

async fn one_bad_row_stops_all(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let text = "account,balance,read_at\n051600001234,10,2026-11-20 20:00:00\n051600009999,10,2026-11-20 20:00:00\n\
                051600001235,=1+1,2026-11-20 22:00:01\n051600001234,11,2026-11-20 20:00:00\n51600001234,1\n\
                051700001234,1,2026-11-20 20:00:00\n";
    let error = site.import(What::Balances, text).await.unwrap_err();
    assert_eq!(error.kind, Kind::Input);
    for words in ["5 of 6 rows", "balances.csv.errors.csv", "--skip-bad", "第3行 户号 `051600009999`: 没有这个户号"]
    {
        assert!(error.message.contains(words), "{words}: {}", error.message);
    }
    let rows = list(&site.path("balances.csv.errors.csv"));
    let short: Vec<[&str; 4]> = rows.iter().map(|row| [&*row[0], &*row[1], &*row[2], &*row[3]]).collect();
    assert_eq!(
        short,
        [
            ["3", "户号", "051600009999", "没有这个户号"],
            ["4", "余额", "'=1+1", "不是以元为单位的金额"],
            ["4", "读数时间", "2026-11-20 22:00:01", "时间在将来"],
            ["5", "户号", "051600001234", "在文件中重复出现"],
            ["6", "整行", "", "这一行有2列，标题有3列"],
            ["7", "户号", "051700001234", "不是本站的户号"],
        ]
    );
    assert!(rows.iter().all(|row| !row[4].is_empty()));
    assert_eq!((site.count("balance").await, site.count("audit").await), (0, 1));
}

async fn bad_rows_can_be_kept_for_later(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let text = "account,balance,read_at\n051600001234,10,2026-11-20 20:00:00\n051600001235,-1x,2026-11-20 20:00:00\n\
                051600001299,-3.20,2026-11-20 20:00:00\n051600001236,1,2026-11-20 20:00:00\n";
    let mut request = site.request(What::Balances, "b.csv", text);
    request.skip_bad = true;
    let done = import::run(&site.app, &request).await.unwrap();
    assert_eq!((done.read, done.written, done.unchanged, done.rejected), (4, 2, 0, 2));
    let rejects = done.rejects.unwrap();
    assert_eq!(rejects, site.path("b.csv.rejects.csv"));
    let rows = list(&rejects);
    assert_eq!(rows[0], ["051600001235", "-1x", "2026-11-20 20:00:00", "余额: 不是以元为单位的金额"]);
    assert_eq!(rows[1], ["051600001299", "-3.20", "2026-11-20 20:00:00", "户号: 没有这个户号"]);
    // Put right, the rejects come in as they are, our own column and all.
    let fixed = std::fs::read_to_string(&rejects).unwrap().replace("-1x", "-1").replace("1299", "1234");
    let done = site.import(What::Balances, fixed).await.unwrap();
    assert_eq!((done.read, done.written, done.unchanged), (2, 2, 0));
}

async fn a_dry_run_writes_nothing(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let good = "account,balance,read_at\n051600001234,10,2026-11-20 20:00:00\n";
    let mut request = site.request(What::Balances, "b.csv", good);
    request.dry_run = true;
    let done = import::run(&site.app, &request).await.unwrap();
    assert_eq!((done.read, done.written, done.rejected), (1, 0, 0));
    let mut request = site.request(What::Balances, "b.csv", good.replace(",10,", ",x,"));
    request.dry_run = true;
    assert!(import::run(&site.app, &request).await.unwrap_err().message.contains("1 of 1 rows"));
    assert!(!site.path("b.csv.errors.csv").exists());
    request.errors = Some(site.path("named.csv"));
    assert!(import::run(&site.app, &request).await.unwrap_err().message.contains("named.csv"));
    assert_eq!(list(&site.path("named.csv")).len(), 1);
    assert_eq!((site.count("balance").await, site.count("audit").await), (0, 1));
}

async fn a_calendars_year_is_replaced_whole(db: &Db) {
    let site = Site::new(db).await;
    let calendar = async |text: &str, name: Option<&str>, years: &[i32]| {
        let mut request = site.request(What::Calendar, "c.csv", text);
        (request.calendar, request.years) = (name.map(str::to_owned), years.to_vec());
        import::run(&site.app, &request).await
    };
    let text = "日期,上班,名称\n2026-10-01,否,国庆节\n2026-10-10,是,调休\n2027-01-01,0,元旦\n";
    let done = calendar(text, Some("boc"), &[2028]).await.unwrap();
    assert_eq!((done.read, done.written, done.unchanged, done.warned), (3, 3, 0, 0));
    assert_eq!(calendar(text, Some("boc"), &[2028]).await.unwrap().unchanged, 3);
    let works = async |days: &[&str]| {
        let mut tx = db.read().await.unwrap();
        let calendar = calendars::load(&mut tx, "boc").await.unwrap();
        days.iter().map(|text| calendar.works(day(text)).ok()).collect::<Vec<_>>()
    };
    let days = ["2026-10-01", "2026-10-10", "2027-01-01", "2028-01-03", "2029-01-01"];
    assert_eq!(works(&days).await, [Some(false), Some(true), Some(false), Some(true), None]);
    // 2026 is replaced whole; the other years stay. 2 October 2026 is a Friday that the row calls a working day.
    let done = calendar("day,works\n2026-10-10,1\n2026-10-02,true\n", Some("boc"), &[]).await.unwrap();
    assert_eq!((done.written, done.warned), (2, 1));
    assert_eq!(works(&days).await, [Some(true), Some(true), Some(false), Some(true), None]);

    let table = [
        (None, text, "say which calendar it is: one of boc, cuts"),
        (Some("bco"), text, "`bco`; there are: boc, cuts"),
        (Some("cuts"), "day,works\n", "--year"),
        (Some("cuts"), "day,works\n2026-10-01,否\n2026/10/1,否\n", "重复出现"),
        (Some("cuts"), "day,works\n2026-02-29,否\n", "没有这一天"),
        (Some("cuts"), "day,works\n2026-10-01,休\n", "不是“是”或“否”"),
    ];
    for (name, text, words) in table {
        let said = calendar(text, name, &[]).await.unwrap_err().message;
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(calendar("day,works\n", Some("cuts"), &[2026]).await.unwrap().read, 0);
}
