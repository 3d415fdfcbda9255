//! Everything that can go wrong, in one table: a stable code, the HTTP status, whose fault it is, and the
//! sentence that a caller or a user reads.

use std::error::Error as StdError;
use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong: a [`Code`] with a message for people, and the cause where there is one.
///
/// Neither the message nor the cause ever holds a secret, a token or a password.
#[derive(Clone, Debug)]
pub struct Error {
    code: Code,
    message: String,
    cause: Option<String>,
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The one who calls: a browser, a client, or the code that uses the library.
    Caller,
    /// The OAuth provider.
    Provider,
    /// The application's database.
    Database,
    /// This library.
    Library,
}

impl Error {
    /// An error with the table's own message.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            message: code.message().to_owned(),
            cause: None,
        }
    }

    /// An error with a message of its own.
    pub fn with(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            cause: None,
        }
    }

    /// A config error: names the path and what to write there.
    pub fn config(path: &str, remedy: impl fmt::Display) -> Self {
        Self::with(Code::ConfigInvalid, format!("`{path}` {remedy}"))
    }

    /// The same error with what caused it. The caller makes sure that the text holds no secret.
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The same error, should somebody else's words have repeated a secret that we sent.
    pub(crate) fn without(mut self, secrets: &[&str]) -> Self {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            // Also as it stood in the body of the request.
            let in_a_form: String =
                url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for form in [secret, in_a_form.as_str()] {
                self.message = redact(&self.message, form);
                self.cause = self.cause.map(|cause| redact(&cause, form));
            }
        }
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What to tell people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What caused it, in words.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

/// Takes a secret out of a text, and what is left of it where the text was cut short.
fn redact(text: &str, secret: &str) -> String {
    let text = text.replace(secret, REDACTED);
    let cut = (MIN_TELLING..secret.len())
        .rev()
        .filter_map(|end| secret.get(..end))
        .find(|start| text.ends_with(start));
    match cut.and_then(|start| text.strip_suffix(start)) {
        Some(rest) => format!("{rest}{REDACTED}"),
        None => text,
    }
}

const REDACTED: &str = "[redacted]";
/// Fewer characters of a secret give nothing away.
const MIN_TELLING: usize = 6;

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl StdError for Error {}

macro_rules! codes {
    ($($variant:ident $name:literal $status:literal $fault:ident $message:literal;)*) => {
        /// A stable code. Each is one row of the table in this file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $message] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as it stands in answers, URLs and `KavachError.code`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Who can mend it.
            pub fn fault(self) -> Fault {
                match self { $(Self::$variant => Fault::$fault,)* }
            }

            /// What people are told when there is nothing more exact to say.
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

codes! {
    ConfigInvalid "config_invalid" 500 Caller "The configuration cannot be used.";
    ArgumentInvalid "argument_invalid" 400 Caller "An argument is missing or of the wrong kind.";
    Closed "closed" 503 Caller "This instance is closed.";
    NotFound "not_found" 404 Caller "There is nothing at this address.";
    MethodNotAllowed "method_not_allowed" 405 Caller "This address does not answer that method.";
    BodyInvalid "body_invalid" 400 Caller "The request body cannot be read.";
    BodyTooLarge "body_too_large" 413 Caller "The request body is larger than 64 KiB.";
    OriginForbidden "origin_forbidden" 403 Caller "This request did not come from an origin that the application trusts.";
    RedirectInvalid "redirect_invalid" 400 Caller "The address to return to is neither a path of this application nor on a trusted origin.";
    ProviderUnknown "provider_unknown" 404 Caller "No such sign-in provider is set up.";
    StateInvalid "state_invalid" 400 Caller "This sign-in was not started in this browser. Please start again.";
    StateExpired "state_expired" 400 Caller "This sign-in took too long. Please start again.";
    StateReused "state_reused" 400 Caller "This sign-in was finished already. Please start again.";
    AccessDenied "access_denied" 403 Caller "The sign-in was cancelled at the provider.";
    InteractionRequired "interaction_required" 403 Caller "The provider has to ask the user first. Please sign in there.";
    ProviderError "provider_error" 502 Provider "The sign-in provider did not answer as it should. Please try again later.";
    AccountNotLinked "account_not_linked" 409 Caller "An account with this e-mail address exists already. Sign in the way you did before, then link this provider.";
    AccountLinkedElsewhere "account_linked_elsewhere" 409 Caller "This provider account belongs to another user.";
    AccountNotFound "account_not_found" 404 Caller "No such linked account.";
    LastAccount "last_account" 409 Caller "This is the only way to sign in, so it cannot be removed.";
    SignUpDisabled "sign_up_disabled" 403 Caller "New users cannot sign up here.";
    UserDisabled "user_disabled" 403 Caller "This user may not sign in at present.";
    RateLimited "rate_limited" 429 Caller "Too many requests from this address. Please wait a moment.";
    Unauthenticated "unauthenticated" 401 Caller "Sign in first.";
    SessionChanged "session_changed" 403 Caller "The session that started linking is gone. Sign in and start again.";
    SessionNotFound "session_not_found" 404 Caller "No such session.";
    UserNotFound "user_not_found" 404 Caller "No such user.";
    TokensNotStored "tokens_not_stored" 409 Caller "No provider tokens are stored for this account.";
    ReauthorizationRequired "reauthorization_required" 409 Caller "The provider asks the user to sign in again.";
    DatabaseUnavailable "database_unavailable" 503 Database "The database cannot be used.";
    SchemaOutdated "schema_outdated" 503 Database "The database misses migrations.";
    SchemaNewer "schema_newer" 503 Database "The database was migrated by a newer release.";
    Internal "internal" 500 Library "Something went wrong inside the library.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_share_a_code() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn a_secret_that_a_provider_repeats_is_taken_out_even_if_cut_short() {
        let error = Error::new(Code::ProviderError)
            .because("bad code abcdefghijkl, token 0123456789")
            .without(&["abcdefghijkl", "0123456789abcdef", ""]);
        assert_eq!(error.cause(), Some("bad code [redacted], token [redacted]"));
    }

    #[test]
    fn an_error_shows_its_code_and_message_but_not_its_cause() {
        let error = Error::config("secret", "is missing").because("inner");
        assert_eq!(error.to_string(), "config_invalid: `secret` is missing");
        assert_eq!(error.cause(), Some("inner"));
    }
}
