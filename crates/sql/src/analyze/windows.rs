//! Window functions and WINDOW (`transformWindowFuncCall`, `transformWindowDefinitions`).

use pg::oid::{self, TypeRef};
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::calls::Resolved;
use super::clause::Clause;
use super::coerce::{Context, category, returns_set};
use super::types::format_type;
use crate::parse::ast::{self, FuncCall, WindowDef};
use crate::query::{Expr, ExprKind, Frame, FrameBound, FrameExclude, FrameUnit, Window, WindowCall};
use crate::same::same;
use crate::walk;

impl Analyzer<'_> {
    pub(super) fn window_call(
        &mut self,
        call: &FuncCall,
        over: &WindowDef,
        resolved: Resolved,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let refused = |message: &str| Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(pos);
        if call.distinct {
            return Err(refused("DISTINCT is not implemented for window functions"));
        }
        if !call.order_by.is_empty() {
            return Err(refused("aggregate ORDER BY is not implemented for window functions"));
        }
        if call.filter.is_some() && resolved.proc.kind != 'a' {
            return Err(refused("FILTER is not implemented for non-aggregate window functions"));
        }
        if let Some(set) = resolved.args.iter().find(|arg| returns_set(arg)) {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "window function calls cannot contain set-returning function calls",
            )
            .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(set.position));
        }
        if let Some(name) = self.clause().refuses_windows() {
            return Err(Error::new(
                SqlState::WINDOWING_ERROR,
                format!("window functions are not allowed in {name}"),
            )
            .at(pos));
        }
        let mut nested = None;
        for arg in &resolved.args {
            walk::visit(arg, &mut |e| {
                if matches!(e.kind, ExprKind::Window(_)) && nested.is_none() {
                    nested = Some(e.position);
                }
                nested.is_none()
            });
        }
        if let Some(at) = nested {
            return Err(
                Error::new(SqlState::WINDOWING_ERROR, "window function calls cannot be nested").at(at)
            );
        }
        let window = self.window(over)?;
        let result = TypeRef::of(resolved.result);
        let call =
            WindowCall { proc: resolved.proc.oid, args: resolved.args, filter: resolved.filter, window };
        Ok(Expr::new(ExprKind::Window(Box::new(call)), result).at(pos))
    }

    /// The names that WINDOW defines, which must differ (`transformWindowDefinitions`).
    pub(super) fn define_windows(&mut self, defs: &[WindowDef]) -> Result<()> {
        for (index, def) in defs.iter().enumerate() {
            let Some(name) = def.name.as_ref().map(|name| name.folded()) else { continue };
            let earlier = defs.iter().take(index).filter_map(|other| other.name.as_ref());
            if earlier.into_iter().any(|other| other.folded() == name) {
                let message = format!("window \"{name}\" is already defined");
                return Err(Error::new(SqlState::WINDOWING_ERROR, message).at(self.pos(def.pos)));
            }
            // What nobody refers to must have a meaning, too.
            self.window_definition(&WindowDef { name: None, ..def.clone() }, 0)?;
        }
        Ok(())
    }

    /// The number of a window: a new one unless an equal one is there.
    fn window(&mut self, def: &WindowDef) -> Result<usize> {
        let window = self.window_definition(def, 0)?;
        let scope = self.scope()?;
        if let Some(index) = scope.windows.iter().position(|other| same_window(other, &window)) {
            return Ok(index);
        }
        scope.windows.push(window);
        Ok(scope.windows.len() - 1)
    }

    fn window_definition(&mut self, def: &WindowDef, depth: usize) -> Result<Window> {
        let pos = self.pos(def.pos);
        let base_name = def.name.as_ref().filter(|_| is_reference(def)).or(def.base.as_ref());
        let base = match base_name {
            None => None,
            Some(name) => {
                let folded = name.folded();
                let defs = &self.scope()?.window_defs;
                let found =
                    defs.iter().find(|d| d.name.as_ref().is_some_and(|n| n.folded() == folded)).cloned();
                let undefined = || {
                    Error::new(SqlState::UNDEFINED_OBJECT, format!("window \"{folded}\" does not exist"))
                        .at(pos)
                };
                let found = found.filter(|_| depth < 64).ok_or_else(undefined)?;
                // WINDOW w AS (…) itself is no reference.
                let inner = WindowDef { name: None, ..found };
                Some((folded, self.window_definition(&inner, depth + 1)?, inner.frame.is_some()))
            }
        };
        if let (Some((_, window, _)), true) = (&base, is_reference(def)) {
            return Ok(window.clone());
        }
        let mut partition_by = Vec::new();
        for expr in &def.partition_by {
            partition_by.push(self.in_clause(Clause::WindowPartition, |a| a.sort_expr(expr))?);
        }
        let mut order_by = Vec::new();
        for key in &def.order_by {
            let expr = self.in_clause(Clause::WindowOrder, |a| a.sort_expr(&key.expr))?;
            order_by.push(self.sort_of(key, expr)?);
        }
        if let Some((name, window, framed)) = base {
            let wrong = |what: String| Err(Error::new(SqlState::WINDOWING_ERROR, what).at(pos));
            if !partition_by.is_empty() {
                return wrong(format!("cannot override PARTITION BY clause of window \"{name}\""));
            }
            if !order_by.is_empty() && !window.order_by.is_empty() {
                return wrong(format!("cannot override ORDER BY clause of window \"{name}\""));
            }
            if framed {
                let bare = def.frame.is_none() && def.partition_by.is_empty() && def.order_by.is_empty();
                let error = wrong(format!("cannot copy window \"{name}\" because it has a frame clause"));
                return match bare && def.name.is_none() {
                    true => error.map_err(|e| e.hint("Omit the parentheses in this OVER clause.")),
                    false => error,
                };
            }
            partition_by = window.partition_by;
            if order_by.is_empty() {
                order_by = window.order_by;
            }
        }
        let frame = match &def.frame {
            None => default_frame(),
            Some(frame) => self.frame(frame, &order_by, pos)?,
        };
        Ok(Window { partition_by, order_by, frame })
    }

    fn frame(
        &mut self,
        frame: &ast::Frame,
        order_by: &[crate::query::AggregateSort],
        pos: Option<u32>,
    ) -> Result<Frame> {
        use ast::FrameBound as Bound;
        let wrong = |what: &str| Err(Error::new(SqlState::WINDOWING_ERROR, what).at(pos));
        let offset = [&frame.start, &frame.end]
            .iter()
            .any(|bound| matches!(bound, Bound::Preceding(_) | Bound::Following(_)));
        if frame.unit == FrameUnit::Range && offset && order_by.len() != 1 {
            return wrong("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
        }
        if frame.unit == FrameUnit::Groups && order_by.is_empty() {
            return wrong("GROUPS mode requires an ORDER BY clause");
        }
        let ordered = order_by.first().map(|key| key.expr.ty.oid);
        Ok(Frame {
            unit: frame.unit,
            start: self.frame_bound(&frame.start, frame.unit, ordered)?,
            end: self.frame_bound(&frame.end, frame.unit, ordered)?,
            exclude: frame.exclude,
        })
    }

    /// `transformFrameOffset`
    fn frame_bound(
        &mut self,
        bound: &ast::FrameBound,
        unit: FrameUnit,
        ordered: Option<pg::Oid>,
    ) -> Result<FrameBound> {
        use ast::FrameBound as Bound;
        let (offset, preceding) = match bound {
            Bound::UnboundedPreceding => return Ok(FrameBound::UnboundedPreceding),
            Bound::UnboundedFollowing => return Ok(FrameBound::UnboundedFollowing),
            Bound::CurrentRow => return Ok(FrameBound::CurrentRow),
            Bound::Preceding(offset) => (offset, true),
            Bound::Following(offset) => (offset, false),
        };
        let name = match unit {
            FrameUnit::Range => "RANGE",
            FrameUnit::Rows => "ROWS",
            FrameUnit::Groups => "GROUPS",
        };
        let offset = self.in_clause(Clause::WindowFrame(name), |a| a.expr(offset))?;
        let offset = match (unit, ordered) {
            (FrameUnit::Range, Some(ordered)) => self.range_offset(offset, ordered)?,
            _ => self.coerce_to_specific(offset, oid::INT8, name)?,
        };
        let mut columns = false;
        walk::visit_columns(&offset, &mut |column| columns |= column.levels_up == 0);
        if columns {
            return Err(Error::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                format!("argument of {name} must not contain variables"),
            )
            .at(offset.position));
        }
        let offset = Box::new(offset);
        Ok(if preceding { FrameBound::Preceding(offset) } else { FrameBound::Following(offset) })
    }

    /// The `in_range` functions: a number's own kind for numbers, an interval for times.
    fn range_offset(&mut self, offset: Expr, ordered: pg::Oid) -> Result<Expr> {
        let target = match category(ordered) {
            'D' | 'T' => oid::INTERVAL,
            'N' if ordered == oid::FLOAT4 => oid::FLOAT8,
            'N' if offset.ty.oid == oid::UNKNOWN => ordered,
            'N' if matches!(ordered, oid::INT2 | oid::INT4)
                && matches!(offset.ty.oid, oid::INT4 | oid::INT8) =>
            {
                offset.ty.oid
            }
            'N' => ordered,
            _ => {
                let class = pg::catalog::default_opclass(ordered, pg::catalog::BTREE);
                let ordered = class.map_or(ordered, |class| class.input);
                return Err(Error::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!(
                        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {}",
                        format_type(ordered)
                    ),
                )
                .at(offset.position));
            }
        };
        let (from, position) = (offset.ty.oid, offset.position);
        self.coerce_to_target(offset, target.into(), Context::Implicit, None)?.ok_or_else(|| {
            Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!(
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {}",
                    format_type(ordered),
                    format_type(from)
                ),
            )
            .hint("Cast the offset value to an appropriate type.")
            .at(position)
        })
    }
}

/// `OVER name`, without parentheses.
fn is_reference(def: &WindowDef) -> bool {
    def.name.is_some()
        && def.base.is_none()
        && def.partition_by.is_empty()
        && def.order_by.is_empty()
        && def.frame.is_none()
}

fn default_frame() -> Frame {
    Frame {
        unit: FrameUnit::Range,
        start: FrameBound::UnboundedPreceding,
        end: FrameBound::CurrentRow,
        exclude: FrameExclude::NoOthers,
    }
}

fn same_window(a: &Window, b: &Window) -> bool {
    let bound = |a: &FrameBound, b: &FrameBound| match (a, b) {
        (FrameBound::Preceding(a), FrameBound::Preceding(b))
        | (FrameBound::Following(a), FrameBound::Following(b)) => same(a, b),
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    };
    a.partition_by.len() == b.partition_by.len()
        && a.partition_by.iter().zip(&b.partition_by).all(|(a, b)| same(a, b))
        && a.order_by.len() == b.order_by.len()
        && a.order_by.iter().zip(&b.order_by).all(|(a, b)| {
            same(&a.expr, &b.expr) && a.descending == b.descending && a.nulls_first == b.nulls_first
        })
        && a.frame.unit == b.frame.unit
        && a.frame.exclude == b.frame.exclude
        && bound(&a.frame.start, &b.frame.start)
        && bound(&a.frame.end, &b.frame.end)
}
