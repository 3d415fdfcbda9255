#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| kavachos::properties::redirect_target(input));
