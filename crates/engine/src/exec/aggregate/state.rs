//! The aggregates of one group.

use borealis_pgtypes::{Accumulator, AggregateKind, Body, CallContext, Datum, Function, Oid, Result, SqlError};
use borealis_sql::expr::AggregateCall;

use crate::eval::order::{Order, orders};
use crate::eval::{Code, Compiler, Runtime, eval_args};
use crate::exec::batch::Batch;
use crate::exec::hash_table::HashTable;
use crate::exec::sort::{SortKeys, Sorter};

/// An aggregate call, compiled.
pub(crate) struct AggregateCode {
    function: &'static Function,
    make: fn(&CallContext<'_>) -> Box<dyn Accumulator>,
    arg_types: Box<[Oid]>,
    result: Oid,
    args: Vec<Code>,
    arg_orders: Vec<Order>,
    distinct: bool,
    order_by: Option<SortKeys>,
    filter: Option<Code>,
    /// The first half of the arguments is a row that is asked about, the second the row it is held against.
    hypothetical: bool,
}

/// What an accumulator is taken to need itself.
const ACCUMULATOR_BYTES: usize = 64;

impl AggregateCode {
    pub(crate) fn compile(compiler: &Compiler<'_>, call: &AggregateCall) -> Result<Self> {
        let Body::Aggregate(make) = call.function.body else {
            return Err(SqlError::internal(format!("function {} is no aggregate", call.function.name)));
        };
        let order_by = if call.order_by.is_empty() { None } else { Some(SortKeys::compile(compiler, &call.order_by)?) };
        Ok(Self {
            function: call.function,
            make,
            arg_types: call.args.iter().map(|arg| arg.ty.oid).collect(),
            result: call.ty.oid,
            args: compiler.all(&call.args)?,
            arg_orders: orders(call.args.iter().map(|arg| arg.ty.oid)),
            distinct: call.distinct,
            order_by,
            filter: compiler.optional(call.filter.as_ref())?,
            hypothetical: call.function.aggregate_kind() == Some(AggregateKind::Hypothetical),
        })
    }

    pub(crate) fn with_call<T>(&self, rt: &Runtime<'_>, body: impl FnOnce(&CallContext<'_>) -> T) -> T {
        body(&CallContext { eval: &rt.env.eval, arg_types: &self.arg_types, result_type: self.result })
    }

    pub(crate) fn make(&self, rt: &Runtime<'_>) -> Box<dyn Accumulator> {
        self.with_call(rt, |call| (self.make)(call))
    }

    /// The arguments for a row, unless FILTER or strictness leave the row out.
    pub(crate) fn arguments(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<smallvec::SmallVec<[Datum; 4]>>> {
        if let Some(filter) = &self.filter
            && !filter.holds(rt, row)?
        {
            return Ok(None);
        }
        let args = eval_args(rt, &self.args, row)?;
        Ok((!self.function.strict || !args.iter().any(Datum::is_null)).then_some(args))
    }
}

/// One aggregate's state in a group.
struct State {
    accumulator: Box<dyn Accumulator>,
    memory: usize,
    /// Arguments seen, for DISTINCT.
    seen: Option<HashTable>,
    /// Arguments waiting to be sorted, for ORDER BY (and for DISTINCT with it).
    waiting: Option<Sorter>,
}

/// A group's aggregates.
pub(crate) struct Group {
    states: Vec<State>,
}

impl Group {
    pub(crate) fn new(rt: &mut Runtime<'_>, aggregates: &[AggregateCode]) -> Result<Self> {
        let states = aggregates.iter().map(|aggregate| State {
            accumulator: aggregate.make(rt),
            memory: 0,
            seen: aggregate.distinct.then(|| HashTable::new(aggregate.arg_orders.clone())),
            waiting: aggregate.order_by.as_ref().map(|keys| Sorter::new(keys, aggregate.args.len())),
        });
        Ok(Self { states: states.collect() })
    }

    /// Bytes of an empty group.
    pub(crate) fn bytes(aggregates: &[AggregateCode]) -> usize {
        aggregates.len() * (size_of::<State>() + ACCUMULATOR_BYTES)
    }

    /// Adds a row; the bytes by which the group has grown.
    pub(crate) fn add(&mut self, rt: &mut Runtime<'_>, aggregates: &[AggregateCode], row: &[Datum]) -> Result<usize> {
        let mut grown = 0;
        for (state, aggregate) in self.states.iter_mut().zip(aggregates) {
            grown += state.add(rt, aggregate, row)?;
        }
        Ok(grown)
    }

    /// Appends the results.
    pub(crate) fn finish(&mut self, rt: &mut Runtime<'_>, aggregates: &[AggregateCode], out: &mut Batch) -> Result<()> {
        for (state, aggregate) in self.states.iter_mut().zip(aggregates) {
            let value = state.finish(rt, aggregate)?;
            out.push_value(value);
        }
        Ok(())
    }
}

impl State {
    fn add(&mut self, rt: &mut Runtime<'_>, aggregate: &AggregateCode, row: &[Datum]) -> Result<usize> {
        let Some(args) = aggregate.arguments(rt, row)? else { return Ok(0) };
        let mut grown = 0;
        if let Some(seen) = &mut self.seen {
            if !seen.find_or_insert(&args).1 {
                return Ok(0);
            }
            grown += HashTable::entry_bytes(&args);
            if self.waiting.is_none() {
                return Ok(grown);
            }
        }
        if let (Some(waiting), Some(keys)) = (&mut self.waiting, &aggregate.order_by) {
            waiting.push_with(rt, keys, row, &args)?;
            return Ok(grown);
        }
        aggregate.with_call(rt, |call| self.accumulator.add(call, &args))?;
        let memory = self.accumulator.memory();
        grown += memory.saturating_sub(self.memory);
        self.memory = self.memory.max(memory);
        Ok(grown)
    }

    fn finish(&mut self, rt: &mut Runtime<'_>, aggregate: &AggregateCode) -> Result<Datum> {
        if let (Some(mut waiting), Some(keys)) = (self.waiting.take(), &aggregate.order_by) {
            waiting.sort(keys);
            if aggregate.hypothetical {
                self.add_standings(rt, aggregate, keys, &waiting)?;
            } else {
                for place in 0..waiting.len() {
                    aggregate.with_call(rt, |call| self.accumulator.add(call, waiting.row(place)))?;
                }
            }
            waiting.release(rt);
        } else if let Some(seen) = self.seen.take() {
            self.add_distinct(rt, aggregate, &seen)?;
        }
        aggregate.with_call(rt, |call| self.accumulator.finish(call))
    }

    /// Tells the accumulator how each row stands to the hypothetical one, and whether it is the first of its peers.
    fn add_standings(&mut self, rt: &Runtime<'_>, aggregate: &AggregateCode, keys: &SortKeys, sorted: &Sorter) -> Result<()> {
        let direct = aggregate.args.len() / 2;
        let mut before: Option<&[Datum]> = None;
        for place in 0..sorted.len() {
            let (asked, row) = sorted.row(place).split_at(direct);
            let standing = Datum::Int4(keys.compare(row, asked) as i32);
            let is_first = before.is_none_or(|before| keys.compare(before, row).is_ne());
            aggregate.with_call(rt, |call| self.accumulator.add(call, &[standing, Datum::Bool(is_first)]))?;
            before = Some(row);
        }
        Ok(())
    }

    /// Adds the distinct arguments in their order: PostgreSQL sorts to find them, and `array_agg(DISTINCT x)` shows it.
    fn add_distinct(&mut self, rt: &Runtime<'_>, aggregate: &AggregateCode, seen: &HashTable) -> Result<()> {
        let mut order: Vec<usize> = (0..seen.len()).collect();
        order.sort_by(|left, right| {
            let pairs = seen.row(*left).iter().zip(seen.row(*right));
            let mut orderings = aggregate.arg_orders.iter().zip(pairs).map(|(order, (left, right))| order.sort(left, right, false, false));
            orderings.find(|ordering| ordering.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        for index in order {
            aggregate.with_call(rt, |call| self.accumulator.add(call, seen.row(index)))?;
        }
        Ok(())
    }
}
