//! The markup of a transaction (交易模板): written once for a file, with gaps where the texts of a debit stand.

use super::money::Currency;
use super::party::{Parties, account_path};
use super::settings::Settings;
use crate::charset::Charset;
use crate::xml::{Pen, Unwritable};

/// What stands in a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    Key,
    Uetr,
    Amount,
    Agreement,
    Signed,
    /// No text: what is said of a replaced card, if anything.
    Amendment,
    Payer,
    Card,
    Account,
}

/// The pieces of a transaction, each with the gap behind it, and the last one.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub pieces: Vec<(Vec<u8>, Gap)>,
    pub end: Vec<u8>,
}

struct Maker {
    pen: Pen,
    out: Vec<u8>,
    pieces: Vec<(Vec<u8>, Gap)>,
}

impl Form {
    /// The transaction of a file of these parties.
    pub(super) fn of(settings: &Settings, parties: &Parties) -> Result<Form, Unwritable> {
        let mut made = Maker { pen: Pen::new(Charset::Utf8), out: Vec::new(), pieces: Vec::new() };
        made.start("DrctDbtTxInf", &[])?;
        made.start("PmtId", &[])?;
        made.leaf(&["InstrId"], Gap::Key)?;
        made.leaf(&["EndToEndId"], Gap::Key)?;
        if settings.uetr {
            made.leaf(&["UETR"], Gap::Uetr)?;
        }
        made.end();
        made.start("InstdAmt", &[("Ccy", settings.currency.as_ref().map_or("", Currency::code))])?;
        made.leaf(&[], Gap::Amount)?;
        made.end();
        made.start("DrctDbtTx", &[])?;
        made.start("MndtRltdInf", &[])?;
        made.leaf(&["MndtId"], Gap::Agreement)?;
        made.leaf(&["DtOfSgntr"], Gap::Signed)?;
        made.leaf(&[], Gap::Amendment)?;
        made.end();
        made.end();
        parties.debtor_agent(settings, &mut made.pen, &mut made.out)?;
        made.leaf(&["Dbtr", "Nm"], Gap::Payer)?;
        made.start("DbtrAcct", &[])?;
        made.leaf(account_path(settings.profile), Gap::Card)?;
        made.end();
        if let Some(purpose) = &settings.purpose {
            made.start("Purp", &[])?;
            made.pen.leaf("Cd", &[], purpose, &mut made.out)?;
            made.end();
        }
        // What the payer sees on the bank's statement: the meter account.
        made.leaf(&["RmtInf", "Ustrd"], Gap::Account)?;
        made.end();
        made.out.push(b'\n');
        Ok(Form { pieces: made.pieces, end: made.out })
    }
}

impl Maker {
    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), Unwritable> {
        self.pen.start(name, attributes, &mut self.out)
    }

    fn end(&mut self) {
        self.pen.end(&mut self.out);
    }

    /// A gap inside elements that hold nothing else.
    fn leaf(&mut self, path: &[&str], gap: Gap) -> Result<(), Unwritable> {
        for name in path {
            self.start(name, &[])?;
        }
        self.pieces.push((std::mem::take(&mut self.out), gap));
        path.iter().for_each(|_| self.end());
        Ok(())
    }
}
