//! PostgreSQL's built-in catalog: typed look-ups for what an analyzer asks, and every built-in row of every table for
//! what clients ask. Both are read from the files in `crates/pg/data`, once, when first needed.

mod aggregates;
mod casts;
mod data;
mod extension;
mod format_type;
mod ident;
mod opclasses;
mod operators;
mod procs;
mod ranges;
mod relations;
mod tsv;
mod types;
mod values;

pub use aggregates::{Aggregate, aggregate};
pub use casts::{Cast, cast, casts, is_binary_coercible};
pub use data::{keywords, node_trees, settings, system_table, views};
pub use extension::{STATEMENT_COLUMNS, STATEMENTS_INFO_COLUMNS, extension_procs};
pub use format_type::{TypeName, format_type, format_type_with};
pub use ident::{keyword_category, quote_identifier, quote_qualified};
pub use opclasses::{
    BTREE, HASH, OpClass, Strategy, btree_comparison, btree_operator, btree_strategies, default_opclass,
    equality_operator, family_operator, hash_function, opclasses,
};
pub use operators::{Operator, operator_by_oid, operator_exact, operators, operators_by_name};
pub use procs::{Proc, proc_by_oid, proc_by_signature, procs, procs_by_name};
pub use ranges::{RangeType, range_type};
pub use relations::{
    SystemColumn, SystemRelation, node_tree_text, raw_node_tree_text, system_relation, system_relations,
    view_definition,
};
pub use tsv::{Row, Table};
pub use types::{
    PG_CATALOG, PUBLIC, Type, array_type, base_type, element_type, type_by_name, type_by_oid,
    type_in_namespace, types,
};

pub use values::{decode, system_rows};

#[cfg(test)]
mod tests;
