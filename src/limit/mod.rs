//! How often one address may ask. Counted in fixed windows: in this process's memory, or in the database for all
//! processes together.

mod memory;

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::fields::Fields;
use crate::crypto;
use crate::error::{Error, Result};
use crate::limit::memory::Memory;
use crate::routes::Endpoint;
use crate::store::Store;

/// The limits of an instance.
pub(crate) struct RateLimit {
    /// `None` when the application limits elsewhere.
    storage: Option<Storage>,
    rules: [Rule; Bucket::ALL.len()],
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub window: Duration,
    pub max: u64,
}

/// What came of asking.
pub(crate) enum Verdict {
    Pass,
    /// Refused, until this much time has passed.
    Wait(Duration),
    /// The database has to be asked: [`Ticket::count`].
    Ask(Ticket),
}

/// A request about to be counted.
pub(crate) struct Ticket {
    key: String,
    rule: Rule,
    window_end: Timestamp,
}

enum Storage {
    Memory(Memory),
    Database,
}

/// Endpoints that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bucket {
    Authorize,
    Callback,
    Link,
    Session,
}

impl Bucket {
    const ALL: [Self; 4] = [Self::Authorize, Self::Callback, Self::Link, Self::Session];

    fn of(endpoint: Endpoint) -> Option<Self> {
        match endpoint {
            Endpoint::Authorize => Some(Self::Authorize),
            Endpoint::Callback => Some(Self::Callback),
            Endpoint::Link | Endpoint::Unlink => Some(Self::Link),
            Endpoint::Accounts
            | Endpoint::Session
            | Endpoint::Sessions
            | Endpoint::RevokeSessions
            | Endpoint::SignOut
            | Endpoint::Providers => Some(Self::Session),
            // It changes nothing, asks nobody, and is where the refused are sent.
            Endpoint::ErrorPage => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Callback => "callback",
            Self::Link => "link",
            Self::Session => "session",
        }
    }

    /// A household, or an office behind one address, signs in without noticing; a script does not get far.
    fn default_rule(self) -> Rule {
        let max = match self {
            Self::Authorize | Self::Callback => 60,
            Self::Link => 30,
            Self::Session => 1_200,
        };
        Rule {
            window: Duration::from_secs(60),
            max,
        }
    }
}

impl RateLimit {
    /// Reads `rateLimit`.
    pub fn parse(fields: &Fields<'_>) -> Result<Self> {
        let limit = fields.object("rateLimit", KNOWN)?;
        let is_enabled = limit.flag("enabled", true)?;
        let storage = match limit.text("storage")? {
            None | Some("memory") => Storage::Memory(Memory::new()),
            Some("database") => Storage::Database,
            Some(_) => {
                return Err(Error::config(
                    &limit.path("storage"),
                    "must be 'memory' or 'database'",
                ));
            }
        };
        let mut rules = Bucket::ALL.map(Bucket::default_rule);
        for (rule, bucket) in rules.iter_mut().zip(Bucket::ALL) {
            *rule = parse_rule(&limit, *rule)?;
            *rule = parse_rule(&limit.object(bucket.name(), &["window", "max"])?, *rule)?;
        }
        Ok(Self {
            storage: is_enabled.then_some(storage),
            rules,
        })
    }

    /// Counts a request, where memory is what counts. Whoever has no address is not counted: everybody would share one
    /// limit, and one visitor could lock all others out.
    pub fn check(&self, endpoint: Endpoint, address: Option<IpAddr>, now: Timestamp) -> Verdict {
        let (Some(storage), Some(bucket), Some(address)) =
            (&self.storage, Bucket::of(endpoint), address)
        else {
            return Verdict::Pass;
        };
        let Some(rule) = self.rules.get(bucket as usize).copied() else {
            return Verdict::Pass;
        };
        let window_end = window_end(rule.window, now);
        let network = network(address);
        match storage {
            Storage::Memory(memory) => {
                let hits = memory.count((bucket.name(), network), window_end, now);
                wait(hits, rule, window_end, now).map_or(Verdict::Pass, Verdict::Wait)
            }
            Storage::Database => Verdict::Ask(Ticket {
                key: format!("{} {network} {}", bucket.name(), window_end.0),
                rule,
                window_end,
            }),
        }
    }
}

impl Ticket {
    /// Counts the request in the database; gives how long it has to wait, if it has to.
    pub async fn count(&self, store: &Store, now: Timestamp) -> Result<Option<Duration>> {
        let hits = store
            .count_hit(&crypto::hash(&self.key), self.window_end)
            .await?;
        Ok(wait(hits, self.rule, self.window_end, now))
    }
}

const KNOWN: &[&str] = &[
    "enabled",
    "storage",
    "window",
    "max",
    "authorize",
    "callback",
    "link",
    "session",
];

fn parse_rule(fields: &Fields<'_>, default: Rule) -> Result<Rule> {
    Ok(Rule {
        window: Duration::from_secs(fields.number(
            "window",
            default.window.as_secs(),
            1,
            86_400,
        )?),
        max: fields.number("max", default.max, 1, 1_000_000)?,
    })
}

fn wait(hits: u64, rule: Rule, window_end: Timestamp, now: Timestamp) -> Option<Duration> {
    (hits > rule.max).then(|| window_end.since(now))
}

fn window_end(window: Duration, now: Timestamp) -> Timestamp {
    let length = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.0 - now.0.rem_euclid(length)) + window
}

/// What stands for one customer of an access provider: an IPv4 address, or an IPv6 /64, which is the smallest network
/// that anybody is given (RFC 6177). An IPv4 address in IPv6 clothes is the IPv4 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn limits(options: Value) -> Result<RateLimit> {
        let options = json!({ "rateLimit": options });
        RateLimit::parse(&Fields::new(&options, "", &["rateLimit"])?)
    }

    fn passes(limits: &RateLimit, address: &str, now: i64) -> bool {
        let address = address.parse().ok();
        matches!(
            limits.check(Endpoint::Authorize, address, Timestamp(now)),
            Verdict::Pass
        )
    }

    #[test]
    fn an_address_may_ask_as_often_as_its_limit_says_in_each_window() {
        let limits = limits(json!({ "max": 2, "window": 10 })).unwrap();
        assert!(passes(&limits, "192.0.2.1", 0));
        assert!(passes(&limits, "192.0.2.1", 1));
        assert!(!passes(&limits, "192.0.2.1", 9_999));
        assert!(passes(&limits, "192.0.2.2", 9_999));
        assert!(passes(&limits, "192.0.2.1", 10_000));
    }

    #[test]
    fn whoever_is_refused_is_told_how_long() {
        let limits = limits(json!({ "authorize": { "max": 1 }, "window": 10 })).unwrap();
        let address = "192.0.2.1".parse().ok();
        limits.check(Endpoint::Authorize, address, Timestamp(2_000));
        let verdict = limits.check(Endpoint::Authorize, address, Timestamp(4_000));
        assert!(matches!(verdict, Verdict::Wait(left) if left == Duration::from_secs(6)));
    }

    #[test]
    fn each_kind_of_endpoint_has_a_count_of_its_own() {
        let limits = limits(json!({ "max": 1 })).unwrap();
        let address = "192.0.2.1".parse().ok();
        for endpoint in [
            Endpoint::Authorize,
            Endpoint::Callback,
            Endpoint::Link,
            Endpoint::Session,
        ] {
            assert!(matches!(
                limits.check(endpoint, address, Timestamp(0)),
                Verdict::Pass
            ));
        }
        assert!(matches!(
            limits.check(Endpoint::Unlink, address, Timestamp(0)),
            Verdict::Wait(_)
        ));
    }

    #[test]
    fn neighbours_in_a_64_and_aliases_are_one_address() {
        let limits = limits(json!({ "max": 1 })).unwrap();
        assert!(passes(&limits, "2001:db8::1", 0));
        assert!(!passes(&limits, "2001:db8::ffff:ffff:ffff:ffff", 0));
        assert!(passes(&limits, "2001:db8:0:1::1", 0));
        assert!(passes(&limits, "192.0.2.1", 0));
        assert!(!passes(&limits, "::ffff:192.0.2.1", 0));
    }

    #[test]
    fn a_limit_can_be_turned_off() {
        let limits = limits(json!({ "enabled": false, "max": 1 })).unwrap();
        assert!((0..10).all(|_| passes(&limits, "192.0.2.1", 0)));
    }

    #[test]
    fn mistakes_are_named_by_their_path() {
        for (options, path) in [
            (json!({ "storage": "redis" }), "`rateLimit.storage`"),
            (json!({ "max": 0 }), "`rateLimit.max`"),
            (
                json!({ "link": { "windows": 1 } }),
                "`rateLimit.link.windows`",
            ),
            (json!(7), "`rateLimit`"),
        ] {
            let message = limits(options).err().unwrap().message().to_owned();
            assert!(message.starts_with(path), "{message}");
        }
    }
}
