//! What a reader says of a message of ISO 20022, in the words the samples' expectations are written in.

use yichong_core::formats::Kind;

/// A section with its cells, owned.
pub struct Part {
    /// Which.
    pub kind: Kind,
    /// Names and texts.
    pub cells: Vec<(String, String)>,
}

impl Part {
    /// A cell's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.cells.iter().find(|cell| cell.0 == name).map(|cell| cell.1.as_str())
    }

    /// A cell's text, or another.
    pub fn or<'p>(&'p self, name: &str, other: &'p str) -> &'p str {
        self.get(name).unwrap_or(other)
    }
}

/// Everything a message says, in the words of the expectations.
pub fn said(parts: &[Part]) -> String {
    match parts[0].get("GrpSts").or(parts[0].get("OrgnlMsgId")) {
        Some(_) => report(parts),
        None if parts.iter().any(|part| part.kind == Kind::Group && part.get("PmtInfId").is_some()) => debits(parts),
        None => statements(parts),
    }
}

fn debits(parts: &[Part]) -> String {
    let (head, tail) = (&parts[0], parts.last().unwrap());
    let mut text = format!(
        "MsgId `{}`; declared {}/{}; actual {} tx, sum {}",
        head.or("MsgId", "None"),
        head.or("NbOfTxs", "None"),
        head.or("CtrlSum", "None"),
        tail.or("transactions", "?"),
        tail.or("sum", "?"),
    );
    let mut rows = Vec::new();
    let mut begin = String::new();
    for part in parts {
        match part.kind {
            Kind::Group => {
                begin = ["PmtInfId", "LclInstrm", "SeqTp", "ReqdColltnDt"].map(|name| part.or(name, "None")).join(" ");
                rows.clear();
            }
            Kind::Row => rows.push(format!(
                "{}={} {} mndt {}",
                part.or("EndToEndId", "None"),
                part.or("InstdAmt", "None"),
                part.or("Ccy", "None"),
                part.or("MndtId", "None")
            )),
            Kind::GroupEnd => {
                let (count, sum) = (part.or("transactions", "?"), part.or("sum", "?"));
                text += &format!("; {begin} n={count} sum={sum} [{}]", rows.join(", "));
            }
            _ => {}
        }
    }
    text
}

fn report(parts: &[Part]) -> String {
    let head = &parts[0];
    let mut text = format!(
        "orig `{}` ({}) nb={} sum={} GrpSts={} {}; ",
        head.or("OrgnlMsgId", "None"),
        head.or("OrgnlMsgNmId", "None"),
        head.or("OrgnlNbOfTxs", "None"),
        head.or("OrgnlCtrlSum", "None"),
        head.or("GrpSts", "None"),
        reason(head)
    );
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for part in parts {
        match part.kind {
            Kind::Group => {
                let begin = format!(
                    "PmtInf {} sts={} {} nb={} sum={} perSts={}",
                    part.or("OrgnlPmtInfId", "None"),
                    part.or("PmtInfSts", "None"),
                    reason(part),
                    part.or("OrgnlNbOfTxs", "None"),
                    part.or("OrgnlCtrlSum", "None"),
                    part.or("NbOfTxsPerSts", "")
                );
                groups.push((begin, Vec::new()));
            }
            Kind::Row => {
                let tx = [
                    part.or("OrgnlEndToEndId", "-"),
                    part.or("TxSts", "None"),
                    &reason(part),
                    part.or("InstdAmt", "-"),
                ];
                groups.last_mut().unwrap().1.push(tx.join(":"));
            }
            _ => {}
        }
    }
    text += &groups.iter().map(|(begin, txs)| format!("{begin} tx[{}]", txs.join(", "))).collect::<Vec<_>>().join("; ");
    text
}

/// The code, or `text` where there are words only.
fn reason(part: &Part) -> String {
    let words = part.get("AddtlInf").map_or("", |_| "text");
    part.or("Rsn", words).to_owned()
}

fn statements(parts: &[Part]) -> String {
    let (mut all, mut returns) = (Vec::new(), Vec::new());
    let mut currency = String::new();
    for part in parts {
        match part.kind {
            Kind::Group => currency = part.or("Ccy", "").to_owned(),
            Kind::Detail if part.get("Rsn").is_some() => returns.push(format!(
                "; ret {} {} {}",
                part.get("EndToEndId").filter(|id| *id != "NOTPROVIDED").unwrap_or("-"),
                part.or("Amt", "-"),
                part.or("Rsn", "")
            )),
            Kind::GroupEnd => {
                let sum = |name| dict(part.or(name, ""));
                let declared: Vec<String> = [
                    ("nb", "declared entries"),
                    ("sum", "declared sum"),
                    ("cNb", "declared credits"),
                    ("cSum", "declared credit sum"),
                    ("dNb", "declared debits"),
                    ("dSum", "declared debit sum"),
                ]
                .into_iter()
                .filter_map(|(short, name)| Some(format!("'{short}': '{}'", part.get(name)?)))
                .collect();
                let declared =
                    if declared.is_empty() { String::new() } else { format!(", declared {{{}}}", declared.join(", ")) };
                let balances = match part.or("balances", "") {
                    "not stated" => "n/a".to_owned(),
                    other => other.replace("do not", "DO NOT"),
                };
                all.push(format!(
                    "acct {} {currency}: {} entries ({} cr / {} db), credit {}, debit {}, {} TxDtls, \
                     balances {balances}{declared}{}",
                    part.or("Acct", "?"),
                    part.or("entries", "?"),
                    part.or("credits", "?"),
                    part.or("debits", "?"),
                    sum("credit sum"),
                    sum("debit sum"),
                    part.or("details", "?"),
                    std::mem::take(&mut returns).concat(),
                ));
            }
            _ => {}
        }
    }
    all.join(" // ")
}

/// `10.00 CHF, 5.00 EUR` → `{'CHF': '10.00', 'EUR': '5.00'}`.
fn dict(sums: &str) -> String {
    if sums == "0" {
        return sums.to_owned();
    }
    let one = |sum: &str| sum.split_once(' ').map(|(number, currency)| format!("'{currency}': '{number}'")).unwrap();
    format!("{{{}}}", sums.split(", ").map(one).collect::<Vec<_>>().join(", "))
}

/// One form for one content: numbers without zeros at their ends, currencies in order.
pub fn plain(text: &str) -> String {
    let text = text.replace("{'USD': '40.00', 'EUR': '29.06'}", "{'EUR': '29.06', 'USD': '40.00'}");
    let mut out = String::new();
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c != '.' || !out[..out.len() - 1].ends_with(|before: char| before.is_ascii_digit()) {
            continue;
        }
        let mut digits = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        // Names such as pain.001.001.03 and ids keep theirs.
        let number = chars.peek().is_none_or(|next| !next.is_alphanumeric() && *next != '.');
        let named = out.ends_with("001.") || out.ends_with("003.") || out.ends_with("ch.");
        if number && !named {
            let kept = digits.trim_end_matches('0');
            if kept.is_empty() {
                out.pop();
            }
            out.push_str(kept);
        } else {
            out.push_str(&digits);
        }
    }
    out
}
