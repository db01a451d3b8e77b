//! Trying an envelope's keys without a file of anybody: can we encrypt to the bank, does what is encrypted to us open,
//! when do the keys end.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write};

use chrono::{DateTime, Utc};

use super::{Envelope, EnvelopeError, Layer, openpgp, sm, spool};
use crate::door::check::Finding;

const PROBE: &[u8] = b"yichong door check";

/// One key.
pub struct Tried {
    /// Its file.
    pub file: String,
    /// When it ends; none: never, or it does not say.
    pub until: Option<DateTime<Utc>>,
    /// Whether it does what it is for.
    pub said: Result<(), EnvelopeError>,
}

impl Envelope<'_> {
    /// Tries the keys of every layer that has some.
    pub fn try_keys(&self) -> Vec<Finding> {
        let mut layers = Vec::new();
        for layer in self.layers.iter().copied().filter(|layer| layer.keyed()) {
            if !layers.contains(&layer) {
                layers.push(layer);
            }
        }
        layers.into_iter().flat_map(|layer| self.try_layer(layer)).collect()
    }

    fn try_layer(&self, layer: Layer) -> Vec<Finding> {
        let what = |rest: &str| format!("envelope {}: {rest}", layer.word());
        let sealed = Envelope { layers: &[layer], ..*self }.seal("probe", PROBE);
        let words = "a probe was signed with our first key and encrypted to the bank's first key".to_owned();
        let mut found = vec![self.finding(what("to the bank"), sealed.map(|_| words), None)];
        let (own, bank) = match layer {
            Layer::Openpgp => (openpgp::own_keys(self), openpgp::bank_keys(self)),
            _ => (sm::own_keys(self), sm::bank_keys(self)),
        };
        for (whose, words, keys) in [
            ("our key", "what is encrypted to it opens with it", own),
            ("the bank's key", "signatures can be checked with it", bank),
        ] {
            match keys {
                Ok(keys) => found.extend(keys.into_iter().map(|key| {
                    let said = key.said.map(|()| words.to_owned());
                    self.finding(what(&format!("{whose} {}", key.file)), said, key.until)
                })),
                Err(error) => found.push(self.finding(what(whose), Err(error), None)),
            }
        }
        found
    }

    fn finding(&self, what: String, said: Result<String, EnvelopeError>, until: Option<DateTime<Utc>>) -> Finding {
        match said {
            Ok(words) => Finding::of_key(what, words, until, self.now),
            Err(EnvelopeError::Key { layer, file, problem }) => {
                Finding::bad_key(what, file, format!("{layer}: {problem}"))
            }
            Err(error) => Finding::bad_key(what.clone(), what, error.to_string()),
        }
    }
}

/// Seals a probe and opens it again.
pub fn there_and_back(
    envelope: &Envelope<'_>,
    seal: impl FnOnce(&File, &mut dyn Write) -> Result<(), EnvelopeError>,
    open: impl FnOnce(&File, &mut dyn Write) -> Result<(), EnvelopeError>,
) -> Result<(), EnvelopeError> {
    let files = || spool::nameless(envelope.work);
    let (mut clear, mut sealed, mut opened) = (files()?, files()?, files()?);
    clear.write_all(PROBE)?;
    clear.rewind()?;
    seal(&clear, &mut sealed)?;
    sealed.rewind()?;
    open(&sealed, &mut opened)?;
    opened.rewind()?;
    let mut back = Vec::new();
    opened.read_to_end(&mut back)?;
    if back == PROBE { Ok(()) } else { Err(std::io::Error::other("a probe came back with other bytes").into()) }
}
