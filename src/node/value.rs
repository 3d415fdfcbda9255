//! JavaScript values as plain ones.

use std::time::Duration;

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};
use napi::{JsString, ValueType};
use serde_json::{Map, Number, Value};

use crate::error::{Code, Error, Result};

/// A JavaScript value as JSON has it; `undefined` is `null`. What JSON has no word for is refused by its path.
pub(super) fn plain(value: &Unknown<'_>, path: &str) -> napi::Result<Result<Value>> {
    plain_except(value, path, &[])
}

/// The same, without the properties of those names.
pub(super) fn plain_except(
    value: &Unknown<'_>,
    path: &str,
    except: &[&str],
) -> napi::Result<Result<Value>> {
    convert(value, path, except, false, 0)
}

/// The same where functions are told apart by their names alone: one that has no place there is found by its name, like
/// any other member.
pub(super) fn plain_of_description(
    value: &Unknown<'_>,
    path: &str,
    except: &[&str],
) -> napi::Result<Result<Value>> {
    convert(value, path, except, true, 0)
}

/// Text, for a parameter of that name. Not every database can be asked for a NUL.
pub(super) fn text(value: &Unknown<'_>, name: &str) -> napi::Result<Result<String>> {
    if value.get_type()? != ValueType::String {
        return Ok(Err(argument(name, "must be a string")));
    }
    let text = utf8(&value.coerce_to_string()?)?;
    Ok(if text.contains('\0') {
        Err(argument(name, "must not hold a NUL character"))
    } else {
        Ok(text)
    })
}

/// Text, or nothing.
pub(super) fn optional_text(
    value: &Unknown<'_>,
    name: &str,
) -> napi::Result<Result<Option<String>>> {
    match value.get_type()? {
        ValueType::Undefined | ValueType::Null => Ok(Ok(None)),
        _ => Ok(text(value, name)?.map(Some)),
    }
}

/// A span in seconds, or nothing.
pub(super) fn optional_seconds(
    value: &Unknown<'_>,
    name: &str,
) -> napi::Result<Result<Option<Duration>>> {
    let number = match value.get_type()? {
        ValueType::Undefined | ValueType::Null => return Ok(Ok(None)),
        ValueType::Number => value.coerce_to_number()?.get_double()?,
        _ => f64::NAN,
    };
    Ok(Duration::try_from_secs_f64(number)
        .map(Some)
        .map_err(|_| argument(name, "must be a number of seconds, not below zero")))
}

/// What is wrong with a parameter of that name.
pub(super) fn argument(name: &str, remedy: &str) -> Error {
    Error::with(Code::ArgumentInvalid, format!("`{name}` {remedy}"))
}

/// An object's own property of that name, if it is set. What a polluted prototype adds is no option.
pub(super) fn property<'env>(
    object: &Object<'env>,
    name: &str,
) -> napi::Result<Option<Unknown<'env>>> {
    if !object.has_own_property(name)? {
        return Ok(None);
    }
    let value: Unknown<'env> = object.get_named_property_unchecked(name)?;
    let is_set = !matches!(value.get_type()?, ValueType::Undefined | ValueType::Null);
    Ok(is_set.then_some(value))
}

const MAX_DEPTH: usize = 16;

fn convert(
    value: &Unknown<'_>,
    path: &str,
    except: &[&str],
    is_description: bool,
    depth: usize,
) -> napi::Result<Result<Value>> {
    let refuse = |what: &str| Ok(Err(Error::config(shown(path), what)));
    Ok(Ok(match value.get_type()? {
        ValueType::Undefined | ValueType::Null => Value::Null,
        ValueType::Boolean => Value::Bool(value.coerce_to_bool()?),
        ValueType::Number => {
            let number = value.coerce_to_number()?.get_double()?;
            match Number::from_f64(number) {
                // JSON tells 60 from 60.0, JavaScript does not.
                Some(_) if number.fract() == 0.0 && number.abs() < 9e15 => {
                    Value::from(number as i64)
                }
                Some(number) => Value::Number(number),
                None => return refuse("must be a finite number"),
            }
        }
        ValueType::String => Value::String(utf8(&value.coerce_to_string()?)?),
        ValueType::Object => {
            if depth == MAX_DEPTH {
                return refuse("is nested too deeply, or refers to itself");
            }
            let object = value.coerce_to_object()?;
            if value.is_array()? {
                let mut items = Vec::new();
                for at in 0..object.get_array_length()? {
                    let item = object.get_element(at)?;
                    match convert(&item, &format!("{path}[{at}]"), &[], false, depth + 1)? {
                        Ok(item) => items.push(item),
                        Err(error) => return Ok(Err(error)),
                    }
                }
                Value::Array(items)
            } else {
                let mut map = Map::new();
                for name in Object::keys(&object)? {
                    if except.contains(&name.as_str()) {
                        continue;
                    }
                    if name.contains('\0') {
                        return refuse("has a name with a NUL character");
                    }
                    let member = match property(&object, &name)? {
                        Some(member) => {
                            convert(&member, &join(path, &name), &[], is_description, depth + 1)?
                        }
                        None if object.has_own_property(&name)? => Ok(Value::Null),
                        None => continue,
                    };
                    match member {
                        Ok(member) => map.insert(name, member),
                        Err(error) => return Ok(Err(error)),
                    };
                }
                Value::Object(map)
            }
        }
        // A number, which no option of a provider is: so it is refused by name, or else by kind.
        ValueType::Function if is_description => Value::from(0),
        ValueType::Function => return refuse("is a function, which has no place here"),
        _ => return refuse("must be a string, a number, a boolean, an array or an object"),
    }))
}

fn utf8(text: &JsString<'_>) -> napi::Result<String> {
    text.into_utf8()?.into_owned()
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "options" } else { path }
}
