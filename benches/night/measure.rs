//! Stopwatch: wall time, this process's own processor time and its peak memory, per step.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// What one step took.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// Rows it handled.
    pub rows: u64,
    /// By the wall clock.
    pub wall: Duration,
    /// Processor time of this process: what other processes do does not lengthen it.
    pub cpu: Duration,
    /// Peak resident memory while it ran (VmHWM), KiB.
    pub peak_kib: u64,
}

/// Every step so far.
#[derive(Debug, Default)]
pub struct Stopwatch {
    /// In the order they ran.
    pub steps: Vec<Step>,
}

impl Stopwatch {
    /// Runs one step and keeps what it took.
    pub async fn step<T>(&mut self, name: &'static str, rows: u64, work: impl Future<Output = Result<T>>) -> Result<T> {
        reset_peak()?;
        let (cpu, wall) = (cpu()?, Instant::now());
        let done = work.await.with_context(|| format!("step {name}"))?;
        self.keep(name, rows, wall.elapsed(), cpu)?;
        Ok(done)
    }

    fn keep(&mut self, name: &'static str, rows: u64, wall: Duration, before: Duration) -> Result<()> {
        let step = Step { name, rows, wall, cpu: cpu()?.saturating_sub(before), peak_kib: peak_kib()? };
        eprintln!("  {:<10} {:>8} s", step.name, seconds(step.wall));
        self.steps.push(step);
        Ok(())
    }

    /// A step by its name.
    pub fn find(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// Runs something once and says how long it took.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let start = Instant::now();
    let done = work()?;
    Ok((done, start.elapsed()))
}

/// 12.34
pub fn seconds(time: Duration) -> String {
    format!("{}.{:02}", time.as_secs(), time.subsec_millis() / 10)
}

/// `a / b` with two decimals, without a float.
pub fn ratio(a: Duration, b: Duration) -> String {
    let hundredths = a.as_nanos() * 100 / b.as_nanos().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Rows per second.
pub fn rate(rows: u64, time: Duration) -> u128 {
    u128::from(rows) * 1_000_000 / time.as_micros().max(1)
}

fn reset_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("/proc/self/clear_refs: the peak of memory cannot be reset")
}

fn peak_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("/proc/self/status has no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// User and system time of this process; Linux counts them in hundredths of a second.
fn cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).context("/proc/self/stat has no times")?;
    Ok(Duration::from_millis((user + system) * 10))
}
