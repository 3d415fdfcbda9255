//! Who is calling, by the socket and by the proxies that the configuration trusts.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::http::Request;

/// Where a request came from, as far as it is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
}

impl Client {
    pub fn of(request: &Request, trusted_proxies: &[IpNet]) -> Self {
        Self {
            address: address(request, trusted_proxies),
            user_agent: request.header("user-agent").map(printable),
        }
    }
}

/// The client's address: the socket's peer, or, when that is a trusted proxy, the right-most address in
/// `X-Forwarded-For` that is none. Whatever stands left of it was written by the client.
pub(crate) fn address(request: &Request, trusted_proxies: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|net| net.contains(address));
    let mut nearest = request.peer?.to_canonical();
    let forwarded: Vec<&str> = request
        .headers_named("x-forwarded-for")
        .flat_map(|value| value.split(','))
        .collect();
    for hop in forwarded.iter().rev() {
        if !is_trusted(&nearest) {
            break;
        }
        match parse_hop(hop) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    Some(nearest)
}

const MAX_USER_AGENT_CHARS: usize = 512;

/// A header for people to read: no control characters, no novel.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_USER_AGENT_CHARS)
        .collect()
}

/// An address as proxies write it: bare, with a port, or an IPv6 one in brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = match bracketed {
        Some(inner) => IpAddr::V6(inner.parse().ok()?),
        None => text
            .parse()
            .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
            .ok()?,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let request = Request {
            method: "GET".into(),
            url: "/".into(),
            headers: vec![("X-Forwarded-For".into(), forwarded.into())],
            body: Default::default(),
            peer: peer.parse().ok(),
        };
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        super::address(&request, &trusted).unwrap().to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(seen("203.0.113.9", "1.1.1.1", &[]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "1.1.1.1", &["10.0.0.0/8"]), "1.1.1.1");
    }

    #[test]
    fn the_right_most_untrusted_address_is_the_client() {
        assert_eq!(
            seen("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", &["10.0.0.0/8"]),
            "1.1.1.1"
        );
        assert_eq!(
            seen("10.0.0.1", "6.6.6.6, nonsense", &["10.0.0.0/8"]),
            "10.0.0.1"
        );
        for nonsense in ["[::1", "::1]", "[1.2.3.4]", "1.2.3.4.5", ""] {
            assert_eq!(seen("10.0.0.1", nonsense, &["10.0.0.0/8"]), "10.0.0.1");
        }
    }

    #[test]
    fn a_mapped_address_is_the_one_it_maps() {
        assert_eq!(
            seen("::ffff:10.0.0.1", "[2001:db8::1]:443", &["10.0.0.0/8"]),
            "2001:db8::1"
        );
    }
}
