//! Runs a script and compares what comes with what it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use borealis_auth::IdentityPolicy;
use borealis_base::Id26;
use regex::Regex;

use super::hosting::Mood;
use super::world::{Answer, World, caller};

/// Runs the script at a path.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut run = Run::new();
    let mut came = String::new();
    let mut after_comment = true;
    for line in text.lines() {
        let command = line.strip_prefix("> ");
        if command.is_none() && !line.starts_with('#') {
            continue;
        }
        if !after_comment {
            came.push('\n');
        }
        let _ = writeln!(came, "{line}");
        came.push_str(&command.map(|command| run.command(command)).unwrap_or_default());
        after_comment = command.is_none();
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &came).map_err(|error| error.to_string())?;
    }
    if came == text { Ok(()) } else { Err(format!("{}:\n{}", path.display(), first_difference(&text, &came))) }
}

fn first_difference(wanted: &str, came: &str) -> String {
    let place = wanted.lines().zip(came.lines()).position(|(wanted, came)| wanted != came);
    let place = place.unwrap_or_else(|| wanted.lines().count().min(came.lines().count()));
    let part = |text: &str| text.lines().skip(place.saturating_sub(3)).take(12).collect::<Vec<_>>().join("\n");
    format!("from line {}: wanted\n{}\n--- came\n{}", place + 1, part(wanted), part(came))
}

struct Run {
    world: World,
    ids: Vec<String>,
    pages: Vec<String>,
    id: Regex,
}

impl Run {
    fn new() -> Self {
        Self { world: World::new(|_, _| None), ids: Vec::new(), pages: Vec::new(), id: Regex::new(r"\b[a-z2-7]{26}\b").expect("a pattern") }
    }

    fn command(&mut self, command: &str) -> String {
        let command = self.resolve(command);
        let (verb, rest) = command.split_once(' ').unwrap_or((&command, ""));
        match verb {
            "settle" => self.world.settle(),
            "advance" => self.world.advance(rest.parse().expect("seconds")),
            "restart" => self.world.restart(),
            "region" => self.world.caller.region = rest.to_owned(),
            "account" => self.become_caller(rest),
            "hosting" => self.hosting(rest),
            "open" => drop(self.shelf().open.insert(parse(rest))),
            "rest" => drop(self.shelf().open.remove(&parse(rest))),
            "wake" => self.world.service.as_ref().expect("runs").inner.steward.wake(parse(rest)),
            "storage" => return self.storage(),
            method => {
                let (target, body) = rest.split_once(' ').unwrap_or((rest, ""));
                let answer = self.world.send(method, target, body);
                return self.show(&answer);
            }
        }
        String::new()
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, super::hosting::State> {
        self.world.hosting.0.lock().expect("no panic")
    }

    fn become_caller(&mut self, rest: &str) {
        let (account, policy) = rest.split_once(" policy ").expect("ACCOUNT policy JSON");
        let policy = IdentityPolicy::parse(policy).expect("a policy");
        self.world.caller = caller(account, &self.world.caller.region.clone(), policy);
    }

    fn hosting(&self, mood: &str) {
        self.shelf().mood = match mood {
            "works" => Mood::Works,
            "unavailable" => Mood::Unavailable,
            "refuses" => Mood::Refuses,
            other => panic!("hosting {other}"),
        };
    }

    fn storage(&mut self) -> String {
        let storage: BTreeMap<String, String> =
            self.shelf().storage.iter().map(|(cluster, database)| (cluster.to_string(), database.to_string())).collect();
        let mut lines: Vec<String> =
            storage.into_iter().map(|(cluster, database)| self.name(&format!("{cluster} in the database of {database}"))).collect();
        lines.sort();
        if lines.is_empty() { "none\n".to_owned() } else { lines.join("\n") + "\n" }
    }

    /// A command with identifiers and tokens in the place of their names.
    fn resolve(&self, command: &str) -> String {
        let named = |text: String, (index, id): (usize, &String)| text.replace(&format!("<{}>", index + 1), id);
        let text = self.ids.iter().enumerate().fold(command.to_owned(), named);
        let paged = |text: String, (index, page): (usize, &String)| text.replace(&format!("<page {}>", index + 1), page);
        self.pages.iter().enumerate().fold(text, paged)
    }

    /// A text with names in the place of identifiers.
    fn name(&mut self, text: &str) -> String {
        let ids = &mut self.ids;
        let named = self.id.replace_all(text, |found: &regex::Captures<'_>| {
            let id = &found[0];
            let place = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                ids.push(id.to_owned());
                ids.len() - 1
            });
            format!("<{}>", place + 1)
        });
        named.into_owned()
    }

    fn show(&mut self, answer: &Answer) -> String {
        let mut shown = answer.status.as_str().to_owned();
        if let Some(exception) = &answer.exception {
            let _ = write!(shown, " {exception}");
        }
        shown.push('\n');
        for (member, value) in answer.body.as_object().expect("an object") {
            if member == "nextToken" {
                self.pages.push(value.as_str().expect("a text").to_owned());
                let _ = writeln!(shown, "nextToken: <page {}>", self.pages.len());
            } else if let Some(list) = value.as_array().filter(|list| !list.is_empty()) {
                let _ = writeln!(shown, "{member}:");
                for item in list {
                    let item = self.name(&item.to_string());
                    let _ = writeln!(shown, "- {item}");
                }
            } else {
                let value = self.name(&value.to_string());
                let _ = writeln!(shown, "{member}: {value}");
            }
        }
        shown
    }
}

fn parse(id: &str) -> Id26 {
    id.parse().expect("an identifier")
}
