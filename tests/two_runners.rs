//! Two real processes at the same night: one works, the other says so; a dead holder's night is taken over at once;
//! who was taken over writes nothing any more.

use chrono::Duration;
use yichong::gateways::host;
use yichong::jobs::Kind;
use yichong::jobs::app::Context;
use yichong::store::db::StoreError;
use yichong::store::runs::{self, Claim, RunRow};

use crate::support::children::{self, End};
use crate::support::site::{at, day};
use crate::support::{Place, Site, both, exec, household, texts};

both!(two_at_once, a_dead_holder_is_taken_over, a_living_holder_is_not, who_was_taken_over_writes_nothing);

const MONDAY: &str = "2026-03-02";
const NOW: &str = "2026-03-02T22:00:05";

async fn twelve(place: Place) -> Site {
    let households: Vec<_> = (1..=12).map(household).collect();
    Site::plain(place, &households).await
}

/// One file, twelve debits, each taken once.
async fn one_night(site: &Site) {
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 12 60000"]);
    let mut bank = site.partner("PLAIN", "all-paid");
    assert_eq!(bank.receive(day(MONDAY)).unwrap(), ["M001-20260302-001.csv"]);
    assert_eq!((bank.debits().len(), bank.resent_keys().len(), bank.files()[0].deliveries), (12, 0, 1));
}

async fn two_at_once(place: Place) {
    let mut site = twelve(place).await;
    let night = || children::start(children::job(&site.config(), NOW, "nightly", MONDAY, None));
    let three = [night(), night(), night()];
    let ends: Vec<End> = three.into_iter().map(children::end).collect();
    let done = |end: &&End| matches!(end, End::Exit(0, words) if words.contains("send"));
    let other = |end: &&End| match end {
        End::Exit(7, words) => words.contains("is being run by") || words.contains("claimed by another"),
        End::Exit(0, words) => words.contains("was done before"),
        _ => false,
    };
    assert_eq!(ends.iter().filter(done).count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(other).count(), 2, "{ends:?}");
    one_night(&site).await;
    let again = site.try_run("nightly", MONDAY, "2026-03-02T22:30:00").await.unwrap();
    assert_eq!(again, yichong::jobs::runner::Ended::AlreadyDone);
    site.green().await;
}

/// A process of this machine that is gone: a child's number and start, asked while it lived.
fn gone() -> String {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let started = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().to_owned();
    let me = host::me();
    let owner = format!("{}/{}/{started}", me.split('/').next().unwrap(), child.id());
    assert!(!host::is_dead(&owner), "{owner} is alive");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(host::is_dead(&owner), "{owner} is gone");
    owner
}

/// The night is claimed by somebody, for ninety seconds from 22:00:05.
async fn claimed(site: &Site, owner: &str) -> RunRow {
    let mut tx = site.app.db.write().await.unwrap();
    let claim = Claim {
        job: "nightly",
        business_date: day(MONDAY),
        owner,
        now: at(NOW),
        lease_until: at(NOW) + Duration::seconds(90),
        scheduled_at: at("2026-03-02T22:00:00"),
        inputs: "{}",
        sweep: false,
        dead: None,
    };
    let run = runs::claim(&mut tx, &claim).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    run
}

async fn a_dead_holder_is_taken_over(place: Place) {
    let site = twelve(place).await;
    claimed(&site, &gone()).await;
    // Its lease runs until 22:01:35; nobody needs to wait for that.
    let end = children::run(children::job(&site.config(), "2026-03-02T22:00:10", "nightly", MONDAY, None));
    assert!(matches!(&end, End::Exit(0, _)), "{end:?}");
    one_night(&site).await;
    assert_eq!(texts(&site.app.db, "SELECT CAST(fence AS TEXT) FROM run").await, ["2"]);
}

async fn a_living_holder_is_not(place: Place) {
    let site = twelve(place).await;
    // Another machine's: whether it lives cannot be known, so its lease decides.
    claimed(&site, "elsewhere/1/1").await;
    let run = |now: &'static str| children::run(children::job(&site.config(), now, "nightly", MONDAY, None));
    let early = run("2026-03-02T22:01:35");
    assert!(matches!(&early, End::Exit(7, words) if words.contains("elsewhere/1/1")), "{early:?}");
    assert_eq!(site.debits().await, Vec::<String>::new());
    let late = run("2026-03-02T22:01:36");
    assert!(matches!(&late, End::Exit(0, _)), "{late:?}");
    one_night(&site).await;
}

async fn who_was_taken_over_writes_nothing(place: Place) {
    let mut site = twelve(place).await;
    site.clock(NOW);
    let run = claimed(&site, "elsewhere/1/1").await;
    let old = Context {
        app: &site.app,
        job: "nightly",
        business_date: day(MONDAY),
        pass: run.pass,
        fence: run.fence,
        scheduled_at: run.scheduled_at,
    };
    drop(old.page().await.unwrap());
    assert_eq!(exec(&site.app.db, "UPDATE run SET fence = fence + 1, owner = 'somebody/2/2'").await.unwrap(), 1);
    let refused = old.page().await.unwrap_err();
    assert_eq!(refused.kind, Kind::Busy, "{refused}");
    let refused = yichong::jobs::select::run(&old).await.unwrap_err();
    assert_eq!(refused.kind, Kind::Busy, "{refused}");
    assert_eq!(site.debits().await, Vec::<String>::new());
    let mut tx = site.app.db.write().await.unwrap();
    let until = at(NOW) + Duration::seconds(90);
    assert!(!runs::renew(&mut tx, "nightly", day(MONDAY), run.fence, until).await.unwrap(), "it renewed its lease");
    let ending = runs::Ending { state: "done", tally: None, message: None, at: at(NOW) };
    let ended = runs::end(&mut tx, &run, &ending).await;
    assert!(matches!(ended, Err(StoreError::Fenced { .. })), "{ended:?}");
    drop(tx);
    assert_eq!(texts(&site.app.db, "SELECT state || ' ' || owner FROM run").await, ["running somebody/2/2"]);
}
