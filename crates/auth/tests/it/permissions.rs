//! Who may do what: principals' own policies, clusters' policies, and both together.

use std::sync::Arc;

use borealis_auth::{Arn, AuthError, Context, Denial, IdentityPolicy, Principal, ResourcePolicy};

const CLUSTER: &str = "arn:aws:dsql:us-east-1:000000000000:cluster/abcdefghijklmnopqrstuvwxyz";
const OTHER: &str = "arn:aws:dsql:us-east-1:000000000000:cluster/zzzzzzzzzzzzzzzzzzzzzzzzzz";

fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

fn principal(name: &str, session: Option<&str>, permissions: IdentityPolicy) -> Principal {
    Principal {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        arn: arn(&format!("arn:aws:iam::000000000000:{name}")),
        session_name: session.map(str::to_owned),
        region: "us-east-1".to_owned(),
        permissions: Arc::new(permissions),
    }
}

fn policy(statements: &str) -> ResourcePolicy {
    ResourcePolicy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).expect("a policy")
}

fn denial(principal: &Principal, action: &str, resource: &str, policy: Option<&ResourcePolicy>) -> Option<Denial> {
    match principal.authorize(action, &arn(resource), policy, &Context::new()) {
        Ok(()) => None,
        Err(AuthError::NotAuthorized { denial, .. }) => Some(denial),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn actions_and_resources_with_wildcards() {
    let own = IdentityPolicy::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":["dsql:Get*","dsql:dbconnect"],"Resource":"arn:aws:dsql:*:*:cluster/abc*"}},
            {{"Effect":"Allow","Action":"dsql:ListClusters","Resource":"*"}},
            {{"Effect":"Deny","NotAction":["dsql:DbConnect","dsql:List*"],"Resource":"{CLUSTER}"}}]}}"#
    ));
    let user = principal("user/app", None, own.expect("a policy"));
    for (action, resource, expected) in [
        ("dsql:DbConnect", CLUSTER, None),
        ("dsql:ListClusters", OTHER, None),
        ("dsql:GetCluster", CLUSTER, Some(Denial::Identity)),
        ("dsql:DbConnect", OTHER, Some(Denial::NoIdentityAllowance)),
        ("dsql:DbConnectAdmin", OTHER, Some(Denial::NoIdentityAllowance)),
    ] {
        assert_eq!(denial(&user, action, resource, None), expected, "{action} {resource}");
    }
}

#[test]
fn a_refusal_says_who_what_where_and_why() {
    let user = principal("user/app", None, IdentityPolicy::default());
    let refusal = user.authorize("dsql:DbConnectAdmin", &arn(CLUSTER), None, &Context::new()).expect_err("a refusal");
    assert_eq!(
        refusal.hint(),
        format!(
            "User: arn:aws:iam::000000000000:user/app is not authorized to perform: dsql:DbConnectAdmin on resource: {CLUSTER} \
             because no identity-based policy allows the dsql:DbConnectAdmin action"
        )
    );
    let session = principal("role/path/app", Some("s1"), IdentityPolicy::default());
    let refusal = session.authorize("dsql:GetCluster", &arn(CLUSTER), None, &Context::new()).expect_err("a refusal");
    let (name, message) = refusal.exception();
    assert_eq!(name, "AccessDeniedException");
    assert!(
        message.starts_with("User: arn:aws:sts::000000000000:assumed-role/app/s1 is not authorized to perform: dsql:GetCluster on"),
        "{message}"
    );
}

#[test]
fn a_denial_of_the_cluster_beats_every_allowance() {
    let user = principal("user/app", None, IdentityPolicy::allowing(["dsql:*"]));
    let denying = policy(r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["dsql:DbConnect","dsql:DbConnectAdmin"],"Resource":"*"}"#);
    assert_eq!(denial(&user, "dsql:DbConnect", CLUSTER, Some(&denying)), Some(Denial::Resource));
    assert_eq!(denial(&user, "dsql:GetCluster", CLUSTER, Some(&denying)), None);
    let refusal = user.authorize("dsql:DbConnect", &arn(CLUSTER), Some(&denying), &Context::new()).expect_err("a refusal");
    assert_eq!(refusal.hint(), "User: arn:aws:iam::000000000000:user/app is not authorized to access this resource");
    assert!(refusal.exception().1.ends_with("with an explicit deny in a resource-based policy"));
}

#[test]
fn a_cluster_may_let_in_principals_of_its_account() {
    let nobody = || IdentityPolicy::default();
    let allowing =
        |who: &str| policy(&format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"dsql:DbConnect","Resource":"*"}}"#));
    let role = allowing("arn:aws:iam::000000000000:role/app");
    assert_eq!(denial(&principal("role/app", Some("s"), nobody()), "dsql:DbConnect", CLUSTER, Some(&role)), None);
    assert_eq!(
        denial(&principal("role/app", Some("s"), nobody()), "dsql:GetCluster", CLUSTER, Some(&role)),
        Some(Denial::NoIdentityAllowance)
    );
    assert_eq!(denial(&principal("user/app", None, nobody()), "dsql:DbConnect", CLUSTER, Some(&role)), Some(Denial::NoIdentityAllowance));
    let session = allowing("arn:aws:sts::000000000000:assumed-role/app/s");
    assert_eq!(denial(&principal("role/app", Some("s"), nobody()), "dsql:DbConnect", CLUSTER, Some(&session)), None);
    assert_eq!(
        denial(&principal("role/app", Some("t"), nobody()), "dsql:DbConnect", CLUSTER, Some(&session)),
        Some(Denial::NoIdentityAllowance)
    );
    // The account stands for what its administrators allow: by itself it lets nobody in.
    let account = allowing("000000000000");
    assert_eq!(
        denial(&principal("user/app", None, nobody()), "dsql:DbConnect", CLUSTER, Some(&account)),
        Some(Denial::NoIdentityAllowance)
    );
}

#[test]
fn another_account_needs_both_policies() {
    let mut stranger = principal("user/app", None, IdentityPolicy::allowing(["dsql:*"]));
    stranger.arn.account = "111111111111".to_owned();
    assert_eq!(denial(&stranger, "dsql:DbConnect", CLUSTER, None), Some(Denial::NoResourceAllowance));
    let letting =
        policy(r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/app"},"Action":"dsql:DbConnect","Resource":"*"}"#);
    assert_eq!(denial(&stranger, "dsql:DbConnect", CLUSTER, Some(&letting)), None);
    assert_eq!(letting.foreign_principal("000000000000").as_deref(), Some("arn:aws:iam::111111111111:user/app"));
    assert_eq!(letting.foreign_principal("111111111111"), None);
}

#[test]
fn conditions_see_the_caller_and_the_request() {
    let user = principal("user/app", None, IdentityPolicy::allowing(["dsql:*"]));
    let outside = policy(
        r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"dsql:DbConnect","Resource":"*","Condition":{"Null":{"aws:SourceVpc":"true"},
            "StringNotEquals":{"aws:PrincipalArn":["arn:aws:iam::000000000000:role/exception"]}}}"#,
    );
    let from = |context: &Context| user.authorize("dsql:DbConnect", &arn(CLUSTER), Some(&outside), context).is_ok();
    assert!(!from(&Context::new()));
    assert!(from(&Context::new().with("AWS:sourcevpc", "vpc-1")));
    let exception = principal("role/exception", Some("s"), IdentityPolicy::allowing(["dsql:*"]));
    assert!(exception.authorize("dsql:DbConnect", &arn(CLUSTER), Some(&outside), &Context::new()).is_ok());
}

#[test]
fn what_is_public() {
    let allowing = |principal: &str, condition: &str| {
        policy(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"dsql:*","Resource":"*","Condition":{condition}}}"#))
            .is_public()
    };
    assert!(allowing(r#""*""#, "{}"));
    assert!(allowing(r#"{"AWS":["arn:aws:iam::000000000000:user/a","*"]}"#, "{}"));
    assert!(allowing(r#""*""#, r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#));
    assert!(allowing(r#""*""#, r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#));
    assert!(allowing(r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#));
    assert!(!allowing(r#""*""#, r#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#));
    assert!(!allowing(r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#));
    assert!(!allowing(r#"{"AWS":"arn:aws:iam::000000000000:user/a"}"#, "{}"));
    assert!(!policy(r#"{"Effect":"Deny","Principal":"*","Action":"dsql:*","Resource":"*"}"#).is_public());
}
