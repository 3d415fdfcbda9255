//! Verifies id_tokens for `npm run bench`, on one thread: a job a line in, its result a line out.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use kavachos::Secret;
use kavachos::bench::IdTokenVerifier;
use serde::Deserialize;
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let result = match serde_json::from_str::<Job>(&line?) {
            Ok(job) => job.run(),
            Err(error) => json!({ "error": format!("the job cannot be read: {error}") }),
        };
        writeln!(output, "{result}")?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    algorithm: String,
    jwks: Value,
    issuer: String,
    client_id: String,
    grants: Vec<Grant>,
    milliseconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    subject: String,
    nonce: String,
    #[serde(deserialize_with = "secret")]
    access_token: Secret,
    id_token: String,
}

impl Job {
    fn run(self) -> Value {
        let Some(verifier) = IdTokenVerifier::new(
            &self.jwks,
            vec![self.algorithm],
            self.issuer,
            self.client_id,
        ) else {
            return json!({ "error": "the keys cannot be read" });
        };
        match measure(&verifier, &self.grants, self.milliseconds) {
            Ok((count, elapsed)) => json!({ "count": count, "seconds": elapsed.as_secs_f64() }),
            Err(refusal) => json!({ "refused": refusal.cause().unwrap_or(refusal.message()) }),
        }
    }
}

/// Verifies the grants in turn for a time.
fn measure(
    verifier: &IdTokenVerifier,
    grants: &[Grant],
    milliseconds: u64,
) -> kavachos::Result<(u64, Duration)> {
    // All of them once, so that what comes first does not count.
    for grant in grants {
        grant.verify(verifier)?;
    }
    let time = Duration::from_millis(milliseconds);
    let start = Instant::now();
    let mut count = 0;
    for grant in grants.iter().cycle() {
        grant.verify(verifier)?;
        count += 1;
        if start.elapsed() >= time {
            break;
        }
    }
    Ok((count, start.elapsed()))
}

impl Grant {
    /// The same answer is not enough: one user for all would be fast as well.
    fn verify(&self, verifier: &IdTokenVerifier) -> kavachos::Result<()> {
        let claims = verifier.verify(&self.nonce, &self.access_token, &self.id_token)?;
        assert_eq!(
            claims["sub"], self.subject,
            "the claims are those of the user"
        );
        Ok(())
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}
