#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kavachos::properties::provider_answer(input));
