//! `borealis cluster` against a control plane that checks its requests.

use std::process::Output;

use serde_json::{Value, json};

use crate::control_plane::{Answer, ControlPlane, ID, REGION, Request, arn, cluster};
use crate::server::{Server, borealis, run, stderr, stdout};

const OTHER: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbb";

fn call(plane: &ControlPlane, arguments: &[&str]) -> Output {
    run(borealis(plane.data()).arg("cluster").args(arguments), "")
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("not JSON: {}{}", stdout(output), stderr(output)))
}

fn not_found() -> Answer {
    (404, "ResourceNotFoundException", json!({ "message": "Cluster not found", "resourceId": ID, "resourceType": "cluster" }))
}

#[test]
fn create_sends_tags_and_waits_until_active() {
    let mut looks = 0;
    let plane = ControlPlane::start(move |request| match request.method.as_str() {
        "POST" => (200, "", cluster(ID, "CREATING")),
        _ => {
            looks += 1;
            (200, "", cluster(ID, if looks < 3 { "CREATING" } else { "ACTIVE" }))
        }
    });
    let output =
        call(&plane, &["create", "--tags", "env=dev,a=b=c", "--created-by", "me", "--deletion-protection", "off", "--wait", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let view = json_of(&output);
    assert_eq!((view["status"].as_str(), view["identifier"].as_str()), (Some("ACTIVE"), Some(ID)));
    assert_eq!(view["creationTime"], "2026-01-01T00:00:00Z");
    let received = plane.received();
    assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("POST", "/cluster"));
    assert_eq!(received[0].body["tags"], json!({ "env": "dev", "a": "b=c", "created_by": "me" }));
    assert_eq!(received[0].body["deletionProtectionEnabled"], false);
    assert!(received[0].body["clientToken"].is_string(), "the SDK makes a repeated request harmless");
    assert_eq!(received.len(), 4);
    let said = stderr(&output);
    assert!(said.contains(&format!("Creating Aurora DSQL cluster in {REGION}...")), "{said}");
    assert!(said.contains("CREATING") && said.contains(&format!("export CLUSTER={ID}")), "{said}");
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let plane = ControlPlane::start(|_| not_found());
    for arguments in [
        vec!["create", "--created-by", "a b"],
        vec!["create", "--tags", "novalue"],
        vec!["create", "--tags", "a=1,a=2"],
        vec!["info", "../../etc"],
        vec!["delete", ID],
        vec!["update", ID],
        vec!["create", "--peer", "arn:x"],
    ] {
        let output = call(&plane, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(plane.received(), []);
}

#[test]
fn list_follows_pages_and_shows_status_and_endpoint() {
    let plane = ControlPlane::start(|request| match request.path.as_str() {
        "/cluster" => (200, "", json!({ "clusters": [{ "identifier": ID, "arn": arn(ID) }], "nextToken": "more" })),
        "/cluster?next-token=more" => (200, "", json!({ "clusters": [{ "identifier": OTHER, "arn": arn(OTHER) }] })),
        // One that went away in between.
        path if path.ends_with(OTHER) => not_found(),
        _ => (200, "", cluster(ID, "IDLE")),
    });
    let output = call(&plane, &["list"]);
    let endpoint = format!("{ID}.dsql.{REGION}.on.aws");
    let want = format!("IDENTIFIER                  STATUS  {:<48}  CREATED\n{ID}  IDLE    {endpoint}  2026-01-01T00:00:00Z\n", "ENDPOINT");
    assert_eq!(stdout(&output), want, "{}", stderr(&output));
    let listed = json_of(&call(&plane, &["list", "--json"]));
    assert_eq!(listed[0]["endpoint"], endpoint);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[test]
fn delete_is_confirmed_waits_and_explains_protection() {
    let mut gone = false;
    let plane = ControlPlane::start(move |request| match request.method.as_str() {
        "DELETE" => {
            gone = true;
            let mut deleted = cluster(ID, "DELETING");
            deleted.as_object_mut().expect("an object").remove("tags");
            (200, "", deleted)
        }
        _ if gone => not_found(),
        _ => (200, "", cluster(ID, "ACTIVE")),
    });
    let output = call(&plane, &["delete", &arn(ID), "--yes", "--wait"]);
    assert_eq!(stdout(&output), format!("Cluster {ID}: DELETED\n"), "{}", stderr(&output));
    assert!(plane.received()[0].path.starts_with(&format!("/cluster/{ID}?client-token=")), "{:?}", plane.received());

    let protected = ControlPlane::start(|_| {
        (
            400,
            "ValidationException",
            json!({ "message": "Deletion protection is on", "reason": "deletionProtectionEnabled", "fieldList": [] }),
        )
    });
    let refused = call(&protected, &["delete", ID, "--yes"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains("Deletion protection is on") && said.contains("--deletion-protection off"), "{said}");
}

#[test]
fn tags_policy_and_update_call_what_they_say() {
    let plane = ControlPlane::start(|request| match (request.method.as_str(), request.path.as_str()) {
        ("GET", path) if path.ends_with("/policy") => (200, "", json!({ "policy": "{\"Version\":\"2012-10-17\"}", "policyVersion": "3" })),
        (_, path) if path.contains("/policy") => (200, "", json!({ "policyVersion": "4" })),
        (_, path) if path.starts_with("/tags") => (200, "", json!({})),
        _ => (200, "", cluster(ID, "ACTIVE")),
    });
    let policy = plane.data().join("policy.json");
    std::fs::write(&policy, "{\"Version\":\"2012-10-17\"}").expect("written");
    for (arguments, want) in [
        (vec!["tag", ID, "a=b"], "Cluster Identifier:"),
        (vec!["untag", ID, "a", "c"], "Cluster Identifier:"),
        (vec!["policy", "get", ID], "{\n  \"Version\": \"2012-10-17\"\n}\n"),
        (vec!["policy", "put", ID, policy.to_str().expect("UTF-8"), "--expected-version", "3"], "policy version 4\n"),
        (vec!["policy", "delete", ID], "policy version 4\n"),
        (vec!["update", ID, "--deletion-protection", "on"], "Cluster Identifier:"),
    ] {
        let output = call(&plane, &arguments);
        assert!(output.status.success() && stdout(&output).starts_with(want), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    }
    let received = plane.received();
    let find = |method: &str, start: &str| -> Request {
        received.iter().find(|request| request.method == method && request.path.starts_with(start)).expect("sent").clone()
    };
    let encoded = arn(ID).replace(':', "%3A").replace('/', "%2F");
    assert_eq!(find("POST", &format!("/tags/{encoded}")).body, json!({ "tags": { "a": "b" } }));
    assert_eq!(find("DELETE", "/tags/").path, format!("/tags/{encoded}?tagKeys=a&tagKeys=c"));
    let put = find("POST", &format!("/cluster/{ID}/policy")).body;
    assert_eq!((put["policy"].as_str(), put["expectedPolicyVersion"].as_str()), (Some("{\"Version\":\"2012-10-17\"}"), Some("3")));
    assert_eq!(find("POST", &format!("/cluster/{ID}")).body["deletionProtectionEnabled"], Value::Null, "the policy came first");
    assert!(received.iter().any(|request| request.body["deletionProtectionEnabled"] == true));
}

#[test]
fn waiting_ends_with_the_reason() {
    let plane = ControlPlane::start(|_| (200, "", cluster(ID, "FAILED")));
    let output = call(&plane, &["wait", ID]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is FAILED and will not become ACTIVE"), "{}", stderr(&output));
    let slow = ControlPlane::start(|_| (200, "", cluster(ID, "CREATING")));
    let output = call(&slow, &["wait", ID, "--timeout", "1"]);
    assert!(stderr(&output).contains("is still CREATING after 1 seconds"), "{}", stderr(&output));
}

#[test]
fn other_control_planes_are_reached_by_url_with_the_callers_keys() {
    let plane = ControlPlane::start(|_| (200, "", cluster(ID, "ACTIVE")));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut command = borealis(elsewhere.path());
    command.env("AWS_SHARED_CREDENTIALS_FILE", plane.data().join("credentials")).env("AWS_PROFILE", "borealis");
    command.env("AWS_ENDPOINT_URL_DSQL", plane.url()).env("AWS_REGION", REGION);
    let output = run(command.args(["cluster", "info", ID]), "");
    assert!(output.status.success(), "{}", stderr(&output));
    let other_region = run(command.env("AWS_REGION", "us-east-2"), "");
    assert!(stderr(&other_region).contains("the signature is wrong"), "{}", stderr(&other_region));
    let nobody = run(command.env("AWS_ENDPOINT_URL_DSQL", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1"), "");
    assert!(stderr(&nobody).contains("no answer from the control plane at http://127.0.0.1:9"), "{}", stderr(&nobody));
}

#[test]
fn a_cluster_that_waits_for_its_peers_is_waited_for_a_while() {
    let pending = |looks_max: usize| {
        let mut looks = 0;
        let plane = ControlPlane::start(move |_| {
            looks += 1;
            if looks > looks_max { not_found() } else { (200, "", cluster(ID, "PENDING_DELETE")) }
        });
        call(&plane, &["wait", ID, "--until", "gone"])
    };
    let gone = pending(3);
    assert!(gone.status.success() && stderr(&gone).contains("PENDING_DELETE"), "{}", stderr(&gone));
    let stays = pending(usize::MAX);
    assert_eq!(stays.status.code(), Some(1));
    assert!(stderr(&stays).contains("it goes when its peers are deleted too"), "{}", stderr(&stays));
}

#[test]
fn the_local_server_makes_serves_and_deletes_clusters() {
    let server = Server::start();
    let created = server.run(&["cluster", "create", "--tags", "a=b", "--deletion-protection", "off", "--wait", "--json"], "");
    let view = json_of(&created);
    let id = view["identifier"].as_str().expect("an identifier");
    assert_eq!((view["status"].as_str(), view["tags"]["a"].as_str()), (Some("ACTIVE"), Some("b")), "{view}");
    let listed = json_of(&server.run(&["cluster", "list", "--json"], ""));
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "the default cluster and the new one: {listed}");
    for named in [id, view["endpoint"].as_str().expect("an endpoint")] {
        let answer = server.run(&["sql", "--builtin", "--endpoint", named, "-At", "-c", "SELECT 1"], "");
        assert_eq!(stdout(&answer), "1\n", "{named}: {}", stderr(&answer));
    }
    // The real control plane takes no policy without a statement.
    let statement = "[{ Effect: Allow, Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'dsql:*', Resource: '*' }]";
    let template = TEMPLATE.replace("[]", statement);
    let applied = server.run(&["cluster", "apply", "-f", "-"], &template);
    assert!(stdout(&applied).ends_with(": create\n"), "{}", stderr(&applied));
    let again = server.run(&["cluster", "apply", "-f", "-"], &template);
    assert!(stdout(&again).ends_with(": no difference\n"), "{}{}", stdout(&again), stderr(&again));
    let deleted = server.run(&["cluster", "delete", id, "--yes", "--wait"], "");
    assert_eq!(stdout(&deleted), format!("Cluster {id}: DELETED\n"), "{}", stderr(&deleted));
    assert!(server.run(&["doctor"], "").status.success());
}

const TEMPLATE: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Orders:
    Type: AWS::DSQL::Cluster
    DeletionPolicy: Retain
    Properties:
      DeletionProtectionEnabled: true
      Tags:
        - { Key: env, Value: prod }
      PolicyDocument:
        Version: '2012-10-17'
        Statement: []
  Bucket:
    Type: AWS::S3::Bucket
";

/// A control plane with one cluster at most, which remembers what it is told.
fn remembering() -> ControlPlane {
    let mut state: Option<Value> = None;
    let mut policy: Option<String> = None;
    ControlPlane::start(move |request| {
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        match (request.method.as_str(), path.as_str()) {
            ("POST", "/cluster") => {
                let mut made = cluster(ID, "ACTIVE");
                made["tags"] = request.body["tags"].clone();
                made["deletionProtectionEnabled"] = request.body["deletionProtectionEnabled"].clone();
                policy = request.body["policy"].as_str().map(str::to_owned);
                state = Some(made.clone());
                (200, "", made)
            }
            ("GET", "/cluster") => {
                let clusters: Vec<Value> = state.iter().map(|_| json!({ "identifier": ID, "arn": arn(ID) })).collect();
                (200, "", json!({ "clusters": clusters }))
            }
            ("GET", path) if path.ends_with("/policy") => match &policy {
                Some(policy) => (200, "", json!({ "policy": policy, "policyVersion": "1" })),
                None => not_found(),
            },
            ("POST", path) if path.ends_with("/policy") => {
                policy = request.body["policy"].as_str().map(str::to_owned);
                (200, "", json!({ "policyVersion": "2" }))
            }
            ("GET", _) => (200, "", state.clone().expect("a cluster")),
            ("POST", path) if path.starts_with("/tags/") => {
                let tags = request.body["tags"].as_object().expect("tags").clone();
                state.as_mut().expect("a cluster")["tags"].as_object_mut().expect("tags").extend(tags);
                (200, "", json!({}))
            }
            ("DELETE", path) if path.starts_with("/tags/") => {
                let key = request.path.split("tagKeys=").nth(1).expect("a key").to_owned();
                state.as_mut().expect("a cluster")["tags"].as_object_mut().expect("tags").remove(&key);
                (200, "", json!({}))
            }
            ("POST", _) => {
                let state = state.as_mut().expect("a cluster");
                state["deletionProtectionEnabled"] = request.body["deletionProtectionEnabled"].clone();
                (200, "", state.clone())
            }
            other => panic!("unexpected {other:?}"),
        }
    })
}

fn apply(plane: &ControlPlane, text: &str, more: &[&str]) -> Output {
    run(borealis(plane.data()).args(["cluster", "apply", "-f", "-"]).args(more), text)
}

#[test]
fn apply_creates_then_has_nothing_to_do_then_converges() {
    let plane = remembering();
    let dry = apply(&plane, TEMPLATE, &["--dry-run"]);
    assert_eq!(stdout(&dry), "Orders (new): create\n", "{}", stderr(&dry));
    assert!(plane.received().iter().all(|request| request.method == "GET"));
    let created = apply(&plane, TEMPLATE, &[]);
    assert_eq!(stdout(&created), format!("Orders {ID}: create\n"), "{}", stderr(&created));
    let again = apply(&plane, TEMPLATE, &[]);
    assert_eq!(stdout(&again), format!("Orders {ID}: no difference\n"), "{}", stderr(&again));
    let changed =
        TEMPLATE.replace("Enabled: true", "Enabled: 'false'").replace("env, Value: prod", "stage, Value: 1").replace("[]", "[{ Sid: x }]");
    let want = format!(
        "Orders {ID}: deletion protection: on -> off\nOrders {ID}: tag stage: -> 1\nOrders {ID}: tag env: prod -> (removed)\n\
         Orders {ID}: policy: {{\"Version\":\"2012-10-17\",\"Statement\":[]}} -> {{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"x\"}}]}}\n"
    );
    assert_eq!(stdout(&apply(&plane, &changed, &["--dry-run"])), want);
    let applied = apply(&plane, &changed, &[]);
    assert_eq!(stdout(&applied), want, "{}", stderr(&applied));
    assert_eq!(stdout(&apply(&plane, &changed, &[])), format!("Orders {ID}: no difference\n"));
    let resource = json!({ "Type": "AWS::DSQL::Cluster", "Properties": { "DeletionProtectionEnabled": true } }).to_string();
    let by_id = json_of(&apply(&plane, &resource, &["--cluster", ID, "--dry-run", "--json"]));
    assert_eq!(by_id["changes"], json!([{ "change": "deletionProtection", "from": false, "to": true }]));
}

#[test]
fn apply_refuses_what_it_cannot_carry_out() {
    let plane = ControlPlane::start(|_| not_found());
    let with = |property: &str| format!("Type: AWS::DSQL::Cluster\nProperties:\n  {property}\n");
    for (text, want) in [
        (with("KmsEncryptionKey: !Ref Key"), "line 3: KmsEncryptionKey must be a string, not the function !Ref"),
        (with("KmsEncryptionKey: { 'Fn::GetAtt': [Key, Arn] }"), "the function Fn::GetAtt"),
        (with("PolicyDocument: { Statement: [{ Resource: !Sub '${x}' }] }"), "line 3: !Sub can only be resolved by CloudFormation"),
        (with("KmsEncryptionKey: alias/x"), "by alias cannot be compared"),
        (with("DeletionProtection: true"), "unknown property DeletionProtection"),
        (with("DeletionProtectionEnabled: maybe"), "must be true or false"),
        (with("Tags: [{ Key: a }]"), "a tag needs Key and Value"),
        (with("Tags: [{ Key: a, Value: 1 }, { Key: a, Value: 2 }]"), "tag 'a' stands here twice"),
        ("Type: AWS::S3::Bucket\n".to_owned(), "neither a template nor a resource of type AWS::DSQL::Cluster"),
        ("Resources: { A: { Type: 'AWS::S3::Bucket' } }".to_owned(), "no resource of type AWS::DSQL::Cluster"),
        (
            "Resources: { A: { Type: 'AWS::DSQL::Cluster' }, B: { Type: 'AWS::DSQL::Cluster' } }".to_owned(),
            "choose one with --resource: A, B",
        ),
        ("{ \"Type\": 1,".to_owned(), "line 1"),
        ("Type: AWS::DSQL::Cluster\nCondition: IsProd\n".to_owned(), "resource attribute Condition cannot be carried out here"),
        (String::new(), "the file is empty"),
    ] {
        let output = apply(&plane, &text, &[]);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(stderr(&output).contains(want), "{text}\nsaid: {}", stderr(&output));
    }
    assert_eq!(plane.received(), []);
}
