//! Jobs as data: `jobs/*.toml` says when, once per what, and which steps. A step that needs a condition is Rust.

use std::str::FromStr;

use cron::Schedule;
use serde::{Deserialize, Serialize};

use super::error::JobError;

/// The jobs a fresh site has; a folder `jobs` beside the configuration replaces them.
const BUILT_IN: &[(&str, &str)] = &[
    ("jobs/nightly.toml", include_str!("../../jobs/nightly.toml")),
    ("jobs/returns.toml", include_str!("../../jobs/returns.toml")),
    ("jobs/settlement.toml", include_str!("../../jobs/settlement.toml")),
    ("jobs/close.toml", include_str!("../../jobs/close.toml")),
    ("jobs/agreements.toml", include_str!("../../jobs/agreements.toml")),
    ("jobs/confirmations.toml", include_str!("../../jobs/confirmations.toml")),
];

/// One job.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its name on the command line.
    pub name: String,
    /// What people read.
    pub title: String,
    /// A cron expression with seconds, Asia/Shanghai; day of week by name.
    pub when: String,
    /// What runs once.
    pub once_per: OncePer,
    /// Which date a firing is for: the day it fires, or the day before (jobs that end yesterday's night in the
    /// morning).
    pub date: DateOf,
    /// In order.
    pub steps: Vec<StepName>,
}

/// What a job does once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OncePer {
    /// A business date.
    Date,
    /// A file: the job sweeps, and may sweep again at any time.
    File,
}

/// Which business date a firing belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOf {
    /// The day it fires.
    Today,
    /// The day before.
    Yesterday,
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// The steps there are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum StepName { $($(#[$doc])* $name,)* }
        impl StepName {
            /// The word in job files, tables and `yichong runs`.
            pub const fn word(self) -> &'static str { match self { $(StepName::$name => $word),* } }
        }
    };
}

steps! {
    /// Balances from the head-end.
    Balances = "balances";
    /// Who is due.
    Select = "select";
    /// The bank's files.
    File = "file";
    /// Inside the stop limits: released; outside: held.
    Release = "release";
    /// To the bank's door.
    Send = "send";
    /// To the bank's door once more, where two people say that it did not arrive.
    Resend = "resend";
    /// From the bank's door.
    Collect = "collect";
    /// Answers into the books.
    Apply = "apply";
    /// Credits to the meters.
    Credit = "credit";
    /// Texts.
    Notify = "notify";
    /// Bank statements into the books.
    Statement = "statement";
    /// What should be there by now and is not.
    Reconcile = "reconcile";
    /// The invariants.
    Verify = "verify";
    /// The day certificate.
    Certificate = "certificate";
    /// The settlement report.
    Report = "report";
    /// New, changed and cancelled agreements to the banks that want to know.
    Agreements = "agreements";
    /// Their yes or no, and whose is late.
    Confirm = "confirm";
    /// What is no longer kept.
    Forget = "forget";
}

impl Job {
    /// Reads one job file; a wrong one is refused with line, column and the accepted words.
    pub fn parse(file: &str, text: &str) -> Result<Job, JobError> {
        let job: Job = toml::from_str(text).map_err(|e| JobError::input(format!("{file}: {e}")))?;
        job.schedule(file)?;
        if job.steps.is_empty() {
            return Err(JobError::input(format!("{file}: steps = [] does nothing; name at least one step")));
        }
        Ok(job)
    }

    /// When it fires.
    pub fn schedule(&self, file: &str) -> Result<Schedule, JobError> {
        Schedule::from_str(&self.when).map_err(|e| {
            JobError::input(format!(
                "{file}: when = \"{}\": {e}; write second minute hour day month weekday",
                self.when
            ))
        })
    }

    /// The built-in jobs.
    pub fn built_in() -> Result<Vec<Job>, JobError> {
        BUILT_IN.iter().map(|(file, text)| Job::parse(file, text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_jobs_are_the_design() {
        let jobs = Job::built_in().unwrap();
        let steps = |name: &str| {
            let job = jobs.iter().find(|job| job.name == name).unwrap();
            job.steps.iter().map(|step| step.word()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(steps("nightly"), "balances select file release send");
        assert_eq!(steps("returns"), "resend collect apply credit notify");
        assert_eq!(steps("settlement"), "statement reconcile");
        assert_eq!(steps("close"), "verify certificate report forget");
        assert_eq!(steps("agreements"), "agreements");
        assert_eq!(steps("confirmations"), "collect confirm");
        assert_eq!(jobs.iter().filter(|job| job.once_per == OncePer::Date).count(), 3);
    }

    #[test]
    fn a_wrong_job_is_refused_loudly() {
        let text = include_str!("../../jobs/nightly.toml");
        let said = |from: &str, to: &str| Job::parse("jobs/x.toml", &text.replace(from, to)).unwrap_err().message;
        let step = said("\"select\"", "\"slect\"");
        assert!(step.contains("slect") && step.contains("`select`") && step.contains("line"), "{step}");
        assert!(said("0 0 22 * * *", "0 22 * * *").contains("write second minute hour"));
        assert!(said("title", "titel").contains("titel"));
    }
}
