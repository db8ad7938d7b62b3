//! Polymorphic types (`check_generic_type_consistency`, `enforce_generic_type_consistency`).

use pg::catalog::{array_type, element_type, type_by_oid};
use pg::oid::{self, *};
use pg::{Error, Oid, Result, SqlState};

use super::coerce::{Context, base, can_coerce, category, is_preferred};
use super::types::format_type;

/// `IsPolymorphicType`
pub fn is_polymorphic(ty: Oid) -> bool {
    is_family_1(ty) || is_family_2(ty)
}

fn is_family_1(ty: Oid) -> bool {
    matches!(ty, ANYELEMENT | ANYARRAY | ANYNONARRAY | ANYENUM | ANYRANGE | ANYMULTIRANGE)
}

fn is_family_2(ty: Oid) -> bool {
    matches!(
        ty,
        ANYCOMPATIBLE
            | ANYCOMPATIBLEARRAY
            | ANYCOMPATIBLENONARRAY
            | ANYCOMPATIBLERANGE
            | ANYCOMPATIBLEMULTIRANGE
    )
}

/// The targets for which a value stays what it is, an unknown literal included.
pub fn takes_anything(target: Oid) -> bool {
    matches!(target, ANY | ANYELEMENT | ANYNONARRAY | ANYCOMPATIBLE | ANYCOMPATIBLENONARRAY)
}

fn is_range(ty: Oid) -> bool {
    type_by_oid(base(ty)).is_some_and(|row| row.kind == 'r')
}

fn is_multirange(ty: Oid) -> bool {
    type_by_oid(base(ty)).is_some_and(|row| row.kind == 'm')
}

fn is_enum(ty: Oid) -> bool {
    type_by_oid(ty).is_some_and(|row| row.kind == 'e')
}

/// Range functions are rare enough here that ranges only have to agree.
fn subtype(range: Oid) -> Option<Oid> {
    let name = type_by_oid(base(range))?.name;
    Some(match name {
        "int4range" | "int4multirange" => INT4,
        "int8range" | "int8multirange" => INT8,
        "numrange" | "nummultirange" => NUMERIC,
        "tsrange" | "tsmultirange" => TIMESTAMP,
        "tstzrange" | "tstzmultirange" => TIMESTAMPTZ,
        "daterange" | "datemultirange" => DATE,
        _ => return None,
    })
}

fn range_of_multirange(multirange: Oid) -> Option<Oid> {
    let name = type_by_oid(base(multirange))?.name.replace("multirange", "range");
    pg::catalog::type_by_name(&name).map(|row| row.oid)
}

fn multirange_of_range(range: Oid) -> Option<Oid> {
    let name = type_by_oid(base(range))?.name.replace("range", "multirange");
    pg::catalog::type_by_name(&name).map(|row| row.oid)
}

/// What the polymorphic arguments of a call stand for.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    element: Option<Oid>,
    array: Option<Oid>,
    range: Option<Oid>,
    multirange: Option<Oid>,
    nonarray: bool,
    is_enum: bool,
    /// Arguments of unknown type stand in polymorphic places.
    unknowns: bool,
}

#[derive(Clone, Debug, Default)]
struct Gathered {
    first: Found,
    /// The anycompatible family: element types of all kinds of arguments.
    compatible: Vec<Oid>,
    compatible_array: bool,
    compatible_range: Option<Oid>,
    compatible_multirange: Option<Oid>,
    compatible_nonarray: bool,
    has_compatible: bool,
}

fn mismatch(what: &str) -> Error {
    Error::new(SqlState::DATATYPE_MISMATCH, format!("arguments declared \"{what}\" are not all alike"))
}

fn agree(slot: &mut Option<Oid>, ty: Oid, what: &str) -> Result<()> {
    match *slot {
        Some(found) if found != ty => {
            Err(mismatch(what).detail(format!("{} versus {}", format_type(found), format_type(ty))))
        }
        _ => {
            *slot = Some(ty);
            Ok(())
        }
    }
}

fn not_array(what: &str, ty: Oid, kind: &str) -> Error {
    Error::new(
        SqlState::DATATYPE_MISMATCH,
        format!("argument declared {what} is not {kind} but type {}", format_type(ty)),
    )
}

fn gather(inputs: &[Oid], declared: &[Oid]) -> Result<Gathered> {
    let mut all = Gathered::default();
    for (&actual, &declared) in inputs.iter().zip(declared) {
        if is_family_1(declared) {
            gather_first(&mut all.first, actual, declared)?;
        } else if is_family_2(declared) {
            all.has_compatible = true;
            all.compatible_nonarray |= declared == ANYCOMPATIBLENONARRAY;
            all.compatible_array |= declared == ANYCOMPATIBLEARRAY;
            if actual == UNKNOWN {
                continue;
            }
            let actual = base(actual);
            match declared {
                ANYCOMPATIBLEARRAY => {
                    let element = element_type(actual).or((actual == ANYARRAY).then_some(ANYELEMENT));
                    let element =
                        element.ok_or_else(|| not_array("anycompatiblearray", actual, "an array"))?;
                    all.compatible.push(element);
                }
                ANYCOMPATIBLERANGE => {
                    agree(&mut all.compatible_range, actual, "anycompatiblerange")?;
                    let sub = subtype(actual).filter(|_| is_range(actual));
                    all.compatible
                        .push(sub.ok_or_else(|| not_array("anycompatiblerange", actual, "a range type"))?);
                }
                ANYCOMPATIBLEMULTIRANGE => {
                    agree(&mut all.compatible_multirange, actual, "anycompatiblemultirange")?;
                    let sub = subtype(actual).filter(|_| is_multirange(actual));
                    let error = || not_array("anycompatiblemultirange", actual, "a multirange type");
                    all.compatible.push(sub.ok_or_else(error)?);
                }
                _ => all.compatible.push(actual),
            }
        }
    }
    Ok(all)
}

fn gather_first(found: &mut Found, actual: Oid, declared: Oid) -> Result<()> {
    found.nonarray |= declared == ANYNONARRAY;
    found.is_enum |= declared == ANYENUM;
    if actual == UNKNOWN {
        found.unknowns = true;
        return Ok(());
    }
    match declared {
        ANYARRAY => agree(&mut found.array, base(actual), "anyarray"),
        ANYRANGE => agree(&mut found.range, base(actual), "anyrange"),
        ANYMULTIRANGE => agree(&mut found.multirange, base(actual), "anymultirange"),
        _ => agree(&mut found.element, actual, "anyelement"),
    }
}

/// Derives the element from arrays and ranges, and checks that they fit.
fn settle_first(found: &mut Found) -> Result<()> {
    if let Some(array) = found.array {
        if array == ANYARRAY {
            // Statistics columns: the element is not known.
            found.element.get_or_insert(ANYELEMENT);
        } else {
            let element = element_type(array).ok_or_else(|| not_array("anyarray", array, "an array"))?;
            match found.element {
                Some(known) if base(known) != element && known != element => {
                    return Err(Error::new(
                        SqlState::DATATYPE_MISMATCH,
                        "argument declared anyarray is not consistent with argument declared anyelement",
                    )
                    .detail(format!(
                        "{} versus {}",
                        format_type(array),
                        format_type(known)
                    )));
                }
                _ => found.element = Some(element),
            }
        }
    }
    if let (None, Some(multirange)) = (found.range, found.multirange) {
        found.range = range_of_multirange(multirange);
    }
    if let Some(multirange) = found.multirange
        && !is_multirange(multirange)
    {
        return Err(not_array("anymultirange", multirange, "a multirange type"));
    }
    if let Some(range) = found.range {
        let sub = subtype(range).filter(|_| is_range(range));
        let sub = sub.ok_or_else(|| not_array("anyrange", range, "a range type"))?;
        match found.element {
            Some(known) if known != sub => {
                return Err(Error::new(
                    SqlState::DATATYPE_MISMATCH,
                    "argument declared anyrange is not consistent with argument declared anyelement",
                )
                .detail(format!("{} versus {}", format_type(range), format_type(known))));
            }
            _ => found.element = Some(sub),
        }
    }
    if let Some(element) = found.element {
        if found.nonarray && element_type(element).is_some() {
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!("type matched to anynonarray is an array type: {}", format_type(element)),
            ));
        }
        if found.is_enum && !is_enum(element) {
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!("type matched to anyenum is not an enum type: {}", format_type(element)),
            ));
        }
    }
    Ok(())
}

/// `select_common_type_from_oids`
fn common_of(types: &[Oid]) -> Option<Oid> {
    let mut chosen = *types.first()?;
    if types.iter().all(|ty| *ty == chosen) {
        return Some(chosen);
    }
    chosen = base(chosen);
    for &other in types.iter().skip(1) {
        let other = base(other);
        if other == chosen {
            continue;
        }
        if category(other) != category(chosen) {
            return None;
        }
        if !is_preferred(chosen)
            && can_coerce(&[chosen], &[other], Context::Implicit)
            && !can_coerce(&[other], &[chosen], Context::Implicit)
        {
            chosen = other;
        }
    }
    let all = types.iter().all(|ty| can_coerce(&[*ty], &[chosen], Context::Implicit));
    all.then_some(chosen)
}

/// `check_generic_type_consistency`
pub fn is_consistent(inputs: &[Oid], declared: &[Oid]) -> bool {
    let Ok(mut all) = gather(inputs, declared) else { return false };
    if settle_first(&mut all.first).is_err() {
        return false;
    }
    if all.compatible.is_empty() {
        return true;
    }
    match common_of(&all.compatible) {
        None => false,
        Some(ty) => {
            !(all.compatible_nonarray && element_type(ty).is_some())
                && (!all.compatible_array || array_type(ty).is_some() || ty == ANYELEMENT)
        }
    }
}

/// `enforce_generic_type_consistency`: the actual types of the arguments, and the type of the result.
pub fn enforce(inputs: &[Oid], declared: &mut [Oid], result: Oid) -> Result<Oid> {
    if !declared.iter().any(|ty| is_polymorphic(*ty)) {
        return Ok(result);
    }
    let mut all = gather(inputs, declared)?;
    settle_first(&mut all.first)?;
    let first_used = declared.iter().any(|ty| is_family_1(*ty));
    if first_used && all.first.element.is_none() {
        // Nothing but unknown literals: PostgreSQL 15 takes none of them for text here.
        return Err(Error::new(
            SqlState::DATATYPE_MISMATCH,
            "could not determine polymorphic type because input has type unknown",
        ));
    }
    let compatible = if all.has_compatible {
        let ty = if all.compatible.is_empty() { Some(TEXT) } else { common_of(&all.compatible) };
        Some(ty.ok_or_else(|| {
            let versus: Vec<_> = all.compatible.iter().map(|ty| format_type(*ty)).collect();
            Error::new(
                SqlState::DATATYPE_MISMATCH,
                "arguments of anycompatible family cannot be cast to a common type",
            )
            .detail(versus.join(" versus "))
        })?)
    } else {
        None
    };
    let places = inputs.iter().copied().zip(declared.iter_mut());
    for (actual, place) in places {
        if let Some(ty) = concrete(*place, &all, compatible, actual)? {
            *place = ty;
        }
    }
    Ok(concrete(result, &all, compatible, UNKNOWN)?.unwrap_or(result))
}

fn array_over(element: Oid) -> Result<Oid> {
    array_type(element).ok_or_else(|| {
        Error::new(
            SqlState::UNDEFINED_OBJECT,
            format!("could not find array type for data type {}", format_type(element)),
        )
    })
}

/// What a polymorphic type stands for, given what was found; `None` for other types, and for arguments that already
/// have their type.
fn concrete(declared: Oid, all: &Gathered, compatible: Option<Oid>, actual: Oid) -> Result<Option<Oid>> {
    let Found { element, array, range, multirange, .. } = all.first;
    Ok(match declared {
        ANYELEMENT | ANYNONARRAY | ANYENUM => {
            if actual != UNKNOWN {
                Some(actual)
            } else {
                element
            }
        }
        ANYARRAY => match (array, element) {
            (Some(array), _) => Some(array),
            (None, Some(element)) => Some(array_over(element)?),
            _ => None,
        },
        ANYRANGE => range,
        ANYMULTIRANGE => multirange.or(range.and_then(multirange_of_range)),
        ANYCOMPATIBLE | ANYCOMPATIBLENONARRAY => compatible,
        ANYCOMPATIBLEARRAY => match compatible {
            Some(ANYELEMENT) => Some(ANYARRAY),
            Some(ty) => Some(array_over(ty)?),
            None => None,
        },
        ANYCOMPATIBLERANGE => all.compatible_range,
        ANYCOMPATIBLEMULTIRANGE => {
            all.compatible_multirange.or(all.compatible_range.and_then(multirange_of_range))
        }
        oid::ANY => None,
        _ => None,
    })
}
