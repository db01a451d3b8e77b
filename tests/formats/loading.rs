//! Format files that are refused: file, line, column, what is wrong and what to write.

use yichong_core::formats::{Format, Message, RowsPerCard};

use super::shipped;
use super::unshipped::{AFA, BLANKS, REPORT};

/// The error of a format changed in one place.
fn refused(base: &str, from: &str, to: &str) -> String {
    assert!(base.contains(from), "{from}");
    Format::parse("made-up.toml", &base.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn a_debit_format() {
    for (from, to, wanted) in [
        ("title = ", "titel = ", "made-up.toml:2:1: unknown field `titel`, expected one of `title`, `message`"),
        ("\"debit\"", "\"debits\"", "made-up.toml:3:11: unknown variant `debits`, expected one of `debit`, `answer`"),
        ("\"gb18030\"", "\"big5\"", "unknown variant `big5`, expected one of `gbk`, `gb18030`, `utf-8`"),
        ("means = \"card\"", "means = \"pan\"", "unknown variant `pan`, expected one of `line`, `debit_no`"),
        (
            "means = \"card\"",
            "means = \"code\"",
            "made-up.toml:17:28: `code` cannot stand here; accepted: line, debit_no",
        ),
        ("means = \"card\"", "means = \"amount\"", "`账号` and `金额` both mean amount; write `read = false`"),
        ("\"姓名\"", "\"账号\"", "made-up.toml:18:14: field `账号` stands twice in this line"),
        ("means = \"card\"", "means = \"card\", width = 20", "`width` pads; write `pad` too, or `max`"),
        ("means = \"card\"", "means = \"card\", max = 0", "a width is at least 1"),
        ("means = \"card\"", "means = \"card\", pad = \"zero_left\"", "`pad` needs a `width`"),
        ("means = \"card\"", "means = \"card\", format = \"%Y\"", "`format` is for dates and times"),
        ("means = \"card\"", "means = \"card\", param = \"x\"", "a field has a meaning, or a `value`, or a `param`"),
        ("means = \"card\"", "means = \"card\", quote = \"''\"", "`quote` is one ASCII character"),
        ("means = \"card\"", "means = \"signed_on\"", "field `账号` is a date; write its `format`"),
        ("means = \"card\"", "means = \"signed_on\", format = \"%y\"", "`%y` is no part of a date"),
        ("means = \"card\"", "means = \"id_type\"", "`words` needs one for `resident`"),
        ("means = \"card\"", "means = \"card\", repeat = true", "a repeated column is listed as it stands"),
        ("{ name = \"账号\", means = \"card\" },", "", "no field of [row] means `card`"),
        ("{ name = \"编号\", means = \"bank_ref\" },", "", "no field of [row] means `debit_no` or `bank_ref`"),
        ("{ name = \"编号\",", "{ name = \" \",", "a field needs the name the bank gives it"),
        ("amounts = \"yuan\"", "", "the file has amounts; write `amounts = \"fen\"`"),
        ("separator = \"|\"", "separator = \"||\"", "the separator is one ASCII punctuation character"),
        ("[delimited]", "[fixed]\n[delimited]", "a file is [delimited], [fixed], [xml] or [workbook]: one of them"),
        ("line_end = \"crlf\"", "line_end = \"none\"", "delimited lines need a line end"),
        ("{unit}", "{unit:}}", "holds no `}`"),
        ("{seq:03}", "{seq", "`{` is not closed"),
        ("{seq:03}", "[_{unit}]", "it needs {seq}"),
        ("{file_date:%Y%m%d}", "{file_date}", "`{file_date}` needs a date format"),
        ("{unit}", "{any}", "`{any}` cannot be written"),
        ("rows = 150000", "rows = 150000\nper_day = 1", "unknown field `per_day`, expected one of `rows`, `bytes`"),
        ("[row]", "[row]\ntitles = \"yes\"", "invalid type: string \"yes\", expected a boolean"),
        (
            "[limits]",
            "[answer]\nlists = \"all\"\ncodes = []\n[limits]",
            "[answer] belongs to message = \"answer\" only",
        ),
        ("[limits]", "[[tail]]\nfields = []\n[limits]", "a line needs at least one field"),
        (
            "[limits]",
            "[[tail]]\nfields = [{ name = \"a\" }, { name = \"b\" }, { name = \"c\" }, { name = \"d\" }]\n[limits]",
            "the first line of the tail is not told apart from a row",
        ),
        ("means = \"amount\"", "means = \"amount\", default = \"x\"", "a field has a meaning, or a `value`"),
    ] {
        let found = refused(AFA, from, to);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn an_answer_format() {
    for (base, from, to, wanted) in [
        (BLANKS, "code = \"002\"", "code = \"001\"", "code `001` stands twice"),
        (
            BLANKS,
            "category = \"paid\"",
            "category = \"ok\"",
            "unknown variant `ok`, expected one of `paid`, `paid_late`",
        ),
        (BLANKS, "lists = \"all\"", "lists = \"some\"", "unknown variant `some`, expected one of `all`, `successes`"),
        (BLANKS, "means = \"debit_no\"", "required = true", "if the bank echoes neither, write `key = \"none\"`"),
        (BLANKS, "means = \"code\"", "required = true", "means `code`, or [answer] `code_by_columns` tells it"),
        (BLANKS, "means = \"paid_sum\"", "means = \"taken\"", "`taken` cannot stand here; accepted: file_date, count"),
        (
            BLANKS,
            "[answer]",
            "[statement]\nkinds = []\n[answer]",
            "[statement] belongs to message = \"statement\" only",
        ),
        (REPORT, "contains = \"余额不足\"", "contains = \"\"", "every text contains an empty one"),
        (REPORT, "columns = 4, code = \"四列\"", "columns = 4, code = \"五列\"", "`五列` is not among `codes`"),
        (
            REPORT,
            "may_be_missing = true }",
            "may_be_missing = true }, { name = \"x\" }",
            "only the last ones may be missing",
        ),
    ] {
        let found = refused(base, from, to);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn a_fixed_format() {
    let city = std::fs::read_to_string(super::root().join("formats/city-debit.toml")).unwrap();
    for (from, to, wanted) in [
        ("width = 30, means = \"card\"", "means = \"card\"", "fixed records need `width` for every field"),
        ("width = 30, means = \"card\"", "width = 30, max = 3, means = \"card\"", "`max` is for delimited cells"),
        ("default = \"RMB\"", "default = \"RMBY\"", "field `币种`: `RMBY` takes 4 bytes: the bank's field has 3 bytes"),
        ("default = \"046\"", "default = \"04|6\"", "`04|6` takes 4 bytes"),
        ("default = \"电费\" }", "default = \"𠮷\" }", "which gbk does not have"),
        ("[row]\n", "[row]\ntitles = true\n", "a title row needs [delimited]"),
    ] {
        let found = refused(&city, from, to);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn what_the_house_may_ask() {
    let catalogue = shipped();
    assert_eq!(catalogue.iter().count(), super::files(&super::root().join("formats")).len());
    let get = |name: &str| catalogue.get(name).unwrap();
    let short = get("city-debit").uses_bank_ref().unwrap();
    assert_eq!((short.width, short.digits), (Some(8), true));
    assert_eq!(get("unionpay-dk-debit").uses_bank_ref(), None);
    assert_eq!(get("ccb-debit").limits().bytes, Some(640_000));
    assert_eq!(get("ccb-debit").rows_per_card(), RowsPerCard::Many);
    assert_eq!(get("plain-statement").message(), Message::Statement);
    assert_eq!(get("pipe-debit").params(), [("bank_code", None)]);
    assert!(get("city-debit").params().contains(&("operator", Some("YICHONG"))));
    assert_eq!(get("pipe-debit").hash_hex().len(), 64);
    assert!(catalogue.get("nobody").is_none());
    let twice = [("a/x.toml", AFA), ("b/x.toml", AFA)];
    let error = yichong_core::formats::Catalogue::load(twice).unwrap_err().to_string();
    assert_eq!(error, "b/x.toml:1:1: a format `x` is already there; each has its own name");
}
