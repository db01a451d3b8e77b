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
}

impl Charset {
    /// The word used in format files.
    pub const fn word(self) -> &'static str {
        match self {
            Charset::Gbk => "gbk",
            Charset::Gb18030 => "gb18030",
            Charset::Utf8 => "utf-8",
        }
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Charset::Gbk => GBK,
            Charset::Gb18030 | Charset::Utf8 => GB18030,
        }
    }

    /// Appends the characters of `bytes`; the error is the offset of the first byte that is none.
    pub(super) fn decode(self, bytes: &[u8], out: &mut String) -> Result<(), usize> {
        if self == Charset::Utf8 || bytes.is_ascii() {
            out.push_str(std::str::from_utf8(bytes).map_err(|e| e.valid_up_to())?);
            return Ok(());
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
            if bytes[at] < 0x80 {
                at += 1;
                continue;
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

    /// Appends the bytes of `text`; the error is the first character the charset does not have.
    pub(super) fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
        if self == Charset::Utf8 || text.is_ascii() {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
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
}
