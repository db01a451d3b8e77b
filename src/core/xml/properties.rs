//! Properties: what the pen writes is read back the same, and no bytes and no damage make a reader panic or run on.

use proptest::prelude::*;

use super::*;
use crate::charset::Charset;

/// Reads to the end or the first error; how many events there were.
fn read(bytes: &[u8], encoding: Encoding) -> Result<usize, XmlError> {
    let mut reader = Reader::new(bytes, encoding, 1);
    let mut events = 0;
    while reader.next_event()?.is_some() {
        events += 1;
        // Every event takes a byte, but the end of an empty element.
        assert!(events <= 2 * bytes.len(), "it runs on");
    }
    Ok(events)
}

/// Texts with what XML, GBK and people make difficult.
fn text() -> impl Strategy<Value = String> {
    let odd = vec!['<', '&', '>', '"', '\'', ']', ' ', '\n', '\r', '\t', 'a', '珅', '测', '€', '·'];
    proptest::collection::vec(proptest::sample::select(odd), 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn document(rows: &[(String, String)], charset: Charset) -> Vec<u8> {
    let (mut pen, mut out) = (Pen::new(charset), Vec::new());
    pen.declaration(&mut out);
    pen.start("a", &[("xmlns", "urn:a")], &mut out).unwrap();
    for (value, text) in rows {
        pen.leaf("b", &[("k", value)], text, &mut out).unwrap();
    }
    pen.end(&mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_read(rows in proptest::collection::vec((text(), text()), 0..8)) {
        for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb18030] {
            let bytes = document(&rows, charset);
            let mut reader = Reader::new(&bytes[..], Encoding::Insist(charset), 1);
            let mut found: Vec<(String, String)> = Vec::new();
            while let Some(event) = reader.next_event().unwrap() {
                match event {
                    Event::Start(start) if start.name() == "b" => {
                        prop_assert_eq!(start.namespace(), "urn:a");
                        found.push((start.attribute("k").unwrap().to_owned(), String::new()));
                    }
                    Event::Text(text) => found.last_mut().unwrap().1.push_str(text),
                    _ => {}
                }
            }
            prop_assert_eq!(&found, &rows);
        }
    }

    #[test]
    fn plain_forms_and_others_are_read_alike(names in proptest::collection::vec("[a-z][a-z0-9.-]{0,3}", 1..8)) {
        // The same elements: in the form that is read in one go, and with blanks, a reference and a section.
        let (mut plain, mut other) = ("<r xmlns=\"u\">".to_owned(), "<r xmlns=\"u\">".to_owned());
        for name in &names {
            plain.push_str(&format!("<{name}>甲>\n{name}</{name}><r k=\"{name}>\"><x></x></r>"));
            other.push_str(&format!("<{name} >甲&#62;<![CDATA[\n{name}]]></{name}\n>\
                <r k='{name}&#62;'><x/></r >"));
        }
        let events = |document: &str| {
            let (mut reader, mut all) = (Reader::new(document.as_bytes(), Encoding::Declared, 1), Vec::new());
            while let Some(event) = reader.next_event().unwrap() {
                all.push(match event {
                    Event::Start(start) => {
                        let value = start.attribute("k");
                        format!("{{{}}}{} {value:?}", start.namespace(), start.name())
                    }
                    Event::Text(text) => format!("{text:?}"),
                    Event::End(name) => format!("/{name}"),
                });
            }
            all
        };
        let read = events(&(plain + "</r>"));
        prop_assert_eq!(read.len(), 2 + 7 * names.len());
        prop_assert_eq!(read, events(&(other + "</r>")));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for encoding in [Encoding::Declared, Encoding::Override(Charset::Gbk), Encoding::Insist(Charset::Latin9)] {
            let _ = read(&bytes, encoding);
        }
    }

    #[test]
    fn no_damage_makes_it_panic(
        rows in proptest::collection::vec((text(), text()), 1..6),
        at in any::<prop::sample::Index>(),
        byte in proptest::sample::select(b"<>&;/\"'!?[]-= a\0\xFF\xB2:".to_vec()),
        cut in any::<prop::sample::Index>(),
        gbk in any::<bool>(),
    ) {
        let mut bytes = document(&rows, if gbk { Charset::Gbk } else { Charset::Utf8 });
        // What is cut short is never whole.
        prop_assert!(read(&bytes[..cut.index(bytes.len())], Encoding::Declared).is_err());
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let _ = read(&bytes, Encoding::Declared);
    }
}
