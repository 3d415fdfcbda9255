//! The one page that we show ourselves: what went wrong, in words.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha256};

use crate::error::Code;
use crate::http::Response;

/// The error page for a code from the URL. A code that is not in the table shows the general sentence, and nothing
/// from the URL reaches the page.
pub(crate) fn error_page(code: Option<&str>, home: &str) -> Response {
    let code = code.and_then(|given| Code::ALL.iter().find(|code| code.as_str() == given));
    let message = code.map_or("Something went wrong while signing in.", |code| {
        code.message()
    });
    let shown = code.map_or("unknown", |code| code.as_str());
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>Sign-in did not work</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>Sign-in did not work</h1>\n<p>{message}</p>\n<p><a href=\"{home}\">Back to the start</a></p>\n\
         <p class=\"code\">Error code: <code>{shown}</code></p>\n</main>\n</body>\n</html>\n",
        home = escape(home),
    );
    let style_hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    Response::html(body, policy)
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1rem/1.6 system-ui,sans-serif}\
main{max-width:30rem;padding:2rem}h1{font-size:1.5rem;line-height:1.2}.code{font-size:.875rem;opacity:.75}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code_is_explained() {
        let page = error_page(Some("access_denied"), "/").body;
        assert!(page.contains(Code::AccessDenied.message()));
        assert!(page.contains("access_denied"));
    }

    #[test]
    fn nothing_from_the_url_reaches_the_page() {
        let page = error_page(Some("<script>alert(1)</script>"), "/").body;
        assert!(!page.contains("script"));
    }
}
