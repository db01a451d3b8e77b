//! The store under the imports: readings and their past, devices, and an agreement from its entry to its end.

use yichong::store::accounts::readings::{self, Reading, Recorded};
use yichong::store::accounts::{self, AccountRow, DeviceRow};
use yichong::store::agreements::changes::Count;
use yichong::store::agreements::{self, AgreementRow, Why};
use yichong::store::audit::{self, Act};
use yichong::store::calendars::{self, BankRow};
use yichong::store::db::{Db, StoreError, Tx};
use yichong_core::model::agreement::AgreementNo;
use yichong_core::model::ids::AccountNo;

use super::{at, day};
use crate::support::on_both;

on_both!(a_reading_replaces_and_the_past_stays, meters_swap, an_agreement_lives, a_list_is_released_whole);

const A: i64 = 51_600_001_234;
const B: i64 = 51_600_001_235;

fn account(account: i64, holder: &str, phone: Option<u8>) -> AccountRow {
    AccountRow {
        account,
        holder: holder.into(),
        address: "东区1幢101".into(),
        phone_sealed: phone.map(|p| vec![p; 40]),
        phone_index: phone.map(|p| vec![p; 16]),
        phone_last4: phone.map(|_| "5506".into()),
        open: true,
        cut_for_money: false,
        hold: None,
        created_at: at("2026-11-01T08:00:00"),
    }
}

fn agreement(account: i64, number: i64, card: u8, hash: Option<&str>) -> AgreementRow {
    AgreementRow {
        account,
        number,
        version: 1,
        state: "pending".into(),
        state_reason: None,
        bank: "BOC".into(),
        payer_name: "测试甲".into(),
        id_type: "resident".into(),
        payer_sealed: vec![1; 60],
        card_index: vec![card; 16],
        card_last4: "0048".into(),
        id_index: vec![2; 16],
        mobile_index: vec![3; 16],
        threshold_fen: 3_000,
        amount_fen: 5_000,
        signed_at: at("2026-11-02T09:00:00"),
        released_at: None,
        confirmed: true,
        in_row_category: None,
        in_row: 0,
        held: false,
        import_hash: hash.map(str::to_owned),
        maker: "teller".into(),
        checker: None,
    }
}

async fn site(tx: &mut Tx) {
    let (code, name) = ("BOC".into(), "中国银行".into());
    let bank = BankRow { code, bank_no: 1, name, reserved_account: 999_999_999_001, paused: false };
    calendars::put_bank(tx, &bank).await.unwrap();
    accounts::put(tx, &[account(A, "测试甲", Some(7)), account(B, "测试乙", None)]).await.unwrap();
}

fn reading(paid_fen: i64, read_at: &str, since: &str) -> Reading {
    Reading { account: A, paid_fen, free_fen: 0, free_until: None, read_at: at(read_at), since: day(since) }
}

async fn a_reading_replaces_and_the_past_stays(db: &Db) {
    let mut tx = db.write().await.unwrap();
    site(&mut tx).await;
    // (paid, read, counts from) → changed, same, old
    let table = [
        (5_000, "2026-11-01T20:00:00", "2026-11-01", (1, 0, 0)),
        (5_000, "2026-11-02T20:00:00", "2026-11-02", (0, 1, 0)),
        (2_999, "2026-11-03T20:00:00", "2026-11-03", (1, 0, 0)),
        (2_999, "2026-11-03T20:00:00", "2026-11-03", (0, 0, 1)),
        (9_999, "2026-11-03T19:59:59", "2026-11-03", (0, 0, 1)),
        // A correction of the same instant; then a night's reading past midnight of an evening that has passed already.
        (2_998, "2026-11-03T20:00:00", "2026-11-03", (1, 0, 0)),
        (-150, "2026-11-05T00:30:00", "2026-11-02", (1, 0, 0)),
    ];
    for (paid, read, since, (changed, same, old)) in table {
        let done = readings::record(&mut tx, &[reading(paid, read, since)]).await.unwrap();
        assert_eq!(done, Recorded { changed, same, old }, "{read}");
    }
    let now = readings::find(&mut tx, AccountNo(A)).await.unwrap().unwrap();
    assert_eq!((now.paid_fen, now.since, now.last_credit_at), (-150, day("2026-11-03"), None));
    let table =
        [("2026-10-31", None), ("2026-11-01", Some(5_000)), ("2026-11-02", Some(5_000)), ("2026-11-30", Some(-150))];
    for (date, paid) in table {
        let row = readings::on_date(&mut tx, AccountNo(A), day(date)).await.unwrap();
        assert_eq!(row.map(|row| row.paid_fen), paid, "{date}");
    }
    // 5000 counted until 3 November 2026, as did what was read and corrected on it; 400 days later is 8 December 2027,
    // when they still stay.
    assert_eq!(readings::prune(&mut tx, day("2027-12-08"), 0, 10).await.unwrap(), (Some(A), 0));
    assert!(readings::on_date(&mut tx, AccountNo(A), day("2026-11-02")).await.unwrap().is_some());
    assert_eq!(readings::prune(&mut tx, day("2027-12-09"), 0, 10).await.unwrap(), (Some(A), 2));
    assert_eq!(readings::prune(&mut tx, day("2027-12-09"), A, 10).await.unwrap(), (None, 0));
    assert!(readings::on_date(&mut tx, AccountNo(A), day("2026-11-02")).await.unwrap().is_none());
}

async fn meters_swap(db: &Db) {
    let mut tx = db.write().await.unwrap();
    site(&mut tx).await;
    let hung = |device: &str, from: &str, to: Option<&str>| DeviceRow {
        account: A,
        device: device.into(),
        from_day: day(from),
        to_day: to.map(day),
    };
    for (device, from) in [("m1", "2026-01-05"), ("m2", "2026-03-01"), ("m1", "2026-03-01")] {
        accounts::hang(&mut tx, &[hung(device, from, None)]).await.unwrap();
    }
    let all = accounts::devices(&mut tx, AccountNo(A)).await.unwrap();
    let first = hung("m1", "2026-01-05", Some("2026-03-01"));
    assert!(all.len() == 3 && all[0] == first, "{all:?}");
    let now = accounts::devices_now(&mut tx, &[A, B]).await.unwrap();
    assert_eq!(now, [hung("m1", "2026-03-01", None)]);
    accounts::hang(&mut tx, &[hung("m2", "2026-03-01", None)]).await.unwrap();
    assert_eq!(accounts::devices_now(&mut tx, &[A]).await.unwrap(), [hung("m2", "2026-03-01", None)]);

    assert_eq!(accounts::count(&mut tx, &[A, B, B + 1]).await.unwrap(), 2);
    assert_eq!(accounts::by_phone(&mut tx, &[7; 16], 9).await.unwrap(), [account(A, "测试甲", Some(7))]);
    assert!(accounts::set_open(&mut tx, AccountNo(A), false).await.unwrap());
    accounts::put(&mut tx, &[account(A, "测试丙", None)]).await.unwrap();
    let row = accounts::find(&mut tx, AccountNo(A)).await.unwrap().unwrap();
    assert_eq!((row.holder.as_str(), row.phone_index, row.open), ("测试丙", None, false));
}

fn no(account: i64, number: i64) -> AgreementNo {
    AgreementNo { account: AccountNo(account), number }
}

async fn entered(tx: &mut Tx, agreements: &[AgreementRow]) {
    agreements::enter(tx, agreements, at("2026-11-02T10:00:00")).await.unwrap();
    let at = at("2026-11-02T10:00:00");
    let act = Act { at, actor: "teller", action: agreements::releasing::ENTERED, object: "h", detail: "" };
    audit::add(tx, &act, |_, _| "mac".into()).await.unwrap();
    agreements::release(tx, "h", "supervisor", at, agreements.len() as u64).await.unwrap();
}

async fn an_agreement_lives(db: &Db) {
    let mut tx = db.write().await.unwrap();
    site(&mut tx).await;
    entered(&mut tx, &[agreement(A, 1, 9, Some("h")), agreement(B, 1, 9, Some("h"))]).await;
    let why = |reason, minute: &str| Why { reason, actor: "engine", at: at(&format!("2026-11-02T11:{minute}:00")) };

    let count = Count { account: A, number: 1, category: Some("funds"), in_row: 6, held: true };
    agreements::count_in_row(&mut tx, &[count]).await.unwrap();
    let changed =
        agreements::suspend_card(&mut tx, &[(vec![9; 16], "BOC".into())], &why("卡挂失", "00")).await.unwrap();
    assert_eq!(changed.len(), 2);
    assert!(agreements::suspend(&mut tx, &[(A, 1), (B, 1)], &why("又来", "01")).await.unwrap().is_empty());
    let row = agreements::find(&mut tx, no(A, 1)).await.unwrap().unwrap();
    assert_eq!(
        (row.state.as_str(), row.state_reason.as_deref(), row.in_row, row.held),
        ("suspended", Some("卡挂失"), 6, true)
    );

    agreements::resume(&mut tx, &[(A, 1)], &why("换卡", "02")).await.unwrap();
    let row = agreements::find(&mut tx, no(A, 1)).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.in_row_category, row.in_row, row.held), ("active", None, 0, false));
    assert_eq!(agreements::cancel(&mut tx, &[(A, 1)], &why("解约", "03")).await.unwrap().len(), 1);
    assert!(agreements::cancel(&mut tx, &[(A, 1)], &why("解约", "04")).await.unwrap().is_empty());
    assert!(agreements::resume(&mut tx, &[(A, 1)], &why("反悔", "05")).await.unwrap().is_empty());

    let events = agreements::events(&mut tx, no(A, 1)).await.unwrap();
    let story: Vec<_> =
        events.iter().map(|e| (e.event_no, e.state.as_str(), e.reason.as_str(), e.actor.as_str())).collect();
    assert_eq!(
        story,
        [
            (1, "pending", "录入", "teller"),
            (2, "active", "复核", "supervisor"),
            (3, "suspended", "卡挂失", "engine"),
            (4, "active", "换卡", "engine"),
            (5, "cancelled", "解约", "engine")
        ]
    );
    let then = agreements::in_force_at(&mut tx, AccountNo(A), at("2026-11-02T11:01:59")).await.unwrap().unwrap();
    assert_eq!((then.state.as_str(), then.threshold_fen, then.amount_fen), ("suspended", 3_000, 5_000));
    assert!(agreements::in_force_at(&mut tx, AccountNo(A), at("2026-11-02T09:59:59")).await.unwrap().is_none());

    let held = agreements::held(&mut tx, &[A]).await.unwrap();
    assert_eq!((held[0].last, held[0].live), (1, None));
    agreements::enter(&mut tx, &[agreement(A, 2, 9, None)], at("2026-11-02T12:00:00")).await.unwrap();
    let all = agreements::of_account(&mut tx, AccountNo(A)).await.unwrap();
    assert_eq!(all.iter().map(|a| a.number).collect::<Vec<_>>(), [2, 1]);
    let cards = agreements::by_card(&mut tx, &[9; 16], 9).await.unwrap();
    assert_eq!(cards.iter().map(|a| (a.account, a.number)).collect::<Vec<_>>(), [(A, 2), (B, 1), (A, 1)]);
    // A second live agreement of the same account is refused by the schema.
    assert!(agreements::enter(&mut tx, &[agreement(A, 3, 9, None)], at("2026-11-02T12:01:00")).await.is_err());
}

async fn a_list_is_released_whole(db: &Db) {
    let mut tx = db.write().await.unwrap();
    site(&mut tx).await;
    let list = [agreement(A, 1, 9, Some("h")), agreement(B, 1, 8, Some("h"))];
    let now = at("2026-11-02T10:00:00");
    agreements::enter(&mut tx, &list, now).await.unwrap();
    let waiting = agreements::waiting(&mut tx).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].agreements, waiting[0].amount_fen), (1, 2, 10_000));
    let pending = agreements::pending(&mut tx, "h", A, 9).await.unwrap();
    assert_eq!(pending.iter().map(|a| a.account).collect::<Vec<_>>(), [B]);
    let cut_short = agreements::release(&mut tx, "h", "supervisor", now, 2).await.unwrap_err();
    assert!(cut_short.to_string().contains("import the same file again"), "{cut_short}");
    let act = Act { at: now, actor: "teller", action: agreements::releasing::ENTERED, object: "h", detail: "" };
    audit::add(&mut tx, &act, |_, _| "mac".into()).await.unwrap();
    tx.commit().await.unwrap();

    for (checker, expected, found) in [("teller", 2, 0), ("supervisor", 1, 2), ("supervisor", 3, 2)] {
        let mut tx = db.write().await.unwrap();
        let refused = agreements::release(&mut tx, "h", checker, now, expected).await;
        assert!(matches!(refused, Err(StoreError::Guard { found: f, .. }) if f == found), "{refused:?}");
    }
    let mut tx = db.write().await.unwrap();
    agreements::release(&mut tx, "h", "supervisor", now, 2).await.unwrap();
    let row = agreements::find(&mut tx, no(B, 1)).await.unwrap().unwrap();
    assert_eq!(
        (row.state.as_str(), row.released_at, row.checker.as_deref()),
        ("active", Some(now), Some("supervisor"))
    );
    assert!(agreements::waiting(&mut tx).await.unwrap().is_empty());
}
