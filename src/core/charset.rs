//! Characters ⇄ bytes, strictly: nothing is ever replaced, in either direction.

use encoding_rs::{DecoderResult, EncoderResult, Encoding, GB18030, GBK};
use serde::Deserialize;

/// The charsets banks use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Charset {
    /// One or two bytes.
    #[serde(rename = "gbk")]
    Gbk,
    /// One, two or four bytes.
    #[serde(rename = "gb18030")]
    Gb18030,
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// One byte, Western Europe. The 32 control characters it has above 0x7F are not taken.
    #[serde(rename = "iso-8859-1")]
    Latin1,
    /// One byte: `iso-8859-1` with the euro and seven letters in place of signs.
    #[serde(rename = "iso-8859-15")]
    Latin9,
    /// Seven bits.
    #[serde(rename = "us-ascii")]
    Ascii,
}

/// Where ISO 8859-15 differs from ISO 8859-1.
const LATIN9: [(u8, char); 8] =
    [(0xA4, '€'), (0xA6, 'Š'), (0xA8, 'š'), (0xB4, 'Ž'), (0xB8, 'ž'), (0xBC, 'Œ'), (0xBD, 'œ'), (0xBE, 'Ÿ')];

impl Charset {
    /// The word used in format files.
    pub const fn word(self) -> &'static str {
        match self {
            Charset::Gbk => "gbk",
            Charset::Gb18030 => "gb18030",
            Charset::Utf8 => "utf-8",
            Charset::Latin1 => "iso-8859-1",
            Charset::Latin9 => "iso-8859-15",
            Charset::Ascii => "us-ascii",
        }
    }

    fn encoding(self) -> &'static Encoding {
        if self == Charset::Gbk { GBK } else { GB18030 }
    }

    fn single_byte(self) -> bool {
        matches!(self, Charset::Latin1 | Charset::Latin9 | Charset::Ascii)
    }

    /// How many of `bytes` make whole characters: the last one may go on in the next block. Bytes that are no
    /// character at all are counted, so that [`Charset::decode`] finds them.
    pub(crate) fn whole(self, bytes: &[u8]) -> usize {
        if bytes.is_ascii() || self.single_byte() {
            return bytes.len();
        }
        if self == Charset::Utf8 {
            return match std::str::from_utf8(bytes) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                _ => bytes.len(),
            };
        }
        let mut at = 0;
        while at < bytes.len() {
            let length = match (bytes[at], bytes.get(at + 1)) {
                (0..=0x80, _) => 1,
                (_, Some(b'0'..=b'9')) => 4,
                _ => 2,
            };
            if at + length > bytes.len() {
                return at;
            }
            at += length;
        }
        at
    }

    /// Appends the characters of `bytes`; the error is the offset of the first byte that is none.
    pub(crate) fn decode(self, bytes: &[u8], out: &mut String) -> Result<(), usize> {
        if self == Charset::Utf8 || bytes.is_ascii() {
            out.push_str(std::str::from_utf8(bytes).map_err(|e| e.valid_up_to())?);
            return Ok(());
        }
        if self.single_byte() {
            return self.decode_single(bytes, out);
        }
        self.check_forms(bytes)?;
        let mut decoder = self.encoding().new_decoder_without_bom_handling();
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3);
        out.reserve(room);
        match decoder.decode_to_string_without_replacement(bytes, out, true) {
            (DecoderResult::InputEmpty, _) => Ok(()),
            (DecoderResult::Malformed(bad, after), read) => {
                Err(read.saturating_sub(usize::from(bad) + usize::from(after)))
            }
            (DecoderResult::OutputFull, read) => Err(read),
        }
    }

    /// The decoder takes more than the charset has: four-byte forms in GBK, and 0x80 in GB18030. Neither would be
    /// written back as the same bytes, so neither is taken.
    fn check_forms(self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while at < bytes.len() {
            // Long runs of ASCII are most of a file; eight bytes at a time.
            while let Some(run) = bytes.get(at..at + 8)
                && run.is_ascii()
            {
                at += 8;
            }
            while bytes.get(at).is_some_and(u8::is_ascii) {
                at += 1;
            }
            if at == bytes.len() {
                break;
            }
            let four = matches!(bytes.get(at + 1), Some(b'0'..=b'9'));
            match (self, bytes[at]) {
                (Charset::Gbk, 0x80) => at += 1,
                (Charset::Gb18030, 0x80) => return Err(at),
                (Charset::Gbk, _) if four => return Err(at),
                _ => at += if four { 4 } else { 2 },
            }
        }
        Ok(())
    }

    fn decode_single(self, bytes: &[u8], out: &mut String) -> Result<(), usize> {
        for (at, byte) in bytes.iter().enumerate() {
            let differs = LATIN9.iter().find(|(code, _)| self == Charset::Latin9 && code == byte);
            out.push(match (*byte, differs) {
                (_, Some((_, c))) => *c,
                (0..=0x7F, _) => char::from(*byte),
                (0xA0.., _) if self != Charset::Ascii => char::from(*byte),
                _ => return Err(at),
            });
        }
        Ok(())
    }

    fn encode_single(self, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
        let latin9 = self == Charset::Latin9;
        for c in text.chars() {
            let differs = LATIN9.iter().find(|(_, known)| latin9 && *known == c);
            let moved = |code: u8| latin9 && LATIN9.iter().any(|(known, _)| *known == code);
            out.push(match (u8::try_from(c), differs) {
                (_, Some((code, _))) => *code,
                (Ok(code @ 0..=0x7F), _) => code,
                (Ok(code @ 0xA0..), _) if self != Charset::Ascii && !moved(code) => code,
                _ => return Err(c),
            });
        }
        Ok(())
    }

    /// Appends the bytes of `text`; the error is the first character the charset does not have.
    pub(crate) fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
        if self == Charset::Utf8 || text.is_ascii() {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        if self.single_byte() {
            return self.encode_single(text, out);
        }
        // Through a small block: handing over `out` would clear all its spare room for every cell.
        let mut encoder = self.encoding().new_encoder();
        let mut block = [0_u8; 256];
        let mut rest = text;
        loop {
            let (result, read, written) = encoder.encode_from_utf8_without_replacement(rest, &mut block, true);
            out.extend_from_slice(&block[..written]);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::Unmappable(odd) => return Err(odd),
                EncoderResult::OutputFull => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(charset: Charset, bytes: &[u8]) -> Result<String, usize> {
        let mut out = String::new();
        charset.decode(bytes, &mut out).map(|()| out)
    }

    fn encode(charset: Charset, text: &str) -> Result<Vec<u8>, char> {
        let mut out = Vec::new();
        charset.encode(text, &mut out).map(|()| out)
    }

    #[test]
    fn a_name_may_hold_the_separators_byte() {
        // 珅 is AB 7C in GBK: its second byte is `|`.
        assert_eq!(encode(Charset::Gbk, "和珅"), Ok(vec![0xBA, 0xCD, 0xAB, 0x7C]));
        assert_eq!(decode(Charset::Gbk, &[0xBA, 0xCD, 0xAB, 0x7C]), Ok("和珅".to_owned()));
    }

    #[test]
    fn nothing_is_replaced() {
        // 𠮷 (U+20BB7) is not in GBK and has four bytes in GB18030.
        assert_eq!(encode(Charset::Gbk, "甲𠮷"), Err('𠮷'));
        let four = encode(Charset::Gb18030, "𠮷").unwrap();
        assert_eq!(four.len(), 4);
        assert_eq!(decode(Charset::Gb18030, &four), Ok("𠮷".to_owned()));
        let mut mixed = b"ab".to_vec();
        mixed.extend(&four);
        assert_eq!(decode(Charset::Gbk, &mixed), Err(2));
        // 䶮 (U+4DAE) has the two bytes FE 9F in GB18030.
        assert_eq!(encode(Charset::Gb18030, "䶮"), Ok(vec![0xFE, 0x9F]));
    }

    #[test]
    fn broken_bytes_are_found() {
        assert_eq!(decode(Charset::Gbk, b"ab\xFF"), Err(2));
        assert_eq!(decode(Charset::Gbk, b"ab\xB2"), Err(2));
        assert_eq!(decode(Charset::Gbk, b"ab\xB2\x20cd"), Err(2));
        assert_eq!(decode(Charset::Utf8, b"ab\xE6\xB5"), Err(2));
        assert_eq!(decode(Charset::Gb18030, b"\x80"), Err(0));
    }

    #[test]
    fn a_character_across_two_blocks_waits() {
        assert_eq!(Charset::Gbk.whole(b"ab\xBA\xCD\xAB"), 4);
        assert_eq!(Charset::Gb18030.whole(&[b'a', 0x95, 0x34, 0xC3]), 1);
        assert_eq!(Charset::Utf8.whole(b"a\xE6\xB5"), 1);
        assert_eq!(Charset::Utf8.whole(b"a\xFF\xB5"), 3);
        assert_eq!(Charset::Latin1.whole(b"a\xE9"), 2);
    }

    #[test]
    fn western_bytes_are_single() {
        assert_eq!(decode(Charset::Latin1, b"caf\xE9 \xA4"), Ok("café ¤".to_owned()));
        assert_eq!(decode(Charset::Latin9, b"caf\xE9 \xA4"), Ok("café €".to_owned()));
        assert_eq!(encode(Charset::Latin9, "café €"), Ok(b"caf\xE9 \xA4".to_vec()));
        assert_eq!(encode(Charset::Latin9, "¤"), Err('¤'));
        assert_eq!(encode(Charset::Latin1, "€"), Err('€'));
        assert_eq!(decode(Charset::Latin1, b"a\x80"), Err(1));
        assert_eq!(decode(Charset::Ascii, b"a\xE9"), Err(1));
        assert_eq!(encode(Charset::Ascii, "é"), Err('é'));
    }
}
