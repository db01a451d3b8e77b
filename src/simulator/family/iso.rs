//! The international standard's messages, read and written by hand: pain.008 → pain.002, and camt.053 for the money.
//! Documents are taken as strictly as a bank's gateway takes them: one element behind the other, nothing unknown.

use chrono::NaiveDate;

use super::super::outcome::Reason;
use super::super::text::{compact, date_of_compact, date_of_dashed, digits, fen_of_yuan, from_utf8, yuan};
use super::super::truth::Entry;
use super::{Answer, OutFile, Party, Request, RequestRow, named, renumbered, tie};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// The text between `<tag>` (or `<tag …>`) and `</tag>`, the first one.
fn inside<'t>(text: &'t str, tag: &str) -> Result<&'t str, String> {
    let missing = || format!("<{tag}> is missing");
    let begin = text
        .match_indices(&format!("<{tag}"))
        .find(|(at, open)| matches!(text[at + open.len()..].chars().next(), Some('>' | ' ')));
    let (at, _) = begin.ok_or_else(missing)?;
    let from = at + text[at..].find('>').ok_or_else(missing)? + 1;
    let to = text[from..].find(&format!("</{tag}>")).ok_or_else(missing)?;
    Ok(&text[from..from + to])
}

/// The inside of an element deep in others.
fn deep<'t>(text: &'t str, path: &[&str]) -> Result<&'t str, String> {
    path.iter().try_fold(text, |text, tag| inside(text, tag))
}

/// Every element of a name, one behind the other.
fn every<'t>(text: &'t str, tag: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    text.split(&open).skip(1).filter_map(|part| part.split(&close).next()).collect()
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Reads `{merchant}-{YYYYMMDD}-{nnnn}.pain008.xml`.
pub fn read(party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
    let wrong_name = || format!("`{name}` is no merchant-YYYYMMDD-nnnn.pain008.xml");
    let id = name.strip_suffix(".pain008.xml").ok_or_else(wrong_name)?;
    let mut parts = id.rsplitn(3, '-');
    let (sequence, date, merchant) = (parts.next(), parts.next(), parts.next());
    if sequence.is_none_or(|text| text.len() != 4 || digits(text).is_err()) {
        return Err(wrong_name());
    }
    let file_date = date_of_compact(date.unwrap_or_default())?;
    named("merchant", merchant.unwrap_or_default(), party.merchant)?;
    let text = from_utf8(bytes)?;
    if !text.contains(&format!("xmlns=\"{NAMESPACE}pain.008.001.08\"")) {
        return Err("it is no pain.008.001.08".to_owned());
    }
    let head = inside(&text, "GrpHdr")?;
    named("message id", inside(head, "MsgId")?, id)?;
    let mut rows = Vec::new();
    for (nth, payment) in every(&text, "PmtInf").into_iter().enumerate() {
        named("payment information", inside(payment, "PmtInfId")?, &format!("{id}-{}", nth + 1))?;
        let collected = date_of_dashed(inside(payment, "ReqdColltnDt")?)?;
        if collected < file_date {
            return Err(format!("money is to be taken on {collected}, before the file's own day {file_date}"));
        }
        let own = every(payment, "DrctDbtTxInf").into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
        tie(&own, digits(inside(payment, "NbOfTxs")?)?, fen_of_yuan(inside(payment, "CtrlSum")?)?)?;
        rows.extend(own);
    }
    tie(&rows, digits(inside(head, "NbOfTxs")?)?, fen_of_yuan(inside(head, "CtrlSum")?)?)?;
    let head = vec![id.to_owned()];
    let (file, line_end, titles) = (name.to_owned(), "\n", Vec::new());
    Ok(Request { file, file_date, line_end, closed: true, head, titles, rows })
}

fn row(tx: &str) -> Result<RequestRow, String> {
    let key = deep(tx, &["PmtId", "EndToEndId"])?;
    digits(key)?;
    if !tx.contains("<InstdAmt Ccy=\"CNY\">") {
        return Err(format!("debit {key} is not in CNY"));
    }
    let mandate = inside(tx, "MndtRltdInf")?;
    date_of_dashed(inside(mandate, "DtOfSgntr")?)?;
    let bank = deep(tx, &["DbtrAgt", "ClrSysMmbId"])?;
    if inside(bank, "Cd")? != "CNAPS" || inside(bank, "MmbId")?.len() != 12 {
        return Err(format!("debit {key} names no bank by its CNAPS number"));
    }
    Ok(RequestRow {
        key: key.to_owned(),
        account: Some(deep(tx, &["RmtInf", "Ustrd"])?.to_owned()),
        agreement: Some(inside(mandate, "MndtId")?.to_owned()),
        card: deep(tx, &["DbtrAcct", "Othr", "Id"])?.to_owned(),
        name: plain(deep(tx, &["Dbtr", "Nm"])?),
        asked: fen_of_yuan(inside(tx, "InstdAmt")?)?,
        fields: Vec::new(),
    })
}

/// Writes `<id>.pain002.xml`: one payment information, every transaction with its status.
pub fn write(answer: &Answer<'_>) -> OutFile {
    let id = answer.request.head.first().cloned().unwrap_or_default();
    let mut rows = String::new();
    for row in &answer.rows {
        let (code, key) = (&row.code, &row.key);
        rows += &format!("<TxInfAndSts><OrgnlInstrId>{key}</OrgnlInstrId><OrgnlEndToEndId>{key}</OrgnlEndToEndId>");
        rows += &match (row.paid, row.pending) {
            (true, _) => "<TxSts>ACSC</TxSts>".to_owned(),
            (_, true) => "<TxSts>ACSP</TxSts>".to_owned(),
            _ => {
                let text = escaped(&row.message);
                let reason = format!("<Rsn><Cd>{code}</Cd></Rsn><AddtlInf>{text}</AddtlInf>");
                format!("<TxSts>RJCT</TxSts><StsRsnInf>{reason}</StsRsnInf>")
            }
        };
        if row.paid {
            rows += &format!("<AcctSvcrRef>S{}{:07}</AcctSvcrRef>", compact(row.bank_date), row.nth);
        }
        rows += &format!("<OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">{}</InstdAmt></Amt>", yuan(row.asked));
        if row.paid {
            rows += &format!("<IntrBkSttlmDt>{}</IntrBkSttlmDt>", row.bank_date);
        }
        rows += "</OrgnlTxRef></TxInfAndSts>\n";
    }
    let paid = answer.rows.iter().filter(|row| row.paid);
    let (count, sum) = paid.fold((0, answer.totals_off), |(n, sum), row| (n + 1, sum + row.asked));
    let totals = format!("<DtldNbOfTxs>{count}</DtldNbOfTxs><DtldSts>ACSC</DtldSts><DtldCtrlSum>{}", yuan(sum));
    let payment = format!(
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{id}-1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>\
         <NbOfTxsPerSts>{totals}</DtldCtrlSum></NbOfTxsPerSts>\n{rows}</OrgnlPmtInfAndSts>"
    );
    let (fixed, sequence) = id.rsplit_once('-').unwrap_or((&id, "0001"));
    let name = format!("{fixed}-{}.pain002.xml", renumbered(sequence, answer.copy));
    OutFile { bytes: report(&id, answer.ran_on, "<GrpSts>PART</GrpSts>", &payment, &name).into_bytes(), name }
}

/// The report that refuses a whole message and lists nothing.
pub fn write_refusal(name: &str) -> OutFile {
    let id = name.strip_suffix(".pain008.xml").unwrap_or(name);
    let date = id.rsplit('-').nth(1).and_then(|date| date_of_compact(date).ok());
    let ran_on = date.unwrap_or_default();
    let status = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>";
    let name = format!("{id}.pain002.xml");
    OutFile { bytes: report(id, ran_on, status, "", &name).into_bytes(), name }
}

fn report(id: &str, ran_on: NaiveDate, status: &str, payment: &str, own: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"{NAMESPACE}pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>{own}</MsgId><CreDtTm>{ran_on}T23:05:00+08:00</CreDtTm></GrpHdr>\n<OrgnlGrpInfAndSts>\
         <OrgnlMsgId>{id}</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>\n\
         {payment}</CstmrPmtStsRpt></Document>\n"
    )
}

/// The account's statement of a day: entries of this and earlier days make the balances.
pub fn statement(merchant: &str, day: NaiveDate, entries: &[Entry]) -> OutFile {
    let moved = |entry: &Entry| (entry.income - entry.outgo) * i64::from(entry.printed);
    let opening: i64 = entries.iter().filter(|entry| entry.value_date < day).map(moved).sum();
    let own: Vec<&Entry> = entries.iter().filter(|entry| entry.value_date == day).collect();
    let closing = opening + own.iter().map(|entry| moved(entry)).sum::<i64>();
    let balance = |kind: &str, fen: i64| {
        let side = if fen < 0 { "DBIT" } else { "CRDT" };
        let amount = yuan(fen.abs());
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">{amount}</Amt>\
             <CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
        )
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"{NAMESPACE}camt.053.001.08\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>{merchant}-{}</MsgId><CreDtTm>{day}T23:59:00+08:00</CreDtTm></GrpHdr>\n<Stmt>\
         <Id>{}</Id><CreDtTm>{day}T23:59:00+08:00</CreDtTm>\
         <Acct><Id><Othr><Id>33000000000000000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n{}{}",
        compact(day),
        compact(day),
        balance("OPBD", opening),
        balance("CLBD", closing)
    );
    for entry in own.iter().flat_map(|entry| std::iter::repeat_n(entry, entry.printed as usize)) {
        text += &line(entry);
    }
    text += "</Stmt></BkToCstmrStmt></Document>\n";
    OutFile { name: format!("{merchant}-{}.camt053.xml", compact(day)), bytes: text.into_bytes() }
}

/// One entry: a batch by its payment information, a debit by its own number, what came back with its reason.
fn line(entry: &Entry) -> String {
    let (side, fen) = if entry.outgo > 0 { ("DBIT", entry.outgo) } else { ("CRDT", entry.income) };
    let back = entry.outgo > 0 && entry.text != "手续费";
    let code = match entry.text.as_str() {
        "手续费" => "<Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd>",
        _ if back => "<Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd>",
        "转账存入" => "<Cd>RCDT</Cd><SubFmlyCd>DMCT</SubFmlyCd>",
        _ => "<Cd>IDDT</Cd><SubFmlyCd>DDDD</SubFmlyCd>",
    };
    let reference = &entry.reference;
    let details = match reference.strip_suffix(".pain008.xml") {
        _ if reference.is_empty() => String::new(),
        Some(id) => format!(
            "<NtryDtls><Btch><PmtInfId>{id}-1</PmtInfId><TtlAmt Ccy=\"CNY\">{}</TtlAmt></Btch></NtryDtls>",
            yuan(fen + entry.fee)
        ),
        None => {
            let reason = if back { "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>" } else { "" };
            format!(
                "<NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>\
                 <Amt Ccy=\"CNY\">{}</Amt>{reason}</TxDtls></NtryDtls>",
                yuan(fen)
            )
        }
    };
    let reversal = if back { "<RvslInd>true</RvslInd>" } else { "" };
    let charges = match entry.fee {
        0 => String::new(),
        fee => format!("<Chrgs><Rcrd><Amt Ccy=\"CNY\">{}</Amt></Rcrd></Chrgs>", yuan(fee)),
    };
    format!(
        "<Ntry><Amt Ccy=\"CNY\">{}</Amt><CdtDbtInd>{side}</CdtDbtInd>{reversal}<Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>{}</Dt></BookgDt><ValDt><Dt>{}</Dt></ValDt><AcctSvcrRef>{}</AcctSvcrRef>\
         <BkTxCd><Domn><Cd>PMNT</Cd><Fmly>{code}</Fmly></Domn></BkTxCd>{charges}{details}\
         <AddtlNtryInf>{}</AddtlNtryInf></Ntry>\n",
        yuan(fen),
        entry.bank_date,
        entry.value_date,
        entry.serial,
        escaped(&entry.text)
    )
}

/// Reason codes.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => ("ACSC", ""),
        Some(Reason::Funds) => ("AM04", "余额不足"),
        Some(Reason::Limit) => ("AM14", "超过限额"),
        Some(Reason::Account) => ("AC04", "账户已销户"),
        Some(Reason::Identity) => ("BE01", "户名不符"),
        Some(Reason::Agreement) => ("MD01", "未签约"),
        Some(Reason::Unexplained) => ("MS03", "原因未说明"),
        Some(Reason::Format) => ("RR01", "格式错误"),
        Some(Reason::System) => ("TM01", "已过截止时间"),
        Some(Reason::Duplicate) => ("AM05", "重复"),
        Some(Reason::Pending) => ("ACSP", ""),
        Some(Reason::Reversed) => ("MD06", "付款人要求退回"),
        Some(Reason::Strange) => ("ZZ99", "unknown"),
    }
}
