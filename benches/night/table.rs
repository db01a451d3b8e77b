//! The tables people read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::floors::Floors;
use super::measure::{Stopwatch, rate, ratio, seconds};

/// Steps outside the cycle whose whole time has a target: the site's rows are imported once, and verify runs in the
/// morning.
const OUTSIDE: [&str; 4] = ["accounts", "balances", "agreements", "verify"];

/// Every step: rows, seconds, rows per second, peak memory.
pub fn steps(watch: &Stopwatch, due: u64, sqlite: bool) -> String {
    let mut out = format!("{due} due on {}\n", if sqlite { "SQLite" } else { "PostgreSQL" });
    let _ = writeln!(out, "| step | rows | seconds | own CPU | rows/s | peak MiB |\n|---|---:|---:|---:|---:|---:|");
    for step in &watch.steps {
        let (wall, cpu, rate) = (seconds(step.wall), seconds(step.cpu), rate(step.rows, step.wall));
        let _ = writeln!(out, "| {} | {} | {wall} | {cpu} | {rate} | {} |", step.name, step.rows, step.peak_kib >> 10);
    }
    let target = if sqlite { 90 } else { 150 };
    let _ = write!(out, "whole cycle without import and verify: {} s", seconds(cycle(watch)));
    if due == 1_000_000 {
        let _ = write!(out, " (target {target} s)");
    }
    let peak = watch.steps.iter().map(|step| step.peak_kib).max().unwrap_or(0) >> 10;
    let _ = writeln!(out, "; peak memory {peak} MiB (target 200)");
    out
}

fn cycle(watch: &Stopwatch) -> Duration {
    watch.steps.iter().filter(|step| !OUTSIDE.contains(&step.name)).map(|step| step.wall).sum()
}

/// Ratios to the yardstick (target: at most 4) and to the floors.
pub fn compared(watch: &Stopwatch, yardstick: &BTreeMap<String, Duration>, floors: &Floors) -> String {
    let mut out = String::from("| database step | program s | bare SQL s | ratio |\n|---|---:|---:|---:|\n");
    for step in &watch.steps {
        if let Some(bare) = yardstick.get(step.name) {
            let (ours, theirs) = (seconds(step.wall), seconds(*bare));
            let _ = writeln!(out, "| {} | {ours} | {theirs} | {} |", step.name, ratio(step.wall, *bare));
        }
    }
    let _ = writeln!(out, "\n| step | program s | floor | floor s | ratio |\n|---|---:|---|---:|---:|");
    let floors = [
        ("agreements", "csv twice + sealing payers", floors.csv * 4 + floors.seal * 2),
        ("file", "opening payers + formatting lines", floors.open + floors.lines),
        ("returns", "csv over the answers", floors.answer),
    ];
    for (name, floor, time) in floors {
        if let Some(step) = watch.find(name) {
            let (ours, least) = (seconds(step.wall), seconds(time));
            let _ = writeln!(out, "| {name} | {ours} | {floor} | {least} | {} |", ratio(step.wall, time));
        }
    }
    out
}

/// Time per row of the larger night divided by that of the smaller (target: at most 1.5).
pub fn scale(small: &Stopwatch, small_due: u64, full: &Stopwatch, due: u64) -> String {
    let mut out = format!("time per row at {due} / at {small_due} (target at most 1.50)\n");
    let per_row = |time: Duration, rows: u64| {
        Duration::from_nanos(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / (rows / 1_000).max(1))
    };
    for step in &full.steps {
        if let Some(before) = small.find(step.name) {
            let quotient = ratio(per_row(step.wall, step.rows), per_row(before.wall, before.rows));
            let _ = writeln!(out, "  {:<10} {quotient}", step.name);
        }
    }
    let whole = ratio(per_row(cycle(full), due), per_row(cycle(small), small_due));
    let _ = writeln!(out, "  {:<10} {whole}", "cycle");
    out
}
