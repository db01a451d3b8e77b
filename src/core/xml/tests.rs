//! Documents as strangers send them: what is told, and the place and the words of every refusal.

use std::io::{Read, repeat};

use super::*;
use crate::charset::Charset;

/// The events of a document, one per line, with their places.
fn told(bytes: &[u8], encoding: Encoding) -> Result<Vec<String>, String> {
    let mut reader = Reader::new(bytes, encoding, 1);
    let mut all = Vec::new();
    loop {
        let event = match reader.next_event().map_err(|error| error.to_string())? {
            None => return Ok(all),
            Some(Event::Text(text)) => format!("{text:?}"),
            Some(Event::End(name)) => format!("/{name}"),
            Some(Event::Start(start)) => {
                let space = Some(start.namespace()).filter(|uri| !uri.is_empty());
                let mut text = format!("{}{}", space.map(|uri| format!("{{{uri}}}")).unwrap_or_default(), start.name());
                for held in start.attributes() {
                    let space = Some(held.namespace).filter(|uri| !uri.is_empty());
                    let space = space.map(|uri| format!("{{{uri}}}")).unwrap_or_default();
                    text.push_str(&format!(" {space}{}={:?}", held.name, held.value));
                }
                text
            }
        };
        let Place { line, column } = reader.place();
        all.push(format!("{line}:{column} {event}"));
    }
}

fn wrong(bytes: &[u8]) -> String {
    told(bytes, Encoding::Declared).expect_err("it should be refused")
}

#[test]
fn events_carry_names_texts_and_places() {
    let document =
        "<?xml version=\"1.0\" encoding='UTF-8'?>\r\n<!-- 说明 -->\n<a 名=\"甲\">\r\n  <b>x &amp; y</b><c/>\n</a>\n";
    let events = ["3:1 a 名=\"甲\"", "4:3 b", "4:6 \"x & y\"", "4:15 /b", "4:19 c", "4:23 /c", "5:1 /a"];
    assert_eq!(told(document.as_bytes(), Encoding::Declared).unwrap(), events);
}

#[test]
fn texts_are_joined_and_their_line_ends_made_one() {
    let joined = told(b"<a>1<![CDATA[<&>]]>&#x4E2d;&#20013;<!-- - -->\r\n2\r3</a>", Encoding::Declared).unwrap();
    assert_eq!(joined[1], "1:4 \"1<&>中中\\n2\\n3\"");
    // White space is a text where no child stands.
    assert_eq!(told(b"<a> <b> </b> </a>", Encoding::Declared).unwrap()[1..4], ["1:5 b", "1:8 \" \"", "1:9 /b"]);
    // Text beside children is told: who reads may refuse it.
    assert_eq!(told(b"<a>x<b/>y</a>", Encoding::Declared).unwrap()[1], "1:4 \"x\"");
}

#[test]
fn prefixes_are_resolved_where_they_stand() {
    let document =
        b"<p:a xmlns:p='u1' xmlns='u2' p:k='1' k='2' xml:lang='zh'><b><p:c xmlns:p='u3'/></b><d xmlns=''/></p:a>";
    let events = told(document, Encoding::Declared).unwrap();
    assert_eq!(events[0], "1:1 {u1}a {u1}k=\"1\" k=\"2\" {http://www.w3.org/XML/1998/namespace}lang=\"zh\"");
    assert_eq!(events[1], "1:58 {u2}b");
    assert_eq!(events[2], "1:61 {u3}c");
    assert_eq!(events[5], "1:84 d");
    assert!(wrong(b"<p:a/>").starts_with("line 1 column 1: the prefix `p` is not declared"));
    assert!(wrong(b"<a><b xmlns:p='u'/><p:c/></a>").starts_with("line 1 column 20: the prefix `p`"));
    assert!(wrong(b"<a xmlns:p=''/>").contains("cannot be declared so"));
}

#[test]
fn starts_of_a_name_only_are_in_the_namespace_around_them() {
    let document = b"<a xmlns='u'><b>x\ny</b><c xmlns='v'><b></b></c><b></b><d xmlns=''><b>z</b></d><p:e xmlns:p='w'>\
        <b></b></p:e><f>]</f></a>";
    let events = told(document, Encoding::Declared).unwrap();
    let wanted = [
        ["1:1 {u}a", "1:14 {u}b", "1:17 \"x\\ny\"", "2:2 /b", "2:6 {v}c", "2:19 {v}b", "2:22 /b", "2:26 /c"].as_slice(),
        &["2:30 {u}b", "2:33 /b", "2:37 d", "2:49 b", "2:52 \"z\"", "2:53 /b", "2:57 /d", "2:61 {w}e", "2:78 {u}b"],
        &["2:81 /b", "2:85 /e", "2:91 {u}f", "2:94 \"]\"", "2:95 /f", "2:99 /a"],
    ];
    assert_eq!(events, wanted.concat());
}

#[test]
fn charsets_are_decoded_strictly() {
    let declared = |name: &str, bytes: &[u8]| {
        let mut all = format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a>").into_bytes();
        all.extend_from_slice(bytes);
        all.extend_from_slice(b"</a>");
        told(&all, Encoding::Declared).map(|events| events[1].rsplit_once(' ').unwrap().1.to_owned())
    };
    // 测试甲 by the code table; the first character lies within the first 64 bytes.
    let gbk = [0xB2, 0xE2, 0xCA, 0xD4, 0xBC, 0xD7];
    assert_eq!(declared("GBK", &gbk).unwrap(), "\"测试甲\"");
    assert_eq!(declared("gb2312", &gbk).unwrap(), "\"测试甲\"");
    assert_eq!(declared("GB18030", &[0x95, 0x34, 0xC3, 0x37]).unwrap().chars().count(), 3);
    assert_eq!(declared("ISO-8859-15", b"\xA4").unwrap(), "\"€\"");
    assert!(declared("US-ASCII", b"\xE9").unwrap_err().contains("byte 0xE9 is no character of us-ascii"));
    assert!(declared("EBCDIC", b"").unwrap_err().contains("its charset `EBCDIC` is not known"));
    let broken = declared("GBK", &[0xB2, 0xE2, 0xFF, b'x']).unwrap_err();
    assert!(broken.starts_with("line 1 column 41: byte 0xFF is no character of gbk"), "{broken}");
    let second_line = wrong(b"<a>\n<b>\xE6\xB5\x8B\xE6\xB5</b></a>");
    assert!(second_line.starts_with("line 2 column 5: byte 0xE6 is no character of utf-8"), "{second_line}");
}

#[test]
fn a_format_may_insist_on_a_charset_or_know_better() {
    let gbk = b"<?xml version='1.0' encoding='GBK'?><a>\xBC\xD7</a>";
    assert_eq!(told(gbk, Encoding::Insist(Charset::Gb18030)).unwrap()[1], "1:40 \"甲\"");
    let refused = told(gbk, Encoding::Insist(Charset::Utf8)).unwrap_err();
    assert!(refused.contains("it says gbk, the format expects utf-8"), "{refused}");
    assert_eq!(told(b"<a>\xBC\xD7</a>", Encoding::Insist(Charset::Gbk)).unwrap()[1], "1:4 \"甲\"");
    let wrongly = "<?xml version='1.0' encoding='GBK'?><a>甲</a>".as_bytes();
    assert_eq!(told(wrongly, Encoding::Override(Charset::Utf8)).unwrap()[1], "1:40 \"甲\"");
    assert_eq!(told(b"\xEF\xBB\xBF<a/>", Encoding::Declared).unwrap().len(), 2);
    assert!(
        wrong(b"\xEF\xBB\xBF<?xml version='1.0' encoding='GBK'?><a/>").contains("the mark of UTF-8 and declares gbk")
    );
    assert!(wrong(b"\xFF\xFE<\0a\0").contains("UTF-16"));
}

#[test]
fn a_character_may_lie_across_any_block() {
    for shift in 0..3 {
        let text = format!("{}{}", "x".repeat(32 * 1024 - 45 + shift), "测".repeat(200));
        let mut bytes = b"<?xml version=\"1.0\" encoding=\"GBK\"?><a><b>".to_vec();
        Charset::Gbk.encode(&text, &mut bytes).unwrap();
        bytes.extend_from_slice(b"</b></a>");
        let mut reader = Reader::new(bytes.as_slice(), Encoding::Declared, 1);
        reader.next_event().unwrap();
        reader.next_event().unwrap();
        assert!(matches!(reader.next_event().unwrap(), Some(Event::Text(found)) if found == text));
    }
}

#[test]
fn nothing_is_defined_inside_a_document() {
    let laughs = b"<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    assert!(wrong(laughs).starts_with("line 1 column 1: it declares a document type"));
    assert!(wrong(b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>").contains("DOCTYPE"));
    assert!(wrong(b"<a><!ENTITY b 'x'></a>").contains("`<!` begins neither"));
    assert!(wrong(b"<a>\n &b;</a>").starts_with("line 2 column 2: the entity `b` is not known"));
    assert!(wrong(b"<a k='&b;'/>").contains("the entity `b` is not known"));
}

#[test]
fn a_document_is_whole_and_one() {
    assert!(wrong(b"").contains("the document has no element"));
    assert!(wrong(b"<?xml version='1.0'?>").contains("the document has no element"));
    assert!(wrong(b"<a><b>1</b>").starts_with("line 1 column 12: the document ends inside `a`"));
    assert!(wrong(b"<a><b").starts_with("line 1 column 4: the document ends in the middle of a tag"));
    assert!(wrong(b"<a><!-- x").contains("the document ends in the middle of"));
    assert!(wrong(b"<?>x?><a/>").starts_with("line 1 column 1: the document ends in the middle of"));
    assert!(wrong(b"<a><!-- - --></a ><!-- a--b -->").starts_with("line 1 column 19: it is not well-formed"));
    assert!(wrong(b"<a>&am").contains("an `&` begins no reference"));
    assert!(wrong(b"<a/>\n<b/>").starts_with("line 2 column 1: a second root `b` stands behind the first"));
    assert!(wrong(b"<a/>tail").starts_with("line 1 column 5: a text stands behind the root"));
    assert!(wrong(b"head<a/>").starts_with("line 1 column 1: a text stands before the root"));
    assert!(wrong(b"<a/>&amp;").contains("a reference stands behind the root"));
    assert!(wrong(b"<![CDATA[ ]]><a/>").contains("a CDATA section stands before the root"));
    assert!(wrong(b"<a></a></a>").contains("`a` is closed, but nothing is open"));
    assert!(wrong(b"<a><b></a></b>").starts_with("line 1 column 7: `a` is closed where `b` is open"));
    assert!(wrong(b"<a/><?xml version='1.0'?><a/>").contains("an XML declaration stands inside"));
    assert!(wrong(b" <?xml version='1.0'?><a/>").contains("an XML declaration stands inside"));
    assert!(wrong(b"<?xml version='2.0'?><a/>").contains("it does not say version=\"1.0\""));
}

#[test]
fn control_characters_are_refused_however_they_are_written() {
    assert!(wrong(b"<a>\n1\x002</a>").starts_with("line 2 column 2: it holds the control character U+0000"));
    assert!(wrong(b"<a>\x1B[2J</a>").contains("U+001B"));
    assert!(wrong("<a>\u{85}</a>".as_bytes()).contains("U+0085"));
    assert!(wrong(b"<a>&#0;</a>").contains("the reference `#0` is no character"));
    assert!(wrong(b"<a k='&#x1B;'/>").contains("the reference `#x1B` is no character"));
    assert!(wrong(b"<a>&#xD800;</a>").contains("is no character"));
    assert!(wrong(b"<a>&#+65;</a>").contains("is no character"));
}

#[test]
fn names_and_attributes_are_well_formed() {
    for bad in ["<1a/>", "<a:b:c/>", "<a><:b/></a>", "<-a/>", "<a 1k='x'/>", "<a\u{3000}/>"] {
        assert!(wrong(bad.as_bytes()).contains("is no name"), "{bad}: {}", wrong(bad.as_bytes()));
    }
    for bad in ["<a k/>", "<a k=x/>", "<a k='1' k='2'/>"] {
        assert!(wrong(bad.as_bytes()).contains("an attribute is not written"), "{bad}");
    }
    assert!(wrong(b"<a k='<'/>").contains("the value of `k` holds `<`"));
    assert!(wrong(b"<a>]]></a>").contains("a text holds `]]>`"));
    assert!(wrong(b"<a>1 & 2</a>").contains("an `&` begins no reference"));
    assert_eq!(told(b"<a k=' 1\r\n&quot;&#65;'/>", Encoding::Declared).unwrap()[0], "1:1 a k=\" 1 \\\"A\"");
}

#[test]
fn depth_and_attributes_have_limits() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(told(nested(DEEPEST).as_bytes(), Encoding::Declared).unwrap().len(), 2 * DEEPEST);
    assert!(wrong(nested(DEEPEST + 1).as_bytes()).starts_with("line 1 column 193: elements are nested deeper than 64"));
    let held = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(" k{n}='v'")).collect();
        format!("<a{attributes}/>")
    };
    assert!(told(held(ATTRIBUTES).as_bytes(), Encoding::Declared).is_ok());
    assert!(wrong(held(ATTRIBUTES + 1).as_bytes()).contains("more than 64 attributes"));
}

/// Counts what is read of an endless document.
struct Counted<R>(R, usize);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(out)?;
        self.1 += read;
        Ok(read)
    }
}

#[test]
fn what_never_ends_is_refused_early() {
    let endless: [(&[u8], u8); 6] =
        [(b"<a>", b'x'), (b"<a ", b'x'), (b"<a k='", b'x'), (b"<!--", b'x'), (b"<a><![CDATA[", b'x'), (b"<a>\n", b' ')];
    for (start, more) in endless {
        let mut input = Counted(start.chain(repeat(more)), 0);
        let mut reader = Reader::new(&mut input, Encoding::Declared, 1);
        let error = loop {
            match reader.next_event() {
                Ok(event) => assert!(event.is_some()),
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("longer than 65536 bytes"), "{error}");
        assert!(input.1 <= 4 * 64 * 1024, "{} bytes read", input.1);
    }
    // Not one long text, but one made of many references.
    let many = format!("<a>{}</a>", "&lt;".repeat(70_000));
    assert!(wrong(many.as_bytes()).contains("the text of one element is longer"));
}

#[test]
fn an_error_stays() {
    let mut reader = Reader::new(&b"<a></b><c/>"[..], Encoding::Declared, 5);
    reader.next_event().unwrap();
    let first = reader.next_event().unwrap_err();
    assert_eq!(first.place, Place { line: 5, column: 4 });
    assert_eq!(reader.next_event().unwrap_err(), first);
}

#[test]
fn what_the_pen_writes_is_read_back() {
    let mut pen = Pen::new(Charset::Gbk);
    let mut out = Vec::new();
    pen.declaration(&mut out);
    pen.start("a", &[("k", "\"<&>'\n\t\r")], &mut out).unwrap();
    pen.leaf("b", &[], "和珅 <&>\r\n]]>", &mut out).unwrap();
    pen.end(&mut out);
    let start = "<?xml version=\"1.0\" encoding=\"GBK\"?><a k=\"&quot;&lt;&amp;&gt;'&#10;&#9;&#13;\"><b>";
    assert!(out.starts_with(start.as_bytes()), "{}", String::from_utf8_lossy(&out));
    assert_eq!(out[start.len()..start.len() + 5], [0xBA, 0xCD, 0xAB, 0x7C, b' ']);
    let events = told(&out, Encoding::Declared).unwrap();
    assert!(events[0].ends_with(r#"a k="\"<&>'\n\t\r""#), "{}", events[0]);
    assert!(events[2].ends_with(r#""和珅 <&>\r\n]]>""#), "{}", events[2]);

    let mut out = b"x".to_vec();
    assert_eq!(escape(Charset::Gbk, "甲𠮷", &mut out), Err(Unwritable::Unmapped('𠮷')));
    assert_eq!(escape(Charset::Utf8, "甲\u{1}", &mut out), Err(Unwritable::Illegal('\u{1}')));
    assert_eq!(out, b"x");
    for wrong in [pen.leaf("a b", &[], "", &mut out), pen.leaf("a", &[("1", "x")], "", &mut out)] {
        let said = wrong.unwrap_err().to_string();
        assert!(said.ends_with("` is no name of an element or attribute"), "{said}");
    }
    assert_eq!(pen.leaf("a b", &[], "", &mut out), Err(Unwritable::Name("a b".to_owned())));
}
