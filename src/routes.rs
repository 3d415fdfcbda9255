//! The endpoints, in one table. A route is written in exactly one way: paths are compared as they were sent, without
//! decoding or tidying.

use serde::Serialize;

/// One endpoint.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Below the base path; `:provider` stands for a provider's id.
    pub path: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Whether it answers 401 without a session.
    pub require_auth: bool,
    #[serde(skip)]
    pub(crate) endpoint: Endpoint,
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Authorize,
    Callback,
    Providers,
    Link,
    Unlink,
    Accounts,
    Session,
    Sessions,
    RevokeSessions,
    SignOut,
    ErrorPage,
}

impl Endpoint {
    /// Whether a browser comes here by navigation, so that its user must see what went wrong.
    pub fn is_navigation(self) -> bool {
        matches!(self, Self::Authorize | Self::Callback)
    }

    /// Whether this endpoint is part of `oauth()`.
    pub fn is_oauth(self) -> bool {
        !matches!(
            self,
            Self::Session | Self::Sessions | Self::RevokeSessions | Self::SignOut | Self::ErrorPage
        )
    }
}

/// What a path below the base path leads to.
#[derive(Debug)]
pub(crate) enum Match<'a> {
    Route {
        endpoint: Endpoint,
        provider: &'a str,
    },
    /// The path is known, for these methods.
    OtherMethod(Vec<&'static str>),
}

/// Finds the route of a path, if it is one of ours.
pub(crate) fn find<'a>(method: &str, path: &'a str) -> Option<Match<'a>> {
    let mut methods = Vec::new();
    for route in ROUTES {
        let Some(provider) = capture(route.path, path) else {
            continue;
        };
        if route.method == method {
            return Some(Match::Route {
                endpoint: route.endpoint,
                provider,
            });
        }
        methods.push(route.method);
    }
    (!methods.is_empty()).then_some(Match::OtherMethod(methods))
}

/// Every endpoint.
pub const ROUTES: &[Route] = &[
    route(
        "GET",
        "/auth/oauth/authorize/:provider",
        Endpoint::Authorize,
        false,
        "Starts a sign-in: redirects to the provider",
    ),
    route(
        "GET",
        "/auth/oauth/callback/:provider",
        Endpoint::Callback,
        false,
        "Finishes a sign-in: the provider sends the browser here",
    ),
    route(
        "POST",
        "/auth/oauth/callback/:provider",
        Endpoint::Callback,
        false,
        "Finishes a sign-in, for providers that answer by form_post",
    ),
    route(
        "GET",
        "/auth/oauth/providers",
        Endpoint::Providers,
        false,
        "Lists the providers",
    ),
    route(
        "POST",
        "/auth/oauth/link",
        Endpoint::Link,
        true,
        "Starts linking a provider account to the signed-in user",
    ),
    route(
        "POST",
        "/auth/oauth/unlink",
        Endpoint::Unlink,
        true,
        "Unlinks a provider account",
    ),
    route(
        "GET",
        "/auth/oauth/accounts",
        Endpoint::Accounts,
        true,
        "Lists the signed-in user's provider accounts",
    ),
    route(
        "GET",
        "/auth/session",
        Endpoint::Session,
        true,
        "The signed-in user and session",
    ),
    route(
        "GET",
        "/auth/sessions",
        Endpoint::Sessions,
        true,
        "Lists the signed-in user's sessions",
    ),
    route(
        "POST",
        "/auth/sessions/revoke",
        Endpoint::RevokeSessions,
        true,
        "Ends one session, or all others",
    ),
    route(
        "POST",
        "/auth/sign-out",
        Endpoint::SignOut,
        false,
        "Ends the session",
    ),
    route(
        "GET",
        "/auth/error",
        Endpoint::ErrorPage,
        false,
        "Shows what went wrong",
    ),
];

const fn route(
    method: &'static str,
    path: &'static str,
    endpoint: Endpoint,
    require_auth: bool,
    description: &'static str,
) -> Route {
    Route {
        method,
        path,
        description,
        require_auth,
        endpoint,
    }
}

fn capture<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    match pattern.strip_suffix(":provider") {
        None => (pattern == path).then_some(""),
        Some(prefix) => path
            .strip_prefix(prefix)
            .filter(|provider| !provider.is_empty() && !provider.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_by_method_and_path() {
        assert!(matches!(
            find("GET", "/auth/oauth/callback/bitbucket"),
            Some(Match::Route {
                endpoint: Endpoint::Callback,
                provider: "bitbucket"
            })
        ));
        assert!(
            matches!(find("DELETE", "/auth/session"), Some(Match::OtherMethod(methods)) if methods == ["GET"])
        );
    }

    #[test]
    fn no_other_spelling_of_a_path_is_a_route() {
        for path in [
            "/auth//session",
            "/auth/session/",
            "/%61uth/session",
            "/./auth/session",
            "/AUTH/session",
            "auth/session",
            "/auth/oauth/callback/",
            "/auth/oauth/callback/a/b",
            "",
        ] {
            assert!(find("GET", path).is_none(), "{path}");
        }
    }
}
