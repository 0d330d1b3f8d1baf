//! A catalog with a few tables, and a session on it, for tests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, SqlError, SqlState, Type, text};

use crate::acl::{self, Acl, AclItem, Class, Rights};
use crate::depend::Address;
use crate::functions::{self, SessionFacts};
use crate::snapshot::{ADMIN_ROLE, PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use crate::statistics::{ColumnStatistics, TableStatistics};
use crate::system::{ServerState, SystemContext};
use crate::{
    Catalog, Change, Check, Column, ForeignKey, Identity, Index, IndexKey, IndexKeyPart, IndexState, Role, Schema, Sequence, SequenceOwner,
    SequenceState, Table, UniqueConstraint, View,
};

pub(crate) const PARENT: Oid = Oid(20_000);
pub(crate) const CHILD: Oid = Oid(20_010);
pub(crate) const NUMBERS: Oid = Oid(20_030);
pub(crate) const APP_SCHEMA: Oid = Oid(20_100);
pub(crate) const APP_ROLE: Oid = Oid(20_200);

/// What admin, the owner, gave to app.
fn granted(class: Class, rights: Rights, grantable: Rights) -> Acl {
    let item = AclItem { grantee: APP_ROLE, grantor: ADMIN_ROLE, rights, grantable };
    Acl::of(acl::defaults(class, ADMIN_ROLE).into_iter().chain([item]).collect())
}

fn column(number: i16, name: &str, oid: Oid, typmod: i32) -> Column {
    Column::new(number, name, Type::new(oid, typmod))
}

fn key(number: i16) -> IndexKey {
    IndexKey { part: IndexKeyPart::Column(number), nulls_first: false }
}

fn index(oid: u32, name: &str, keys: Vec<IndexKey>) -> Index {
    Index {
        oid: Oid(oid),
        name: name.to_owned(),
        unique: false,
        primary: false,
        keys,
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: None,
        state: IndexState::Valid,
        constraint: None,
        comment: None,
    }
}

fn primary_key(oid: u32, name: &str, keys: Vec<IndexKey>) -> Index {
    let constraint = Some(UniqueConstraint { oid: Oid(oid + 1), comment: None });
    Index { unique: true, primary: true, constraint, ..index(oid, name, keys) }
}

/// `parent(id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL)`
fn parent() -> Table {
    let id = Column { not_null: true, default: Some("gen_random_uuid()".to_owned()), ..column(1, "id", Oid::UUID, -1) };
    let name = Column { not_null: true, storage: 'x', comment: Some("what it is called".to_owned()), ..column(2, "name", Oid::TEXT, -1) };
    Table {
        oid: PARENT,
        schema: PUBLIC_SCHEMA,
        name: "parent".to_owned(),
        owner: ADMIN_ROLE,
        columns: vec![id, name],
        primary_key: Some(primary_key(20_001, "parent_pkey", vec![key(1)])),
        indexes: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        acl: granted(Class::Table, Rights::SELECT | Rights::INSERT, Rights::INSERT),
        comment: Some("the first".to_owned()),
        row_type: Oid(20_003),
        row_array_type: Oid(20_004),
    }
}

fn child_columns() -> Vec<Column> {
    vec![
        Column { not_null: true, identity: Some(Identity { always: true, sequence: Oid(20_020) }), ..column(1, "id", Oid::INT8, -1) },
        Column { not_null: true, ..column(2, "parent_id", Oid::UUID, -1) },
        Column { dropped: true, ..column(3, "........pg.dropped.3........", Oid::INT4, -1) },
        Column { storage: 'x', ..column(4, "V", Oid::VARCHAR, 24) },
        Column { storage: 'm', default: Some("1".to_owned()), ..column(5, "n", Oid::NUMERIC, 655_366) },
        Column { generated: Some("(n * (2)::numeric)".to_owned()), storage: 'm', ..column(6, "twice", Oid::NUMERIC, -1) },
        column(7, "at", Oid::TIMESTAMPTZ, 3),
    ]
}

fn child_indexes() -> Vec<Index> {
    let lower = IndexKey { part: IndexKeyPart::Expression("lower((\"V\")::text)".to_owned(), Type::plain(Oid::TEXT)), nulls_first: false };
    let sum = IndexKey { part: IndexKeyPart::Expression("(n + twice)".to_owned(), Type::plain(Oid::NUMERIC)), nulls_first: true };
    vec![
        Index {
            unique: true,
            constraint: Some(UniqueConstraint { oid: Oid(20_015), comment: Some("never twice".to_owned()) }),
            ..index(20_014, "child_V_key", vec![key(4)])
        },
        Index { include: vec![2], predicate: Some("(n > (0)::numeric)".to_owned()), ..index(20_016, "child_lower_idx", vec![lower]) },
        Index { unique: true, nulls_not_distinct: true, state: IndexState::Building, ..index(20_017, "child_expr_idx", vec![sum, key(7)]) },
    ]
}

/// A table with everything a table can have.
fn child() -> Table {
    let check = Check {
        oid: Oid(20_018),
        name: "child_n_check".to_owned(),
        expression: "((n > (0)::numeric))".to_owned(),
        validated: true,
        comment: Some("not below".to_owned()),
    };
    let foreign = ForeignKey {
        oid: Oid(20_019),
        name: "child_parent_id_fkey".to_owned(),
        columns: vec![2],
        target: PARENT,
        target_columns: vec![1],
        target_index: Oid(20_001),
        on_update: 'a',
        on_delete: 'c',
        match_type: 's',
        delete_columns: Vec::new(),
        deferrable: true,
        initially_deferred: false,
        validated: false,
        comment: None,
    };
    Table {
        oid: CHILD,
        schema: PUBLIC_SCHEMA,
        name: "child".to_owned(),
        owner: ADMIN_ROLE,
        columns: child_columns(),
        primary_key: Some(primary_key(20_011, "child_pkey", vec![key(1)])),
        indexes: child_indexes(),
        checks: vec![check],
        foreign_keys: vec![foreign],
        acl: Acl::default(),
        comment: None,
        row_type: Oid(20_021),
        row_array_type: Oid(20_022),
    }
}

/// A table in a schema of its own that has the name of one in `public`.
fn hidden() -> Table {
    Table {
        oid: Oid(20_110),
        schema: APP_SCHEMA,
        owner: APP_ROLE,
        columns: vec![column(1, "id", Oid::INT4, -1)],
        primary_key: None,
        acl: Acl::default(),
        comment: None,
        row_type: Oid(20_111),
        row_array_type: Oid(20_112),
        ..parent()
    }
}

/// A sequence owned by a column of the child: 10, 12, 14.
fn numbers() -> Sequence {
    Sequence {
        oid: NUMBERS,
        schema: PUBLIC_SCHEMA,
        name: "numbers".to_owned(),
        owner: ADMIN_ROLE,
        start: 10,
        increment: 2,
        min: 1,
        max: 14,
        cache: 1,
        cycle: false,
        version: 0,
        owned_by: Some(SequenceOwner { table: CHILD, column: 2, identity: false }),
        acl: granted(Class::Sequence, Rights::SELECT, Rights::NONE),
        comment: Some("counts".to_owned()),
    }
}

/// The sequence of the child's identity column.
fn identity() -> Sequence {
    let owned_by = Some(SequenceOwner { table: CHILD, column: 1, identity: true });
    let (name, start, increment, max) = ("child_id_seq".to_owned(), 1, 1, i64::MAX);
    Sequence { oid: Oid(20_020), name, start, increment, max, cache: 65_536, owned_by, acl: Acl::default(), comment: None, ..numbers() }
}

/// A view over the parent that shows one of its columns and a sum.
fn view() -> View {
    let columns = vec![column(1, "id", Oid::INT4, -1), column(2, "next", Oid::INT4, -1)];
    let columns = columns.into_iter().map(|column| Column { not_null: false, default: None, ..column }).collect();
    View {
        oid: Oid(20_210),
        schema: PUBLIC_SCHEMA,
        name: "parents".to_owned(),
        owner: ADMIN_ROLE,
        columns,
        query: " SELECT parent.id,\n    (parent.id + 1) AS next\n   FROM public.parent".to_owned(),
        options: vec![("check_option".to_owned(), "local".to_owned())],
        depends: vec![Address::column(PARENT, 1)],
        base: Some(PARENT),
        base_columns: vec![1, 0],
        rule: Oid(20_213),
        acl: Acl::default(),
        comment: Some("all parents".to_owned()),
        row_type: Oid(20_211),
        row_array_type: Oid(20_212),
    }
}

/// The catalog of every test here.
pub(crate) fn catalog() -> Catalog {
    let schema =
        Schema { oid: APP_SCHEMA, name: "App".to_owned(), owner: APP_ROLE, acl: Acl::default(), comment: Some("mixed case".to_owned()) };
    let role = Role {
        oid: APP_ROLE,
        name: "app".to_owned(),
        login: true,
        create_role: false,
        member_of: Vec::new(),
        iam_arns: vec!["arn:aws:iam::123456789012:role/app".to_owned()],
        comment: Some("the application".to_owned()),
    };
    let changes = [
        Change::PutSchema(Arc::new(schema)),
        Change::PutRole(Arc::new(role)),
        Change::PutTable(Arc::new(parent())),
        Change::PutTable(Arc::new(child())),
        Change::PutTable(Arc::new(hidden())),
        Change::PutSequence(Arc::new(numbers())),
        Change::PutSequence(Arc::new(identity())),
        Change::PutView(Arc::new(view())),
    ];
    Catalog::initial().apply(&changes, 7)
}

/// A session of one role on that catalog, with the default search path.
pub(crate) struct Session {
    pub(crate) catalog: Catalog,
    pub(crate) role: Oid,
    pub(crate) settings: Settings,
    /// Parameters set so far.
    pub(crate) set: RefCell<Vec<(String, String)>>,
    /// Microseconds slept.
    pub(crate) slept: RefCell<i64>,
    /// Where sequences are.
    pub(crate) states: RefCell<BTreeMap<Oid, SequenceState>>,
    /// Values taken from sequences, in order.
    pub(crate) taken: RefCell<Vec<(Oid, i64)>>,
}

impl Session {
    pub(crate) fn new(role: Oid) -> Self {
        Self {
            catalog: catalog(),
            role,
            settings: Settings::default(),
            set: RefCell::default(),
            slept: RefCell::default(),
            states: RefCell::default(),
            taken: RefCell::default(),
        }
    }

    fn eval(&self) -> EvalContext<'_> {
        EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: self }
    }

    /// Calls a function with arguments of the given types.
    pub(crate) fn call(&self, function: SessionFunction, args: &[(Oid, Datum)], result: Oid) -> Result<Datum> {
        let types: Vec<_> = args.iter().map(|arg| arg.0).collect();
        let values: Vec<_> = args.iter().map(|arg| arg.1.clone()).collect();
        let eval = self.eval();
        functions::call(function, &CallContext { eval: &eval, arg_types: &types, result_type: result }, &values, self)
    }

    /// A value as a client sees it; NULL as nothing between the bars.
    pub(crate) fn text(&self, value: &Datum, oid: Oid) -> String {
        if value.is_null() { String::new() } else { text::to_text(value, oid, &self.eval()).expect("every value has a text") }
    }

    /// What system relations are computed from.
    pub(crate) fn context(&self) -> SystemContext<'_> {
        SystemContext { catalog: &self.catalog, settings: &self.settings, server: self }
    }
}

impl Host for Session {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, _bytes: &mut [u8]) {}

    fn session_function(&self, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
        functions::call(function, call, args, self)
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

impl SessionFacts for Session {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    fn search_path(&self) -> Vec<Oid> {
        vec![PG_CATALOG_SCHEMA, PUBLIC_SCHEMA]
    }

    fn explicit_search_path(&self) -> Vec<Oid> {
        vec![PUBLIC_SCHEMA]
    }

    fn current_role(&self) -> Oid {
        self.role
    }

    fn session_role(&self) -> Oid {
        ADMIN_ROLE
    }

    fn database(&self) -> &str {
        "postgres"
    }

    fn show(&self, name: &str) -> Option<String> {
        (name == "application_name").then(|| "psql".to_owned())
    }

    fn set_config(&self, name: &str, value: &str, _local: bool) -> Result<String> {
        if self.show(name).is_none() {
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\"")));
        }
        self.set.borrow_mut().push((name.to_owned(), value.to_owned()));
        Ok(value.to_owned())
    }

    fn backend_pid(&self) -> i32 {
        42
    }

    fn session_id(&self) -> String {
        "session".to_owned()
    }

    fn server_port(&self) -> Option<i32> {
        None
    }

    fn sleep(&self, micros: i64) -> Result<()> {
        *self.slept.borrow_mut() += micros;
        Ok(())
    }

    fn estimated_rows(&self, table: Oid) -> f32 {
        #[allow(clippy::cast_possible_truncation)]
        ServerState::statistics(self, table).map_or(-1.0, |statistics| statistics.rows as f32)
    }

    fn transaction_id(&self) -> i64 {
        7
    }

    fn next_value(&self, sequence: &Sequence) -> Result<i64> {
        let (range, next) = sequence.take(SessionFacts::sequence_state(self, sequence)?, 1)?;
        self.states.borrow_mut().insert(sequence.oid, next);
        self.taken.borrow_mut().push((sequence.oid, range.first));
        Ok(range.first)
    }

    fn current_value(&self, sequence: Oid) -> Option<i64> {
        self.taken.borrow().iter().rev().find(|(taken, _)| *taken == sequence).map(|(_, value)| *value)
    }

    fn last_sequence(&self) -> Option<Oid> {
        self.taken.borrow().last().map(|(sequence, _)| *sequence)
    }

    fn set_sequence(&self, sequence: &Sequence, state: SequenceState) -> Result<()> {
        self.states.borrow_mut().insert(sequence.oid, state);
        Ok(())
    }

    fn sequence_state(&self, sequence: &Sequence) -> Result<SequenceState> {
        ServerState::sequence_state(self, sequence)
    }

    fn view_definition(&self, view: Oid, _pretty: bool) -> Result<Option<String>> {
        ServerState::view_definition(self, &self.catalog, view)
    }
}

impl ServerState for Session {
    fn current_user(&self) -> Oid {
        self.role
    }

    fn parameters(&self) -> Vec<(String, String, String)> {
        vec![("application_name".to_owned(), "psql".to_owned(), "Sets the application name.".to_owned())]
    }

    fn jobs(&self) -> Result<Vec<Vec<Datum>>> {
        let mut job = vec![Datum::text("abcdefghijklmnopqrstuvwxyz"), Datum::text("submitted"), Datum::Null, Datum::text("INDEX_BUILD")];
        job.extend([Datum::Oid(Oid(1259)), Datum::Oid(CHILD), Datum::text("public.child"), Datum::TimestampTz(0), Datum::Null]);
        Ok(vec![job])
    }

    fn statistics(&self, table: Oid) -> Option<Arc<TableStatistics>> {
        let column = ColumnStatistics {
            null_fraction: 0.0,
            width: 4,
            distinct: -1.0,
            most_common: vec![(Datum::Int4(7), 0.5)],
            histogram: vec![Datum::Int4(1), Datum::Int4(9)],
            correlation: Some(1.0),
        };
        let columns = std::collections::BTreeMap::from([(1, column)]);
        (table == PARENT).then(|| Arc::new(TableStatistics { rows: 1000.0, bytes: 60_000.0, columns }))
    }

    fn search_path(&self) -> Vec<Oid> {
        SessionFacts::search_path(self)
    }

    fn sequence_state(&self, sequence: &Sequence) -> Result<SequenceState> {
        Ok(self.states.borrow().get(&sequence.oid).copied().unwrap_or_else(|| sequence.initial_state()))
    }

    fn view_definition(&self, catalog: &Catalog, view: Oid) -> Result<Option<String>> {
        Ok(catalog.view_by_oid(view).map(|view| view.query.clone()))
    }

    fn sessions(&self) -> Vec<(i32, Oid, String, String, i64)> {
        vec![(42, ADMIN_ROLE, "psql".to_owned(), "active".to_owned(), 0)]
    }
}
