//! What a cell of a sheet holds → the text a field expects.

use chrono::{NaiveDateTime, NaiveTime};

use crate::formats::format::{Field, WorkbookShape};
use crate::formats::meaning::Sort;
use crate::workbook::{self, Cell, Value as V};

/// Blanks people do not see: also the wide ones of Chinese texts, and those that do not break.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\u{A0}', '\u{3000}'])
}

/// A title without the line breaks that make its column narrow.
pub(super) fn title(cell: &Cell) -> String {
    match &cell.value {
        V::Text(text) => trim(text).replace(['\n', '\r'], ""),
        V::Number(digits, _) => digits.clone(),
        _ => String::new(),
    }
}

/// The text of a cell; the error is (problem, rule). Cells of columns the format does not know are not judged.
pub(super) fn text(
    shape: &WorkbookShape,
    cell: &Cell,
    field: Option<&Field>,
    from_1904: bool,
) -> Result<String, (String, &'static str)> {
    let known = field.is_some();
    if known && cell.formula && (!shape.cached || cell.value == V::Nothing) {
        let rule = "what a formula came to may be old or of another file: copy the cells and paste them as values, or \
                    write `formulas = \"cached\"`";
        return Err(("it holds a formula".to_owned(), rule));
    }
    let pattern = field.and_then(|field| field.pattern.as_ref());
    let amount = field.and_then(Field::read_as).is_some_and(|means| means.sort() == Sort::Amount);
    let day = |at: NaiveDateTime| {
        let mut text = String::new();
        match pattern {
            Some(pattern) => pattern.write(at, &mut text),
            None if at.time() == NaiveTime::MIN => text = at.date().to_string(),
            None => text = at.to_string(),
        }
        text
    };
    Ok(match &cell.value {
        V::Text(text) => match trim(text).chars().find(|c| c.is_control()) {
            Some(odd) if known => {
                let problem = format!("its text holds the control character 0x{:02X}", u32::from(odd));
                return Err((problem, "a value stands in one line; take the line break or the character out"));
            }
            _ if amount => without_thousands(trim(text)),
            _ => trim(text).to_owned(),
        },
        V::Number(_, Some(at)) => day(*at),
        V::Number(digits, None) => match pattern {
            // A day number without a date's style: those of this century, where the format has a year.
            Some(pattern) if pattern.read(digits).is_none() && pattern.has_year() => {
                let days = digits.parse::<u32>().ok().filter(|days| (36_526..=73_050).contains(days));
                days.and_then(|_| workbook::moment(digits, from_1904)).map_or(digits.clone(), day)
            }
            _ => digits.clone(),
        },
        V::Moment(at) => day(*at),
        V::Logical(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        V::Error(error) if known => {
            return Err((format!("it holds the error {error}"), "put the right value in, or fetch the file again"));
        }
        V::TooLong(digits) if known => {
            let rule = "cards and other numbers are texts: format the column as text before they are entered, or ask \
                        the bank for a file that does";
            return Err((format!("it holds a number of {digits} digits, Excel keeps 15 and loses the others"), rule));
        }
        V::Error(error) => error.clone(),
        V::TooLong(_) | V::Nothing => String::new(),
    })
}

/// An amount that people typed as a text, without the commas between its thousands: `1,234.50`. Only where each group
/// has three digits: anything else stays as it is, and is no amount.
fn without_thousands(text: &str) -> String {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let mut groups = whole.split(',');
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()) && digits(group));
    let others = groups.all(|group| group.len() == 3 && digits(group));
    if !(first && others) {
        return text.to_owned();
    }
    let whole: String = whole.chars().filter(|c| *c != ',').collect();
    part.map_or(whole.clone(), |part| format!("{whole}.{part}"))
}

#[cfg(test)]
mod tests {
    use super::without_thousands;

    #[test]
    fn thousands_are_three_digits_each() {
        for (text, plain) in
            [("1,234.50", "1234.50"), ("12,345,678", "12345678"), ("50.00", "50.00"), ("1,000", "1000")]
        {
            assert_eq!(without_thousands(text), plain);
        }
        for text in ["1,23.50", "1234,567", ",123", "1,,234", "1,234,", "1.234,50", "-1,234", "￥1,234", ""] {
            assert_eq!(without_thousands(text), text);
        }
    }
}
