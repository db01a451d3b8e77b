//! Trying a door without a file of anybody: reachable, host key, login, each folder, rename, no overwriting, clock,
//! space. What is wrong is said with what to do; everything it writes is named `.yichong-probe…` and removed again.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Door, DoorError, Fault, Place};

/// A clock further off than this is worth a word: names and dates of files are made from it.
const SKEW_SECONDS_MAX: i64 = 120;
/// Less room than this is worth a word.
const FREE_BYTES_MIN: u64 = 64 << 20;

/// A key that ends sooner is worth a word: new ones take weeks.
const KEY_DAYS_MIN: i64 = 30;

/// One thing that was tried.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What was tried.
    pub what: String,
    /// Right, wrong, or not to be told.
    pub right: Option<bool>,
    /// In words: what was seen, and what to do.
    pub said: String,
    /// What failed, for the exit code.
    #[serde(skip)]
    pub error: Option<DoorError>,
}

impl Finding {
    fn new(what: impl Into<String>, said: Result<String, DoorError>) -> Finding {
        let what = what.into();
        match said {
            Ok(said) => Finding { what, right: Some(true), said, error: None },
            Err(error) => Finding { what, right: Some(false), said: error.to_string(), error: Some(error) },
        }
    }

    /// A key that does what it is for, and when it ends: soon is worth a word.
    pub fn of_key(what: String, words: String, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Finding {
        let Some(until) = until else { return Finding::new(what, Ok(words)) };
        let said = format!("{words}; it ends on {}", until.date_naive());
        if (until - now).num_days() < KEY_DAYS_MIN {
            return Finding::untold(what, format!("{said}: agree on a new one with the bank now"));
        }
        Finding::new(what, Ok(said))
    }

    /// A key that cannot be used.
    pub fn bad_key(what: String, file: String, problem: String) -> Finding {
        let said = format!("{file}: {problem}; put the right file there (ours: chmod 600), and check again");
        let error = DoorError::Shut { at: file, fault: Fault::Secret, said: problem };
        Finding { what, right: Some(false), said, error: Some(error) }
    }

    /// What nothing was tried of.
    pub fn untold(what: impl Into<String>, said: impl Into<String>) -> Finding {
        Finding { what: what.into(), right: None, said: said.into(), error: None }
    }
}

impl Door {
    /// Tries everything that can be tried without sending anything. A door that does not open is not tried further.
    pub fn check(&self, now: DateTime<Utc>) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Place::Sftp(sftp) = &self.place {
            let opened = sftp.session();
            let words = format!("{}: reached, host key as pinned, logged in, sftp offered", sftp.at());
            found.push(Finding::new("connection", opened.map(|_| words)));
            if found.iter().any(|finding| finding.error.is_some()) {
                return found;
            }
        }
        let mut folders = vec![("out", self.out.as_path()), ("into", self.into.as_path())];
        folders.extend(self.settings.done.as_deref().map(|done| ("done", done)));
        for (key, folder) in folders {
            self.check_folder(key, folder, now, &mut found);
        }
        found.push(self.rules());
        found
    }

    /// Tries the keys of the envelopes of both directions.
    pub fn check_keys(&self, work: &Path, now: DateTime<Utc>) -> Vec<Finding> {
        let both = [&self.settings.envelope_out[..], &self.settings.envelope_in[..]].concat();
        self.envelope(&both, work, now).try_keys()
    }

    fn check_folder(&self, key: &str, folder: &Path, now: DateTime<Utc>, found: &mut Vec<Finding>) {
        let name = |what: &str| format!("{key} {}: {what}", folder.display());
        let listed = self.place.list(folder);
        let wrong = listed.is_err();
        found.push(Finding::new(name("list"), listed.map(|items| format!("{} files", items.len()))));
        if wrong {
            return;
        }
        let (first, second) = (folder.join(".yichong-probe.tmp"), folder.join(".yichong-probe-2.tmp"));
        let named = folder.join(".yichong-probe-named.tmp");
        let written = [&first, &second].into_iter().try_for_each(|path| {
            self.place.remove(path)?;
            self.place.write(path, &mut &b"yichong door check\n"[..], None)
        });
        found.push(Finding::new(name("write"), written.map(|()| "a probe was written".to_owned())));
        let renamed = self.place.remove(&named).and_then(|()| self.place.rename(&first, &named));
        let whole = renamed.is_ok();
        found.push(Finding::new(name("rename"), renamed.map(|()| "a probe got another name".to_owned())));
        if whole {
            let kept = match self.place.rename(&second, &named) {
                Err(_) => Ok("a name that is taken is refused".to_owned()),
                Ok(()) => {
                    Err(self.place.refused(Fault::Refused, format!("{} was overwritten by a rename", named.display())))
                }
            };
            found.push(Finding::new(name("no overwriting"), kept));
            self.check_clock(name("clock"), &named, now, found);
        }
        let gone = [&first, &second, &named].into_iter().try_for_each(|path| self.place.remove(path));
        found.push(Finding::new(name("remove"), gone.map(|()| "the probes are gone again".to_owned())));
        if let Place::Sftp(sftp) = &self.place {
            found.push(match sftp.free(folder) {
                Ok(Some(free)) if free < FREE_BYTES_MIN => {
                    let said = format!("{free} bytes are free, less than {FREE_BYTES_MIN}");
                    Finding::new(name("space"), Err(self.place.refused(Fault::DiskFull, said)))
                }
                Ok(Some(free)) => Finding::new(name("space"), Ok(format!("{free} bytes are free"))),
                Ok(None) | Err(_) => Finding::untold(name("space"), "the server does not tell"),
            });
        }
    }

    fn check_clock(&self, what: String, probe: &Path, now: DateTime<Utc>, found: &mut Vec<Finding>) {
        let Place::Sftp(sftp) = &self.place else { return };
        let Ok(Some(changed)) = sftp.facts(probe).map(|facts| facts.and_then(|facts| facts.changed)) else {
            return found.push(Finding::untold(what, "the server does not tell"));
        };
        let off = changed - now.timestamp();
        let said = format!("its clock is {off} s ahead of ours");
        found.push(match off.abs() > SKEW_SECONDS_MAX {
            true => Finding::untold(what, format!("{said}: compare both with a time server")),
            false => Finding::new(what, Ok(said)),
        });
    }

    /// The rules that cannot be tried without the partner, in words.
    fn rules(&self) -> Finding {
        let settings = &self.settings;
        let mut words = vec![match &settings.marker_out {
            Some(marker) => format!("we lay {} beside a file that is complete", marker.of("FILE.txt")),
            None => {
                format!("a file is complete once it has its name (until then: {})", settings.temporary.of("FILE.txt"))
            }
        }];
        words.push(match (&settings.marker_in, settings.settle_seconds) {
            (Some(marker), _) => format!("theirs are read once {} lies beside them", marker.of("FILE.txt")),
            (None, 0) => "theirs are complete if they read the same twice".to_owned(),
            (None, seconds) => format!("theirs are complete if they do not change for {seconds} s"),
        });
        if !settings.names.is_empty() {
            words.push(format!("ours are {}", settings.names.join(", ")));
        }
        if let Some(receipt) = &settings.receipt {
            words.push(format!("receipts are called {}", receipt.of("FILE.txt")));
        }
        Finding::untold("rules", words.join("; "))
    }
}
