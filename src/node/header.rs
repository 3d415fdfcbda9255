//! Headers on the short way.

use napi::bindgen_prelude::FromNapiValue;
use napi::{Status, sys};

/// The text of a header; nothing for whatever is no string. Read by one call as a rule: here, where nothing waits, the
/// calls of N-API are most of the cost.
pub struct Header(pub Option<String>);

impl FromNapiValue for Header {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let mut bytes: Vec<u8> = Vec::with_capacity(ROOM);
        let mut length = 0;
        // SAFETY: there is room for what is written: so many bytes at most, the closing zero among them.
        let status = Status::from(unsafe {
            sys::napi_get_value_string_utf8(
                env,
                value,
                bytes.as_mut_ptr().cast(),
                ROOM,
                &mut length,
            )
        });
        if status != Status::Ok {
            return Ok(Self(None));
        }
        // A text that does not fit ends before a character of up to four bytes.
        if length + 4 >= ROOM {
            return unsafe { String::from_napi_value(env, value) }.map(|text| Self(Some(text)));
        }
        // SAFETY: that many bytes were written.
        unsafe { bytes.set_len(length) };
        Ok(Self(String::from_utf8(bytes).ok()))
    }
}

const ROOM: usize = 1_024;
