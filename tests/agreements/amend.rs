//! Amended, suspended, resumed, cancelled, moved to another card: in force at once, by two people, the past kept.
//!
//! Shown to turn red, each tried by hand and taken back: a new version that forgets its history row, an `explain` that
//! asks today's terms about yesterday, a guard without the version, a cancellation that does not ask about a debit on
//! its way.

use yichong::jobs::explain::explain;
use yichong::jobs::payer::Payer;
use yichong::jobs::resolve::{self, Proposal, agreement};
use yichong::jobs::{JobError, Kind};
use yichong::store::agreements::amending::{self, Version};
use yichong::store::agreements::{self, AgreementRow, Why};
use yichong_core::model::agreement::AgreementState;
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::AccountNo;

use crate::support::site::{at, day};
use crate::support::{Place, Site, account, both, exec, household, texts};

both!(
    new_terms_count_at_once_and_the_past_keeps_its_own,
    what_already_left_is_said_and_still_taken,
    a_stopped_agreement_is_not_taken_and_goes_on_again,
    another_card_of_the_same_payer,
    what_cannot_be_changes_nothing,
    somebody_was_faster,
);

const MONDAY: &str = "2026-03-02";
const TUESDAY: &str = "2026-03-03";

fn object(nth: i64) -> String {
    format!("agreement:{:012}", account(nth))
}

async fn live(site: &Site, nth: i64) -> AgreementRow {
    let mut tx = site.app.db.read().await.unwrap();
    agreements::of_account(&mut tx, AccountNo(account(nth))).await.unwrap().remove(0)
}

/// The history of the first household, a line each.
async fn history(site: &Site) -> Vec<String> {
    let sql = "SELECT state || ' v' || CAST(version AS TEXT) || ' ' || CAST(threshold_fen AS TEXT) || '/'
        || CAST(amount_fen AS TEXT) || ' ' || bank || ' ' || card_last4 || ' ' || actor FROM agreement_event
        WHERE account = 51600000001 ORDER BY event_no";
    texts(&site.app.db, sql).await
}

async fn verdict(site: &Site, nth: i64, date: &str) -> (String, String) {
    let told = explain(&site.app, AccountNo(account(nth)), day(date)).await.unwrap();
    let due = told.checks.iter().find(|check| check.rule.word() == "due").map(|check| check.seen.clone());
    (told.verdict, due.unwrap_or_default())
}

async fn new_terms_count_at_once_and_the_past_keeps_its_own(place: Place) {
    // 40.00 on the meter is not below 30.00: Monday's night leaves it alone.
    let mut site = Site::plain(place, &[household(1).with(4_000)]).await;
    site.staff().await;
    site.night(MONDAY).await;
    site.clock("2026-03-03T10:00:00");
    site.two(&object(1), "amend:threshold=50,amount=100").await;
    let row = live(&site, 1).await;
    assert_eq!((row.version, row.threshold_fen, row.amount_fen, row.state.as_str()), (2, 5_000, 10_000, "active"));
    assert_eq!((row.maker.as_str(), row.checker.as_deref()), ("甲", Some("乙")));
    assert_eq!(row.signed_at, at("2026-01-05T09:01:00"), "the place in the file is kept");
    assert_eq!(
        history(&site).await,
        [
            "pending v1 3000/5000 PLAIN 0001 teller",
            "active v1 3000/5000 PLAIN 0001 supervisor",
            "active v2 5000/10000 PLAIN 0001 甲+乙"
        ]
    );
    let (said, seen) = verdict(&site, 1, MONDAY).await;
    assert!(said.contains("不扣") && seen == "balance 40.00, threshold 30.00", "{said}: {seen}");
    let (said, seen) = verdict(&site, 1, TUESDAY).await;
    assert!(said.contains("今晚将扣 100.00") && seen == "balance 40.00, threshold 50.00", "{said}: {seen}");
    exec(&site.app.db, "UPDATE balance SET read_at = '2026-03-03 12:00:00+00:00'").await.unwrap();
    site.night(TUESDAY).await;
    assert_eq!(site.debits().await, ["1 2026-03-03 planned 10000 - - -"]);
    let audited =
        texts(&site.app.db, "SELECT actor || ' ' || action FROM audit WHERE object LIKE 'agreement:%' ORDER BY seq");
    assert_eq!(audited.await, ["甲 propose amend:threshold=50,amount=100", "乙 approve amend:threshold=50,amount=100"]);
    site.green().await;
}

async fn what_already_left_is_said_and_still_taken(place: Place) {
    let mut site = Site::plain(place, &[household(1)]).await;
    site.staff().await;
    let mut bank = site.partner("PLAIN", "lump");
    site.night(MONDAY).await;
    let shown = site.proposed(&object(1), "cancel").await.unwrap();
    let said = "M001-20260302-001.csv 已送出，仍会扣款 (the file already left: 50.00 will still be taken)";
    assert!(
        shown.text.contains(said) || shown.text.contains("the file already left: 50.00 will still be taken"),
        "{}",
        shown.text
    );
    assert!(!shown.text.contains("王珅1"), "names are masked: {}", shown.text);
    resolve::approve(&site.app, &object(1), &shown.hash, "乙", "token 乙").await.unwrap();
    assert_eq!(live(&site, 1).await.state, "cancelled");
    // The bank's yes is booked and credited under the terms it was sent with.
    site.answered(&mut bank, MONDAY).await;
    assert_eq!(site.debits().await, ["1 2026-03-02 credited 5000 5000 2026-03-02 paid"]);
    site.settled(&mut bank, MONDAY).await;
    site.agrees("PLAIN", &bank).await;
    site.night(TUESDAY).await;
    assert_eq!(site.debits().await.len(), 1, "cancelled is the end");
    let (said, _) = verdict(&site, 1, MONDAY).await;
    assert_eq!(said, "已选中: 扣 50.00 元");
    site.green().await;
}

async fn a_stopped_agreement_is_not_taken_and_goes_on_again(place: Place) {
    let mut site = Site::plain(place, &[household(1), household(2)]).await;
    site.staff().await;
    site.clock("2026-03-02T10:00:00");
    site.two(&object(1), "suspend").await;
    site.night(MONDAY).await;
    assert_eq!(
        (site.passed(1, MONDAY).await, site.state(2, MONDAY).await),
        ("agreement_active".into(), "planned".into())
    );
    site.clock("2026-03-03T10:00:00");
    site.two(&object(1), "resume").await;
    site.night(TUESDAY).await;
    assert_eq!(site.state(1, TUESDAY).await, "planned");
    let (said, _) = verdict(&site, 1, MONDAY).await;
    assert!(said.contains("协议生效"), "{said}");
    assert_eq!(live(&site, 1).await.version, 1, "a stop is no new version");
    site.green().await;
}

async fn another_card_of_the_same_payer(place: Place) {
    let site = Site::with(place, "", &["PLAIN", "UNION"]).await;
    site.enrol(&[household(1)]).await;
    site.staff().await;
    exec(&site.app.db, "UPDATE agreement SET in_row = 2, in_row_category = 'unexplained', held = TRUE").await.unwrap();
    let old = live(&site, 1).await;
    let proposal = Proposal {
        object: object(1),
        action: String::new(),
        reason: "卡已挂失".into(),
        by: "甲".into(),
        token: "token 甲".into(),
    };
    let card = CardNo::parse("6226090000000048").unwrap();
    let shown = agreement::replace_card(&site.app, &proposal, Some("UNION"), &card).await.unwrap();
    assert!(shown.text.contains("PLAIN ****0001 → UNION ****0048"), "{}", shown.text);
    assert!(!shown.text.contains("6226090000000048"));
    // Another card of the same last four digits is another proposal: the approval is bound to the number.
    let twin = CardNo::parse("6226091111110048").unwrap();
    let other = agreement::replace_card(&site.app, &proposal, Some("UNION"), &twin).await.unwrap();
    assert_ne!(other.hash, shown.hash);
    resolve::approve(&site.app, &object(1), &shown.hash, "乙", "token 乙").await.unwrap();
    let row = live(&site, 1).await;
    assert_eq!((row.version, row.bank.as_str(), row.card_last4.as_str(), row.confirmed), (2, "UNION", "0048", true));
    assert_eq!((row.in_row, row.held, row.in_row_category.as_deref()), (0, false, None));
    assert_eq!(row.card_index, site.app.vault.index("card", "6226090000000048").to_vec());
    let open = |row: &AgreementRow| Payer::open(&site.app.vault, account(1), &row.payer_sealed).unwrap();
    assert_eq!(open(&row).card.as_str(), "6226090000000048");
    assert_eq!((open(&row).id_number, open(&row).mobile), (open(&old).id_number, open(&old).mobile));
    assert_eq!(history(&site).await.last().unwrap(), "active v2 3000/5000 UNION 0048 甲+乙");
    // What stands in the clear anywhere is the last four only.
    let clear = texts(
        &site.app.db,
        "SELECT object || action || reason FROM approval UNION ALL SELECT object || detail FROM audit",
    );
    assert!(clear.await.iter().all(|text| !text.contains("6226090000000048")));
    let again = agreement::replace_card(&site.app, &proposal, None, &card).await.unwrap_err();
    assert!(again.message.contains("already"), "{again}");
    site.green().await;
}

async fn what_cannot_be_changes_nothing(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    site.staff().await;
    let before = history(&site).await;
    let kind = |result: Result<_, JobError>| result.map(|_: resolve::Shown| ()).unwrap_err();
    let table = [
        ("resume", Kind::Refused, "needs one that is suspended"),
        ("amend:threshold=31", Kind::Refused, "10.00, 20.00, 30.00, 50.00, 100.00, 200.00"),
        ("amend:amount=50", Kind::Refused, "nothing would change"),
        ("amend:amount=1e3", Kind::Usage, "write release, amend:threshold=50,amount=100"),
        ("flip", Kind::Usage, "release, amend, suspend, resume, replace_card, cancel"),
        ("replace_card:PLAIN", Kind::Usage, "replace-card"),
    ];
    for (action, wanted, words) in table {
        let error = kind(site.proposed(&object(1), action).await);
        assert!(error.kind == wanted && error.message.contains(words), "{action}: {error}");
    }
    let nobody = kind(site.proposed(&object(9), "cancel").await);
    assert!(nobody.message.contains("051600000009 has no agreement"), "{nobody}");
    let seen = agreement::expect_version(&site.app, AccountNo(account(1)), 2).await.unwrap_err();
    assert!(seen.message.contains("version 1 by now, you looked at version 2"), "{seen}");
    assert_eq!(history(&site).await, before);
    assert_eq!(texts(&site.app.db, "SELECT object FROM approval").await, Vec::<String>::new());
    site.two(&object(1), "cancel").await;
    let ended = kind(site.proposed(&object(1), "resume").await);
    assert!(ended.message.contains("which is the end"), "{ended}");
}

async fn somebody_was_faster(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    site.staff().await;
    let first = site.proposed(&object(1), "amend:amount=100").await.unwrap();
    let second = site.proposed(&object(1), "amend:threshold=50").await.unwrap();
    resolve::approve(&site.app, &object(1), &second.hash, "乙", "token 乙").await.unwrap();
    let late = resolve::approve(&site.app, &object(1), &first.hash, "乙", "token 乙").await.unwrap_err();
    assert!(late.message.contains("changed since it was shown") && late.message.contains("版本 2"), "{late}");
    let row = live(&site, 1).await;
    assert_eq!((row.version, row.threshold_fen, row.amount_fen), (2, 5_000, 5_000));
    // Under the approval the table itself keeps the guard.
    let mut tx = site.app.db.write().await.unwrap();
    let state = AgreementState::Active;
    let stale = Version { account: account(1), number: 1, version: 1, state, maker: "甲", checker: "乙" };
    let why = Why { reason: "x", actor: "x", at: at("2026-03-02T10:00:00") };
    let error = amending::terms(&mut tx, &stale, 3_000, 10_000, &why).await.unwrap_err();
    assert_eq!(JobError::from(error).kind, Kind::Busy);
    drop(tx);
    assert_eq!(live(&site, 1).await.version, 2);
}
