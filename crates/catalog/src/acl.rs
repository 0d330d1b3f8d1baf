//! Access control lists: who gave whom which rights on an object. After PostgreSQL's `acl.c`.
//!
//! An object has no list of its own until something is granted or revoked; until then the default of its class stands ([`defaults`]). A list holds what
//! each grantor gave each grantee, so that a grant goes with the grant option it was made by: taking that away with CASCADE takes away what was
//! handed on, without it is refused.

use std::borrow::Cow;
use std::fmt;
use std::ops::{BitAnd, BitOr, Not};

use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Catalog;
use crate::privilege::{PUBLIC, Standing};

/// The letters of an aclitem, in the order in which it prints them: a letter's place is the place of its bit.
const LETTERS: &str = "arwdDxtXUCTc";

/// A set of rights.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rights(u16);

#[allow(missing_docs)]
impl Rights {
    pub const NONE: Self = Self(0);
    pub const INSERT: Self = Self(1);
    pub const SELECT: Self = Self(1 << 1);
    pub const UPDATE: Self = Self(1 << 2);
    pub const DELETE: Self = Self(1 << 3);
    pub const TRUNCATE: Self = Self(1 << 4);
    pub const REFERENCES: Self = Self(1 << 5);
    pub const TRIGGER: Self = Self(1 << 6);
    pub const EXECUTE: Self = Self(1 << 7);
    pub const USAGE: Self = Self(1 << 8);
    pub const CREATE: Self = Self(1 << 9);
    pub const TEMPORARY: Self = Self(1 << 10);
    pub const CONNECT: Self = Self(1 << 11);
}

impl Rights {
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are here.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is here.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is here and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// One by one, in an aclitem's order.
    pub fn each(self) -> impl Iterator<Item = Self> {
        (0..LETTERS.len()).map(|place| Self(1 << place)).filter(move |right| self.contains(*right))
    }

    /// The right's key word, of the first one when there are several.
    #[must_use]
    pub fn word(self) -> &'static str {
        const WORDS: [&str; 12] = [
            "INSERT",
            "SELECT",
            "UPDATE",
            "DELETE",
            "TRUNCATE",
            "REFERENCES",
            "TRIGGER",
            "EXECUTE",
            "USAGE",
            "CREATE",
            "TEMPORARY",
            "CONNECT",
        ];
        WORDS.get(self.0.trailing_zeros() as usize).copied().unwrap_or("")
    }

    /// The right that a key word of GRANT names.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let word = if word.eq_ignore_ascii_case("temp") { "TEMPORARY" } else { word };
        (0..LETTERS.len()).map(|place| Self(1 << place)).find(|right| right.word().eq_ignore_ascii_case(word))
    }
}

impl BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Rights {
    type Output = Self;
    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&letters(*self, Self::NONE))
    }
}

/// Letters of rights, each that may be handed on with its `*`.
fn letters(rights: Rights, grantable: Rights) -> String {
    let mut text = String::new();
    for (place, letter) in LETTERS.chars().enumerate() {
        let right = Rights(1 << place);
        if rights.contains(right) {
            text.push(letter);
        }
        if grantable.contains(right) {
            text.push('*');
        }
    }
    text
}

/// The reverse of [`letters`]; `None` for a letter that is none.
fn read_letters(text: &str) -> Option<(Rights, Rights)> {
    let (mut rights, mut grantable, mut last) = (Rights::NONE, Rights::NONE, Rights::NONE);
    for letter in text.chars() {
        if letter == '*' {
            grantable = grantable | last;
            continue;
        }
        last = Rights(1 << LETTERS.find(letter)?);
        rights = rights | last;
    }
    Some((rights, grantable))
}

/// What rights there are on an object depends on what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Class {
    /// A table or a view.
    Table,
    Column,
    Sequence,
    Schema,
    Routine,
    /// A domain or a base type.
    Type,
    Database,
    /// A language or another thing of the system that is open for use.
    Language,
    Tablespace,
}

impl Class {
    /// All rights there are on such an object; the owner has them.
    #[must_use]
    pub fn all(self) -> Rights {
        match self {
            Self::Table => {
                Rights::INSERT | Rights::SELECT | Rights::UPDATE | Rights::DELETE | Rights::TRUNCATE | Rights::REFERENCES | Rights::TRIGGER
            }
            Self::Column => Rights::INSERT | Rights::SELECT | Rights::UPDATE | Rights::REFERENCES,
            Self::Sequence => Rights::USAGE | Rights::SELECT | Rights::UPDATE,
            Self::Schema => Rights::USAGE | Rights::CREATE,
            Self::Routine => Rights::EXECUTE,
            Self::Type | Self::Language => Rights::USAGE,
            Self::Database => Rights::CREATE | Rights::TEMPORARY | Rights::CONNECT,
            Self::Tablespace => Rights::CREATE,
        }
    }

    /// What everybody has until something is revoked.
    fn of_everybody(self) -> Rights {
        match self {
            Self::Routine => Rights::EXECUTE,
            Self::Type | Self::Language => Rights::USAGE,
            Self::Database => Rights::CONNECT,
            Self::Table | Self::Column | Self::Sequence | Self::Schema | Self::Tablespace => Rights::NONE,
        }
    }
}

/// An entry of a list: what a grantor gave a grantee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AclItem {
    /// Who has the rights; [`PUBLIC`] for everybody.
    pub grantee: Oid,
    /// Who gave them.
    pub grantor: Oid,
    /// The rights.
    pub rights: Rights,
    /// Those that the grantee may hand on.
    pub grantable: Rights,
}

/// The list of an object; none while the default of its class stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl(Option<Vec<AclItem>>);

/// The list that stands for an object without one: `acldefault`. A column has nothing of its own.
#[must_use]
pub fn defaults(class: Class, owner: Oid) -> Vec<AclItem> {
    let item = |grantee, rights| AclItem { grantee, grantor: owner, rights, grantable: Rights::NONE };
    let everybody = class.of_everybody();
    let mut items = Vec::new();
    if !everybody.is_empty() {
        items.push(item(PUBLIC, everybody));
    }
    if class != Class::Column {
        items.push(item(owner, class.all()));
    }
    items
}

impl Acl {
    /// A list that is written down.
    #[must_use]
    pub const fn of(items: Vec<AclItem>) -> Self {
        Self(Some(items))
    }

    /// The list, if one is written down.
    #[must_use]
    pub fn items(&self) -> Option<&[AclItem]> {
        self.0.as_deref()
    }

    /// The list, or the default of the class.
    #[must_use]
    pub fn effective(&self, class: Class, owner: Oid) -> Cow<'_, [AclItem]> {
        match &self.0 {
            Some(items) => Cow::Borrowed(items),
            None => Cow::Owned(defaults(class, owner)),
        }
    }

    /// Whether a role gave or was given something.
    #[must_use]
    pub fn names(&self, role: Oid) -> bool {
        self.items().is_some_and(|items| items.iter().any(|item| item.grantee == role || item.grantor == role))
    }

    /// A list of an earlier release says neither who granted nor what the owner has: the owner did, and has everything.
    pub fn settle(&mut self, class: Class, owner: Oid) {
        let Some(items) = &mut self.0 else { return };
        if items.iter().all(|item| item.grantor != Oid::INVALID) {
            return;
        }
        items.iter_mut().for_each(|item| item.grantor = owner);
        let known = |grantee: Oid| items.iter().any(|item| item.grantee == grantee);
        let mut all: Vec<AclItem> = defaults(class, owner).into_iter().filter(|item| item.grantee == owner && !known(owner)).collect();
        all.append(items);
        *items = all;
    }

    /// The list after the object went from one owner to another: `aclnewowner`.
    #[must_use]
    pub fn with_owner(&self, old: Oid, new: Oid) -> Self {
        let Some(items) = &self.0 else { return Self(None) };
        let role = |role: Oid| if role == old { new } else { role };
        let mut moved: Vec<AclItem> = Vec::with_capacity(items.len());
        for item in items {
            let item = AclItem { grantee: role(item.grantee), grantor: role(item.grantor), ..*item };
            match moved.iter_mut().find(|known| known.grantee == item.grantee && known.grantor == item.grantor) {
                Some(known) => {
                    known.rights = known.rights | item.rights;
                    known.grantable = known.grantable | item.grantable;
                }
                None => moved.push(item),
            }
        }
        Self(Some(moved))
    }
}

/// What to do with what was handed on by a grant option that is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// Refuse.
    Restrict,
    /// Revoke it too.
    Cascade,
}

/// Grants and revokes on one list.
pub struct Editor<'c> {
    catalog: &'c Catalog,
    owner: Oid,
    items: Vec<AclItem>,
}

impl<'c> Editor<'c> {
    /// Starts from a list.
    #[must_use]
    pub fn new(catalog: &'c Catalog, owner: Oid, items: Vec<AclItem>) -> Self {
        Self { catalog, owner, items }
    }

    /// The list as it is now.
    #[must_use]
    pub fn finish(self) -> Vec<AclItem> {
        self.items
    }

    /// Adds rights.
    ///
    /// # Errors
    /// `0LP01` when a grant option would come back to who gave it.
    pub fn grant(&mut self, item: AclItem) -> Result<()> {
        if !item.grantable.is_empty() {
            self.check_circularity(item)?;
        }
        match self.items.iter_mut().find(|known| known.grantee == item.grantee && known.grantor == item.grantor) {
            Some(known) => {
                known.rights = known.rights | item.rights;
                known.grantable = known.grantable | item.grantable;
            }
            None => self.items.push(item),
        }
        Ok(())
    }

    /// Takes rights away, and with their grant options what was handed on by them.
    ///
    /// # Errors
    /// `2BP01` when something was handed on and `behavior` does not allow taking that away too.
    pub fn revoke(&mut self, item: AclItem, behavior: Behavior) -> Result<()> {
        let place = self.items.iter().position(|known| known.grantee == item.grantee && known.grantor == item.grantor);
        let Some(place) = place else { return Ok(()) };
        let known = &mut self.items[place];
        let lost = known.grantable & item.grantable;
        known.rights = known.rights.without(item.rights);
        known.grantable = known.grantable.without(item.grantable);
        if known.rights.is_empty() && known.grantable.is_empty() {
            self.items.remove(place);
        }
        if lost.is_empty() { Ok(()) } else { self.revoke_handed_on(item.grantee, lost, behavior) }
    }

    /// `recursive_revoke`
    fn revoke_handed_on(&mut self, grantor: Oid, lost: Rights, behavior: Behavior) -> Result<()> {
        // The owner can always grant.
        if grantor == self.owner {
            return Ok(());
        }
        let lost = lost.without(self.grantable_by(grantor));
        loop {
            let handed_on = |item: &&AclItem| item.grantor == grantor && (item.rights | item.grantable).intersects(lost);
            let Some(item) = self.items.iter().find(handed_on).copied() else { return Ok(()) };
            if behavior == Behavior::Restrict {
                return Err(dependent_privileges());
            }
            self.revoke(AclItem { rights: lost, grantable: lost, ..item }, behavior)?;
        }
    }

    /// `check_circularity`: would the grantor be left without its own grant option if the grantee's were not there?
    fn check_circularity(&self, item: AclItem) -> Result<()> {
        if item.grantor == self.owner {
            return Ok(());
        }
        let mut without = Self { catalog: self.catalog, owner: self.owner, items: self.items.clone() };
        while let Some(known) = without.items.iter().find(|known| known.grantee == item.grantee && !known.grantable.is_empty()).copied() {
            without.revoke(AclItem { rights: Rights::NONE, ..known }, Behavior::Cascade)?;
        }
        if without.grantable_by(item.grantor).contains(item.grantable) {
            return Ok(());
        }
        Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, "grant options cannot be granted back to your own grantor"))
    }

    fn grantable_by(&self, role: Oid) -> Rights {
        grant_options(&self.items, self.owner, &Standing::of(self.catalog, role))
    }
}

/// `2BP01`
#[must_use]
pub fn dependent_privileges() -> SqlError {
    SqlError::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, "dependent privileges exist").hint("Use CASCADE to revoke them too.")
}

/// The rights that a role may hand on. The owner may hand on everything.
#[must_use]
pub fn grant_options(items: &[AclItem], owner: Oid, role: &Standing) -> Rights {
    if role.has_privileges_of(owner) {
        return !Rights::NONE;
    }
    // A grant option is never PUBLIC's.
    let own = items.iter().filter(|item| item.grantee != PUBLIC && role.has_privileges_of(item.grantee));
    own.fold(Rights::NONE, |held, item| held | item.grantable)
}

/// Who a grant by `role` counts as coming from, and the rights of `wanted` that may be handed on: the owner where that is in the role's power, else the
/// role among its own that may hand on the most. `select_best_grantor`.
#[must_use]
pub fn best_grantor(items: &[AclItem], owner: Oid, role: &Standing, wanted: Rights) -> (Oid, Rights) {
    if role.has_privileges_of(owner) {
        return (owner, wanted);
    }
    let mut best = (role.role(), Rights::NONE);
    for candidate in role.roles() {
        let options = items.iter().filter(|item| item.grantee == *candidate).fold(Rights::NONE, |held, item| held | item.grantable);
        let options = options & wanted;
        if options == wanted {
            return (*candidate, wanted);
        }
        if options.count() > best.1.count() {
            best = (*candidate, options);
        }
    }
    best
}

/// An entry as an aclitem prints it.
#[must_use]
pub fn text(catalog: &Catalog, item: &AclItem) -> String {
    let name = |role: Oid| match crate::describe::role_name(catalog, role) {
        Some(name) => quoted(name),
        None => role.to_string(),
    };
    let grantee = if item.grantee == PUBLIC { String::new() } else { name(item.grantee) };
    format!("{grantee}={}/{}", letters(item.rights, item.grantable), name(item.grantor))
}

/// `putid`: a name in quotes unless it is of letters, digits and underscores.
fn quoted(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// How a list is kept: `null`, or its entries as grantee, rights and grantor. Earlier releases wrote a bare list of grantee and rights.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    List { items: Vec<(Oid, String, Oid)> },
    Before(Vec<(Oid, String)>),
}

impl Serialize for Acl {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct List {
            items: Vec<(Oid, String, Oid)>,
        }
        let entry = |item: &AclItem| (item.grantee, letters(item.rights, item.grantable), item.grantor);
        self.items().map(|items| List { items: items.iter().map(entry).collect() }).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Acl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let entries = match Option::<Stored>::deserialize(deserializer)? {
            None => return Ok(Self(None)),
            Some(Stored::Before(items)) if items.is_empty() => return Ok(Self(None)),
            Some(Stored::Before(items)) => items.into_iter().map(|(grantee, rights)| (grantee, rights, Oid::INVALID)).collect(),
            Some(Stored::List { items }) => items,
        };
        let entry = |(grantee, rights, grantor): (Oid, String, Oid)| {
            let (rights, grantable) = read_letters(&rights).ok_or_else(|| D::Error::custom(format!("{rights} are no rights")))?;
            Ok(AclItem { grantee, grantor, rights, grantable })
        };
        Ok(Self(Some(entries.into_iter().map(entry).collect::<std::result::Result<_, D::Error>>()?)))
    }
}

#[cfg(test)]
mod tests;
