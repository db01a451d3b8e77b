//! Stopwatch: processor time and peak memory of one lap, and the table.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use super::{Outcome, per_row};

/// What one piece of work took.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub cpu: Duration,
    pub peak_kib: u64,
}

/// One line of the table: ours beside its floor.
pub struct Lap {
    pub what: String,
    pub bytes: u64,
    pub ours: Taken,
    pub floor: Taken,
    /// The same without decoding, where that is less.
    pub bare: Option<Taken>,
}

/// Runs something three times; the fastest counts, and the largest peak.
pub fn timed(mut work: impl FnMut() -> Outcome<()>) -> Outcome<Taken> {
    fs::write("/proc/self/clear_refs", "5")?;
    let mut least = Duration::MAX;
    for _ in 0..3 {
        let before = cpu()?;
        work()?;
        least = least.min(cpu()?.saturating_sub(before));
    }
    Ok(Taken { cpu: least, peak_kib: peak_kib()? })
}

/// All laps (target: at most twice the floor, at most 64 MiB).
pub fn table(rows: u64, laps: &[Lap]) -> String {
    let mut out = String::from(
        "| what | MB | seconds | floor | ratio | to bare bytes | ns a row | peak MiB |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for Lap { what, bytes, ours, floor, bare } in laps {
        let ratio = ratio(ours, floor);
        let bare = bare.as_ref().map(|bare| self::ratio(ours, bare)).unwrap_or_default();
        let (mine, least) = (seconds(ours.cpu), seconds(floor.cpu));
        let (each, peak) = (per_row(ours.cpu, rows), ours.peak_kib >> 10);
        let _ =
            writeln!(out, "| {what} | {} | {mine} | {least} | {ratio} | {bare} | {each} | {peak} |", bytes / 1_000_000);
    }
    out
}

fn ratio(ours: &Taken, floor: &Taken) -> String {
    let hundredths = ours.cpu.as_nanos() * 100 / floor.cpu.as_nanos().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn seconds(time: Duration) -> String {
    format!("{}.{:02}", time.as_secs(), time.subsec_millis() / 10)
}

fn peak_kib() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Processor time of this process, user and system; Linux counts hundredths of a second.
fn cpu() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/self/schedstat")?;
    let nanos = stat.split_whitespace().next().ok_or("no schedstat")?.parse()?;
    Ok(Duration::from_nanos(nanos))
}
