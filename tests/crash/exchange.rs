//! The exchange of agreements killed at every declared point: the bank gets each word once, and its reply counts once.

use super::world::{Look, World, differences};
use crate::agreements::exchange::{reply, site};
use crate::support::children::End;
use crate::support::{Place, Site, both};

/// One job of the exchange, and the points it passes.
pub struct Job {
    name: &'static str,
    date: &'static str,
    now: &'static str,
    pub points: &'static [&'static str],
}

pub const JOBS: [Job; 2] = [
    Job {
        name: "agreements",
        date: "2026-03-02",
        now: "2026-03-02T17:00:05",
        points: &[
            "agreements.page.before_commit",
            "agreements.page.after_commit",
            "file.archive.after_fsync",
            "file.archive.after_rename",
            "agreements.seal.after_commit",
            "send.temp.after_write",
            "send.temp.after_fsync",
            "agreements.sending.after_commit",
            "send.after_rename",
            "agreements.sent.after_commit",
        ],
    },
    Job {
        name: "confirmations",
        date: "2026-03-03",
        now: "2026-03-03T08:05:00",
        points: &[
            "collect.after_commit",
            "collect.after_remove",
            "confirm.page.before_commit",
            "confirm.page.after_commit",
            "confirm.after_commit",
        ],
    },
];

both!(a_killed_exchange);

async fn a_killed_exchange(place: Place) {
    // Seven households: pages of three are three.
    let site = site(place, 7, "").await;
    let cards: Vec<String> = (1..=7).map(|nth| format!("62260900000{nth:05}")).collect();
    let yes = |nth: i64| if nth == 4 { "N" } else { "Y" };
    let rows: Vec<(i64, &str, &str, &str, &str)> =
        (1..).zip(&cards).map(|(nth, card)| (nth, card.as_str(), "1", yes(nth), "")).collect();
    reply(&site, "DKQYRJS20260302.TXT", &rows);
    let Site { app, place } = site;
    app.db.close().await;
    let mut before = World { place };
    for job in &JOBS {
        before = killed_everywhere(before, job).await;
    }
}

fn end(world: &World, job: &Job) {
    match world.job(job.name, job.date, job.now, None) {
        End::Exit(0, _) => {}
        other => panic!("{}: {other:?}", job.name),
    }
}

/// What comes out. A reply laid at the door early is taken in by the second job only: it is not looked at before.
async fn look(world: &World) -> Look {
    world.look().await
}

async fn killed_everywhere(before: World, job: &Job) -> World {
    let whole = before.copy().await;
    end(&whole, job);
    let expected = look(&whole).await;
    let most = if before.place.embedded() { 9 } else { 2 };
    for point in job.points {
        for nth in 1..=most {
            let what = format!("{} killed at {point}:{nth}", job.name);
            let world = before.copy().await;
            match world.job(job.name, job.date, job.now, Some(&format!("{point}:{nth}"))) {
                End::Killed => {}
                End::Exit(0, _) if nth > 1 => break,
                other => panic!("{what}: {other:?}"),
            }
            // The bank is quick: what is shown it takes away, and shown again it would have it twice.
            let shown = world.folder().join("exchange/pipe/out/DKQYJS20260302.TXT");
            let taken = std::fs::read(&shown).ok();
            if taken.is_some() {
                std::fs::remove_file(&shown).unwrap();
            }
            end(&world, job);
            if let Some(taken) = taken {
                assert!(!shown.exists(), "{what}: the bank would get it twice");
                std::fs::write(&shown, taken).unwrap();
            }
            let words = differences(&expected, &look(&world).await);
            assert!(words.is_empty(), "{what}:\n{}", words.join("\n"));
        }
    }
    whole
}
