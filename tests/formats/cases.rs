//! Every case file, read as its format, says what its JSON says.

use serde_json::{Map, Value, json};
use yichong_core::formats::records::{AnswerRow, Decision, FileError, Params, StatementRow, Totals, Warning};
use yichong_core::formats::{AnswerReader, Format, Kind, Message, RecordReader, StatementReader};

use super::{files, name_of, root, shipped};

#[test]
fn every_case_reads_as_written_beside_it() {
    let catalogue = shipped();
    let mut seen = 0;
    for folder in files(&root().join("tests/formats")).iter().filter(|path| path.is_dir()) {
        let format = catalogue.get(&name_of(folder)).unwrap_or_else(|| panic!("no format for {folder:?}"));
        for expected in files(folder).iter().filter(|path| path.extension().is_some_and(|e| e == "json")) {
            let file = expected.with_extension("");
            let (name, bytes) = (name_of(&file), std::fs::read(&file).unwrap());
            let wanted: Value = serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
            if !case(format, &name, &bytes, wanted) {
                seen += 1;
                continue;
            }
            let best = catalogue.recognise(&name, &bytes);
            assert_eq!(best.first().map(|c| c.format.name()), Some(format.name()), "{file:?} is not recognised");
            seen += 1;
        }
    }
    assert!(seen >= 15, "only {seen} cases");
}

/// One case. Beside what the file says its JSON may hold the bank's `params`, words of the `error` that refuses it, and
/// words of each of its `warnings`. Says whether the file is one that is read.
fn case(format: &Format, name: &str, bytes: &[u8], mut wanted: Value) -> bool {
    let mut take = |key: &str| wanted.as_object_mut().unwrap().remove(key);
    let (params, error, warnings) = (take("params"), take("error"), take("warnings"));
    let params: Params = params.map(|params| serde_json::from_value(params).unwrap()).unwrap_or_default();
    let found = read_with(format, &params, name, bytes);
    if let Some(error) = error {
        let found = found.unwrap_err();
        for words in error.as_array().unwrap() {
            assert!(found.contains(words.as_str().unwrap()), "{name}: {found}\nwanted {words}");
        }
        return false;
    }
    let (found, told) = found.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found, wanted, "{name}");
    if let Some(warnings) = warnings {
        let all: Vec<&str> = warnings.as_array().unwrap().iter().map(|words| words.as_str().unwrap()).collect();
        assert_eq!(told.len(), all.len(), "{name}: {told:#?}");
        for (told, words) in told.iter().zip(all) {
            assert!(told.contains(words), "{name}: {told}\nwanted {words}");
        }
    }
    true
}

#[test]
fn every_format_has_a_case() {
    for format in shipped().iter() {
        let folder = root().join("tests/formats").join(format.name());
        assert!(folder.is_dir() && !files(&folder).is_empty(), "{} has no case", format.name());
    }
}

pub fn read(format: &Format, name: &str, bytes: &[u8]) -> Value {
    read_with(format, &Params::new(), name, bytes).unwrap_or_else(|error| panic!("{name}: {error}")).0
}

/// What a file says and what is odd about it; or the error that refuses it.
pub fn read_with(format: &Format, params: &Params, name: &str, bytes: &[u8]) -> Result<(Value, Vec<String>), String> {
    let said = match format.message() {
        Message::Answer => answers(format, params, name, bytes),
        Message::Statement => statement(format, params, name, bytes),
        _ => sections(format, params, name, bytes),
    };
    said.map_err(|error| error.to_string())
}

type Said = Result<(Value, Vec<String>), FileError>;

fn told(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

fn answers(format: &Format, params: &Params, name: &str, bytes: &[u8]) -> Said {
    let mut reader = AnswerReader::open(format, params, name, bytes)?;
    let refusal = reader.refusal().cloned();
    let mut rows = Vec::new();
    let mut again = AnswerReader::open(format, params, name, bytes)?;
    let mut used = AnswerRow::default();
    while let Some(row) = reader.next_row()? {
        // A row that is used again keeps nothing of the one before.
        assert!(again.next_into(&mut used)?);
        assert_eq!(used, row);
        rows.push(answer(&row));
    }
    let (decisions, warnings) = (reader.decisions().to_vec(), told(reader.warnings()));
    let facts = reader.finish()?;
    let pair = |totals: Totals| json!([totals.count, totals.sum.0]);
    let mut stated = Map::new();
    stated.insert("rows".into(), pair(facts.rows));
    stated.insert("taken".into(), pair(facts.taken));
    for (key, totals) in [("stated_request", facts.stated_request), ("stated_taken", facts.stated_taken)] {
        if let Some(totals) = totals {
            stated.insert(key.into(), pair(totals));
        }
    }
    if json!(facts.lists) != json!("all") {
        stated.insert("lists".into(), json!(facts.lists));
    }
    let mut all = json!({ "rows": rows, "facts": stated });
    if let Some(refusal) = refusal {
        all["refusal"] = json!([refusal.code, refusal.text, refusal.category.word()]);
    }
    let settles: Vec<_> =
        decisions.iter().filter(|decision| decision.refuses || !decision.category.is_open()).collect();
    if !settles.is_empty() {
        all["decisions"] = settles.into_iter().map(decided).collect();
    }
    Ok((all, warnings))
}

/// What is decided for debits that are not listed: payment information, category, code, if how many.
fn decided(decision: &Decision) -> Value {
    json!([decision.payment, decision.category.word(), decision.code, decision.count])
}

/// Only what the row says: absent values are left out, `code_known` when it is true.
fn answer(row: &AnswerRow) -> Value {
    let known = if row.code_known { None } else { Some(json!(false)) };
    let fields = [
        ("line", Some(json!(row.line))),
        ("debit_no", row.debit_no.map(|n| json!(n.to_string()))),
        ("bank_ref", row.bank_ref.as_ref().map(|t| json!(t))),
        ("file_date", row.file_date.map(|d| json!(d.to_string()))),
        ("account", row.account.map(|a| json!(a.to_string()))),
        ("card", row.card.as_ref().map(|t| json!(t))),
        ("name", row.payer_name.as_ref().map(|t| json!(t))),
        ("asked", row.asked.map(|f| json!(f.0))),
        ("taken", row.taken.map(|f| json!(f.0))),
        ("code", Some(json!(row.code))),
        ("text", Some(json!(row.text))),
        ("category", Some(json!(row.category.word()))),
        ("code_known", known),
        ("bank_date", row.bank_date.map(|d| json!(d.to_string()))),
        ("serial", row.bank_serial.as_ref().map(|t| json!(t))),
        ("foreign", row.foreign.as_ref().map(|t| json!(t))),
    ];
    let present = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect())
}

fn statement(format: &Format, params: &Params, name: &str, bytes: &[u8]) -> Said {
    let mut reader = StatementReader::open(format, params, name, bytes)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        rows.push(money(&row));
    }
    let warnings = told(reader.warnings());
    assert_eq!(reader.finish()?.count, rows.len() as u64);
    Ok((json!({ "rows": rows }), warnings))
}

fn money(row: &StatementRow) -> Value {
    json!({
        "line": row.line, "kind": row.kind,
        "value_date": row.value_date.to_string(), "bank_date": row.bank_date.to_string(),
        "amount": row.amount.0, "fee": row.fee.0, "reference": row.reference, "serial": row.serial, "text": row.text,
    })
}

fn sections(format: &Format, params: &Params, name: &str, bytes: &[u8]) -> Said {
    let mut reader = RecordReader::open(format, params, name, bytes);
    let mut all = Vec::new();
    while let Some(section) = reader.next_section()? {
        let cells: Vec<_> = section.cells.iter().map(|cell| json!([cell.name, cell.text])).collect();
        all.push(json!([kind(section.kind), section.line, cells]));
    }
    let warnings = told(reader.warnings());
    let totals = reader.finish()?;
    Ok((json!({ "sections": all, "totals": [totals.count, totals.sum.0] }), warnings))
}

fn kind(kind: Kind) -> Value {
    json!(kind)
}
