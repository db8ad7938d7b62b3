//! Ordered-set aggregates: how many direct arguments there are, and the types of hypothetical ones (`ParseFuncOrColumn`,
//! `unify_hypothetical_args`).

use pg::catalog::{self, Proc};
use pg::oid;
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::calls::display_name;
use super::candidates::Candidate;
use super::common::common_type;
use super::functions::signature;
use crate::parse::ast::FuncCall;
use crate::query::Expr;

impl Analyzer<'_> {
    /// The arguments of an ordered-set aggregate, direct ones first: their number is checked, and hypothetical ones get
    /// the types of those they are compared with.
    pub(super) fn ordered_set_arguments(
        &mut self,
        call: &FuncCall,
        proc: &Proc,
        candidate: &Candidate,
        mut args: Vec<Expr>,
        pos: Option<u32>,
    ) -> Result<Vec<Expr>> {
        let Some(aggregate) = catalog::aggregate(proc.oid) else { return Ok(args) };
        let (name, sorted) = (display_name(call), call.order_by.len());
        let direct = args.len().saturating_sub(sorted);
        let declared = usize::try_from(aggregate.direct_args).unwrap_or(0);
        let hint = if aggregate.kind == 'h' {
            (candidate.variadic != 2 * sorted).then(|| {
                format!(
                    "To use the hypothetical-set aggregate {name}, the number of hypothetical direct arguments (here \
                     {direct}) must match the number of ordering columns (here {sorted})."
                )
            })
        } else {
            (direct != declared).then(|| {
                let plural = if declared == 1 { "" } else { "s" };
                format!(
                    "There is an ordered-set aggregate {name}, but it requires {declared} direct argument{plural}, \
                     not {direct}."
                )
            })
        };
        if let Some(hint) = hint {
            let message = format!("function {} does not exist", signature(&call.name, &args, &[]));
            return Err(Error::new(SqlState::UNDEFINED_FUNCTION, message).hint(hint).at(pos));
        }
        if aggregate.kind != 'h' {
            return Ok(args);
        }
        let sorted = args.split_off(direct);
        let mut unified = (Vec::with_capacity(direct), Vec::with_capacity(direct));
        for (hypothetical, sorted) in args.into_iter().zip(sorted) {
            // The sorted one's type is preferred: the other is converted once, this one for each row.
            let ty = common_type(&[&sorted, &hypothetical], Some("WITHIN GROUP"))?.unwrap_or(oid::TEXT);
            unified.0.push(self.coerce_to_common(hypothetical, ty, "WITHIN GROUP")?);
            unified.1.push(self.coerce_to_common(sorted, ty, "WITHIN GROUP")?);
        }
        unified.0.append(&mut unified.1);
        Ok(unified.0)
    }
}
