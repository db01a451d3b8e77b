//! Format files that are refused, the rarer reasons: what may stand beside what, names, constants, standards.

use yichong_core::formats::Format;

use super::root;
use super::unshipped::AFA;

/// What is changed of a format file, and into what.
type Changes<'t> = &'t [(&'t str, &'t str)];

/// The error of a format changed in some places.
fn refused(base: &str, changes: Changes<'_>) -> String {
    let mut text = base.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    match Format::parse("made-up.toml", &text) {
        Ok(_) => panic!("{changes:?} is taken"),
        Err(error) => error.to_string(),
    }
}

fn text(name: &str) -> String {
    std::fs::read_to_string(root().join("formats").join(name)).unwrap()
}

#[test]
fn names_and_fields() {
    for (from, to, wanted) in [
        ("title = \"农信代扣 (ABDT)\"", "title = \" \"", "made-up.toml:2:9: the title is empty"),
        ("name = \"{unit}{file_date:%Y%m%d}{seq:03}.txt\"", "name = \"\"", "the name is empty; write a parameter"),
        ("{unit}", "[a[_{seq}]_{seq}]", "`[` inside `[…]`; close the first one"),
        ("{unit}", "a/", "a file name holds no `}`, `]`, `/`"),
        ("{unit}", "{unit:65}", "`65` is no width from 1 to 64"),
        ("charset = \"gb18030\"\n", "", "missing field `charset`: text files need it"),
        ("[limits]", "[preamble]\nfields = []\n[limits]", "[preamble] belongs to [xml] only"),
        (
            "means = \"card\"",
            "means = \"card\", width = 20, max = 20, pad = \"zero_left\"",
            "`width` or `max`, not both",
        ),
        ("means = \"card\"", "means = \"card\", words = { resident = \"1\" }", "`words` belongs to `id_type` only"),
        ("means = \"card\"", "means = \"signed_on\", format = \"%m%d\"", "this date needs its year, month and day"),
        ("required = true", "required = true, value = \"\"", "a field has a meaning, or a `value`"),
        (
            "{ name = \"编号\"",
            "{ name = \"空\", value = \"\", required = true }, { name = \"编号\"",
            "a required field has an empty constant",
        ),
    ] {
        let found = refused(AFA, &[(from, to)]);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let dated = [("means = \"code\"", "means = \"code\" }, { name = \"日\", means = \"bank_date\", format = \"%Y\"")];
    let found = refused(super::unshipped::BLANKS, &dated);
    assert!(found.contains("a bank date needs its month and day"), "{found}");
}

#[test]
fn shapes() {
    let (city, sheet, query) = (text("city-debit.toml"), text("sheet-statement.toml"), text("aipg-answer-query.toml"));
    for (base, from, to, wanted) in [
        (&city, "line_end = \"none\"", "line_end = \"none\"\nlast_line_end = false", "`last_line_end` means nothing"),
        (
            &city,
            "[row]\n",
            "[[tail]]\nfields = [{ name = \"尾\", width = 3, value = \"T\" }]\n[row]\n",
            "the `value` that marks a fixed tail must fill its whole width",
        ),
        (
            &sheet,
            "[row]\n",
            "[refusal]\nfields = [{ name = \"x\", means = \"code\" }]\n[row]\n",
            "a workbook lists rows",
        ),
        (&query, "root = \"AIPG\"", "root = \"AIPG\"\nnamespace = \"a&b\"", "a namespace is a URI or URN"),
        (&query, "INFO/REQ_SN", "INFO//REQ_SN", "`INFO//REQ_SN` is no path; write element names between `/`"),
    ] {
        let found = refused(base, &[(from, to)]);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn standards() {
    let (debit, answer) = (text("iso-debit.toml"), text("iso-answer.toml"));
    let swift = text("mt940-statement.toml");
    for (base, from, to, wanted) in [
        (&answer, "[iso20022]\n", "[iso20022]\nprofile = \"cnaps\"\n", "`profile` is for files we write"),
        (
            &debit,
            "message_id = \"{merchant}-{file_date:%Y%m%d}-{seq:04}\"\n",
            "",
            "a debit file needs `message_id`: how its id is made",
        ),
        (&debit, "[iso20022]\n", "[iso20022]\nlocal_instrument = \"\"\n", "a local instrument has 1 to 35 characters"),
        (
            &answer,
            "message = \"pain.002\"",
            "message = \"pain.002.001.03\"",
            "every version is read; write \"pain.002\"",
        ),
        (
            &swift,
            "[mt940]\n",
            "[iso20022]\nmessage = \"camt.053\"\n[mt940]\n",
            "a file is [mt940] or [iso20022], not both",
        ),
        (
            &answer,
            "codes = [",
            "codes = [\n    { code = \"ZZ01\", category = \"paid\" },",
            "a reason never says that money",
        ),
    ] {
        let found = refused(base, &[(from, to)]);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn agreements() {
    let (told, reply) = (text("pipe-agreements.toml"), text("pipe-agreements-answer.toml"));
    let words = "[agreement]\nsign = \"1\"\ncancel = \"2\"";
    let operation = ", means = \"operation\", required = true";
    let table: [(&str, Changes<'_>, &str); 3] = [
        (&told, &[(words, "")], "`operation` needs [agreement] with `sign` and `cancel`"),
        (
            &reply,
            &[(words, ""), ("accepted = [\"Y\"]", ""), (operation, "")],
            "an agreement answer needs [agreement] with `accepted`",
        ),
        (
            &told,
            &[(words, &format!("{words}\naccepted = [\"Y\"]"))],
            "`accepted` lists the codes that mean yes, in an answer",
        ),
    ];
    for (base, changes, wanted) in table {
        let found = refused(base, changes);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let answer = text("iso-answer.toml");
    let (without, _) = answer.split_once("[answer]").unwrap();
    let error = Format::parse("x.toml", without).unwrap_err().to_string();
    assert!(error.contains("an answer needs [answer] with `lists` and `codes`"), "{error}");
}
