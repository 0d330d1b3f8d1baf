use std::sync::Arc;

use super::*;
use crate::fixture::{APP_ROLE, catalog};
use crate::snapshot::ADMIN_ROLE;
use crate::{Change, Membership, Role};

const READER: Oid = Oid(20_301);
const OTHER: Oid = Oid(20_302);

/// The fixture's catalog with two roles more: reader, and other, who is a member of reader.
fn roles() -> Catalog {
    let role = |oid, name: &str, member_of| {
        Change::PutRole(Arc::new(Role {
            oid,
            name: name.to_owned(),
            login: true,
            create_role: false,
            member_of,
            iam_arns: Vec::new(),
            comment: None,
        }))
    };
    let membership = Membership { oid: Oid(20_303), role: READER, grantor: ADMIN_ROLE, admin: false, inherit: true, set: true };
    catalog().apply(&[role(READER, "reader", Vec::new()), role(OTHER, "Other one", vec![membership])], 8)
}

fn item(grantor: Oid, grantee: Oid, text: &str) -> AclItem {
    let (rights, grantable) = read_letters(text).expect("letters of rights");
    AclItem { grantee, grantor, rights, grantable }
}

fn shown(catalog: &Catalog, items: &[AclItem]) -> String {
    items.iter().map(|item| text(catalog, item)).collect::<Vec<_>>().join(" ")
}

fn editor(catalog: &Catalog) -> Editor<'_> {
    Editor::new(catalog, ADMIN_ROLE, defaults(Class::Table, ADMIN_ROLE))
}

#[test]
fn letters_read_back() {
    for text in ["", "arwdDxt", "ar*w", "X", "UC", "CTc", "U*"] {
        let (rights, grantable) = read_letters(text).expect("letters of rights");
        assert_eq!(letters(rights, grantable), text);
    }
    assert_eq!(read_letters("q"), None);
    for right in Class::Table.all().each().chain(Class::Database.all().each()) {
        assert_eq!(Rights::named(&right.word().to_lowercase()), Some(right));
    }
}

#[test]
fn grants_of_one_grantor_are_one_entry() {
    let catalog = roles();
    let mut list = editor(&catalog);
    list.grant(item(ADMIN_ROLE, READER, "r")).expect("granted");
    list.grant(item(ADMIN_ROLE, READER, "w*")).expect("granted");
    list.grant(item(ADMIN_ROLE, PUBLIC, "r")).expect("granted");
    list.grant(item(READER, OTHER, "w")).expect("granted");
    assert_eq!(shown(&catalog, &list.items), "admin=arwdDxt/admin reader=rw*/admin =r/admin \"Other one\"=w/reader");
}

#[test]
fn what_was_handed_on_goes_with_its_grant_option() {
    let catalog = roles();
    let mut list = editor(&catalog);
    list.grant(item(ADMIN_ROLE, READER, "r*")).expect("granted");
    list.grant(item(READER, APP_ROLE, "r*")).expect("granted");
    list.grant(item(APP_ROLE, OTHER, "r")).expect("granted");
    let refused = list.revoke(item(ADMIN_ROLE, READER, "r*"), Behavior::Restrict).expect_err("something was handed on");
    assert_eq!(refused.to_string(), "2BP01: dependent privileges exist");
    let mut list = Editor::new(&catalog, ADMIN_ROLE, list.finish());
    list.grant(item(ADMIN_ROLE, READER, "r*")).expect("granted");
    list.revoke(item(ADMIN_ROLE, READER, "r*"), Behavior::Cascade).expect("revoked");
    assert_eq!(shown(&catalog, &list.items), "admin=arwdDxt/admin");
}

#[test]
fn revoking_the_grant_option_leaves_the_right() {
    let catalog = roles();
    let mut list = editor(&catalog);
    list.grant(item(ADMIN_ROLE, READER, "r*")).expect("granted");
    list.revoke(AclItem { rights: Rights::NONE, ..item(ADMIN_ROLE, READER, "r*") }, Behavior::Restrict).expect("revoked");
    assert_eq!(shown(&catalog, &list.items), "admin=arwdDxt/admin reader=r/admin");
}

#[test]
fn a_grant_option_does_not_come_back_to_its_grantor() {
    let catalog = roles();
    let mut list = editor(&catalog);
    list.grant(item(ADMIN_ROLE, READER, "r*")).expect("granted");
    list.grant(item(READER, APP_ROLE, "r*")).expect("granted");
    let refused = list.grant(item(APP_ROLE, READER, "r*")).expect_err("a circle");
    assert_eq!(refused.to_string(), "0LP01: grant options cannot be granted back to your own grantor");
}

#[test]
fn the_best_grantor_is_the_owner_or_who_can_hand_on_most() {
    let catalog = roles();
    let items = vec![item(ADMIN_ROLE, READER, "r*w*"), item(ADMIN_ROLE, OTHER, "r*")];
    let standing = |role| Standing::of(&catalog, role);
    let wanted = Rights::SELECT | Rights::UPDATE;
    assert_eq!(best_grantor(&items, ADMIN_ROLE, &standing(ADMIN_ROLE), wanted), (ADMIN_ROLE, wanted));
    assert_eq!(best_grantor(&items, ADMIN_ROLE, &standing(OTHER), wanted), (READER, wanted));
    assert_eq!(best_grantor(&items, ADMIN_ROLE, &standing(OTHER), Rights::SELECT), (OTHER, Rights::SELECT));
    assert_eq!(best_grantor(&items, ADMIN_ROLE, &standing(APP_ROLE), wanted), (APP_ROLE, Rights::NONE));
}

#[test]
fn a_list_follows_its_object_to_another_owner() {
    let catalog = roles();
    let mut list = editor(&catalog);
    list.grant(item(ADMIN_ROLE, READER, "r")).expect("granted");
    let moved = Acl::of(list.finish()).with_owner(ADMIN_ROLE, READER);
    assert_eq!(shown(&catalog, moved.items().unwrap_or_default()), "reader=arwdDxt/reader");
    assert_eq!(Acl::default().with_owner(ADMIN_ROLE, READER), Acl::default());
}

#[test]
fn lists_are_kept_with_their_grantors() {
    let acl = Acl::of(vec![item(ADMIN_ROLE, READER, "ar*"), item(READER, PUBLIC, "r")]);
    let stored = serde_json::to_string(&acl).expect("JSON");
    assert_eq!(stored, r#"{"items":[[20301,"ar*",15579],[0,"r",20301]]}"#);
    assert_eq!(serde_json::from_str::<Acl>(&stored).expect("reads back"), acl);
    for acl in [Acl::default(), Acl::of(Vec::new())] {
        let stored = serde_json::to_string(&acl).expect("JSON");
        assert_eq!(serde_json::from_str::<Acl>(&stored).expect("reads back"), acl, "{stored}");
    }
}

#[test]
fn lists_of_an_earlier_release_are_the_owners_grants() {
    let catalog = roles();
    let mut acl: Acl = serde_json::from_str(r#"[[20301,"ra*"]]"#).expect("an earlier release wrote this");
    acl.settle(Class::Table, ADMIN_ROLE);
    assert_eq!(shown(&catalog, acl.items().unwrap_or_default()), "admin=arwdDxt/admin reader=a*r/admin");
    assert_eq!(serde_json::from_str::<Acl>("[]").expect("an earlier release wrote this"), Acl::default());
    let role = r#"{"oid":1,"name":"r","login":true,"create_role":false,"member_of":[20301]}"#;
    let role: Role = serde_json::from_str(role).expect("an earlier release wrote this");
    let expected = Membership { oid: Oid::INVALID, role: READER, grantor: ADMIN_ROLE, admin: false, inherit: true, set: true };
    assert_eq!(role.member_of, vec![expected]);
}
