//! The options of `createKavach`, parsed into types that cannot be wrong.

mod base;
pub(crate) mod fields;

pub(crate) use base::{Base, is_loopback};

use ipnet::IpNet;
use serde_json::Value;

use crate::config::fields::Fields;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::http::origin::Origin;
use crate::limit::RateLimit;
use crate::session::SessionConfig;
use crate::store::{DatabaseConfig, DatabaseProvider};

/// Everything `createKavach` takes, but for the plugins and callbacks.
pub struct Config {
    pub(crate) database: DatabaseConfig,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) base: Base,
    pub(crate) trusted_origins: Vec<Origin>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) session: SessionConfig,
    pub(crate) rate_limit: RateLimit,
}

impl Config {
    /// Reads the options. `plugins`, `logger` and `events` are known names but read by whoever holds the
    /// callbacks.
    pub fn parse(options: &Value) -> Result<Self> {
        if !options.is_object() {
            return Err(Error::config(
                "options",
                "must be an object: createKavach({ database, secret, baseUrl, plugins })",
            ));
        }
        let fields = Fields::new(options, "", KNOWN)?;
        let secrets = parse_secrets(&fields)?;
        let base = Base::parse(&fields)?;
        Ok(Self {
            database: parse_database(&fields)?,
            secrets,
            trusted_origins: parse_trusted_origins(&fields)?,
            trusted_proxies: parse_trusted_proxies(&fields)?,
            session: SessionConfig::parse(&fields, &base)?,
            rate_limit: RateLimit::parse(&fields)?,
            base,
        })
    }
}

const KNOWN: &[&str] = &[
    "database",
    "secret",
    "baseUrl",
    "basePath",
    "plugins",
    "trustedOrigins",
    "trustedProxies",
    "auth",
    "rateLimit",
    "logger",
    "events",
];

const MIN_SECRET_CHARS: usize = 32;

fn parse_database(fields: &Fields<'_>) -> Result<DatabaseConfig> {
    if fields.value("database").is_none() {
        return Err(Error::config(
            "database",
            "is missing: write { provider: 'sqlite' | 'postgres' | 'mysql', url }",
        ));
    }
    DatabaseConfig::parse(fields.value("database").unwrap_or(&Value::Null))
}

impl DatabaseConfig {
    /// Reads the option `database`.
    pub fn parse(database: &Value) -> Result<Self> {
        let known = ["provider", "url", "skipMigrations", "maxConnections"];
        let database = Fields::new(database, "database", &known)?;
        let provider =
            database.required_text("provider", "write 'sqlite', 'postgres' or 'mysql'")?;
        let url = database.required_text(
            "url",
            "write where the database is, such as process.env.DATABASE_URL; is that variable set?",
        );
        Ok(Self {
            provider: DatabaseProvider::parse(provider)?,
            url: url?.to_owned(),
            skip_migrations: database.flag("skipMigrations", false)?,
            max_connections: database.number("maxConnections", 10, 1, 1_000)? as u32,
        })
    }
}

impl DatabaseProvider {
    /// By the name that the option has.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            "mysql" => Ok(Self::MySql),
            // What was written is not repeated: it may be the URL, password and all.
            _ => Err(Error::config(
                "database.provider",
                "must be 'sqlite', 'postgres' or 'mysql'",
            )),
        }
    }
}

fn parse_secrets(fields: &Fields<'_>) -> Result<Vec<Secret>> {
    let remedy =
        "write at least 32 random characters, such as what `openssl rand -base64 32` prints";
    let items = match fields.value("secret") {
        None => {
            return Err(Error::config(
                "secret",
                format!("is missing: {remedy}; is the environment variable set?"),
            ));
        }
        Some(Value::Array(items)) if items.is_empty() => {
            return Err(Error::config(
                "secret",
                format!("is an empty array: {remedy}"),
            ));
        }
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (item, format!("secret[{at}]")))
            .collect(),
        Some(item) => vec![(item, "secret".to_owned())],
    };
    items
        .into_iter()
        .map(|(item, path)| match item.as_str() {
            None => Err(Error::config(&path, format!("must be a string: {remedy}"))),
            Some(text) if text.chars().count() < MIN_SECRET_CHARS => {
                Err(Error::config(&path, format!("is too short: {remedy}")))
            }
            Some(text) => Ok(Secret::new(text)),
        })
        .collect()
}

fn parse_trusted_origins(fields: &Fields<'_>) -> Result<Vec<Origin>> {
    fields
        .texts("trustedOrigins")?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            Origin::parse(text).ok_or_else(|| {
                Error::config(
                    &format!("trustedOrigins[{at}]"),
                    "must be an exact origin, such as 'https://admin.your-app.com': no path, no wildcard",
                )
            })
        })
        .collect()
}

fn parse_trusted_proxies(fields: &Fields<'_>) -> Result<Vec<IpNet>> {
    fields
        .texts("trustedProxies")?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| {
                    Error::config(
                        &format!("trustedProxies[{at}]"),
                        "must be an address or a CIDR block, such as '10.0.0.0/8'",
                    )
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options() -> Value {
        json!({
            "database": { "provider": "sqlite", "url": ":memory:" },
            "secret": "a secret of more than 32 characters",
            "baseUrl": "https://your-app.com",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut options = options();
        options[name] = value;
        options
    }

    fn refusal(options: &Value) -> String {
        match Config::parse(options) {
            Ok(_) => panic!("accepted: {options}"),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn the_documented_options_need_nothing_else() {
        let config = Config::parse(&options()).unwrap();
        assert_eq!(
            config.base.url("/auth/oauth/callback/bitbucket"),
            "https://your-app.com/api/kavach/auth/oauth/callback/bitbucket"
        );
        assert_eq!(config.session.cookie_name, "__Host-kavach_session");
    }

    #[test]
    fn a_path_in_the_base_url_is_the_base_path() {
        let config = Config::parse(&with("baseUrl", json!("https://x.com/auth/"))).unwrap();
        assert_eq!(
            config.base.url("/auth/session"),
            "https://x.com/auth/auth/session"
        );
    }

    #[test]
    fn each_mistake_is_named_by_its_path() {
        for (name, value, path) in [
            ("secret", json!(null), "`secret`"),
            ("secret", json!("short"), "`secret`"),
            ("secret", json!(7), "`secret`"),
            (
                "secret",
                json!(["a secret of more than 32 characters", "short"]),
                "`secret[1]`",
            ),
            ("baseUrl", json!(null), "`baseUrl`"),
            ("baseUrl", json!("/relative"), "`baseUrl`"),
            ("baseUrl", json!("https://x.com/?a=b"), "`baseUrl`"),
            ("baseUrl", json!("http://x.com"), "`baseUrl`"),
            ("baseUrl", json!("https://user:pw@x.com"), "`baseUrl`"),
            ("basePath", json!("/a//b"), "`basePath`"),
            ("basePath", json!("/a/../b"), "`basePath`"),
            (
                "database",
                json!({ "provider": "oracle", "url": "x" }),
                "`database.provider`",
            ),
            (
                "database",
                json!({ "provider": "sqlite" }),
                "`database.url`",
            ),
            (
                "database",
                json!({ "provider": "sqlite", "uri": "x" }),
                "`database.uri`",
            ),
            (
                "trustedOrigins",
                json!(["https://*.x.com"]),
                "`trustedOrigins[0]`",
            ),
            (
                "trustedProxies",
                json!(["10.0.0.0/33"]),
                "`trustedProxies[0]`",
            ),
            (
                "auth",
                json!({ "session": { "expiresIn": "7d" } }),
                "`auth.session.expiresIn`",
            ),
            (
                "auth",
                json!({ "session": { "domain": "evil.com" } }),
                "`auth.session.domain`",
            ),
            (
                "auth",
                json!({ "session": { "cookieName": "a b" } }),
                "`auth.session.cookieName`",
            ),
        ] {
            let message = refusal(&with(name, value.clone()));
            assert!(message.starts_with(path), "{name} = {value}: {message}");
        }
    }

    #[test]
    fn a_secret_that_is_refused_is_not_repeated() {
        assert!(!refusal(&with("secret", json!("hunter2"))).contains("hunter2"));
    }
}
