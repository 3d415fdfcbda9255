//! The options of `oauth()`, parsed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::config::Base;
use crate::config::fields::Fields;
use crate::error::{Error, Result};
use crate::http::origin::Origin;
use crate::http::redirect::RedirectTarget;
use crate::oauth::provider::{Callbacks, Provider, parse_redirect_uri};

/// What `oauth()` returns: providers and the rules of sign-in.
pub struct OAuth {
    providers: Vec<Configured>,
    pub(crate) after_sign_in: String,
    pub(crate) on_error: Option<String>,
    pub(crate) auto_link: bool,
    pub(crate) disable_sign_up: bool,
    pub(crate) store_tokens: bool,
    pub(crate) state_ttl: Duration,
}

/// Gives the callback URL for a provider's id.
pub type BuildRedirectUri<'a> = dyn Fn(&str) -> Result<String> + 'a;

/// One of `providers`, as it was given.
pub enum ProviderInput {
    /// What a factory returned.
    Made(Arc<Provider>),
    /// `{ id, clientId, clientSecret, … }`, with its key when `providers` is a record.
    Described {
        /// The key in the record.
        key: Option<String>,
        /// The description.
        value: Value,
        /// Its functions.
        callbacks: Callbacks,
    },
}

struct Configured {
    provider: Arc<Provider>,
    redirect_uri: Option<String>,
}

/// Where users land, judged against the application's address.
pub(crate) struct Landings {
    pub after_sign_in: RedirectTarget,
    pub on_error: RedirectTarget,
}

impl OAuth {
    /// Reads the options. `providers` comes apart, since it may hold objects of ours; so does `build_redirect_uri`,
    /// which is asked once for each provider.
    pub fn parse(
        options: &Value,
        providers: Vec<(String, ProviderInput)>,
        build_redirect_uri: Option<&BuildRedirectUri<'_>>,
    ) -> Result<Self> {
        let fields = Fields::new(options, "oauth", KNOWN)?;
        let redirects = fields.object("redirects", &["afterSignIn", "onError"])?;
        let mut configured: Vec<Configured> = Vec::with_capacity(providers.len());
        for (path, input) in providers {
            let provider = match input {
                ProviderInput::Made(provider) => provider,
                ProviderInput::Described {
                    key,
                    value,
                    callbacks,
                } => Arc::new(Provider::from_config(
                    &value,
                    &path,
                    key.as_deref(),
                    callbacks,
                )?),
            };
            if configured
                .iter()
                .any(|known| known.provider.id() == provider.id())
            {
                return Err(Error::config(
                    &path,
                    format!("sets up {} a second time", provider.name()),
                ));
            }
            let redirect_uri = match (provider.redirect_uri(), build_redirect_uri) {
                (Some(own), _) => Some(own.to_owned()),
                (None, Some(build)) => Some(parse_redirect_uri(
                    &build(provider.id())?,
                    "oauth.buildRedirectUri",
                )?),
                (None, None) => None,
            };
            configured.push(Configured {
                provider,
                redirect_uri,
            });
        }
        if configured.is_empty() {
            return Err(Error::config(
                "oauth.providers",
                "is missing or empty: write at least one, such as bitbucketProvider(clientId, clientSecret)",
            ));
        }
        Ok(Self {
            providers: configured,
            after_sign_in: redirects.text("afterSignIn")?.unwrap_or("/").to_owned(),
            on_error: redirects.text("onError")?.map(str::to_owned),
            auto_link: fields.flag("autoLink", true)?,
            disable_sign_up: fields.flag("disableSignUp", false)?,
            store_tokens: fields.flag("storeTokens", true)?,
            state_ttl: Duration::from_secs(fields.number("stateTtlSeconds", 600, 30, 3_600)?),
        })
    }

    /// The configured providers, in order.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter().map(|configured| &configured.provider)
    }

    /// The provider of that id.
    pub(crate) fn provider(&self, id: &str) -> Option<&Arc<Provider>> {
        self.providers().find(|provider| provider.id() == id)
    }

    /// The address that a provider answers to: the one registered there.
    pub(crate) fn redirect_uri(&self, provider: &Provider, base: &Base) -> String {
        self.providers
            .iter()
            .find(|configured| configured.provider.id() == provider.id())
            .and_then(|configured| configured.redirect_uri.clone())
            .unwrap_or_else(|| base.url(&callback_path(provider)))
    }

    pub(crate) fn landings(&self, base: &Base, trusted: &[Origin]) -> Result<Landings> {
        let judge = |text: &str, option: &str| {
            RedirectTarget::parse(text, base, trusted).map_err(|_| {
                Error::config(
                    &format!("oauth.redirects.{option}"),
                    "must be a path of the application, such as '/welcome', or a URL on one of trustedOrigins",
                )
            })
        };
        let error_page = base.url("/auth/error");
        Ok(Landings {
            after_sign_in: judge(&self.after_sign_in, "afterSignIn")?,
            on_error: judge(self.on_error.as_deref().unwrap_or(&error_page), "onError")?,
        })
    }
}

/// The route that a provider sends browsers back to.
fn callback_path(provider: &Provider) -> String {
    format!("/auth/oauth/callback/{}", provider.id())
}

const KNOWN: &[&str] = &[
    "providers",
    "redirects",
    "autoLink",
    "disableSignUp",
    "storeTokens",
    "stateTtlSeconds",
    "buildRedirectUri",
];
