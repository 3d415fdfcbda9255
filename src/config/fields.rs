//! Reading options: every one is known, of the right kind, and named by its path when it is not.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// An object of options, all of whose names are known.
pub(crate) struct Fields<'a> {
    path: String,
    map: Option<&'a Map<String, Value>>,
}

impl<'a> Fields<'a> {
    /// Takes an object, or nothing (`null`), and refuses names that are not among `known`.
    pub fn new(value: &'a Value, path: impl Into<String>, known: &[&str]) -> Result<Self> {
        let path = path.into();
        let map = match value {
            Value::Null => None,
            Value::Object(map) => Some(map),
            _ => return Err(Error::config(&path, "must be an object")),
        };
        let fields = Self { path, map };
        for name in map.into_iter().flat_map(Map::keys) {
            if !known.contains(&name.as_str()) {
                return Err(fields.unknown(name, known));
            }
        }
        Ok(fields)
    }

    /// The path of an option, as messages name it.
    pub fn path(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// What was given, if anything was: `null` and `undefined` count as nothing.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null())
    }

    /// An object within this one.
    pub fn object(&self, name: &str, known: &[&str]) -> Result<Fields<'a>> {
        Fields::new(
            self.value(name).unwrap_or(&Value::Null),
            self.path(name),
            known,
        )
    }

    /// Text that is not blank, if given.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>> {
        self.value(name)
            .map(|value| text(value, &self.path(name)))
            .transpose()
    }

    /// Text that must be there; `hint` says what to write.
    pub fn required_text(&self, name: &str, hint: &str) -> Result<&'a str> {
        match self.value(name) {
            None => Err(Error::config(
                &self.path(name),
                format!("is missing: {hint}"),
            )),
            Some(value) => text(value, &self.path(name)),
        }
    }

    /// A list of texts, if given.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<&'a str>>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let path = self.path(name);
        let items = value
            .as_array()
            .ok_or_else(|| Error::config(&path, "must be an array of strings"))?;
        items
            .iter()
            .enumerate()
            .map(|(at, item)| text(item, &format!("{path}[{at}]")))
            .collect::<Result<_>>()
            .map(Some)
    }

    /// A switch.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        self.value(name).map_or(Ok(default), |value| {
            value
                .as_bool()
                .ok_or_else(|| Error::config(&self.path(name), "must be true or false"))
        })
    }

    /// A whole number between `min` and `max`.
    pub fn number(&self, name: &str, default: u64, min: u64, max: u64) -> Result<u64> {
        let Some(value) = self.value(name) else {
            return Ok(default);
        };
        whole(value)
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| {
                Error::config(
                    &self.path(name),
                    format!("must be a whole number from {min} to {max}"),
                )
            })
    }

    /// A span in whole seconds.
    pub fn seconds(&self, name: &str, default: u64, min: u64) -> Result<Duration> {
        self.number(name, default, min, MAX_SECONDS)
            .map(Duration::from_secs)
    }

    fn unknown(&self, name: &str, known: &[&str]) -> Error {
        let nearest = known
            .iter()
            .map(|candidate| (distance(name, candidate), candidate))
            .min()
            .filter(|(distance, _)| *distance <= 2.max(name.len() / 3));
        let path = self.path(name);
        match nearest {
            Some((_, candidate)) => Error::config(
                &path,
                format!("is not an option; did you mean `{candidate}`?"),
            ),
            None => Error::config(
                &path,
                format!(
                    "is not an option; the options here are {}",
                    known.join(", ")
                ),
            ),
        }
    }
}

/// Text that is not blank.
pub(crate) fn text<'a>(value: &'a Value, path: &str) -> Result<&'a str> {
    match value.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(text),
        Some(_) => Err(Error::config(path, "is empty")),
        None => Err(Error::config(path, "must be a string")),
    }
}

/// Some 100 years: further off, dates leave the range that databases and browsers agree on.
const MAX_SECONDS: u64 = 100 * 365 * 86_400;

/// JavaScript has one kind of number, so `60` may arrive as `60.0`.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
    })
}

fn distance(left: &str, right: &str) -> usize {
    strsim::damerau_levenshtein(&left.to_lowercase(), &right.to_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(options: Value) -> String {
        Fields::new(&options, "", &["baseUrl", "secret"])
            .err()
            .map(|error| error.message().to_owned())
            .unwrap_or_default()
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_known_one() {
        assert_eq!(
            message(json!({ "baseURL": "x" })),
            "`baseURL` is not an option; did you mean `baseUrl`?"
        );
    }

    #[test]
    fn a_name_like_no_other_is_refused_with_the_list() {
        assert_eq!(
            message(json!({ "telemetry": true })),
            "`telemetry` is not an option; the options here are baseUrl, secret"
        );
    }

    #[test]
    fn a_number_from_javascript_may_come_as_a_float() {
        let options = json!({ "secret": 60.0 });
        let fields = Fields::new(&options, "", &["secret"]).unwrap();
        assert_eq!(fields.number("secret", 1, 1, 100).unwrap(), 60);
    }
}
