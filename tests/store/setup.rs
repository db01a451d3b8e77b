//! The embedded database is set up so that a committed row survives, and is its owner's only.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use yichong::store::calendars;
use yichong::store::db::Db;

use crate::support::{Place, block_on, both, exec, texts};

both!(a_dropped_transaction_changes_nothing, a_read_is_one_moment);

#[test]
fn the_embedded_database_is_safe() {
    block_on(async {
        let place = Place::sqlite();
        let db = place.open().await;
        let asked = |what: &'static str| {
            let db = db.clone();
            async move { texts(&db, what).await.concat() }
        };
        let version = asked("SELECT sqlite_version()").await;
        let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
        assert!(numbers >= vec![3, 51, 3], "{version}");
        // 2 is FULL: a commit is on the disk before it is said to be.
        assert_eq!(asked("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous").await, "2");
        assert_eq!(asked("SELECT journal_mode FROM pragma_journal_mode").await, "wal");
        assert_eq!(asked("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys").await, "1");
        let mode = std::fs::metadata(place.folder.path().join("yichong.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the file holds everybody's agreements");
        for beside in ["yichong.db-wal", "yichong.db-shm"] {
            let mode = std::fs::metadata(place.folder.path().join(beside)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{beside}");
        }
    });
}

#[test]
fn a_second_writer_waits_and_readers_do_not() {
    block_on(async {
        let place = Place::sqlite();
        let (first, second) = (place.open().await, place.open().await);
        let writing = first.write().await.unwrap();
        let waits = tokio::spawn(async move {
            let tx = second.write().await.unwrap();
            tx.commit().await.unwrap();
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waits.is_finished(), "two writers at once");
        drop(first.read().await.unwrap());
        writing.commit().await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), waits).await.unwrap().unwrap();
    });
}

#[test]
fn a_reader_cannot_write() {
    block_on(async {
        let place = Place::sqlite();
        let db = place.open().await;
        let Db::Sqlite { readers, .. } = &db else { panic!("not the embedded database") };
        let refused = sqlx::query("DELETE FROM bank").execute(readers).await.unwrap_err().to_string();
        assert!(refused.contains("readonly"), "{refused}");
    });
}

async fn a_dropped_transaction_changes_nothing(place: Place) {
    let db = place.open().await;
    let bank = yichong::store::calendars::BankRow {
        code: "B".into(),
        bank_no: 1,
        name: "b".into(),
        reserved_account: 999_999_999_001,
        paused: false,
    };
    let mut tx = db.write().await.unwrap();
    yichong::store::calendars::put_bank(&mut tx, &bank).await.unwrap();
    drop(tx);
    assert_eq!(texts(&db, "SELECT code FROM bank").await, Vec::<String>::new());
    assert_eq!(exec(&db, "UPDATE bank SET paused = TRUE").await.unwrap(), 0);
}

/// What is committed while somebody reads is not there for that reader: sums and their parts agree.
async fn a_read_is_one_moment(place: Place) {
    let db = place.open().await;
    let bank = |no: i64| {
        format!(
            "INSERT INTO bank (code, bank_no, name, reserved_account, paused) VALUES ('B{no}', {no}, 'n', {no}, FALSE)"
        )
    };
    exec(&db, &bank(1)).await.unwrap();
    let mut reading = db.read().await.unwrap();
    assert_eq!(calendars::banks(&mut reading).await.unwrap().len(), 1);
    exec(&db, &bank(2)).await.unwrap();
    assert_eq!(calendars::banks(&mut reading).await.unwrap().len(), 1);
    drop(reading);
    assert_eq!(calendars::banks(&mut db.read().await.unwrap()).await.unwrap().len(), 2);
}
