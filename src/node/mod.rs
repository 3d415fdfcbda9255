//! The N-API binding: conversions only, no decision.
//!
//! Structured values cross as JSON text, one string a call: building objects property by property costs more than
//! parsing them. Every call settles with an outcome, `{"value": …}` or `{"failure": …}`, since an error thrown by an
//! asynchronous N-API function cannot carry a code of its own; the facade makes the error.

// The macros of napi expand to unsafe code.
#![allow(unsafe_code)]

mod callbacks;
mod create;
mod header;
mod kavach;
mod operator;
mod outcome;
mod plugin;
mod provider;
mod provider_callbacks;
mod value;
mod wire;
