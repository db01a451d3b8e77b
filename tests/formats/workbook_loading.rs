//! Formats of Excel workbooks that are refused: what is wrong and what to write.

use yichong_core::formats::Format;

use super::root;

#[test]
fn a_format_of_a_workbook_is_checked() {
    let toml = std::fs::read_to_string(root().join("formats/sheet-statement.toml")).unwrap();
    for (from, to, wanted) in [
        ("titles = true", "titles = false", "the columns of a sheet are found by their titles"),
        ("message = \"statement\"", "message = \"debit\"", "workbooks are only read"),
        ("[workbook]", "[delimited]\nseparator = \",\"\n[workbook]", "one of them"),
        ("sheet = \"first\"", "sheet = \"\"", "a sheet has a name"),
        ("sheet = \"first\"", "title_row = 0", "rows of a sheet are counted from 1"),
        ("sheet = \"first\"", "sheets = 1", "unknown field `sheets`, expected one of `sheet`, `title_row`, `skip`"),
        ("name = \"合计\", value = \"合计\"", "name = \"合计\"", "a last line of a sheet is known by its first cell"),
        ("means = \"serial\"", "means = \"serial\", max = 3", "cells of a sheet have no width"),
        (
            "[workbook]\nsheet = \"first\"\nskip = [\"制表\"]",
            "[delimited]\nseparator = \",\"",
            "missing field `charset`",
        ),
    ] {
        assert!(toml.contains(from), "{from}");
        let found = Format::parse("made-up.toml", &toml.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}
