//! Trying the keys of signatures without a document of anybody.

use chrono::{DateTime, Utc};
use yichong_core::formats::{Signer as _, Verifier as _};

use super::{Settings, SigningError};
use crate::door::check::Finding;

const PROBE: &[u8] = b"yichong door check";

impl Settings {
    /// Signs a probe with our key, loads each of the bank's, and looks at when they end.
    pub fn try_keys(&self, now: DateTime<Utc>) -> Vec<Finding> {
        let what = |whose: &str| format!("signature {}: {whose}", self.algorithm.word());
        let bad = |what, error: SigningError| Finding::bad_key(what, error.file, error.problem);
        let mut found = Vec::new();
        let mut ours = None;
        if self.own.is_some() {
            let signed = self.own().and_then(|key| {
                let mut signing = key.begin();
                signing.update(PROBE);
                signing.sign().map_err(|why| self.unusable("[bank.signature] own", why))
            });
            found.push(match signed {
                Ok(signature) => {
                    ours = Some(signature);
                    Finding::of_key(what("our key"), "a probe was signed".to_owned(), None, now)
                }
                Err(error) => bad(what("our key"), error),
            });
        }
        for path in &self.bank {
            let what = what(&format!("the bank's key {}", path.display()));
            let one = Settings { bank: vec![path.clone()], ..self.clone() };
            found.push(match one.bank(now) {
                Err(error) => bad(what, error),
                Ok(keys) => {
                    let mut checking = keys.begin();
                    checking.update(PROBE);
                    let own = !self.algorithm.shared() && ours.as_ref().is_some_and(|ours| checking.verify(ours));
                    let until = keys.list().find_map(|(_, until)| until);
                    let words = "signatures can be checked with it; its owner only the bank can tell, by telephone";
                    match own {
                        true => Finding::bad_key(
                            what,
                            path.display().to_string(),
                            "it is the other half of our own key, not the bank's".to_owned(),
                        ),
                        false => Finding::of_key(what, words.to_owned(), until, now),
                    }
                }
            });
        }
        found
    }
}
