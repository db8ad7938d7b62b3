//! Which of several functions or operators a call means (`func_match_argtypes`, `func_select_candidate`).

use pg::oid;
use pg::{Oid, catalog};

use super::coerce::{Context, base, can_coerce, category, is_preferred};

/// A function or operator that may be meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its row.
    pub oid: Oid,
    /// The types of its arguments as far as the call gives them, a variadic one repeated.
    pub args: Vec<Oid>,
    /// How many of the call's arguments its variadic one takes.
    pub variadic: usize,
    /// How many of its arguments come from defaults.
    pub defaults: usize,
    /// For a call with named arguments: the place of each argument of the call.
    pub places: Option<Vec<usize>>,
}

impl Candidate {
    /// A candidate without variadic arguments and defaults.
    pub fn new(oid: Oid, args: Vec<Oid>) -> Candidate {
        Candidate { oid, args, variadic: 0, defaults: 0, places: None }
    }
}

/// `func_match_argtypes`: the candidates that the arguments can be converted for.
pub fn matching(candidates: Vec<Candidate>, inputs: &[Oid]) -> Vec<Candidate> {
    candidates.into_iter().filter(|c| can_coerce(inputs, &c.args, Context::Implicit)).collect()
}

/// The only candidate, or the one that `func_select_candidate` prefers.
pub fn select<'a>(candidates: &'a [Candidate], inputs: &[Oid]) -> Option<&'a Candidate> {
    if let [only] = candidates {
        return Some(only);
    }
    let bases: Vec<Oid> = inputs.iter().map(|ty| base(*ty)).collect();
    let all: Vec<&Candidate> = candidates.iter().collect();
    // Those with the most exact matches, then those with the most exact or preferred types.
    let exact = best(all, |c| count(&bases, c, |input, arg| input == arg));
    if let [only] = exact.as_slice() {
        return Some(only);
    }
    let preferred = best(exact, |c| {
        count(&bases, c, |input, arg| input == arg || (is_preferred(arg) && category(arg) == category(input)))
    });
    if let [only] = preferred.as_slice() {
        return Some(only);
    }
    if !bases.contains(&oid::UNKNOWN) {
        return None;
    }
    let by_category = by_category_of_unknowns(preferred, &bases);
    if let [only] = by_category.as_slice() {
        return Some(only);
    }
    all_like_the_known(by_category, &bases)
}

fn count(bases: &[Oid], candidate: &Candidate, test: impl Fn(Oid, Oid) -> bool) -> usize {
    let pairs = bases.iter().zip(&candidate.args);
    pairs.filter(|(input, arg)| **input != oid::UNKNOWN && test(**input, **arg)).count()
}

fn best(candidates: Vec<&Candidate>, score: impl Fn(&Candidate) -> usize) -> Vec<&Candidate> {
    let most = candidates.iter().map(|c| score(c)).max().unwrap_or(0);
    candidates.into_iter().filter(|c| score(c) == most).collect()
}

/// At each unknown argument, the category that all candidates agree on, or strings when any of them takes one.
fn by_category_of_unknowns<'a>(candidates: Vec<&'a Candidate>, bases: &[Oid]) -> Vec<&'a Candidate> {
    let mut slots = Vec::new();
    for (i, input) in bases.iter().enumerate() {
        if *input != oid::UNKNOWN {
            continue;
        }
        let mut slot: Option<(char, bool)> = None;
        let mut conflict = false;
        for arg in candidates.iter().filter_map(|c| c.args.get(i)) {
            let (kind, preferred) = (category(*arg), is_preferred(*arg));
            match &mut slot {
                None => slot = Some((kind, preferred)),
                Some((known, any)) if *known == kind => *any |= preferred,
                Some(slot) if kind == 'S' => *slot = (kind, preferred),
                Some(_) => conflict = true,
            }
        }
        match slot {
            Some((kind, preferred)) if !conflict || kind == 'S' => slots.push((i, kind, preferred)),
            _ => return candidates,
        }
    }
    let fits = |c: &&Candidate| {
        slots.iter().all(|(i, kind, preferred)| {
            c.args.get(*i).is_some_and(|arg| category(*arg) == *kind && (!preferred || is_preferred(*arg)))
        })
    };
    let kept: Vec<_> = candidates.iter().copied().filter(fits).collect();
    if kept.is_empty() { candidates } else { kept }
}

/// If the known arguments are all of one type, the unknown ones are taken for it too.
fn all_like_the_known<'a>(candidates: Vec<&'a Candidate>, bases: &[Oid]) -> Option<&'a Candidate> {
    let mut known = bases.iter().filter(|ty| **ty != oid::UNKNOWN);
    let ty = known.next()?;
    if known.any(|other| other != ty) {
        return None;
    }
    let assumed = vec![*ty; bases.len()];
    let mut fitting = candidates.into_iter().filter(|c| can_coerce(&assumed, &c.args, Context::Implicit));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// `FuncnameGetCandidates`: the functions of a name that take so many arguments. `names` are those of the last
/// arguments of the call. Without `expand`, variadic functions are taken as they are declared (`VARIADIC` was written).
pub fn functions(
    rows: &[&'static catalog::Proc],
    nargs: usize,
    names: &[std::sync::Arc<str>],
    expand: bool,
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for row in rows {
        let Some(candidate) = function(row, nargs, names, expand) else { continue };
        // Of two with the same arguments, the one that needs less help.
        let help = |c: &Candidate| (c.variadic, c.defaults);
        match found.iter_mut().find(|c| c.args == candidate.args) {
            Some(other) if help(other) > help(&candidate) => *other = candidate,
            Some(_) => {}
            None => found.push(candidate),
        }
    }
    found
}

fn function(
    row: &catalog::Proc,
    nargs: usize,
    names: &[std::sync::Arc<str>],
    expand: bool,
) -> Option<Candidate> {
    let declared = row.args.len();
    if !names.is_empty() {
        return named(row, nargs, names);
    }
    if expand && row.variadic.is_valid() && declared <= nargs {
        let fixed = declared.checked_sub(1)?;
        let mut args: Vec<Oid> = row.args.iter().copied().take(fixed).collect();
        args.resize(nargs, row.variadic);
        return Some(Candidate { variadic: nargs - fixed, ..Candidate::new(row.oid, args) });
    }
    let missing = declared.checked_sub(nargs)?;
    if missing > row.defaults {
        return None;
    }
    let args = row.args.iter().copied().take(nargs).collect();
    Some(Candidate { defaults: missing, ..Candidate::new(row.oid, args) })
}

/// `MatchNamedCall`
fn named(row: &catalog::Proc, nargs: usize, names: &[std::sync::Arc<str>]) -> Option<Candidate> {
    if row.arg_names.is_empty() || nargs > row.args.len() {
        return None;
    }
    // The names of the input arguments, in their order.
    let inputs: Vec<&str> = if row.modes.is_empty() {
        row.arg_names.to_vec()
    } else {
        let pairs = row.arg_names.iter().zip(row.modes.iter());
        pairs.filter(|(_, mode)| matches!(mode, 'i' | 'b' | 'v')).map(|(name, _)| *name).collect()
    };
    let positional = nargs - names.len();
    let mut places: Vec<usize> = (0..positional).collect();
    for name in names {
        let place = inputs.iter().position(|input| **input == **name)?;
        if places.contains(&place) {
            return None;
        }
        places.push(place);
    }
    let first_default = row.args.len() - row.defaults;
    let missing = (0..row.args.len()).filter(|place| !places.contains(place)).collect::<Vec<_>>();
    if missing.iter().any(|place| *place < first_default) {
        return None;
    }
    let args = places.iter().filter_map(|place| row.args.get(*place).copied()).collect();
    Some(Candidate { defaults: missing.len(), places: Some(places), ..Candidate::new(row.oid, args) })
}
