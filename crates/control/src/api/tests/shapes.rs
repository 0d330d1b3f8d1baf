//! Paths and shapes are the model's: `model.json` is what botocore says, written by `make_model.py`.

use axum::http::Method;
use serde_json::Value;

use crate::api::route::route;
use crate::api::shape::SHAPES;

fn model() -> Value {
    serde_json::from_str(include_str!("model.json")).expect("JSON")
}

#[test]
fn every_operation_has_its_path() {
    let model = model();
    let operations = model["operations"].as_object().expect("an object");
    assert_eq!(operations.len(), 16);
    for (name, http) in operations {
        let method: Method = http[0].as_str().expect("a text").parse().expect("a method");
        let path = http[1].as_str().expect("a text");
        let labels: Vec<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let (operation, found) = route(&method, &path.replace(['{', '}'], "")).expect(name);
        assert_eq!((operation.name(), found), (name.as_str(), labels.iter().map(|label| (*label).to_owned()).collect()));
    }
}

#[test]
fn every_shape_is_the_models() {
    let model = model();
    for shape in SHAPES {
        let of_model = &model["shapes"][shape.name];
        assert!(of_model.is_object(), "{}", shape.name);
        assert_eq!(of_model["min"].as_u64().unwrap_or_default(), shape.min as u64, "{}", shape.name);
        assert_eq!(of_model["max"].as_u64().unwrap_or(u64::MAX), shape.max as u64, "{}", shape.name);
        assert_eq!(of_model["pattern"].as_str().unwrap_or_default(), shape.pattern, "{}", shape.name);
    }
}
