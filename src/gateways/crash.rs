//! Points at which a test may kill this process: between any two steps that must survive it.
//!
//! `YICHONG_CRASH=point:n` kills with SIGKILL when the point is passed the n-th time. Release builds have no such
//! points.

/// Every declared point, in the order of a night. A test kills at each and asserts that it fired.
pub const POINTS: &[&str] = &[
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
    "credit.answer.after_commit",
    "notify.body.after_commit",
    "notify.file.after_rename",
    "notify.sent.after_commit",
    "statement.page.after_commit",
    "statement.after_commit",
    "reconcile.page.after_commit",
    "certificate.after_commit",
    "report.after_rename",
    "step.after_commit",
    "agreements.page.before_commit",
    "agreements.page.after_commit",
    "agreements.seal.after_commit",
    "agreements.sending.after_commit",
    "agreements.sent.after_commit",
    "confirm.page.before_commit",
    "confirm.page.after_commit",
    "confirm.after_commit",
    "import.rejects.after_fsync",
    "import.rejects.after_rename",
    "import.page.before_commit",
    "import.page.after_commit",
    "import.calendar.before_commit",
    "import.calendar.after_commit",
    "import.recorded.before_commit",
    "import.recorded.after_commit",
];

/// Passes a declared point; dies there if the environment says so.
#[cfg(debug_assertions)]
pub fn point(name: &'static str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI64, Ordering};
    static WANTED: OnceLock<Option<(String, AtomicI64)>> = OnceLock::new();
    debug_assert!(POINTS.contains(&name), "crash point {name} is not declared");
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("YICHONG_CRASH").ok()?;
        let (point, times) = text.split_once(':')?;
        Some((point.to_owned(), AtomicI64::new(times.parse().ok()?)))
    });
    if let Some((point, left)) = wanted
        && point == name
        && left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        // Not abort, not exit: nothing may run after this, no destructor and no flush.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        loop {
            std::thread::park();
        }
    }
}

/// Passes a declared point.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn point(_name: &'static str) {}
