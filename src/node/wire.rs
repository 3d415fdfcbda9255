//! Requests and responses, as they cross.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::http::{Body, Request, Response};

/// A request as the facade hands it over.
#[napi(object, object_to_js = false)]
pub struct WireRequest {
    pub method: String,
    pub url: String,
    /// Name, value, name, value, …
    pub headers: Vec<String>,
    pub body: Option<Uint8Array>,
    pub body_too_large: Option<bool>,
    pub ip: Option<String>,
    pub base_path: Option<String>,
}

/// A response as the facade takes it.
#[napi(object, object_from_js = false)]
pub struct WireResponse {
    pub status: u16,
    /// Name, value, name, value, …
    pub headers: Vec<String>,
    pub body: String,
}

impl From<WireRequest> for Request {
    fn from(wire: WireRequest) -> Self {
        let mut flat = wire.headers.into_iter();
        let headers = std::iter::from_fn(|| Some((flat.next()?, flat.next()?))).collect();
        let body = match wire.body {
            _ if wire.body_too_large == Some(true) => Body::TooLarge,
            Some(bytes) => Body::Full(bytes.to_vec()),
            None => Body::Empty,
        };
        Self {
            method: wire.method,
            url: wire.url,
            headers,
            body,
            // A link-local address may carry its zone: fe80::1%eth0.
            peer: wire.ip.and_then(|ip| ip.split('%').next()?.parse().ok()),
        }
    }
}

impl From<Response> for WireResponse {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response
                .headers
                .into_iter()
                .flat_map(|(name, value)| [name.to_owned(), value])
                .collect(),
            body: response.body,
        }
    }
}
