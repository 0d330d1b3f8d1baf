//! Object identifiers and the type reference (`oid` + type modifier).

/// A PostgreSQL object identifier. Built-in objects carry PostgreSQL 16's own numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Oid(pub u32);

impl Oid {
    /// No object.
    pub const INVALID: Self = Self(0);
    /// The first number given to an object a user creates.
    pub const FIRST_USER: Self = Self(16_384);

    /// Whether this is no object.
    #[must_use]
    pub const fn is_invalid(&self) -> bool {
        self.0 == 0
    }
}

impl std::fmt::Display for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A type as a column or expression has it: the type's oid and its modifier (`-1`: none), encoded as PostgreSQL encodes `atttypmod`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct Type {
    /// The type.
    pub oid: Oid,
    /// Type modifier: `n + 4` for `char(n)`/`varchar(n)`, `((p << 16) | (s & 0x7ff)) + 4` for `numeric(p,s)`, precision for the time types.
    pub typmod: i32,
    /// The type of the catalog that the value is declared as, when that is none of PostgreSQL's own: a domain, the row type of a relation, an array of
    /// either. Its values are represented as those of `oid`, which is all that storing and computing need to know.
    #[serde(default, skip_serializing_if = "Oid::is_invalid")]
    pub declared: Oid,
}

impl Default for Type {
    /// No type.
    fn default() -> Self {
        Self::plain(Oid::INVALID)
    }
}

impl Type {
    /// The type without a modifier.
    #[must_use]
    pub const fn plain(oid: Oid) -> Self {
        Self::new(oid, -1)
    }

    /// The type with a modifier.
    #[must_use]
    pub const fn new(oid: Oid, typmod: i32) -> Self {
        Self { oid, typmod, declared: Oid::INVALID }
    }

    /// The type its catalog entry is found under: the declared one before the one that represents it.
    #[must_use]
    pub const fn catalog_oid(self) -> Oid {
        if self.declared.is_invalid() { self.oid } else { self.declared }
    }

    /// The same representation, declared as a type of the catalog.
    #[must_use]
    pub const fn declared_as(self, declared: Oid) -> Self {
        Self { declared, ..self }
    }

    /// The type that represents it, with its modifier.
    #[must_use]
    pub const fn undeclared(self) -> Self {
        self.declared_as(Oid::INVALID)
    }

    /// The rows of a table, by the oid of the table's row type.
    #[must_use]
    pub const fn row_of(row_type: Oid) -> Self {
        Self::plain(Oid::RECORD).declared_as(row_type)
    }

    /// The oid of the table row type that this is, if it is one.
    #[must_use]
    pub const fn row_type(self) -> Option<Oid> {
        if self.oid.0 == Oid::RECORD.0 && !self.declared.is_invalid() { Some(self.declared) } else { None }
    }

    /// The type as clients are told it: a table's rows have the table's row type, an array over a domain its own, a domain the type that represents it.
    #[must_use]
    pub fn described(self) -> Self {
        let has_own = self.oid == Oid::RECORD || crate::types::by_oid(self.oid).is_some_and(crate::types::TypeInfo::is_array);
        if has_own && !self.declared.is_invalid() { Self::plain(self.declared) } else { self }
    }
}

macro_rules! oids {
    ($($name:ident = $number:literal),* $(,)?) => {
        impl Oid { $(#[doc = concat!("`", stringify!($name), "`")] pub const $name: Self = Self($number);)* }
    };
}

oids! {
    BOOL = 16, BYTEA = 17, CHAR = 18, NAME = 19, INT8 = 20, INT2 = 21, INT2VECTOR = 22, INT4 = 23, REGPROC = 24, TEXT = 25, OID = 26,
    TID = 27, XID = 28, CID = 29, OIDVECTOR = 30, PG_NODE_TREE = 194, JSON = 114, XML = 142, JSON_ARRAY = 199, FLOAT4 = 700, FLOAT8 = 701,
    UNKNOWN = 705, MONEY = 790, INET = 869, CIDR = 650, MACADDR = 829, ACLITEM = 1033, ACLITEM_ARRAY = 1034,
    BPCHAR = 1042, VARCHAR = 1043, DATE = 1082, TIME = 1083, TIMESTAMP = 1114, TIMESTAMPTZ = 1184, INTERVAL = 1186, TIMETZ = 1266,
    BIT = 1560, VARBIT = 1562, NUMERIC = 1700, REFCURSOR = 1790, REGPROCEDURE = 2202, REGOPER = 2203, REGOPERATOR = 2204, REGCLASS = 2205,
    REGTYPE = 2206, UUID = 2950, JSONB = 3802, JSONPATH = 4072, REGNAMESPACE = 4089, REGROLE = 4096,
    TSVECTOR = 3614, TSQUERY = 3615, REGCONFIG = 3734,
    BOOL_ARRAY = 1000, BYTEA_ARRAY = 1001, CHAR_ARRAY = 1002, NAME_ARRAY = 1003, INT2_ARRAY = 1005, INT4_ARRAY = 1007, REGPROC_ARRAY = 1008,
    TEXT_ARRAY = 1009, OID_ARRAY = 1028, BPCHAR_ARRAY = 1014, VARCHAR_ARRAY = 1015, INT8_ARRAY = 1016, FLOAT4_ARRAY = 1021,
    FLOAT8_ARRAY = 1022, TIMESTAMP_ARRAY = 1115, DATE_ARRAY = 1182, TIME_ARRAY = 1183, TIMESTAMPTZ_ARRAY = 1185, INTERVAL_ARRAY = 1187,
    NUMERIC_ARRAY = 1231, TIMETZ_ARRAY = 1270, UUID_ARRAY = 2951, JSONB_ARRAY = 3807, REGCLASS_ARRAY = 2210, REGTYPE_ARRAY = 2211,
    INET_ARRAY = 1041, RECORD = 2249, RECORD_ARRAY = 2287, CSTRING = 2275, ANY = 2276, ANYARRAY = 2277, VOID = 2278, TRIGGER = 2279,
    INTERNAL = 2281, ANYELEMENT = 2283, ANYNONARRAY = 2776, ANYENUM = 3500, ANYCOMPATIBLE = 5077, ANYCOMPATIBLEARRAY = 5078,
    ANYCOMPATIBLENONARRAY = 5079,
}
