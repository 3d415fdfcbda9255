//! What a provider's URLs leave open: a tenant, a domain, a version.

use crate::config::fields::Fields;
use crate::error::{Error, Result};

/// An option that fills a placeholder of the same name.
pub(crate) struct Variable {
    pub option: &'static str,
    pub kind: Kind,
    pub need: Need,
}

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A host name, such as `example.auth0.com`.
    Host,
    /// One segment of a path, or one label of a host.
    Segment,
    /// One of these words, which stand for those texts.
    Choice(&'static [(&'static str, &'static str)]),
}

#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// The first argument of the factory.
    Leading,
    Default(&'static str),
    Optional,
}

impl Variable {
    pub(crate) const fn leading(option: &'static str) -> Self {
        Self {
            option,
            kind: Kind::Host,
            need: Need::Leading,
        }
    }

    pub(crate) const fn segment(option: &'static str, need: Need) -> Self {
        Self {
            option,
            kind: Kind::Segment,
            need,
        }
    }
}

/// The values of an entry's variables, and of the client id.
pub(crate) struct Values(Vec<(&'static str, Option<String>)>);

impl Values {
    pub fn read(
        variables: &'static [Variable],
        options: &Fields<'_>,
        client_id: &str,
    ) -> Result<Self> {
        let mut values = vec![("clientId", Some(client_id.to_owned()))];
        for variable in variables {
            let path = options.path(variable.option);
            let value = match (options.text(variable.option)?, variable.need) {
                (Some(text), _) => Some(variable.kind.judge(text.trim(), &path)?),
                (None, Need::Default(text)) => Some(variable.kind.judge(text, &path)?),
                (None, Need::Optional) => None,
                (None, Need::Leading) => {
                    return Err(Error::config(
                        &path,
                        "is missing: write the host name that the provider gave you",
                    ));
                }
            };
            values.push((variable.option, value));
        }
        Ok(Self(values))
    }

    /// The template with its placeholders filled; `None` when one of them was not given.
    pub fn fill(&self, template: &str) -> Option<String> {
        let mut text = template.to_owned();
        for (name, value) in &self.0 {
            let placeholder = format!("{{{name}}}");
            if text.contains(&placeholder) {
                text = text.replace(&placeholder, value.as_deref()?);
            }
        }
        Some(text)
    }

    /// Refuses half of what a template needs.
    pub fn require_all_or_none(&self, template: &str, options: &Fields<'_>) -> Result<()> {
        let mut needed = self
            .0
            .iter()
            .filter(|(name, _)| template.contains(&format!("{{{name}}}")));
        let missing = needed.clone().find(|(_, value)| value.is_none());
        match missing {
            Some((name, _)) if needed.any(|(_, value)| value.is_some()) => Err(Error::config(
                &options.path(name),
                "is missing: it goes together with the others that name the issuer",
            )),
            _ => Ok(()),
        }
    }

    /// A variable that is set.
    pub fn get(&self, option: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| *name == option)
            .and_then(|(_, value)| value.as_deref())
    }
}

impl Kind {
    fn judge(self, text: &str, path: &str) -> Result<String> {
        if let Self::Choice(choices) = self {
            return choices
                .iter()
                .find(|(word, _)| *word == text)
                .map(|(_, stands_for)| (*stands_for).to_owned())
                .ok_or_else(|| {
                    let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                    Error::config(path, format!("must be one of {}", words.join(", ")))
                });
        }
        refuse_placeholder(text, path)?;
        let is_word = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
                && !text.starts_with('.')
                && !text.ends_with('.')
        };
        match self {
            Self::Host => {
                let host = text.trim_end_matches('/');
                // A port is for a server of one's own.
                let (name, port) = host.split_once(':').unwrap_or((host, "1"));
                if !is_word(name) || port.parse::<u16>().is_err() {
                    return Err(Error::config(
                        path,
                        "must be a host name such as example.auth0.com, without `https://` and without a path",
                    ));
                }
                Ok(host.to_owned())
            }
            _ if is_word(text) => Ok(text.to_owned()),
            _ => Err(Error::config(
                path,
                "must be letters, digits, dots, dashes and underscores",
            )),
        }
    }
}

/// What is copied from documentation and left as it is.
pub(crate) fn refuse_placeholder(text: &str, path: &str) -> Result<()> {
    let lower = text.to_ascii_lowercase();
    let is_placeholder = lower.contains(['<', '>', '{', '}'])
        || lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter_map(|word| word.strip_prefix("your"))
            // Others may be called so: only what documentation writes is meant.
            .any(|what| matches!(what, "" | "domain" | "tenant" | "company" | "oktadomain"));
    if is_placeholder {
        return Err(Error::config(
            path,
            "still holds a placeholder: write your own value in its place",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    static VARIABLES: &[Variable] = &[
        Variable::leading("domain"),
        Variable::segment("tenant", Need::Default("common")),
        Variable::segment("pool", Need::Optional),
    ];

    fn read(options: &Value) -> Result<Values> {
        let fields = Fields::new(options, "p", &["domain", "tenant", "pool"])?;
        Values::read(VARIABLES, &fields, "client")
    }

    #[test]
    fn placeholders_are_filled() {
        let values = read(&json!({ "domain": "acme.example.com" })).unwrap();
        let fill = |template| values.fill(template);
        assert_eq!(
            fill("https://{domain}/{tenant}?c={clientId}").as_deref(),
            Some("https://acme.example.com/common?c=client")
        );
        assert_eq!(fill("https://{domain}/{pool}"), None);
    }

    #[test]
    fn what_would_lead_elsewhere_or_is_no_value_is_refused() {
        for domain in [
            "https://acme.example.com",
            "acme.example.com/evil",
            "a@b.com",
            "a b",
            "your-tenant.auth0.com",
            "YOUR_DOMAIN",
            "yourOktaDomain",
            "yourcompany.okta.com",
            "<domain>",
            "{domain}",
            "a.com:x",
            "..",
            "",
        ] {
            assert!(read(&json!({ "domain": domain })).is_err(), "{domain}");
        }
        for tenant in ["../x", "a/b", "%2f", "your-tenant", "."] {
            let options = json!({ "domain": "acme.com", "tenant": tenant });
            assert!(read(&options).is_err(), "{tenant}");
        }
        assert!(read(&json!({ "domain": "localhost:8080", "tenant": "yourbank" })).is_ok());
    }
}
