use super::*;

fn values(list: &[&str]) -> Vec<String> {
    list.iter().map(|&value| value.to_owned()).collect()
}

#[test]
fn rows_are_ordered_and_unique() {
    let names: Vec<String> = PARAMETERS.iter().map(|parameter| parameter.name.to_ascii_lowercase()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(names, sorted);
    assert!(REPORTED.iter().all(|name| find(name).is_some()));
}

#[test]
fn only_the_allow_list_may_be_set() {
    let mut parameters = Parameters::default();
    for name in ["statement_timeout", "work_mem", "default_transaction_isolation", "my.custom", "server_version"] {
        let error = parameters.set(name, Some(&values(&["1"])), false).expect_err(name);
        assert_eq!(error.sqlstate(), SqlState::FEATURE_NOT_SUPPORTED);
        assert_eq!(error.message(), format!("setting configuration parameter \"{name}\" not supported"));
    }
    assert_eq!(parameters.show("lc_collate").expect_err("unknown").sqlstate(), SqlState::UNDEFINED_OBJECT);
}

#[test]
fn local_values_end_with_the_transaction_and_rollback_restores() {
    let mut parameters = Parameters::default();
    parameters.set("timezone", Some(&values(&["Asia/Tokyo"])), true).expect("set");
    assert_eq!(parameters.show("TimeZone").expect("show").1, "Asia/Tokyo");
    parameters.end(true);
    assert_eq!(parameters.show("TimeZone").expect("show").1, "UTC");
    parameters.set("search_path", Some(&values(&["a", "B c"])), false).expect("set");
    assert_eq!(parameters.show("search_path").expect("show").1, "a, \"B c\"");
    parameters.end(false);
    assert_eq!(parameters.show("search_path").expect("show").1, "\"$user\", public");
}

#[test]
fn values_are_checked_and_normalised() {
    let mut parameters = Parameters::default();
    parameters.set("datestyle", Some(&values(&["german"])), false).expect("set");
    assert_eq!(parameters.show("datestyle").expect("show"), ("DateStyle", "German, DMY".to_owned()));
    parameters.set("enable_hashjoin", Some(&values(&["f"])), false).expect("set");
    assert!(!parameters.is_on("enable_hashjoin"));
    let error = parameters.set("timezone", Some(&values(&["Mars/Olympus"])), false).expect_err("no such zone");
    assert_eq!(error.message(), "invalid value for parameter \"TimeZone\": \"Mars/Olympus\"");
    let error = parameters.set("extra_float_digits", Some(&values(&["4"])), false).expect_err("out of range");
    assert_eq!(error.message(), "4 is outside the valid range for parameter \"extra_float_digits\" (-15 .. 3)");
    parameters.set_at_start("search_path", "app, \"X\"\"y\"").expect("set");
    assert_eq!(parameters.search_path(), ["app", "X\"y"]);
}
