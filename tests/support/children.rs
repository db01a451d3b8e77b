//! The real program as a child process: run to its end, or killed on the way.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code and these words.
    Exit(i32, String),
    /// By SIGKILL.
    Killed,
}

/// The command line of one job, small pages; `crash` is `point:n`.
pub fn job(config: &Path, now: &str, job: &str, date: &str, crash: Option<&str>) -> Command {
    command(config, now, &["run", job, "--date", date], crash)
}

/// Any command line, small pages; `crash` is `point:n`.
pub fn command(config: &Path, now: &str, words: &[&str], crash: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yichong"));
    command.arg("--config").arg(config).args(["--now", now]).args(words);
    command.env_clear().env("YICHONG_PAGE", "3").env("RUST_LOG", "warn").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(crash) = crash {
        command.env("YICHONG_CRASH", crash);
    }
    command
}

/// Starts a child.
pub fn start(mut command: Command) -> Child {
    command.spawn().unwrap()
}

/// Waits for a child's end.
pub fn end(child: Child) -> End {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let words = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exit(code, words),
        (None, Some(libc::SIGKILL)) => End::Killed,
        (None, signal) => panic!("the child ended by signal {signal:?}: {words}"),
    }
}

/// Runs a job to its end.
pub fn run(command: Command) -> End {
    end(start(command))
}
