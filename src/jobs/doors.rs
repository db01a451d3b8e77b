//! Looking at a bank's door, and banks whose door is shut while others' are open: the others go on, the failure is told
//! at the end.

use super::app::{App, Outcome, Tally};
use super::error::{JobError, Kind};
use crate::config::Bank;
use yichong_gateways::door::DoorError;
use yichong_gateways::door::check::Finding;

/// Tries all of a bank's door that can be tried without sending a file: the way there, the keys of envelopes and
/// signatures, the door for agreements.
pub fn check(app: &App, bank: &Bank) -> Vec<Finding> {
    let (door, now) = (bank.door(), app.clock.now());
    let mut found = door.check(now);
    found.extend(door.check_keys(&app.config.folders.data.join("work"), now));
    found.extend(bank.signature.iter().flat_map(|settings| settings.try_keys(now)));
    match (bank.agreements_door(), &bank.agreements) {
        (Some(door), _) => found.extend(door.check(now).into_iter().map(|finding| {
            let what = format!("agreements, {}", finding.what);
            Finding { what, ..finding }
        })),
        (None, Some(_)) => found.push(Finding::untold("agreements".to_owned(), "they go through the same door")),
        (None, None) => {}
    }
    found
}

/// The doors that were found shut in one step.
#[derive(Debug, Default)]
pub struct ShutDoors(Vec<(String, JobError)>);

impl ShutDoors {
    /// A bank's door is shut: its files wait, the other banks go on.
    pub fn add(&mut self, bank: &str, error: DoorError) {
        self.refuse(bank, JobError::from(error));
    }

    /// The same for what is wrong before the door is reached: a key, say.
    pub fn refuse(&mut self, bank: &str, error: JobError) {
        tracing::warn!(bank, %error, "the door is shut; other banks go on");
        self.0.push((bank.to_owned(), error));
    }

    /// Whether a bank's door was found shut already: it is not knocked at again in this step.
    pub fn has(&self, bank: &str) -> bool {
        self.0.iter().any(|(shut, _)| shut == bank)
    }

    /// How the step ended: with the failure that needs somebody most, and every bank's words.
    pub fn outcome(self, mut tally: Tally) -> Outcome {
        let Some(kind) = self.0.iter().map(|(_, error)| error.kind).min_by_key(|kind| patience(*kind)) else {
            return Outcome::Done(tally);
        };
        tally.add("doors_shut", i64::try_from(self.0.len()).unwrap_or(i64::MAX));
        let words: Vec<String> = self.0.iter().map(|(bank, error)| format!("bank {bank}: {error}")).collect();
        Outcome::Partly(tally, JobError::new(kind, words.join("; ")))
    }
}

/// What passes by itself comes last.
const fn patience(kind: Kind) -> u8 {
    match kind {
        Kind::Refused => 0,
        Kind::Input => 1,
        Kind::Waiting => 3,
        _ => 2,
    }
}
