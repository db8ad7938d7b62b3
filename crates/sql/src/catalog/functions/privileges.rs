//! Who may do what: `has_…_privilege`, `pg_has_role`. Superusers may do everything with everything that exists; for
//! other roles the objects' own lists are read, as PostgreSQL does.

use pg::catalog::system_relation;
use pg::{Error, Oid, Result, SqlState, Value};

use super::acl::{defaults, items, letter, unrecognized};
use super::{SystemCall, SystemFunction, args};
use crate::catalog::lookup::namespace_oid;
use crate::catalog::system::tables::*;
use crate::catalog::{RowRef, live::OWNER};

/// The variants of a function with and without a role, by name and by oid.
macro_rules! family {
    ($prefix:literal, $function:expr) => {
        &[
            (concat!($prefix, "_name"), $function as SystemFunction),
            (concat!($prefix, "_id"), $function),
            (concat!($prefix, "_name_name"), $function),
            (concat!($prefix, "_name_id"), $function),
            (concat!($prefix, "_id_name"), $function),
            (concat!($prefix, "_id_id"), $function),
        ]
    };
}

pub(super) const FAMILIES: &[&[(&str, SystemFunction)]] = &[
    family!("has_table_privilege", |call, args| has(call, args, &TABLE)),
    family!("has_sequence_privilege", |call, args| has(call, args, &SEQUENCE)),
    family!("has_any_column_privilege", |call, args| has(call, args, &TABLE_COLUMNS)),
    family!("has_database_privilege", |call, args| has(call, args, &DATABASE)),
    family!("has_function_privilege", |call, args| has(call, args, &FUNCTION)),
    family!("has_language_privilege", |call, args| has(call, args, &LANGUAGE)),
    family!("has_schema_privilege", |call, args| has(call, args, &SCHEMA)),
    family!("has_tablespace_privilege", |call, args| has(call, args, &TABLESPACE)),
    family!("has_type_privilege", |call, args| has(call, args, &TYPE)),
    family!("has_foreign_data_wrapper_privilege", |call, args| has(call, args, &WRAPPER)),
    family!("has_server_privilege", |call, args| has(call, args, &SERVER)),
    family!("has_parameter_privilege", has_parameter),
    family!("pg_has_role", pg_has_role),
];

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("has_column_privilege_name_name_name", has_column),
    ("has_column_privilege_name_name_attnum", has_column),
    ("has_column_privilege_name_id_name", has_column),
    ("has_column_privilege_name_id_attnum", has_column),
    ("has_column_privilege_id_name_name", has_column),
    ("has_column_privilege_id_name_attnum", has_column),
    ("has_column_privilege_id_id_name", has_column),
    ("has_column_privilege_id_id_attnum", has_column),
    ("has_column_privilege_name_name", has_column),
    ("has_column_privilege_name_attnum", has_column),
    ("has_column_privilege_id_name", has_column),
    ("has_column_privilege_id_attnum", has_column),
    ("row_security_active", |_, _| Ok(Value::Bool(false))),
    ("row_security_active_name", |_, _| Ok(Value::Bool(false))),
];

/// A kind of object that privileges are on.
struct Kind {
    /// The table with its rows.
    table: Oid,
    /// The columns of owner and list.
    owner: &'static str,
    acl: &'static str,
    /// For [`defaults`].
    default: u8,
    /// The privileges there are.
    privileges: &'static [&'static str],
    /// Finds the object by name.
    find: fn(&SystemCall<'_>, &str) -> Result<Oid>,
}

const TABLE: Kind = Kind {
    table: PG_CLASS,
    owner: "relowner",
    acl: "relacl",
    default: b'r',
    privileges: &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"],
    find: find_class,
};
const TABLE_COLUMNS: Kind = Kind { privileges: &["SELECT", "INSERT", "UPDATE", "REFERENCES"], ..TABLE };
const SEQUENCE: Kind = Kind { default: b's', privileges: &["USAGE", "SELECT", "UPDATE"], ..TABLE };
const DATABASE: Kind = Kind {
    table: PG_DATABASE,
    owner: "datdba",
    acl: "datacl",
    default: b'd',
    privileges: &["CREATE", "TEMPORARY", "TEMP", "CONNECT"],
    find: |call, name| find_named(call, PG_DATABASE, name, "database", SqlState::INVALID_CATALOG_NAME),
};
const FUNCTION: Kind = Kind {
    table: PG_PROC,
    owner: "proowner",
    acl: "proacl",
    default: b'f',
    privileges: &["EXECUTE"],
    find: |call, name| call.catalog.reg_in(pg::oid::REGPROCEDURE, name, &call.path()),
};
const LANGUAGE: Kind = Kind {
    table: PG_LANGUAGE,
    owner: "lanowner",
    acl: "lanacl",
    default: b'l',
    privileges: &["USAGE"],
    find: |call, name| find_named(call, PG_LANGUAGE, name, "language", SqlState::UNDEFINED_OBJECT),
};
const SCHEMA: Kind = Kind {
    table: PG_NAMESPACE,
    owner: "nspowner",
    acl: "nspacl",
    default: b'n',
    privileges: &["CREATE", "USAGE"],
    find: |_, name| {
        namespace_oid(name).ok_or_else(|| {
            Error::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"))
        })
    },
};
const TABLESPACE: Kind = Kind {
    table: PG_TABLESPACE,
    owner: "spcowner",
    acl: "spcacl",
    default: b't',
    privileges: &["CREATE"],
    find: |call, name| find_named(call, PG_TABLESPACE, name, "tablespace", SqlState::UNDEFINED_OBJECT),
};
const TYPE: Kind = Kind {
    table: PG_TYPE,
    owner: "typowner",
    acl: "typacl",
    default: b'T',
    privileges: &["USAGE"],
    find: |call, name| call.catalog.type_by_text(name, &call.path()).map(|ty| ty.oid),
};
const WRAPPER: Kind = Kind {
    table: PG_FOREIGN_DATA_WRAPPER,
    owner: "fdwowner",
    acl: "fdwacl",
    default: b'F',
    privileges: &["USAGE"],
    find: |call, name| {
        find_named(call, PG_FOREIGN_DATA_WRAPPER, name, "foreign-data wrapper", SqlState::UNDEFINED_OBJECT)
    },
};
const SERVER: Kind = Kind {
    table: PG_FOREIGN_SERVER,
    owner: "srvowner",
    acl: "srvacl",
    default: b'S',
    privileges: &["USAGE"],
    find: |call, name| find_named(call, PG_FOREIGN_SERVER, name, "server", SqlState::UNDEFINED_OBJECT),
};

fn find_class(call: &SystemCall<'_>, name: &str) -> Result<Oid> {
    call.catalog.class_by_text(name, &call.path())
}

fn find_named(call: &SystemCall<'_>, table: Oid, name: &str, kind: &str, code: SqlState) -> Result<Oid> {
    let found = call.catalog.scan(table).find(|row| row.text(1) == name);
    found.map(|row| row.oid(0)).ok_or_else(|| Error::new(code, format!("{kind} \"{name}\" does not exist")))
}

/// A role argument: a name (`public` is everybody) or an oid.
fn role(call: &SystemCall<'_>, value: Option<&Value>) -> Result<Oid> {
    match value {
        Some(Value::Text(name)) if &**name == "public" => Ok(Oid::INVALID),
        Some(Value::Text(name)) => role_by_name(call, name),
        Some(Value::Oid(oid)) => Ok(*oid),
        _ => role_by_name(call, &call.session.settings().current_user()),
    }
}

fn role_by_name(call: &SystemCall<'_>, name: &str) -> Result<Oid> {
    call.catalog
        .role_oid(name)
        .ok_or_else(|| Error::new(SqlState::UNDEFINED_OBJECT, format!("role \"{name}\" does not exist")))
}

/// Privileges asked for: any of them will do. Each is a letter, and whether the right to grant it is meant.
fn wanted(text: &str, allowed: &[&str]) -> Result<Vec<(char, bool)>> {
    text.split(',')
        .map(|part| {
            let part = part.trim();
            let suffix = " WITH GRANT OPTION";
            let cut = part.len().saturating_sub(suffix.len());
            let (word, grant) = match (part.get(..cut), part.get(cut..)) {
                (Some(word), Some(rest)) if rest.eq_ignore_ascii_case(suffix) => (word, true),
                _ => (part, false),
            };
            match allowed.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                // An old privilege that nobody has any more.
                true if word.eq_ignore_ascii_case("RULE") => Ok(('\0', grant)),
                true => letter(word).map(|letter| (letter, grant)).ok_or_else(|| unrecognized(part)),
                false => Err(unrecognized(part)),
            }
        })
        .collect()
}

/// `has_…_privilege([role,] object, privileges)`
fn has(call: &SystemCall<'_>, args: &[Value], kind: &Kind) -> Result<Value> {
    let (who, rest) = if args.len() > 2 { args.split_at(1) } else { args.split_at(0) };
    let who = role(call, who.first())?;
    let object = match rest.first() {
        Some(Value::Text(name)) => (kind.find)(call, name)?,
        _ => args::oid(rest, 0)?,
    };
    let wanted = wanted(args::text(rest, 1)?, kind.privileges)?;
    let Some(row) = call.catalog.find(kind.table, object) else { return Ok(Value::Null) };
    Ok(Value::Bool(wanted.iter().any(|privilege| check(call, who, kind, &row, *privilege))))
}

/// `has_column_privilege([role,] table, column, privileges)`
fn has_column(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let (who, rest) = if args.len() > 3 { args.split_at(1) } else { args.split_at(0) };
    let who = role(call, who.first())?;
    let table = match rest.first() {
        Some(Value::Text(name)) => find_class(call, name)?,
        _ => args::oid(rest, 0)?,
    };
    let wanted = wanted(args::text(rest, 2)?, TABLE_COLUMNS.privileges)?;
    let Some(row) = call.catalog.find(PG_CLASS, table) else { return Ok(Value::Null) };
    let columns = super::definitions::columns(call.catalog, table);
    match rest.get(1) {
        Some(Value::Text(name)) => {
            if !columns.iter().any(|(_, known)| **known == **name) {
                return Err(Error::new(
                    SqlState::UNDEFINED_COLUMN,
                    format!("column \"{name}\" of relation \"{}\" does not exist", row.text(1)),
                ));
            }
        }
        _ => {
            let number = args::int(rest, 1)?;
            if !columns.iter().any(|(known, _)| i64::from(*known) == number) {
                return Ok(Value::Null);
            }
        }
    }
    Ok(Value::Bool(wanted.iter().any(|privilege| check(call, who, &TABLE, &row, *privilege))))
}

/// The place of a column in the rows of a table of the catalog.
pub(super) fn column(table: Oid, name: &str) -> usize {
    let columns = system_relation(table).map_or(&[][..], |relation| &relation.columns);
    columns.iter().position(|column| column.name == name).unwrap_or(usize::MAX)
}

/// Whether a role has a privilege on an object (`aclmask`).
fn check(call: &SystemCall<'_>, who: Oid, kind: &Kind, row: &RowRef, privilege: (char, bool)) -> bool {
    if is_superuser(call, who) {
        return true;
    }
    let owner = row.oid(column(kind.table, kind.owner));
    if privilege.1 && has_privileges_of(call, who, owner) {
        return true;
    }
    let acl = match row.get(column(kind.table, kind.acl)) {
        Value::Null => defaults(kind.default, owner).unwrap_or_default(),
        list => items(call.catalog, list),
    };
    let granted = acl.iter().any(|item| {
        let applies = !item.grantee.is_valid() || has_privileges_of(call, who, item.grantee);
        applies && item.privileges.iter().any(|(c, option)| *c == privilege.0 && (*option || !privilege.1))
    });
    granted || !privilege.1 && reads_or_writes_all(call, who, kind, privilege.0)
}

/// `pg_read_all_data`, `pg_write_all_data`.
fn reads_or_writes_all(call: &SystemCall<'_>, who: Oid, kind: &Kind, letter: char) -> bool {
    const READ_ALL: Oid = Oid(6181);
    const WRITE_ALL: Oid = Oid(6182);
    match (kind.table, letter) {
        (PG_CLASS, 'r') => has_privileges_of(call, who, READ_ALL),
        (PG_CLASS, 'a' | 'w' | 'd') => has_privileges_of(call, who, WRITE_ALL),
        (PG_NAMESPACE, 'U') => {
            has_privileges_of(call, who, READ_ALL) || has_privileges_of(call, who, WRITE_ALL)
        }
        _ => false,
    }
}

fn is_superuser(call: &SystemCall<'_>, who: Oid) -> bool {
    who == OWNER || call.catalog.find(PG_AUTHID, who).is_some_and(|row| row.is(2))
}

/// Whether a role is another, or a member of it, however far.
fn has_privileges_of(call: &SystemCall<'_>, member: Oid, role: Oid) -> bool {
    const DATABASE_OWNER: Oid = Oid(6171);
    if member == role || is_superuser(call, member) {
        return true;
    }
    if role == DATABASE_OWNER && member == OWNER {
        return true;
    }
    // pg_auth_members: roleid, member
    let parents = call.catalog.scan(PG_AUTH_MEMBERS).filter(|row| row.oid(1) == member);
    parents.map(|row| row.oid(0)).any(|parent| has_privileges_of(call, parent, role))
}

/// `pg_has_role([member,] role, privileges)`
fn pg_has_role(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let (who, rest) = if args.len() > 2 { args.split_at(1) } else { args.split_at(0) };
    let who = role(call, who.first())?;
    let object = match rest.first() {
        Some(Value::Text(name)) => role_by_name(call, name)?,
        _ => args::oid(rest, 0)?,
    };
    for part in args::text(rest, 1)?.split(',').map(str::trim) {
        let word = part.to_ascii_uppercase();
        let word = ["WITH GRANT OPTION", "WITH ADMIN OPTION"]
            .iter()
            .find_map(|suffix| word.strip_suffix(suffix))
            .unwrap_or(&word);
        if !matches!(word.trim(), "MEMBER" | "USAGE") {
            return Err(unrecognized(part));
        }
    }
    Ok(Value::Bool(has_privileges_of(call, who, object)))
}

/// `has_parameter_privilege([role,] name, privileges)`
fn has_parameter(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let (who, rest) = if args.len() > 2 { args.split_at(1) } else { args.split_at(0) };
    let who = role(call, who.first())?;
    wanted(args::text(rest, 1)?, &["SET", "ALTER SYSTEM"])?;
    Ok(Value::Bool(is_superuser(call, who)))
}
