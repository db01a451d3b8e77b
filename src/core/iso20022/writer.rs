//! Debits → a pain.008 (批量代扣请求): head, payment informations, transactions. Bodies do not depend on totals, so rows
//! stream; counts and sums are whole numbers, put in when a group is composed.

use super::charset::is_id;
use super::collection::Collection;
use super::form::Form;
use super::money::decimal;
use super::party::Parties;
use super::settings::{Profile, Sequence, Settings};
use super::tx;
use super::written::Amendments;
use crate::charset::Charset;
use crate::formats::Limits;
use crate::formats::records::{DebitRow, FileError, FileFacts, Totals};
use crate::xml::{Pen, Unwritable};

/// Writes one debit file.
#[derive(Clone, Debug)]
pub(crate) struct DebitWriter<'f> {
    settings: &'f Settings,
    limits: Limits,
    facts: FileFacts,
    /// `MsgId`.
    id: String,
    parties: Parties,
    form: Form,
    collection: Collection,
    groups: Vec<Group>,
    rows: u64,
    bytes: u64,
}

/// A payment information being filled.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: bool,
    rows: u64,
}

/// Sums fit beside the ids of at most so many payment informations.
const GROUPS: usize = 9_999;

impl<'f> DebitWriter<'f> {
    /// Prepares a file: ids, parties and everything else that is the same in each row is made and checked here.
    pub(crate) fn new(settings: &'f Settings, limits: Limits, facts: &FileFacts) -> Result<DebitWriter<'f>, FileError> {
        let id = settings.message_id.as_ref().map(|template| template.write(facts));
        let id = id.unwrap_or_else(|| Err(("message_id".into(), "the format has none".into())));
        let id = id.map_err(|(part, problem)| wrong(0, &part, problem, "the id of the message; set the parameter"))?;
        // The longest number of a payment information stands behind it.
        if !is_id(&format!("{id}-{GROUPS}")) {
            let rule = "ids have at most 35 plain characters, five of them for the payment information";
            return Err(wrong(0, "MsgId", format!("`{id}` is too long for an id, or holds other characters"), rule));
        }
        let (parties, collection) = (Parties::of(settings, facts)?, Collection::of(settings, facts)?);
        let form = Form::of(settings, &parties).map_err(|error| unwritable(&error))?;
        let (facts, groups) = (facts.clone(), Vec::new());
        Ok(DebitWriter { settings, limits, facts, id, parties, form, collection, groups, rows: 0, bytes: 0 })
    }

    /// Declaration and group header.
    pub(crate) fn head(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        self.write_head(totals, out).map_err(|error| unwritable(&error))
    }

    fn write_head(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        let mut pen = Pen::new(Charset::Utf8);
        let namespace = format!("urn:iso:std:iso:20022:tech:xsd:pain.008.001.{:02}", self.settings.version);
        pen.declaration(out);
        out.push(b'\n');
        pen.start("Document", &[("xmlns", &namespace)], out)?;
        pen.start("CstmrDrctDbtInitn", &[], out)?;
        out.push(b'\n');
        pen.start("GrpHdr", &[], out)?;
        pen.leaf("MsgId", &[], &self.id, out)?;
        pen.leaf("CreDtTm", &[], &self.facts.made_at.format("%Y-%m-%dT%H:%M:%S").to_string(), out)?;
        sums(&pen, totals, out)?;
        pen.start("InitgPty", &[], out)?;
        pen.leaf("Nm", &[], &self.parties.initiator, out)?;
        pen.end(out);
        pen.end(out);
        out.push(b'\n');
        Ok(())
    }

    /// Where a row will stand: by what all rows of a payment information have in common, and by how many it takes.
    pub(crate) fn group_of(&self, row: &DebitRow) -> usize {
        let first = self.is_first(row);
        let room = |group: &Group| self.settings.rows_per_group.is_none_or(|most| group.rows < most);
        let open = self.groups.iter().rposition(|group| group.first == first);
        open.filter(|at| room(&self.groups[*at])).unwrap_or(self.groups.len())
    }

    fn is_first(&self, row: &DebitRow) -> bool {
        // A replaced card begins anew where only a marker says that it was replaced.
        let anew = self.settings.amendments == Amendments::Smnda && row.replaced.is_some();
        self.settings.sequence == Sequence::History && (row.first || anew)
    }

    /// A payment information's own fields; ends the one before.
    pub(crate) fn group(&self, group: usize, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        if group > 0 {
            out.extend_from_slice(b"</PmtInf>\n");
        }
        let first = self.groups.get(group).is_some_and(|group| group.first);
        self.write_group(group, first, totals, out).map_err(|error| unwritable(&error))
    }

    fn write_group(&self, group: usize, first: bool, totals: Totals, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        let settings = self.settings;
        let mut pen = Pen::new(Charset::Utf8);
        pen.start("PmtInf", &[], out)?;
        pen.leaf("PmtInfId", &[], &format!("{}-{}", self.id, group + 1), out)?;
        pen.leaf("PmtMtd", &[], "DD", out)?;
        pen.leaf("BtchBookg", &[], if settings.batch_booking { "true" } else { "false" }, out)?;
        sums(&pen, totals, out)?;
        let sequence = match (settings.sequence, first) {
            (Sequence::None, _) => None,
            (_, true) => Some("FRST"),
            (_, false) => Some("RCUR"),
        };
        let service = (settings.profile == Profile::Sepa).then_some("SEPA");
        let category = settings.category_purpose.as_deref();
        if service.is_some() || settings.local_instrument.is_some() || sequence.is_some() || category.is_some() {
            pen.start("PmtTpInf", &[], out)?;
            for (name, code) in [("SvcLvl", service), ("LclInstrm", settings.local_instrument.as_deref())] {
                if let Some(code) = code {
                    pen.start(name, &[], out)?;
                    pen.leaf("Cd", &[], code, out)?;
                    pen.end(out);
                }
            }
            if let Some(sequence) = sequence {
                pen.leaf("SeqTp", &[], sequence, out)?;
            }
            if let Some(category) = category {
                pen.start("CtgyPurp", &[], out)?;
                pen.leaf("Cd", &[], category, out)?;
                pen.end(out);
            }
            pen.end(out);
        }
        let day = if first { self.collection.first } else { self.collection.later };
        pen.leaf("ReqdColltnDt", &[], &day.to_string(), out)?;
        self.parties.creditor(settings, &mut pen, out)?;
        out.push(b'\n');
        Ok(())
    }

    /// Appends one transaction; on an error `out` is as it was, and the row is not counted.
    pub(crate) fn row(&mut self, row: &DebitRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        let start = out.len();
        let group = self.group_of(row);
        let written = self.room(row, group).and_then(|()| tx::write(self.settings, &self.form, &self.id, row, out));
        if let Err(error) = written {
            out.truncate(start);
            return Err(error);
        }
        let first = self.is_first(row);
        match self.groups.get_mut(group) {
            Some(group) => group.rows += 1,
            None => self.groups.push(Group { first, rows: 1 }),
        }
        self.rows += 1;
        self.bytes += (out.len() - start) as u64;
        Ok(())
    }

    fn room(&self, row: &DebitRow, group: usize) -> Result<(), FileError> {
        let line = u64::from(row.line);
        if let Some(most) = self.limits.rows.filter(|most| self.rows >= *most) {
            let problem = format!("it would be row {}, the bank takes {most}", self.rows + 1);
            return Err(wrong(line, "the file", problem, "put it into the next file"));
        }
        if group >= GROUPS {
            let problem = format!("it would begin payment information {}, a file has {GROUPS}", group + 1);
            return Err(wrong(line, "PmtInf", problem, "raise `rows_per_group` of the format"));
        }
        Ok(())
    }

    /// The end of the document; the last check of the bank's limits.
    pub(crate) fn tail(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        let start = out.len();
        if !self.groups.is_empty() {
            out.extend_from_slice(b"</PmtInf>\n");
        }
        out.extend_from_slice(b"</CstmrDrctDbtInitn></Document>\n");
        let end = (out.len() - start) as u64;
        let Some(most) = self.limits.bytes else { return Ok(()) };
        let mut edges = Vec::new();
        self.head(totals, &mut edges)?;
        for group in 0..self.groups.len() {
            self.group(group, totals, &mut edges)?;
        }
        let bytes = edges.len() as u64 + self.bytes + end;
        if bytes <= most {
            return Ok(());
        }
        let problem = format!("the file has {bytes} bytes, the bank takes {most}");
        Err(wrong(0, "the file", problem, "put fewer rows into one file"))
    }

    /// Rows and bytes of bodies so far.
    pub(crate) fn written(&self) -> (u64, u64) {
        (self.rows, self.bytes)
    }
}

/// `NbOfTxs` and `CtrlSum`, on both levels.
fn sums(pen: &Pen, totals: Totals, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    pen.leaf("NbOfTxs", &[], &totals.count.to_string(), out)?;
    pen.leaf("CtrlSum", &[], &decimal(totals.sum.0, 2), out)
}

/// An error about a row, or line 0 for the file.
pub(super) fn wrong(line: u64, field: &str, problem: impl Into<String>, rule: impl Into<String>) -> FileError {
    let (problem, rule) = (problem.into(), rule.into());
    FileError { file: String::new(), line, column: 0, field: field.to_owned(), problem, rule }
}

fn unwritable(error: &Unwritable) -> FileError {
    wrong(0, "the head", error.to_string(), "a document holds characters people can see; put the parameter right")
}
