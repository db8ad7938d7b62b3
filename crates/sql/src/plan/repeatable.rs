//! Plans whose answers stay the same: those that read the catalog, and whose functions depend on nothing but their
//! arguments, the catalog, who asks, and the settings that forms of values depend on.

use pg::catalog::{proc_by_oid, type_by_oid};
use pg::{Oid, oid};

use super::Plan;
use crate::catalog::{cluster_table, functions::asks_catalog_alone};
use crate::query::{Coercion, Expr, ExprKind, SqlValue};
use crate::walk::any;

/// Functions that are stable because they print their arguments, by the name of the C function.
const PRINTERS: [&str; 8] = [
    "anytextcat",
    "array_to_text",
    "array_to_text_null",
    "text_concat",
    "text_concat_ws",
    "text_format",
    "text_format_nv",
    "textanycat",
];

impl Plan {
    /// Whether the plan reads the catalog, and gives the same rows as long as that, the parameters, the users, the search
    /// path and the forms of values are the same.
    pub fn is_repeatable(&self) -> bool {
        let (mut reads, mut stays) = (false, true);
        self.each(&mut |plan| {
            match plan {
                Plan::Remote(_) => stays = false,
                Plan::Catalog { relation, .. } => {
                    reads = true;
                    stays = stays && cluster_table(relation.oid).is_none();
                }
                _ => {}
            }
            stays = stays && !plan.exprs().into_iter().any(|expr| any(expr, &changes));
        });
        reads && stays
    }
}

/// Whether an expression, those in it aside, may have another value at another time.
fn changes(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => !lasts(call.proc),
        ExprKind::Aggregate(aggregate) => !lasts(aggregate.proc),
        ExprKind::Window(call) => !lasts(call.proc),
        ExprKind::Coerce { method, .. } => match method {
            Coercion::Relabel | Coercion::Typmod => false,
            Coercion::InputOutput | Coercion::ArrayInputOutput => !reads_alike(expr.ty.oid),
            Coercion::ArrayElements(proc) => proc.is_valid() && !lasts(*proc),
        },
        ExprKind::SqlValue(value) => !matches!(
            value,
            SqlValue::CurrentUser
                | SqlValue::SessionUser
                | SqlValue::CurrentCatalog
                | SqlValue::CurrentSchema
        ),
        _ => false,
    }
}

fn lasts(proc: Oid) -> bool {
    asks_catalog_alone(proc)
        || proc_by_oid(proc).is_some_and(|row| row.volatility == 'i' || PRINTERS.contains(&row.source))
}

/// Whether a text of this type means the same at any time: `now` is a date.
fn reads_alike(ty: Oid) -> bool {
    const KINDS: [Oid; 14] = [
        oid::BOOL,
        oid::CHAR,
        oid::NAME,
        oid::INT2,
        oid::INT4,
        oid::INT8,
        oid::TEXT,
        oid::VARCHAR,
        oid::BPCHAR,
        oid::OID,
        oid::REGCLASS,
        oid::REGTYPE,
        oid::REGPROC,
        oid::REGNAMESPACE,
    ];
    let element = pg::catalog::element_type(ty).unwrap_or(ty);
    let base = type_by_oid(element).map_or(element, |row| if row.kind == 'd' { row.base } else { element });
    KINDS.contains(&base)
}
