//! The order of elements by the schemas, all versions together: where a document leaves it, it is read and said.

use super::names::Name;

macro_rules! orders {
    ($($parent:ident: $($child:ident)*;)*) => {
        /// The names of a parent's children, in order; nothing for a parent nobody looks at.
        pub(super) fn order_of(parent: Name) -> &'static [Name] {
            match parent {
                $(Name::$parent => &[$(Name::$child),*],)*
                _ => &[],
            }
        }
    };
}

// Elements that no order of ours needs are left out.
orders! {
    Stmt:
        Id StmtPgntn ElctrncSeqNb RptgSeq LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct RltdAcct Intrst Bal
        TxsSummry Ntry AddtlStmtInf;
    Ntfctn:
        Id NtfctnPgntn ElctrncSeqNb RptgSeq LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct RltdAcct Intrst
        TxsSummry Ntry AddtlNtfctnInf;
    Ntry:
        NtryRef Amt CdtDbtInd RvslInd Sts BookgDt ValDt AcctSvcrRef Avlbty BkTxCd ComssnWvrInd AddtlInfInd AmtDtls
        Chrgs TechInptChanl Intrst CardTx NtryDtls AddtlNtryInf;
    NtryDtls: Btch TxDtls;
    Btch: MsgId PmtInfId NbOfTxs TtlAmt CdtDbtInd;
    TxDtls:
        Refs Amt CdtDbtInd AmtDtls Avlbty BkTxCd Chrgs Intrst RltdPties RltdAgts LclInstrm PmtTpInf Purp RltdRmtInf
        RmtInf RltdDts RltdPric RltdQties FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst CardTx AddtlTxInf;
    Refs:
        MsgId AcctSvcrRef PmtInfId InstrId EndToEndId UETR TxId MndtId ChqNb ClrSysRef AcctOwnrTxId AcctSvcrTxId
        MktInfrstrctrTxId PrcgId RtrId Prtry;
    RtrInf: OrgnlBkTxCd Orgtr Rsn AddtlInf;
    CstmrPmtStsRpt: GrpHdr OrgnlGrpInfAndSts OrgnlPmtInfAndSts;
    OrgnlGrpInfAndSts: OrgnlMsgId OrgnlMsgNmId OrgnlCreDtTm OrgnlNbOfTxs OrgnlCtrlSum GrpSts StsRsnInf NbOfTxsPerSts;
    OrgnlPmtInfAndSts: OrgnlPmtInfId OrgnlNbOfTxs OrgnlCtrlSum PmtInfSts StsRsnInf NbOfTxsPerSts TxInfAndSts;
    TxInfAndSts:
        StsId OrgnlInstrId OrgnlEndToEndId OrgnlUETR TxSts StsRsnInf ChrgsInf TrckrData AccptncDtTm AcctSvcrRef
        ClrSysRef OrgnlTxRef;
    StsRsnInf: Orgtr Rsn AddtlInf;
    CstmrDrctDbtInitn: GrpHdr PmtInf;
    PmtInf:
        PmtInfId PmtMtd ReqdAdvcTp BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdColltnDt Cdtr CdtrAcct CdtrAgt
        CdtrAgtAcct UltmtCdtr ChrgBr ChrgsAcct ChrgsAcctAgt CdtrSchmeId DrctDbtTxInf;
    DrctDbtTxInf:
        PmtId PmtTpInf InstdAmt ChrgBr DrctDbtTx UltmtCdtr DbtrAgt DbtrAgtAcct Dbtr DbtrAcct UltmtDbtr
        InstrForCdtrAgt Purp RgltryRptg Tax RltdRmtInf RmtInf;
}
