//! Access control lists (acl.c): reading, printing, defaults.

use pg::catalog::quote_identifier;
use pg::{Error, Oid, Result, SqlState, Value, oid};

use super::{SystemCall, SystemFunction, SystemSetFunction, args};
use crate::catalog::Catalog;

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] =
    &[("acldefault_sql", acldefault), ("makeaclitem", makeaclitem), ("aclcontains", aclcontains)];

pub(super) const SETS: &[(&str, SystemSetFunction)] = &[("aclexplode", aclexplode)];

/// The privileges in the order of their bits: letter and word (`acl.h`).
const PRIVILEGES: [(char, &str); 14] = [
    ('a', "INSERT"),
    ('r', "SELECT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('X', "EXECUTE"),
    ('U', "USAGE"),
    ('C', "CREATE"),
    ('T', "TEMPORARY"),
    ('c', "CONNECT"),
    ('s', "SET"),
    ('A', "ALTER SYSTEM"),
];

/// What one role grants another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AclItem {
    /// Who may; 0 is everybody.
    pub grantee: Oid,
    /// Who said so.
    pub grantor: Oid,
    /// The letters, and whether they may be passed on.
    pub privileges: Vec<(char, bool)>,
}

/// The letter of a privilege's word.
pub(super) fn letter(word: &str) -> Option<char> {
    if word.eq_ignore_ascii_case("TEMP") {
        return Some('T');
    }
    PRIVILEGES.iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(letter, _)| *letter)
}

/// Reads `grantee=letters/grantor` (`aclparse`).
fn read(catalog: &Catalog, text: &str) -> Option<AclItem> {
    let (grantee, rest) = role_name(text)?;
    let (letters, grantor) = rest.strip_prefix('=')?.split_once('/')?;
    let grantee = if grantee.is_empty() { Oid::INVALID } else { catalog.role_oid(&grantee)? };
    let mut privileges: Vec<(char, bool)> = Vec::new();
    for c in letters.chars() {
        match c {
            '*' => privileges.last_mut()?.1 = true,
            c => privileges.push((c, false)),
        }
    }
    Some(AclItem { grantee, grantor: catalog.role_oid(&role_name(grantor)?.0)?, privileges })
}

/// A role's name, quoted or not, and what follows.
fn role_name(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"')?;
        return Some((quoted.get(..end)?.to_owned(), quoted.get(end + 1..)?));
    }
    let end = text.find('=').unwrap_or(text.len());
    Some((text.get(..end)?.to_owned(), text.get(end..)?))
}

/// Prints an item (`aclitemout`).
fn print(catalog: &Catalog, item: &AclItem) -> String {
    let name = |oid: Oid| match catalog.role_name(oid) {
        Some(name) => quote_identifier(&name).into_owned(),
        None => oid.to_string(),
    };
    let grantee = if item.grantee.is_valid() { name(item.grantee) } else { String::new() };
    let letters: String = PRIVILEGES
        .iter()
        .filter_map(|(letter, _)| item.privileges.iter().find(|(known, _)| known == letter))
        .map(|(letter, option)| format!("{letter}{}", if *option { "*" } else { "" }))
        .collect();
    format!("{grantee}={letters}/{}", name(item.grantor))
}

/// The items of an `aclitem[]`; those that name nobody are left out.
pub(super) fn items(catalog: &Catalog, acl: &Value) -> Vec<AclItem> {
    match acl {
        Value::Array(array) => {
            array.items.iter().filter_map(|item| read(catalog, item.as_str().unwrap_or_default())).collect()
        }
        _ => Vec::new(),
    }
}

/// The privileges that everybody and the owner have on an object of a kind without a list (`acldefault`).
pub(super) fn defaults(kind: u8, owner: Oid) -> Option<Vec<AclItem>> {
    let (world, own) = match kind {
        b'c' => ("", ""),
        b'r' => ("", "arwdDxt"),
        b's' => ("", "rwU"),
        b'd' => ("Tc", "CTc"),
        b'f' => ("X", "X"),
        b'l' => ("U", "U"),
        b'L' => ("", "rw"),
        b'n' => ("", "UC"),
        b't' => ("", "C"),
        b'F' | b'S' => ("", "U"),
        b'T' => ("U", "U"),
        b'p' => ("", "sA"),
        _ => return None,
    };
    let item = |grantee, letters: &str| {
        let privileges: Vec<(char, bool)> = letters.chars().map(|c| (c, false)).collect();
        (!privileges.is_empty()).then_some(AclItem { grantee, grantor: owner, privileges })
    };
    Some([item(Oid::INVALID, world), item(owner, own)].into_iter().flatten().collect())
}

fn acldefault(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(Value::Char(kind)) = args.first() else {
        return Err(Error::internal("acldefault without a kind"));
    };
    let items = defaults(*kind, args::oid(args, 1)?).ok_or_else(|| {
        Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("unrecognized object type abbreviation: {}", char::from(*kind)),
        )
    })?;
    let items = items.iter().map(|item| Value::text(print(call.catalog, item))).collect();
    Ok(args::make_array(oid::ACLITEM, items))
}

/// `makeaclitem(grantee, grantor, privileges, grantable)`
fn makeaclitem(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let grantable = args::bool(args, 3)?;
    let words = args::text(args, 2)?.split(',').map(str::trim);
    let privileges: Result<Vec<(char, bool)>> =
        words.map(|word| letter(word).map(|c| (c, grantable)).ok_or_else(|| unrecognized(word))).collect();
    let item =
        AclItem { grantee: args::oid(args, 0)?, grantor: args::oid(args, 1)?, privileges: privileges? };
    Ok(Value::text(print(call.catalog, &item)))
}

/// `unrecognized privilege type`
pub(super) fn unrecognized(word: &str) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("unrecognized privilege type: \"{word}\""))
}

fn aclcontains(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(wanted) = read(call.catalog, args::text(args, 1)?) else { return Ok(Value::Bool(false)) };
    let list = args.first().map(|acl| items(call.catalog, acl)).unwrap_or_default();
    let has = list.iter().any(|item| {
        let same = item.grantee == wanted.grantee && item.grantor == wanted.grantor;
        same && wanted.privileges.iter().all(|privilege| {
            item.privileges.iter().any(|(c, option)| *c == privilege.0 && (*option || !privilege.1))
        })
    });
    Ok(Value::Bool(has))
}

/// `aclexplode(acl)`: grantor, grantee, privilege_type, is_grantable.
fn aclexplode(call: &SystemCall<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    let mut rows = Vec::new();
    for item in args.first().map(|acl| items(call.catalog, acl)).unwrap_or_default() {
        for (letter, word) in PRIVILEGES {
            let Some((_, grantable)) = item.privileges.iter().find(|(known, _)| *known == letter) else {
                continue;
            };
            rows.push(vec![
                Value::Oid(item.grantor),
                Value::Oid(item.grantee),
                Value::text(word),
                Value::Bool(*grantable),
            ]);
        }
    }
    Ok(rows)
}
