//! A restore that a crash cut short between its two records.

use borealis_base::Id26;

use super::world::World;
use crate::cluster::{Cluster, Home, Phase};

#[test]
fn what_was_in_its_place_is_a_cluster_and_what_was_not_is_gone() {
    let mut world = World::new(|_, _| None);
    let (there, not_there) = (Id26([1; 16]), Id26([2; 16]));
    let home = Home { account: "123456789012".to_owned(), region: "us-east-1".to_owned() };
    let registry = world.service.as_ref().expect("runs").inner.registry.clone();
    for id in [there, not_there] {
        registry.write().put(Cluster { phase: Phase::Restoring, ..Cluster::new(id, home.clone(), 0) }).expect("recorded");
    }
    drop(registry);
    world.hosting.0.lock().expect("no panic").storage.insert(there, there);
    assert_eq!(world.send("GET", &format!("/cluster/{not_there}"), "").body["status"], "CREATING");
    world.restart();
    world.settle();
    assert_eq!(world.send("GET", &format!("/cluster/{there}"), "").body["status"], "ACTIVE");
    assert_eq!(world.send("GET", &format!("/cluster/{not_there}"), "").status, 404);
    assert!(!world.hosting.0.lock().expect("no panic").storage.contains_key(&not_there), "no empty cluster is made in its place");
}
