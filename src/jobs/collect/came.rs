//! What came, with its envelope off: the bytes that travelled are kept first, then opened. What does not open is kept
//! as it came and is not believed.

use std::fs::File;
use std::io::{Read, Seek as _};

use super::Stop;
use crate::app::Context;
use crate::config::Bank;
use yichong_gateways::archive::{Kept, measure};
use yichong_gateways::door::{Door, DoorError, Fault};
use yichong_gateways::envelope::{self, EnvelopeError};
use yichong_store::dispatches::Travelled;

/// One file at a door.
pub struct Came<'a> {
    door: &'a Door,
    at_door: &'a str,
    /// Its name without the envelope's endings: data, never a path.
    pub name: String,
    /// Why its envelope does not open.
    pub problem: Option<String>,
    inside: Option<File>,
    travelled: Option<Kept>,
}

impl<'a> Came<'a> {
    /// Takes the envelope off, where the door has one; none: still growing.
    pub fn open(ctx: &Context<'_>, bank: &Bank, door: &'a Door, at_door: &'a str) -> Result<Option<Came<'a>>, Stop> {
        let app = ctx.app;
        let layers = &door.settings().envelope_in;
        let mut came = Came { door, at_door, name: at_door.to_owned(), problem: None, inside: None, travelled: None };
        if layers.is_empty() {
            return Ok(Some(came));
        }
        let first = measure(door.open(at_door)?)?;
        let kept_as = format!("in/{}/travelled/{}", bank.code, first.sha256);
        let points = ["file.archive.after_fsync", "collect.archive.after_rename"];
        if app.archive.keep(&app.vault, &kept_as, door.open(at_door)?, points)? != first {
            return Ok(None);
        }
        let work = app.config.folders.data.join("work");
        let opened = door.envelope(layers, &work, ctx.now()).open(app.archive.open(&app.vault, &kept_as)?);
        came.travelled = Some(first);
        match opened {
            Ok(file) => {
                came.inside = Some(file);
                came.name = envelope::inner_name(layers, at_door);
            }
            Err(error @ EnvelopeError::Wrong { .. }) => came.problem = Some(error.to_string()),
            Err(EnvelopeError::Io(error)) => return Err(error.into()),
            // A key that cannot be used is this bank's affair.
            Err(EnvelopeError::Key { layer, file, problem }) => {
                let said = format!("envelope {layer}: {problem}");
                return Err(Stop::Door(DoorError::Shut { at: file, fault: Fault::Secret, said }));
            }
        }
        Ok(Some(came))
    }

    /// What is inside, from its beginning; what came, if it does not open.
    pub fn read(&self) -> Result<Box<dyn Read + Send>, Stop> {
        let Some(file) = &self.inside else { return Ok(self.door.open(self.at_door)?) };
        let mut file = file.try_clone()?;
        file.rewind()?;
        Ok(Box::new(file))
    }

    /// What travelled, to be recorded beside what was inside.
    pub fn travelled<'b>(
        &'b self,
        ctx: &Context<'_>,
        bank: &'b Bank,
        inner: &'b str,
        words: &'b str,
    ) -> Option<Travelled<'b>> {
        let kept = self.travelled.as_ref()?;
        Some(Travelled {
            bank: &bank.code,
            sha256: &kept.sha256,
            file_name: self.at_door,
            bytes: i64::try_from(kept.bytes).unwrap_or(i64::MAX),
            envelope: words,
            inner_sha256: self.inside.is_some().then_some(inner),
            received_at: ctx.now(),
        })
    }
}
