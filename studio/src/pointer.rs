//! Reads and changes JSON at a JSON Pointer (RFC 6901).

use serde_json::Value;

/// The length of the list at a place.
#[must_use]
pub fn count(value: &Value, at: &str) -> usize {
    value.pointer(at).and_then(Value::as_array).map_or(0, Vec::len)
}

/// The value with a new value at a place. A missing place is not created, except for the last key in an
/// object.
#[must_use]
pub fn with(value: &Value, at: &str, new: Value) -> Value {
    let mut value = value.clone();
    if let Some(place) = value.pointer_mut(at) {
        *place = new;
    } else if let Some((parent, name)) = at.rsplit_once('/')
        && let Some(Value::Object(parent)) = value.pointer_mut(parent)
    {
        parent.insert(name.replace("~1", "/").replace("~0", "~"), new);
    }
    value
}

/// The value with an item appended to the list at a place.
#[must_use]
pub fn appended(value: &Value, at: &str, new: Value) -> Value {
    changed(value, at, |list| list.push(new))
}

/// The value without an item of the list at a place.
#[must_use]
pub fn without(value: &Value, at: &str, item: usize) -> Value {
    changed(value, at, |list| {
        if item < list.len() {
            list.remove(item);
        }
    })
}

/// The value with an item of the list at a place swapped with the previous one.
#[must_use]
pub fn moved_up(value: &Value, at: &str, item: usize) -> Value {
    changed(value, at, |list| {
        if item > 0 && item < list.len() {
            list.swap(item - 1, item);
        }
    })
}

fn changed(value: &Value, at: &str, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    let mut value = value.clone();
    if let Some(Value::Array(list)) = value.pointer_mut(at) {
        change(list);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_place_is_changed() {
        let value = json!({"a": [{"b": "x"}, {"b": "y"}], "c": true});
        assert_eq!(count(&value, "/a"), 2);
        assert_eq!(
            with(&value, "/a/0/b", json!(null)),
            json!({"a": [{"b": null}, {"b": "y"}], "c": true})
        );
        assert_eq!(with(&value, "/d", json!(1))["d"], 1);
        assert_eq!(with(&value, "/x/y", json!(1)), value, "there is no such place");
        assert_eq!(appended(&value, "/a", json!(3))["a"][2], 3);
        assert_eq!(without(&value, "/a", 0)["a"], json!([{"b": "y"}]));
        assert_eq!(moved_up(&value, "/a", 1)["a"], json!([{"b": "y"}, {"b": "x"}]));
        assert_eq!(moved_up(&value, "/a", 0), value);
        assert_eq!(without(&value, "/a", 9), value);
    }
}
