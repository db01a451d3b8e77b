//! The names of elements that are looked at, as numbers: told apart once, when a document is read.

macro_rules! names {
    ($($name:ident)*) => {
        /// An element's name, as the standard spells it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(clippy::upper_case_acronyms, reason = "the standard's own words")]
        pub(super) enum Name {
            $($name,)*
            /// None of these.
            Other,
        }

        const WORDS: &[&str] = &[$(stringify!($name)),*];
        const NAMES: &[Name] = &[$(Name::$name),*];
    };
}

names! {
    AccptncDtTm Acct AcctOwnrTxId AcctSvcrRef AcctSvcrTxId AddtlInf AddtlInfInd AddtlNtfctnInf AddtlNtryInf
    AddtlRtrRsnInf AddtlStmtInf AddtlStsRsnInf AddtlTxInf Agt Amt AmtDtls Avlbty BBAN BIC BICFI Bal
    BkToCstmrDbtCdtNtfctn BkToCstmrStmt BkTxCd BookgDt Btch BtchBookg CardTx Ccy Cd CdOrPrtry CdtDbtInd Cdtr
    CdtrAcct CdtrAgt CdtrAgtAcct CdtrSchmeId ChqNb ChrgBr Chrgs ChrgsAcct ChrgsAcctAgt ChrgsInf ClrSysMmbId
    ClrSysRef ComssnWvrInd CorpActn CpyDplctInd CreDtTm CshDpst CstmrDrctDbtInitn CstmrPmtStsRpt CtrlSum Dbtr
    DbtrAcct DbtrAgt DbtrAgtAcct Domn DrctDbtMndt DrctDbtTx DrctDbtTxInf Dt DtOfSgntr DtTm DtldCtrlSum DtldNbOfTxs
    DtldSts ElctrncSeqNb EndToEndId FinInstnId FinInstrmId Fmly FrToDt GrpHdr GrpSts IBAN Id InitgPty InstdAmt
    InstrForCdtrAgt InstrId IntrBkSttlmAmt IntrBkSttlmDt Intrst LastPgInd LclInstrm LglSeqNb MktInfrstrctrTxId
    MmbId MndtId MndtRltdInf MsgId NbOfNtries NbOfTxs NbOfTxsPerSts Nm Ntfctn NtfctnPgntn Ntry NtryDtls NtryRef
    OrgnlBkTxCd OrgnlCreDtTm OrgnlCtrlSum OrgnlEndToEndId OrgnlGrpInfAndSts OrgnlInstrId OrgnlMsgId OrgnlMsgNmId
    OrgnlNbOfTxs OrgnlPmtInfAndSts OrgnlPmtInfId OrgnlTxRef OrgnlUETR Orgtr Othr PgNb PmtId PmtInf PmtInfId
    PmtInfSts PmtMtd PmtTpInf PrcgId Prtry PrtryAcct Pty Purp Rcrd Refs ReqdAdvcTp ReqdColltnDt RgltryRptg RltdAcct
    RltdAgts RltdDts RltdPric RltdPties RltdQties RltdRmtInf RmtInf RptgSeq RptgSrc Rsn RtrId RtrInf RtrRsn RvslInd
    SeqTp SfkpgAcct Stmt StmtPgntn Sts StsId StsRsn StsRsnInf SubFmlyCd Sum Tax TechInptChanl Tp TrckrData TtlAmt
    TtlCdtNtries TtlChrgsAndTaxAmt TtlDbtNtries TtlNtries TxAmt TxDtls TxId TxInfAndSts TxSts TxsSummry UETR
    UltmtCdtr UltmtDbtr Ustrd ValDt
}

/// Room for all names, half empty.
const SLOTS: usize = 512;
/// Where a name stands in the lists, plus one; 0 where none does. A name that finds its slot taken is in the next one.
const TABLE: [u8; SLOTS] = table();

const fn table() -> [u8; SLOTS] {
    let mut table = [0; SLOTS];
    let mut at = 0;
    while at < WORDS.len() {
        let mut slot = slot(WORDS[at].as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        at += 1;
        table[slot] = at as u8;
    }
    table
}

/// Where a name of at least one byte is looked for first.
const fn slot(name: &[u8]) -> usize {
    let long = name.len();
    let letters = name[0] as usize * 13 + name[long / 2] as usize * 47 + name[long - 1] as usize * 101;
    (long * 7 + letters + name[long / 3] as usize * 151) % SLOTS
}

impl Name {
    /// The name an element has.
    #[inline]
    pub(super) fn of(name: &str) -> Name {
        if name.is_empty() {
            return Name::Other;
        }
        let mut slot = slot(name.as_bytes());
        loop {
            match usize::from(TABLE[slot]) {
                0 => return Name::Other,
                at if WORDS[at - 1] == name => return NAMES[at - 1],
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// As the standard spells it; empty for [`Name::Other`].
    pub(super) fn word(self) -> &'static str {
        WORDS.get(self as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        for (word, name) in WORDS.iter().zip(NAMES) {
            assert_eq!((Name::of(word), name.word()), (*name, *word));
        }
        assert!(WORDS.is_sorted());
        for odd in ["", "A", "amt", "Amtt", "NtryDtl", "Ntry ", "甲"] {
            assert_eq!(Name::of(odd), Name::Other, "{odd}");
        }
        assert_eq!(Name::Other.word(), "");
        assert_eq!(Name::of("EndToEndId"), Name::EndToEndId);
    }
}
