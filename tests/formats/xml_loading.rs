//! XML format files that are refused: file, line, column, what is wrong and what to write.

use yichong_core::formats::Format;

use super::root;
use super::xml::lake;

#[test]
fn a_format_that_is_refused() {
    for (from, to, wanted) in [
        ("root = \"批扣\"", "root = \"a/b\"", "the root is one element"),
        ("rows = \"明细/户\"", "rows = \"明细/@户\"", "the repeated thing is an element"),
        ("rows = \"明细/户\"", "rows = \"明细//户\"", "`明细//户` is no path"),
        ("unknown = \"refuse\"", "unknown = \"warn\"", "unknown variant `warn`, expected `ignore` or `refuse`"),
        ("encoding='gb2312'", "encoding='utf-8'", "it says utf-8, the format expects gb18030"),
        ("<?xml version='1.0' encoding='gb2312'?>", "hello", "it cannot be read back: a text stands before the root"),
        ("[[head]]", "[[head]]\nfields = []\n[[head]]", "a document has one [[head]] and one [[tail]]"),
        ("[row]", "[refusal]\nfields = []\n[row]", "a document that refuses a whole file says so in its head"),
        ("[row]", "[row]\ntitles = true", "a title row needs [delimited]; elements carry their names"),
        (
            "{ name = \"日期\"",
            "{ name = \"备注/丙\" }, { name = \"日期\"",
            "lake.toml:22:14: `备注` was written before",
        ),
        ("{ name = \"日期\"", "{ name = \"1日\"", "`1日` is no path"),
        ("{ name = \"日期\"", "{ name = \"明细/户/甲\"", "it stands inside the repeated element"),
        (
            "{ name = \"名\"",
            "{ name = \"卡/名\"",
            "element `卡` is a field with a text, and other fields stand inside it",
        ),
        (
            "{ name = \"卡/@类\", value = \"借记\" },",
            "{ name = \"名/@类\" }, { name = \"额/@类\" },",
            "was written before",
        ),
        (
            "{ name = \"名\"",
            "{ name = \"卡/@二\" }, { name = \"名\"",
            "lake.toml:31:14: an attribute is written in its element's start tag",
        ),
        ("max = 12", "max = 12, quote = \"'\"", "`repeat` and `quote` are for columns"),
        ("max = 12", "max = 12, template = \"{seq}\"", "a `template` stands alone"),
        ("value = \"借记\"", "template = \"{seq\"", "`{` is not closed"),
        ("value = \"借记\"", "required = true, may_be_missing = true", "it is `required`, or may be missing"),
    ] {
        let found = lake(from, to).err().unwrap_or_else(|| panic!("{from} → {to} is taken"));
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let beps = std::fs::read_to_string(root().join("formats/beps-debit.toml")).unwrap();
    let unended = Format::parse("x.toml", &beps.replace("\"crlf\"", "\"none\"")).unwrap_err().to_string();
    assert!(unended.contains("a line before the document ends; write `line_end`"), "{unended}");
    let aipg = std::fs::read_to_string(root().join("formats/aipg-answer.toml")).unwrap();
    for (from, to, wanted) in [
        ("code = \"0002\", says", "code = \"0001\", says", "code `0001`: it stands twice"),
        ("category = \"format\", text", "category = \"paid\", text", "a refused file has the `category` of a refusal"),
        ("says = \"rows\"", "says = \"maybe\"", "unknown variant `maybe`, expected one of `rows`, `in_progress`"),
        ("INFO/RET_CODE\", means = \"code\"", "INFO/RET_CODE\"", "no field of [[head]] means `code`"),
    ] {
        assert!(aipg.contains(from), "{from}");
        let found = Format::parse("x.toml", &aipg.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}
