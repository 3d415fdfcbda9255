//! HTTP as plain values: what came in, what goes out, and the rules of the browser around them.

pub(crate) mod client;
pub(crate) mod cookies;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod redirect;
mod request;
mod response;

pub use request::{Body, HEADERS_READ, Request};
pub use response::Response;
