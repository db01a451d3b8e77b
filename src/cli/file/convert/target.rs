//! What a format's TOML says about its lines, as far as a file of it can be made out of another's records.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use yichong_core::formats::{Format, Meaning};
use yichong_core::model::category::Category;
use yichong_core::model::money::Fen;

use super::super::source::House;
use crate::jobs::JobError;

/// A format as a file of it is made.
#[derive(Deserialize)]
pub struct Target {
    file: FileSpec,
    #[serde(default)]
    pub head: Vec<Line>,
    #[serde(default)]
    pub row: Line,
    #[serde(default)]
    pub tail: Vec<Line>,
    pub answer: Option<Codes>,
}

#[derive(Deserialize)]
struct FileSpec {
    amounts: Option<String>,
}

/// The fields of one line.
#[derive(Default, Deserialize)]
pub struct Line {
    #[serde(default)]
    pub titles: bool,
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Deserialize)]
pub struct Field {
    pub name: String,
    pub means: Option<Meaning>,
    pub param: Option<String>,
    pub default: Option<String>,
    pub template: Option<String>,
    pub format: Option<String>,
    #[serde(default)]
    pub words: HashMap<String, String>,
}

/// A bank's codes.
#[derive(Deserialize)]
pub struct Codes {
    codes: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
    category: Category,
    in_success_total: Option<bool>,
}

impl Target {
    /// Of a loaded format.
    pub fn of(house: &House, format: &Format) -> Result<Target, JobError> {
        let text = house.texts.get(format.name()).map_or("", String::as_str);
        toml::from_str(text).map_err(|e| JobError::input(format!("format `{}`: {e}", format.name())))
    }

    /// A value in the field's own writing; `None` if it cannot be said so. Values come as `Layout::value` makes them.
    pub fn write(&self, field: &Field, value: &str) -> Option<String> {
        use Meaning as M;
        match field.means? {
            M::Amount | M::Asked | M::Taken | M::Income | M::Outgo | M::Fee | M::Sum | M::PaidSum | M::ListedSum => {
                Some(self.amount(Fen::parse_yuan(value).ok()?))
            }
            M::IdType => field.words.get(value).cloned(),
            _ => match &field.format {
                None => Some(value.to_owned()),
                Some(pattern) => {
                    let day = chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").ok()?;
                    Some(day.and_hms_opt(0, 0, 0)?.format(pattern).to_string())
                }
            },
        }
    }

    /// An amount in the file's unit.
    pub fn amount(&self, amount: Fen) -> String {
        if self.file.amounts.as_deref() == Some("fen") { amount.0.to_string() } else { amount.to_string() }
    }
}

impl Codes {
    /// What a code means; `None` if it is not in the table.
    pub fn category(&self, code: &str) -> Option<Category> {
        self.codes.iter().find(|own| own.code == code).map(|own| own.category)
    }

    /// The code for a category: the same word if it means the same here, else the first of the table.
    pub fn code(&self, word: &str, category: Category) -> Option<&str> {
        let same = self.codes.iter().find(|own| own.code == word && own.category == category);
        same.or_else(|| self.codes.iter().find(|own| own.category == category)).map(|own| own.code.as_str())
    }

    /// Whether the bank counts a code among its successes.
    pub fn in_success_total(&self, code: &str) -> bool {
        let own = self.codes.iter().find(|own| own.code == code);
        own.is_some_and(|own| own.in_success_total.unwrap_or(own.category.took_money()))
    }
}

/// Where the new file is written before it has its name.
pub fn part_of(out: &Path) -> PathBuf {
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    out.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
