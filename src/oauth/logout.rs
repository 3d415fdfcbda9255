//! Signing out at the provider too (OpenID Connect RP-Initiated Logout 1.0).

use url::Url;

use crate::error::Result;
use crate::http::redirect::RedirectTarget;
use crate::kavach::Kavach;

/// Where the browser signs out at a provider that offers it. The id_token, which would spare the user a question there,
/// stays out of the URL.
pub(crate) async fn url(
    kavach: &Kavach,
    provider: &str,
    redirect_to: Option<&str>,
) -> Result<Option<Url>> {
    let provider = kavach.provider(provider)?;
    let base = &kavach.config.base;
    let back = redirect_to.unwrap_or("/");
    let back = RedirectTarget::parse(back, base, &kavach.config.trusted_origins)?;
    let metadata = match provider.metadata().await {
        Ok(metadata) => metadata,
        Err(error) => {
            // Signing out here must not depend on anybody else.
            let cause = error.cause();
            tracing::warn!(provider = provider.id(), cause, "no logout at the provider");
            None
        }
    };
    let end_session = metadata.and_then(|metadata| metadata.end_session.clone());
    Ok(end_session
        .zip(provider.client_id())
        .map(|(mut url, client_id)| {
            url.query_pairs_mut()
                .append_pair("client_id", client_id)
                .append_pair("post_logout_redirect_uri", back.as_str());
            url
        }))
}
