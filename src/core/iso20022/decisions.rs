//! What a report decides for transactions it does not list: by payment information, and for the whole message.

use std::io::Read;

use super::answers::{Answers, first_reasons};
use super::pain002::Level;
use super::reason::Reason;
use super::rest::Rest;
use super::status::{Means, PART};
use crate::formats::judge::Ruled;
use crate::formats::records::{Decision, FileError};

/// Payment informations one report may speak of.
const DECISIONS: usize = 10_000;

impl<R: Read, T: Ruled> Answers<'_, R, T> {
    /// A payment information ends.
    pub(super) fn end_of_payment(&mut self, level: &Level) -> Result<(), FileError> {
        let (_, rest) = self.payment.take().unwrap_or_else(|| (level.clone(), Rest::default()));
        self.stated.add(level);
        let (status, count) = match level.status.as_deref() {
            Some(PART) => rest.remaining(level),
            Some(status) => (Some(status.to_owned()), None),
            None => (self.group.as_ref().and_then(|group| group.certain()).map(str::to_owned), None),
        };
        let above = self.group.as_ref().map(|group| group.reasons.clone()).unwrap_or_default();
        let reasons = first_reasons([Some(&level.reasons), Some(&above), None]).to_vec();
        self.decide(Some(level.id.clone().unwrap_or_default()), status, &reasons, count)
    }

    /// The report ends.
    pub(super) fn end_of_group(&mut self) -> Result<(), FileError> {
        let Some(group) = self.group.clone() else {
            let place = self.stream.cursor.body;
            let rule = "a report says which message of ours it is about; ask the bank";
            return Err(self.stream.cursor.wrong(place, "OrgnlGrpInfAndSts", "it is missing", rule));
        };
        if !group.per_status.is_empty() {
            self.stated = Rest::default();
            self.stated.add(&group);
        }
        let (status, count) = match group.status.as_deref() {
            Some(PART) => self.listed.remaining(&group),
            status => (status.map(str::to_owned), None),
        };
        self.decide(None, status, &group.reasons, count)
    }

    fn decide(
        &mut self,
        payment: Option<String>,
        status: Option<String>,
        reasons: &[Reason],
        count: Option<u64>,
    ) -> Result<(), FileError> {
        if payment.is_some() && self.decisions.len() >= DECISIONS {
            let place = self.stream.cursor.body;
            let problem = format!("it speaks of more than {DECISIONS} payment informations");
            return Err(self.stream.cursor.wrong(place, "OrgnlPmtInfAndSts", problem, "we never send so many"));
        }
        let status = status.unwrap_or_default();
        let refuses = self.settings.statuses.means(&status) == Some(Means::Refused);
        let ruling = self.settings.statuses.rule(&status, reasons, self.table);
        let (category, code, text) = (ruling.category, ruling.code, ruling.text);
        self.decisions.push(Decision { payment, category, refuses, code, text, count });
        Ok(())
    }
}
