//! `pg_aggregate`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data::system_table;
use crate::Oid;

/// A row of `pg_aggregate`.
#[derive(Clone, Copy, Debug)]
pub struct Aggregate {
    /// `aggfnoid`: the row of `pg_proc`
    pub proc: Oid,
    /// `aggkind`: `n`ormal, `o`rdered-set, `h`ypothetical-set
    pub kind: char,
    /// `aggnumdirectargs`
    pub direct_args: i16,
    /// `aggtransfn`
    pub transition: Oid,
    /// `aggfinalfn`
    pub finish: Oid,
    /// `aggmtransfn`
    pub moving_transition: Oid,
    /// `aggsortop`
    pub sort_operator: Oid,
    /// `aggtranstype`
    pub state: Oid,
    /// `agginitval`
    pub initial: Option<&'static str>,
}

static AGGREGATES: LazyLock<HashMap<Oid, Aggregate>> = LazyLock::new(|| {
    let Some(table) = system_table("pg_aggregate") else { return HashMap::new() };
    table
        .rows()
        .map(|mut row| {
            let (proc, kind, direct_args, transition, finish) =
                (row.oid(), row.char(), row.num(), row.oid(), row.oid());
            row.pass(3); // aggcombinefn, aggserialfn, aggdeserialfn
            let moving_transition = row.oid();
            row.pass(6); // aggminvtransfn … aggmfinalmodify
            let (sort_operator, state) = (row.oid(), row.oid());
            row.pass(3); // aggtransspace, aggmtranstype, aggmtransspace
            let initial = row.opt();
            let aggregate = Aggregate {
                proc,
                kind,
                direct_args,
                transition,
                finish,
                moving_transition,
                sort_operator,
                state,
                initial,
            };
            (proc, aggregate)
        })
        .collect()
});

/// The row of `pg_aggregate` for a function.
pub fn aggregate(proc: Oid) -> Option<&'static Aggregate> {
    AGGREGATES.get(&proc)
}
