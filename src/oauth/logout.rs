//! Signing out at the provider too (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use url::Url;

use crate::error::Result;
use crate::http::redirect::RedirectTarget;
use crate::kavach::Kavach;
use crate::oauth::provider::Provider;

/// A wish to sign out at a provider.
pub(crate) struct Logout {
    provider: Arc<Provider>,
    back: RedirectTarget,
}

impl Logout {
    /// Judges the wish; nobody is asked for it.
    pub fn read(kavach: &Kavach, provider: &str, redirect_to: Option<&str>) -> Result<Self> {
        let base = &kavach.config.base;
        let back = redirect_to.unwrap_or("/");
        Ok(Self {
            provider: Arc::clone(kavach.provider(provider)?),
            back: RedirectTarget::parse(back, base, &kavach.config.trusted_origins)?,
        })
    }

    /// Where the browser signs out, if the provider offers it. The id_token, which would spare the user a question
    /// there, stays out of the URL.
    pub async fn url(self) -> Option<Url> {
        let metadata = match self.provider.metadata().await {
            Ok(metadata) => metadata?,
            Err(error) => {
                let cause = error.cause();
                tracing::warn!(
                    provider = self.provider.id(),
                    cause,
                    "no logout at the provider"
                );
                return None;
            }
        };
        let mut url = metadata.end_session.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", self.provider.client_id()?)
            .append_pair("post_logout_redirect_uri", self.back.as_str());
        Some(url)
    }
}
