//! Random statements. Every query has two columns, an integer and a text, so that any can stand where another does; none asks for an order it does not say.

use borealis_base::{Random as _, SeededRandom};

/// Makes statements, the same ones for the same seed.
pub(super) struct Generator {
    random: SeededRandom,
    names: usize,
    /// Key of the next row that is inserted.
    next: usize,
}

/// Whether a statement may change rows.
pub(super) fn writes(statement: &str) -> bool {
    ["INSERT", "UPDATE", "DELETE"].iter().any(|word| statement.contains(word))
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: SeededRandom::new(seed), names: 0, next: 100 }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.next_u64() % u64::try_from(bound).unwrap_or(1)).unwrap_or(0)
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("x{}", self.names)
    }

    pub(super) fn statement(&mut self) -> String {
        match self.below(10) {
            0 => self.insert(),
            1 => self.update(),
            2 => self.delete(),
            3 => self.modifying_cte(),
            _ => self.query(3),
        }
    }

    /// A query of two columns, `k` and `v`.
    fn query(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.plain(depth);
        }
        match self.below(10) {
            0 => {
                let word = ["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL"][self.below(5)];
                format!("({}) {word} ({})", self.query(depth - 1), self.query(depth - 1))
            }
            1 => {
                // A name of WITH that is a table's too.
                let name = ["orders", "customers", "recent"][self.below(3)];
                let word = ["", "MATERIALIZED ", "NOT MATERIALIZED "][self.below(3)];
                format!("WITH {name} (k, v) AS {word}({}) SELECT k, v FROM {name} UNION ALL ({})", self.query(depth - 1), self.plain(0))
            }
            2 => {
                let step = self.predicate("o", 0);
                format!(
                    "WITH RECURSIVE r (k, v) AS ({} UNION SELECT o.id, o.note FROM orders o JOIN r ON o.id = r.k + 1 WHERE {step}) SELECT k, v FROM r",
                    self.plain(0)
                )
            }
            3 => format!("SELECT k, v FROM ({}) s WHERE k > {}", self.query(depth - 1), self.below(6)),
            4 => self.grouped(depth),
            _ => self.plain(depth),
        }
    }

    fn grouped(&mut self, depth: usize) -> String {
        let table = self.name();
        let filter = self.predicate(&table, depth - 1);
        match self.below(3) {
            0 => format!("SELECT count(*)::int AS k, max({table}.note) AS v FROM orders {table} WHERE {filter}"),
            1 => format!(
                "SELECT min({table}.amount) AS k, {table}.customer_id::text AS v FROM orders {table} WHERE {filter} GROUP BY {table}.customer_id HAVING count(*) > 1"
            ),
            _ => format!(
                "SELECT {table}.id AS k, {table}.note AS v FROM orders {table} WHERE {filter} GROUP BY {table}.tenant_id, {table}.id"
            ),
        }
    }

    /// SELECT from one relation, two, or three.
    fn plain(&mut self, depth: usize) -> String {
        let (left, right) = (self.name(), self.name());
        match self.below(6) {
            0 => format!("SELECT {left}.id AS k, {left}.note AS v FROM large {left} WHERE {left}.id > {}", self.below(5)),
            1 => {
                let filter = self.predicate(&left, depth.saturating_sub(1));
                format!(
                    "SELECT {left}.id AS k, (SELECT max(c.name) FROM customers c WHERE c.id = {left}.customer_id) AS v FROM orders {left} WHERE {filter}"
                )
            }
            2 => format!(
                "SELECT {left}.id AS k, {right}.name AS v FROM orders {left}, LATERAL (SELECT c.name FROM customers c WHERE c.grade < {left}.amount) {right} WHERE {}",
                self.predicate(&left, 0)
            ),
            3 | 4 => {
                let kind = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"][self.below(4)];
                let on = if kind == "FULL JOIN" { String::new() } else { format!(" AND {}", self.predicate(&left, 0)) };
                let filter = match self.below(3) {
                    0 => String::new(),
                    1 => format!(" WHERE {left}.id IS NULL OR {right}.grade > 0"),
                    _ => format!(" WHERE {right}.id IS DISTINCT FROM 2"),
                };
                format!(
                    "SELECT coalesce({left}.id, {right}.id) AS k, concat({left}.note, {right}.name) AS v FROM orders {left} {kind} customers {right} ON {left}.customer_id = {right}.id{on}{filter}"
                )
            }
            _ => {
                let filter = self.predicate(&left, depth.saturating_sub(1));
                format!(
                    "SELECT {left}.id AS k, {left}.note AS v FROM orders {left} JOIN countries n ON n.code = {left}.customer_id WHERE {filter}"
                )
            }
        }
    }

    /// A condition on a reference to `orders`. Some would fail on the other tenant's rows.
    fn predicate(&mut self, table: &str, depth: usize) -> String {
        let number = self.below(12);
        match self.below(if depth == 0 { 8 } else { 12 }) {
            0 => format!("{table}.amount > {number}"),
            1 => format!("{table}.note::int > {number}"),
            2 => format!("({table}.note::int + 1) / ({table}.amount + 1) < {number}"),
            3 => format!("{table}.tenant_id = 'b'"),
            4 => format!("({table}.tenant_id <> 'a' OR {table}.id < {number})"),
            5 => format!("{table}.id IN ({number}, 3, 5)"),
            6 => "true".to_owned(),
            7 => format!("NOT ({table}.amount = {number} AND {table}.note::int > 3)"),
            8 => format!("{table}.id IN (SELECT k FROM ({}) q)", self.query(depth - 1)),
            9 => format!("{table}.amount NOT IN (SELECT k FROM ({}) q WHERE k IS NOT NULL)", self.query(depth - 1)),
            10 => {
                let inner = self.name();
                let filter = self.predicate(&inner, depth - 1);
                format!("EXISTS (SELECT FROM orders {inner} WHERE {inner}.customer_id = {table}.customer_id AND {filter})")
            }
            _ => format!("{table}.amount > ALL (SELECT c.grade FROM customers c WHERE c.id = {table}.customer_id)"),
        }
    }

    fn insert(&mut self) -> String {
        self.next += 1;
        let key = self.next;
        let rows = self.query(1);
        match self.below(5) {
            0 => format!("INSERT INTO orders (id, customer_id, amount, note) VALUES ({key}, 1, 4, '9') RETURNING tenant_id, id"),
            1 => format!("INSERT INTO orders (tenant_id, id, amount, note) VALUES ('a', {key}, {key} % 9, '11')"),
            2 => format!(
                "INSERT INTO orders (id, amount, note) VALUES ({}, 5, '12') ON CONFLICT (tenant_id, id) DO UPDATE SET amount = orders.amount + excluded.amount WHERE {}",
                5 + self.below(8),
                self.predicate("orders", 1)
            ),
            3 => format!("INSERT INTO orders (note, id) SELECT left(max(v), 4), {key} FROM ({rows}) q WHERE v ~ '^[0-9]+$'"),
            _ => format!(
                "INSERT INTO customers SELECT count(*)::int + {key}, 1, '4' FROM ({rows}) q ON CONFLICT DO NOTHING RETURNING tenant_id"
            ),
        }
    }

    fn update(&mut self) -> String {
        let filter = self.predicate("o", 2);
        match self.below(3) {
            0 => format!("UPDATE orders AS o SET amount = (o.amount * 2 + 1) % 13 WHERE {filter} RETURNING o.id, o.amount"),
            1 => format!("UPDATE orders o SET amount = c.grade + 1 FROM customers c WHERE c.id = o.customer_id AND {filter}"),
            _ => "UPDATE customers SET grade = (SELECT count(*)::int % 5 FROM orders o WHERE o.customer_id = customers.id)".to_owned(),
        }
    }

    fn delete(&mut self) -> String {
        let key = 3 + self.below(20);
        let filter = self.predicate("o", 1);
        match self.below(2) {
            0 => format!("DELETE FROM orders o WHERE o.id = {key} AND {filter} RETURNING o.*"),
            _ => format!(
                "DELETE FROM orders AS o USING customers c WHERE c.id = o.customer_id AND o.id > {key} AND o.id < {} AND {filter}",
                key + 4
            ),
        }
    }

    fn modifying_cte(&mut self) -> String {
        let filter = self.predicate("o", 1);
        format!(
            "WITH w AS (UPDATE orders o SET note = (o.amount + 1)::text WHERE {filter} RETURNING o.id, o.note) SELECT id AS k, note AS v FROM w UNION ALL ({})",
            self.plain(1)
        )
    }
}
