//! Requests and responses as they cross: one text each, since each value that crosses costs more than its characters.

use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;

use crate::http::{Body, HEADERS_READ, Request, Response};

/// The names of the headers that are read; others need not cross.
#[napi]
pub fn headers_read() -> Vec<&'static str> {
    HEADERS_READ.to_vec()
}

/// Lines: method, URL, address of the peer or nothing, then name and value of each header.
pub(super) fn request(text: &str, body: Option<Either<Uint8Array, String>>) -> Request {
    let mut lines = text.split('\n');
    let mut line = || lines.next().map(str::to_owned);
    Request {
        method: line().unwrap_or_default(),
        url: line().unwrap_or_default(),
        // A link-local address may carry its zone: fe80::1%eth0.
        peer: line().and_then(|ip| ip.split('%').next()?.parse().ok()),
        headers: std::iter::from_fn(|| Some((line()?, line()?))).collect(),
        body: match body {
            Some(Either::A(bytes)) => Body::Full(bytes.to_vec()),
            Some(Either::B(why)) if why == "consumed" => Body::Consumed,
            Some(Either::B(_)) => Body::TooLarge,
            None => Body::Empty,
        },
    }
}

/// Lines: status, number of headers, then name and value of each header; what is left is the body.
pub(super) fn response(response: Response) -> String {
    let room = response
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2);
    let mut text = String::with_capacity(8 + room.sum::<usize>() + response.body.len());
    text.push_str(&format!(
        "{}\n{}\n",
        response.status,
        response.headers.len()
    ));
    for (name, value) in response.headers {
        text.push_str(name);
        text.push('\n');
        // No header may hold a line break (RFC 9110 5.5): it would begin another one.
        match value.contains('\n') {
            true => text.push_str(&value.replace('\n', " ")),
            false => text.push_str(&value),
        }
        text.push('\n');
    }
    text.push_str(&response.body);
    text
}
