//! What lies in a partner's folder for us: complete files, and everything else by the reason it is left there.

use std::collections::BTreeSet;
use std::time::Duration;

use super::names::fits;
use super::{Door, DoorError, Item, sftp};

/// What lies there, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Complete, and ours.
    pub files: Vec<String>,
    /// Their marker is not there yet.
    pub unmarked: Vec<String>,
    /// Still changing.
    pub growing: Vec<String>,
    /// Names that are not ours by `names`.
    pub ignored: Vec<String>,
    /// Receipts of the partner: (its name, what it took of our file's name).
    pub receipts: Vec<(String, String)>,
}

impl Door {
    /// The complete files that wait, sorted.
    pub fn waiting(&self) -> Result<Vec<String>, DoorError> {
        Ok(self.look()?.files)
    }

    /// Looks, twice where the settings say so. Temporary names (`.x`, `x.tmp`) are still being written.
    pub fn look(&self) -> Result<Waiting, DoorError> {
        let first = self.again(|| self.place.list(&self.into))?;
        if self.settings.settle_seconds == 0 {
            return Ok(self.sorted(&first, None));
        }
        sftp::pause(Duration::from_secs(self.settings.settle_seconds));
        let second = self.again(|| self.place.list(&self.into))?;
        Ok(self.sorted(&second, Some(&first)))
    }

    fn sorted(&self, items: &[Item], before: Option<&[Item]>) -> Waiting {
        let settings = &self.settings;
        let mut found = Waiting::default();
        let marker = settings.marker_in.as_ref();
        let marks: BTreeSet<&str> = items.iter().filter_map(|item| marker?.core(&item.name)).collect();
        for item in items {
            let name = item.name.as_str();
            if name.starts_with('.') || name.ends_with(".tmp") || settings.temporary.core(name).is_some() {
                continue;
            }
            if let Some(core) = settings.receipt.as_ref().and_then(|receipt| receipt.core(name)) {
                found.receipts.push((item.name.clone(), core.to_owned()));
                continue;
            }
            if marker.is_some_and(|marker| marker.core(name).is_some()) {
                continue;
            }
            let pile = if !settings.names.is_empty() && !settings.names.iter().any(|pattern| fits(pattern, name)) {
                &mut found.ignored
            } else if marker.is_some_and(|marker| !marks.contains(marker.core_of(name))) {
                &mut found.unmarked
            } else if before.is_some_and(|before| !before.contains(item)) {
                &mut found.growing
            } else {
                &mut found.files
            };
            pile.push(item.name.clone());
        }
        let Waiting { files, unmarked, growing, ignored, receipts } = &mut found;
        [files, unmarked, growing, ignored].into_iter().for_each(|names| names.sort());
        receipts.sort();
        found
    }
}
