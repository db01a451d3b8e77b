//! `format check`: loads one format file and says what it is.

use serde::Serialize;
use yichong_core::formats::{Format, Message};

use super::{CheckArgs, output};
use crate::jobs::JobError;

/// What is printed with `--json`.
#[derive(Serialize)]
struct About {
    name: String,
    title: String,
    message: Message,
    /// SHA-256 of the text: a batch remembers which text wrote it.
    hash: String,
    /// The bank's parameters it asks for, each with its default.
    params: Vec<(String, Option<String>)>,
    /// Which rows an answer lists.
    lists: Option<yichong_core::formats::records::Lists>,
    /// Whether a date can have more than one file.
    many_per_date: bool,
    /// Agreements: why a bank cannot be told in it, where only its list can be read.
    only_read: Option<String>,
}

/// Loads; whether it is right.
pub fn run(args: &CheckArgs) -> Result<bool, JobError> {
    let shown = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).map_err(|e| JobError::input(format!("{shown}: {e}")))?;
    let format = Format::parse(&shown, &text).map_err(|e| JobError::input(e.to_string()))?;
    let params = format.params().into_iter().map(|(name, default)| (name.to_owned(), default.map(str::to_owned)));
    let about = About {
        name: format.name().to_owned(),
        title: format.title().to_owned(),
        message: format.message(),
        hash: format.hash_hex(),
        params: params.collect(),
        lists: format.lists(),
        many_per_date: format.many_per_date(),
        only_read: format.only_read().map(ToString::to_string),
    };
    if args.json {
        output::json(&about)?;
        return Ok(true);
    }
    let message = serde_json::to_value(about.message)?;
    output::say(format!("{} {} {}", output::green("OK"), about.name, about.title));
    output::say(format!("  message: {}", message.as_str().unwrap_or_default()));
    for (name, default) in &about.params {
        let default = default.as_ref().map_or("it must be set".to_owned(), |text| format!("else `{text}`"));
        output::say(format!("  [bank.params] {name}: {default}"));
    }
    let files = if about.many_per_date { "as many as there are" } else { "one" };
    output::say(format!("  files per date: {files}"));
    if let Some(why) = &about.only_read {
        output::say(format!("  only read: {why}"));
    }
    Ok(true)
}
