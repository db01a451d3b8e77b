//! Killed with SIGKILL at every declared point, the 1st, 2nd, 3rd … time it is passed, then run again: the day comes
//! out byte for byte as if nothing had happened. The program is the real one, as a child; the partners live here and
//! survive it.
//!
//! Shown to turn red, each tried by hand and taken back: a send that shows its file before it has recorded "sending"
//! (the bank gets it twice), a collect that takes the file away before its commit (the answers are lost), an apply
//! whose lines get their verdict in a transaction of their own (paid becomes "repeat"), a closing that writes its
//! certificate's files only in the run that closed.

mod exchange;
mod imports;
mod world;

use std::collections::BTreeSet;
use std::time::Instant;

use yichong::crash::POINTS;

use crate::support::children::{self, End};
use crate::support::site::day;
use crate::support::{Place, block_on, both};
use world::{Look, World, differences, local};

/// One call of the program in the day, and the points it passes.
struct Stage {
    job: &'static str,
    date: &'static str,
    now: &'static str,
    /// What the partners do before it.
    before: fn(&World),
    /// What the partners do while the program lies dead, and after it.
    meanwhile: fn(&World),
    points: &'static [&'static str],
}

const MONDAY: &str = "2026-03-02";
const TUESDAY: &str = "2026-03-03";
const NIGHT: usize = 0;
const ANSWERS: usize = 1;

const STAGES: [Stage; 6] = [
    Stage {
        job: "nightly",
        date: MONDAY,
        now: "2026-03-02T22:00:05",
        before: |world| drop(world.head_end().snapshot(day(MONDAY)).unwrap()),
        // The bank takes whatever lies there, between the kill and the next try too.
        meanwhile: |world| drop(world.bank().receive(day(MONDAY)).unwrap()),
        points: &[
            "collect.archive.after_rename",
            "select.page.before_commit",
            "select.page.after_commit",
            "file.assign.after_commit",
            "file.body.after_write",
            "file.archive.after_fsync",
            "file.archive.after_rename",
            "file.seal.before_commit",
            "file.seal.after_commit",
            "release.after_commit",
            "send.temp.after_write",
            "send.temp.after_fsync",
            "send.after_rename",
            "send.after_commit",
            "step.after_commit",
        ],
    },
    Stage {
        job: "returns",
        date: MONDAY,
        now: "2026-03-02T23:10:00",
        before: |world| drop(world.bank().answer(day(MONDAY)).unwrap()),
        meanwhile: |_| {},
        points: &[
            "file.archive.after_fsync",
            "collect.archive.after_rename",
            "collect.after_commit",
            "collect.after_remove",
            "verify.page.after_commit",
            "verify.after_commit",
            "apply.page.before_commit",
            "apply.page.after_commit",
            "apply.after_commit",
            "credit.order.after_commit",
            "credit.file.after_rename",
            "credit.sent.after_commit",
            "step.after_commit",
        ],
    },
    Stage {
        job: "returns",
        date: TUESDAY,
        now: "2026-03-03T07:10:00",
        before: |world| drop(world.head_end().run(local("2026-03-03T00:30:00")).unwrap()),
        meanwhile: |_| {},
        points: &[
            "credit.answer.after_commit",
            "notify.body.after_commit",
            "notify.file.after_rename",
            "notify.sent.after_commit",
            "step.after_commit",
        ],
    },
    Stage {
        job: "settlement",
        date: TUESDAY,
        now: "2026-03-03T09:15:00",
        before: |world| drop(world.bank().statement(day(MONDAY)).unwrap()),
        meanwhile: |_| {},
        points: &[
            "collect.archive.after_rename",
            "collect.after_commit",
            "collect.after_remove",
            "statement.page.after_commit",
            "statement.after_commit",
            "step.after_commit",
        ],
    },
    Stage {
        job: "close",
        date: MONDAY,
        now: "2026-03-03T19:00:00",
        before: |_| {},
        meanwhile: |_| {},
        points: &["certificate.after_commit", "report.after_rename", "step.after_commit"],
    },
    Stage {
        // The ninth household's answer is overdue by now.
        job: "settlement",
        date: "2026-03-04",
        now: "2026-03-04T09:15:00",
        before: |_| {},
        meanwhile: |_| {},
        points: &["reconcile.page.after_commit", "step.after_commit"],
    },
];

both!(a_killed_sweep_of_answers);

#[test]
fn every_declared_point_is_killed_at() {
    let imports = imports::IMPORTS.iter().flat_map(|import| import.points);
    let others = exchange::JOBS.iter().flat_map(|job| job.points).chain(imports);
    let tried: BTreeSet<&str> = STAGES.iter().flat_map(|stage| stage.points).chain(others).copied().collect();
    let declared: BTreeSet<&str> = POINTS.iter().copied().collect();
    assert_eq!(tried, declared);
}

#[test]
fn a_killed_night() {
    block_on(killed_everywhere(Place::sqlite(), NIGHT));
}

async fn a_killed_sweep_of_answers(place: Place) {
    killed_everywhere(place, ANSWERS).await;
}

#[test]
fn a_killed_sweep_of_acknowledgements_and_texts() {
    block_on(killed_everywhere(Place::sqlite(), 2));
}

#[test]
fn a_killed_settlement() {
    block_on(killed_everywhere(Place::sqlite(), 3));
}

#[test]
fn a_killed_closing() {
    block_on(killed_everywhere(Place::sqlite(), 4));
}

#[test]
fn a_killed_reconciliation() {
    block_on(killed_everywhere(Place::sqlite(), 5));
}

/// Kills at moments nobody named: a tenth, two tenths … of the time the job takes.
#[test]
fn killed_at_any_moment() {
    block_on(async {
        for stage in [NIGHT, ANSWERS] {
            let before = played(World::new(Place::sqlite()).await, stage);
            let whole = before.copy().await;
            let began = Instant::now();
            end(&whole, stage);
            let took = began.elapsed();
            let expected = whole.look().await;
            for tenth in 1..10_u32 {
                let world = before.copy().await;
                let Stage { job, date, now, .. } = STAGES[stage];
                let config = world.folder().join("yichong.toml");
                let mut child = children::start(children::job(&config, now, job, date, None));
                std::thread::sleep(took * tenth / 10);
                child.kill().unwrap();
                child.wait().unwrap();
                (STAGES[stage].meanwhile)(&world);
                end(&world, stage);
                same(&expected, &world.look().await, &format!("{job} killed after {tenth}/10 of {took:?}"));
            }
        }
    });
}

/// Plays the stages before this one, and what the partners do before it.
fn played(world: World, stage: usize) -> World {
    for (at, earlier) in STAGES.iter().enumerate().take(stage) {
        (earlier.before)(&world);
        end(&world, at);
    }
    (STAGES[stage].before)(&world);
    world
}

/// Runs a stage to its end.
fn end(world: &World, stage: usize) {
    let Stage { job, date, now, meanwhile, .. } = &STAGES[stage];
    match world.job(job, date, now, None) {
        End::Exit(0, _) => meanwhile(world),
        other => panic!("{job} of {date}: {other:?}"),
    }
}

/// Plays the stages after this one to the last.
fn to_the_last(world: &World, stage: usize) {
    for (at, later) in STAGES.iter().enumerate().skip(stage + 1) {
        (later.before)(world);
        end(world, at);
    }
}

fn same(expected: &Look, found: &Look, what: &str) {
    let words = differences(expected, found);
    assert!(words.is_empty(), "{what}:\n{}", words.join("\n"));
}

async fn killed_everywhere(place: Place, stage: usize) {
    let before = played(World::new(place).await, stage);
    let whole = before.copy().await;
    end(&whole, stage);
    let expected = whole.look().await;
    to_the_last(&whole, stage);
    let last = whole.look().await;
    let Stage { job, date, now, meanwhile, points, .. } = &STAGES[stage];
    // A copy of a database on a server costs a second: the first two passings of each point must do there.
    let most = if before.place.embedded() { 99 } else { 2 };
    for point in *points {
        for nth in 1..=most {
            let what = format!("{job} of {date} killed at {point}:{nth}");
            let world = before.copy().await;
            match world.job(job, date, now, Some(&format!("{point}:{nth}"))) {
                End::Killed => {}
                End::Exit(0, _) if nth > 1 => break,
                other => panic!("{what}: {other:?}"),
            }
            meanwhile(&world);
            if nth == 2 {
                // Killed once more while it recovers.
                drop(world.job(job, date, now, Some(&format!("{point}:1"))));
                meanwhile(&world);
            }
            end(&world, stage);
            same(&expected, &world.look().await, &what);
            if nth == 1 && before.place.embedded() {
                to_the_last(&world, stage);
                same(&last, &world.look().await, &format!("{what}, the whole day"));
                let bank = world.bank();
                assert!(bank.double_debits().is_empty() && bank.resent_keys().is_empty(), "{what}");
                assert!(world.head_end().double_credits().is_empty(), "{what}");
            }
        }
    }
}
