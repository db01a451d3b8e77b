//! A bank's list of agreements: every check by hand, one batch, two people, once.

use yichong::jobs::import::{self, What};
use yichong::jobs::payer::Payer;
use yichong::store::accounts;
use yichong::store::agreements::{self, Why};
use yichong::store::db::{Db, StoreError};
use yichong_core::model::agreement::AgreementNo;
use yichong_core::model::ids::AccountNo;

use super::{CONFIG, Site, at, list};
use crate::support::on_both;

on_both!(
    every_check_names_line_column_and_remedy,
    a_list_waits_and_comes_into_force_at_once,
    a_cut_short_import_goes_on,
    a_list_taken_back_may_come_again,
    only_the_holder_may_sign_where_the_site_says_so,
);

const TITLES: &str = "户号,银行,姓名,证件类型,证件号码,卡号,手机,阈值,金额,签约时间\n";
const FIRST: &str =
    "051600001234,BOC,测试甲,居民身份证,341126197709218366,6226090000000048,13552535506,30,50,2024-03-01 09:30:00\n";
const SECOND: &str =
    "051600001235,中国银行,测试乙,护照,e1234567,6221558812340000,13552535507,100,50,2024-03-01 09:31:00\n";

async fn every_check_names_line_column_and_remedy(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    site.import(What::Agreements, format!("{TITLES}{FIRST}")).await.unwrap();
    let mut tx = db.write().await.unwrap();
    accounts::set_open(&mut tx, AccountNo(51_600_001_236), false).await.unwrap();
    tx.commit().await.unwrap();
    // One change of a good row each: what becomes what, in which column, shown as what, found to be what.
    let table = [
        ("051600001235", "051600001234", "户号", "051600001234", "已有协议051600001234-1"),
        ("051600001235", "051600001236", "户号", "051600001236", "户号已停用"),
        ("051600001235", "051600001237", "户号", "051600001237", "没有这个户号"),
        ("051600001235", "51600001235", "户号", "51600001235", "不是12位户号"),
        ("中国银行", "ABC", "银行", "ABC", "没有配置这家银行"),
        ("测试乙", "", "姓名", "", "没有填写"),
        ("护照", "学生证", "证件类型", "学生证", "没有这种证件类型"),
        (
            "护照,e1234567",
            "身份证,341126197709218367",
            "证件号码",
            "341126********8367",
            "身份证号码的校验位不符（GB 11643）",
        ),
        (
            "护照,e1234567",
            "身份证,34112619770921836",
            "证件号码",
            "341126*******1836",
            "身份证号码应为18位，这里是17位",
        ),
        ("6221558812340000", "6.22156E+15", "卡号", "6.2****E+15", "不是卡号（11个字符）"),
        ("13552535507", "12552535507", "手机", "125****5507", "不是手机号"),
        (",100,50,", ",99,50,", "阈值", "99", "不是协议书上的选项"),
        (",100,50,", ",100,50.01,", "金额", "50.01", "不是协议书上的选项"),
        ("2024-03-01 09:31:00", "2026-11-20 22:00:01", "签约时间", "2026-11-20 22:00:01", "时间在将来"),
        (
            "测试乙",
            "6221558812340000，测试乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙",
            "姓名",
            "*",
            "最多60个",
        ),
    ];
    for (from, to, column, value, problem) in table {
        let row = SECOND.replacen(from, to, 1);
        assert_ne!(row, SECOND, "{from}");
        let said = site.import(What::Agreements, format!("{TITLES}{row}")).await.unwrap_err().message;
        let rows = list(&site.path("agreements.csv.errors.csv"));
        assert_eq!((rows.len(), rows[0][0].as_str(), rows[0][1].as_str()), (1, "2", column), "{said}");
        assert!(rows[0][2].contains(value) && rows[0][3].contains(problem) && !rows[0][4].is_empty(), "{rows:?}");
        assert!(!said.contains("6221558812340000"), "{said}");
    }
    assert_eq!(site.count("agreement").await, 1);
}

async fn a_list_waits_and_comes_into_force_at_once(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let text = format!("{TITLES}{FIRST}{SECOND}");
    let done = site.import(What::Agreements, &text).await.unwrap();
    assert_eq!((done.read, done.written, done.rejected), (2, 2, 0));
    // The second card fails Luhn, and 50 yuan do not lift an empty meter over 100.
    let warned: Vec<_> = done.warnings.iter().map(|w| (w.line, w.column.as_str(), w.value.as_str())).collect();
    assert_eq!(warned, [(3, "卡号", "622155******0000"), (3, "金额", "50")]);

    let mut tx = db.write().await.unwrap();
    let no = AgreementNo { account: AccountNo(51_600_001_235), number: 1 };
    let row = agreements::find(&mut tx, no).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.released_at, row.maker.as_str()), ("pending", None, "teller"));
    assert_eq!((row.threshold_fen, row.amount_fen, row.confirmed), (10_000, 5_000, true));
    assert_eq!(
        (row.signed_at, row.bank.as_str(), row.id_type.as_str()),
        (at("2024-03-01T09:31:00"), "BOC", "passport")
    );
    let payer = Payer::open(&site.app.vault, row.account, &row.payer_sealed).unwrap();
    assert_eq!((payer.card.as_str(), payer.id_number.as_str()), ("6221558812340000", "E1234567"));
    assert_eq!(row.card_index, site.app.vault.index("card", "6221558812340000"));
    assert_eq!(agreements::pending(&mut tx, &done.hash, 0, 9).await.unwrap().len(), 2);

    let refused = agreements::release(&mut tx, &done.hash, "teller", at("2026-11-20T22:05:00"), 2).await;
    assert!(matches!(refused, Err(StoreError::Guard { expected: 2, found: 0, .. })), "{refused:?}");
    agreements::release(&mut tx, &done.hash, "supervisor", at("2026-11-20T22:05:00"), 2).await.unwrap();
    assert_eq!(agreements::find(&mut tx, no).await.unwrap().unwrap().state, "active");
    tx.commit().await.unwrap();

    let again = site.import(What::Agreements, &text).await.unwrap();
    assert_eq!((again.already, again.written, again.read), (Some(at("2026-11-20T22:00:00")), 0, 0));
    // An ended agreement makes room for the account's next one, by another file.
    let mut tx = db.write().await.unwrap();
    let why = Why { reason: "解约", actor: "teller", at: at("2026-11-20T22:06:00") };
    agreements::cancel(&mut tx, &[(51_600_001_235, 1)], &why).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(site.import(What::Agreements, format!("{TITLES}{SECOND}")).await.unwrap().written, 1);
    let mut tx = db.read().await.unwrap();
    let second = agreements::find(&mut tx, AgreementNo { number: 2, ..no }).await.unwrap();
    assert_eq!(second.unwrap().state, "pending");
}

async fn a_cut_short_import_goes_on(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let text = format!("{TITLES}{FIRST}{SECOND}");
    let hash = site.import(What::Agreements, &text).await.unwrap().hash;
    // As if killed between its pages: one agreement is not there yet, nor is the audit's last row.
    for table in ["agreement", "agreement_event"] {
        run(db, &format!("DELETE FROM {table} WHERE account = 51600001235")).await;
    }
    run(db, "DELETE FROM audit WHERE action = 'import agreements'").await;
    let mut tx = db.write().await.unwrap();
    let refused = agreements::release(&mut tx, &hash, "supervisor", at("2026-11-20T22:05:00"), 1).await.unwrap_err();
    assert!(refused.to_string().contains("import the same file again"), "{refused}");
    drop(tx);
    let done = site.import(What::Agreements, &text).await.unwrap();
    assert_eq!((done.written, done.unchanged, done.already), (1, 1, None));
    let mut tx = db.write().await.unwrap();
    agreements::release(&mut tx, &hash, "supervisor", at("2026-11-20T22:05:00"), 2).await.unwrap();
}

async fn a_list_taken_back_may_come_again(db: &Db) {
    let site = Site::new(db).await;
    site.accounts().await;
    let text = format!("{TITLES}{FIRST}{SECOND}");
    let hash = site.import(What::Agreements, &text).await.unwrap().hash;
    assert_eq!(import::withdraw(&site.app, &hash, "银行发错名单", "teller").await.unwrap(), 2);
    assert!(
        import::withdraw(&site.app, &hash, "再一次", "teller").await.unwrap_err().message.contains("nothing to take")
    );
    let mut tx = db.write().await.unwrap();
    assert!(agreements::release(&mut tx, &hash, "supervisor", at("2026-11-20T22:05:00"), 0).await.is_err());
    drop(tx);
    let done = site.import(What::Agreements, &text).await.unwrap();
    assert_eq!((done.written, done.already), (2, None));
    let mut tx = db.write().await.unwrap();
    agreements::release(&mut tx, &hash, "supervisor", at("2026-11-20T22:05:00"), 2).await.unwrap();
    let all = agreements::of_account(&mut tx, AccountNo(51_600_001_234)).await.unwrap();
    let states: Vec<_> = all.iter().map(|a| (a.number, a.state.as_str(), a.state_reason.as_deref())).collect();
    assert_eq!(states, [(2, "active", None), (1, "cancelled", Some("银行发错名单"))]);
    let first = AgreementNo { account: AccountNo(51_600_001_234), number: 1 };
    let events = agreements::events(&mut tx, first).await.unwrap();
    let story: Vec<_> = events.iter().map(|e| (e.event_no, e.state.as_str(), e.reason.as_str())).collect();
    assert_eq!(story, [(1, "pending", "录入"), (2, "cancelled", "银行发错名单")]);
}

async fn only_the_holder_may_sign_where_the_site_says_so(db: &Db) {
    let site = Site::with(db, &format!("[site]\npayer = \"holder\"\n{CONFIG}")).await;
    site.accounts().await;
    let text = format!("{TITLES}{}", SECOND.replace("测试乙", "测试丁"));
    let said = site.import(What::Agreements, text).await.unwrap_err().message;
    assert!(said.contains("签约人不是户主测试乙"), "{said}");
    assert_eq!(site.import(What::Agreements, format!("{TITLES}{SECOND}")).await.unwrap().written, 1);
}

async fn run(db: &Db, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { writer, .. } => drop(sqlx::query(sql).execute(writer).await.unwrap()),
        Db::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
    }
}
