//! Any text as a format file: it loads, or the error names a place inside it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yichong_core::formats::Format;

fuzz_target!(|text: &str| {
    match Format::parse("fuzz.toml", text) {
        Ok(format) => assert_eq!(format.name(), "fuzz"),
        Err(error) => assert!(error.line as usize <= text.lines().count() + 1, "{error}"),
    }
});
