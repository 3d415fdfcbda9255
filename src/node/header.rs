//! Headers on the short way.

use std::mem::MaybeUninit;
use std::str;

use napi::bindgen_prelude::{FromNapiValue, JsValue, Unknown};
use napi::{Status, sys};

/// Where the text of a header is put for as long as it is looked at.
pub struct Room {
    short: [MaybeUninit<u8>; ROOM],
    long: String,
}

impl Room {
    pub fn new() -> Self {
        Self {
            short: [MaybeUninit::uninit(); ROOM],
            long: String::new(),
        }
    }

    /// The text; nothing for whatever is no string. Read by one call as a rule: here, where nothing waits, the calls of
    /// N-API are most of the cost.
    pub fn text(&mut self, header: &Unknown<'_>) -> napi::Result<Option<&str>> {
        let value = header.value();
        let mut length = 0;
        // SAFETY: there is room for what is written: so many bytes at most, the closing zero among them.
        let status = Status::from(unsafe {
            sys::napi_get_value_string_utf8(
                value.env,
                value.value,
                self.short.as_mut_ptr().cast(),
                ROOM,
                &mut length,
            )
        });
        if status != Status::Ok {
            return Ok(None);
        }
        // A text that does not fit ends before a character of up to four bytes.
        if length + 4 >= ROOM {
            // SAFETY: the value was a string a moment ago.
            self.long = unsafe { String::from_napi_value(value.env, value.value) }?;
            return Ok(Some(&self.long));
        }
        let written = self.short.get(..length).unwrap_or_default();
        // SAFETY: that many bytes were written.
        Ok(str::from_utf8(unsafe { written.assume_init_ref() }).ok())
    }
}

const ROOM: usize = 1_024;
