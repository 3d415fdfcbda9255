//! Where the application lives.

use url::{Host, Url};

use crate::config::fields::Fields;
use crate::error::{Error, Result};
use crate::http::origin::Origin;

/// Where the application lives.
#[derive(Clone)]
pub(crate) struct Base {
    /// Scheme, host and port; what URLs of ours are built on.
    pub origin: Origin,
    /// Starts with a slash and ends without one; empty when we serve the root.
    pub path: String,
}

impl Base {
    /// Reads `baseUrl` and `basePath`.
    pub fn parse(fields: &Fields<'_>) -> Result<Self> {
        let text = fields.required_text(
            "baseUrl",
            "write the address that users see, such as 'https://your-app.com'",
        )?;
        let refuse = |remedy: &str| Err(Error::config("baseUrl", remedy));
        let Ok(url) = Url::parse(text) else {
            return refuse("must be an absolute URL, such as 'https://your-app.com'");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return refuse("must start with https:// (or http:// on this machine)");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse(
                "must have no query and no fragment: write the origin, such as 'https://your-app.com'",
            );
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must hold no user name and no password");
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return refuse(
                "must use https: cookies and codes would cross the network in the clear (http is for localhost)",
            );
        }
        let origin =
            Origin::of(&url).ok_or_else(|| Error::config("baseUrl", "must name a host"))?;
        let path = match (fields.text("basePath")?, url.path()) {
            (Some(path), _) => parse_base_path(path, "basePath")?,
            (None, "/") => DEFAULT_BASE_PATH.to_owned(),
            (None, path) => parse_base_path(path, "baseUrl")?,
        };
        Ok(Self { origin, path })
    }
    /// The full address of a path below ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }
}

const DEFAULT_BASE_PATH: &str = "/api/kavach";

fn parse_base_path(path: &str, option: &str) -> Result<String> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let well_formed = trimmed.is_empty()
        || trimmed.strip_prefix('/').is_some_and(|rest| {
            rest.split('/').all(|part| {
                !matches!(part, "" | "." | "..")
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
            })
        });
    if !well_formed {
        return Err(Error::config(
            option,
            "must be a path such as '/api/kavach': letters, digits and - . _ ~ between single slashes",
        ));
    }
    Ok(trimmed.to_owned())
}

/// Whether an address never leaves this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
