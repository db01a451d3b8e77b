//! Any bytes as XML: events or an error with a place, bounded memory, and always balanced.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yichong_core::xml::{Encoding, Event, Reader};

fuzz_target!(|data: &[u8]| {
    let mut reader = Reader::new(data, Encoding::Declared, 1);
    let mut depth = 0_usize;
    loop {
        match reader.next_event() {
            Ok(Some(Event::Start(_))) => depth += 1,
            Ok(Some(Event::End(_))) => depth -= 1,
            Ok(Some(Event::Text(_))) => {}
            Ok(None) => break assert_eq!(depth, 0),
            Err(_) => break,
        }
    }
});
