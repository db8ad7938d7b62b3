//! SQL cursors: where FETCH and MOVE go (`PortalRunFetch`). A cursor goes forward over rows as they come; one that was
//! declared with SCROLL keeps them, within the statement's memory, and goes anywhere.

use std::sync::Arc;

use bytes::BytesMut;
use pg::wire::Format;
use pg::{Error, Result, SqlState};
use sql::parse::session::FetchDirection;
use sql::session::Cursor as CursorRow;

use super::engine::{Batch, Column, RowOutput};
use super::portal::{Portal, Progress};
use super::rows::{Most, write_values};
use super::{Session, Step, Stream};

/// What DECLARE said of a portal, and where it stands.
#[derive(Default)]
pub struct Declared {
    /// `BINARY`
    pub binary: bool,
    /// `SCROLL`
    pub scroll: bool,
    /// When it was declared.
    pub at: i64,
    /// Its transaction has not ended yet: ROLLBACK takes it back.
    pub fresh: bool,
    /// The row it stands on, from 1; 0 is before the first.
    position: u64,
    /// It stands behind the last row, which is `position`.
    past: bool,
    /// All rows, with the number of the first of each batch, once they have been asked for.
    kept: Option<Kept>,
}

impl Declared {
    /// Declared now.
    pub fn new(binary: bool, scroll: bool, at: i64) -> Declared {
        Declared { binary, scroll, at, fresh: true, ..Declared::default() }
    }

    /// An error if it can't go there. Asked before anything of a FETCH is sent.
    pub fn may_go(&self, direction: FetchDirection) -> Result<()> {
        if !self.scroll {
            forward(direction, self.position, self.past)?;
        }
        Ok(())
    }

    /// Lets the rows go that were kept.
    pub fn forget(&mut self) {
        self.kept = None;
    }
}

struct Kept {
    batches: Vec<(u64, Batch)>,
    columns: Arc<[Column]>,
    total: u64,
}

/// Rows to be sent: the first, how many, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: u64,
    count: u64,
    backward: bool,
}

const NOTHING: Span = Span { first: 0, count: 0, backward: false };

impl<S: Stream> Session<S> {
    /// Runs FETCH or MOVE over a portal that has begun; says how many rows there were.
    pub(super) async fn fetch(
        &mut self,
        portal: &mut Portal,
        direction: FetchDirection,
        skip: bool,
        formats: &Arc<[Format]>,
    ) -> Step<u64> {
        let mut declared = portal.declared.take().unwrap_or_default();
        let fetched = match declared.scroll {
            true => self.fetch_kept(portal, &mut declared, direction, skip, formats).await,
            false => self.fetch_forward(portal, &mut declared, direction, skip, formats).await,
        };
        portal.declared = Some(declared);
        fetched
    }

    async fn fetch_forward(
        &mut self,
        portal: &mut Portal,
        declared: &mut Declared,
        direction: FetchDirection,
        skip: bool,
        formats: &Arc<[Format]>,
    ) -> Step<u64> {
        let Some((over, most)) = forward(direction, declared.position, declared.past)? else { return Ok(0) };
        if over > 0 {
            self.advance(portal, declared, Most::Rows(over), true, formats).await?;
        }
        self.advance(portal, declared, most, skip, formats).await
    }

    async fn advance(
        &mut self,
        portal: &mut Portal,
        declared: &mut Declared,
        most: Most,
        skip: bool,
        formats: &Arc<[Format]>,
    ) -> Step<u64> {
        let Progress::Running(cursor) = &mut portal.progress else {
            declared.past = true;
            return Ok(0);
        };
        let (rows, finished) = self.send_rows(cursor, formats, most, skip).await?;
        declared.position += rows;
        if finished {
            declared.past = true;
            portal.progress = Progress::Exhausted(cursor.rows.tag(0));
        }
        Ok(rows)
    }

    async fn fetch_kept(
        &mut self,
        portal: &mut Portal,
        declared: &mut Declared,
        direction: FetchDirection,
        skip: bool,
        formats: &Arc<[Format]>,
    ) -> Step<u64> {
        if declared.kept.is_none() {
            declared.kept = Some(self.keep(portal).await?);
        }
        let Some(kept) = &declared.kept else { return Ok(0) };
        let span = go(direction, &mut declared.position, &mut declared.past, kept.total);
        if skip {
            return Ok(span.count);
        }
        let mut sent = 0;
        while sent < span.count {
            let row = if span.backward { span.first - sent } else { span.first + sent };
            let at = kept.batches.partition_point(|(first, _)| *first <= row).saturating_sub(1);
            let Some((first, batch)) = kept.batches.get(at) else { break };
            let most = if span.backward { 1 } else { span.count - sent };
            let from = usize::try_from(row - first).unwrap_or(usize::MAX);
            sent += self.write_rows(batch, from, most, &kept.columns, formats)?;
            self.wire.owe();
            if self.wire.is_full() {
                self.drain().await?;
            }
            self.interrupt.check()?;
        }
        Ok(sent)
    }

    /// All rows of a portal.
    async fn keep(&mut self, portal: &mut Portal) -> Step<Kept> {
        let limit = self.engine.memory_limit();
        let mut kept = Kept { batches: Vec::new(), columns: Arc::new([]), total: 0 };
        let Progress::Running(cursor) = &mut portal.progress else { return Ok(kept) };
        kept.columns = cursor.columns.clone();
        let mut bytes = 0;
        while let Some(batch) = super::wait(&mut self.wire, &self.interrupt, cursor.rows.next()).await?? {
            bytes += measure(&batch, &kept.columns, &self.around.env)?;
            if bytes > limit {
                return Err(too_large(limit).into());
            }
            let rows = batch.len() as u64;
            kept.batches.push((kept.total + 1, batch));
            kept.total += rows;
            self.interrupt.check()?;
        }
        portal.progress = Progress::Exhausted(cursor.rows.tag(0));
        Ok(kept)
    }

    /// What `pg_cursors` shows from here on.
    pub(super) fn show_cursors(&mut self) {
        if self.portals.named_count() == 0 && !self.cursors_shown {
            return;
        }
        let rows = self.portals.iter_named().filter_map(|(name, portal)| {
            let declared = portal.declared.as_ref()?;
            Some(CursorRow {
                name: name.to_owned(),
                statement: portal.source.text.to_string(),
                holdable: portal.hold,
                binary: declared.binary,
                scrollable: declared.scroll,
                created_at: declared.at,
            })
        });
        let rows: Vec<CursorRow> = rows.collect();
        self.cursors_shown = !rows.is_empty();
        *self.controls.cursors() = rows;
    }
}

/// How many rows a forward-only cursor goes over, and how many it then gives; `None`: it stays.
fn forward(direction: FetchDirection, position: u64, past: bool) -> Result<Option<(u64, Most)>> {
    let stays = |on_row: bool| if on_row { Err(only_forward()) } else { Ok(None) };
    let on_row = position > 0 && !past;
    match direction {
        FetchDirection::Forward(None) => Ok(Some((0, Most::All))),
        FetchDirection::Forward(Some(n @ 1..)) => Ok(Some((0, Most::Rows(n.unsigned_abs())))),
        FetchDirection::Backward(Some(n @ ..=-1)) => Ok(Some((0, Most::Rows(n.unsigned_abs())))),
        FetchDirection::Forward(Some(0))
        | FetchDirection::Backward(Some(0))
        | FetchDirection::Relative(0) => stays(on_row),
        FetchDirection::Relative(n @ 1..) => Ok(Some((n.unsigned_abs() - 1, Most::Rows(1)))),
        FetchDirection::Absolute(n @ 1..) if n.unsigned_abs() > position => {
            Ok(Some((n.unsigned_abs() - position - 1, Most::Rows(1))))
        }
        FetchDirection::Absolute(0) => stays(position > 0 || past),
        _ => Err(only_forward()),
    }
}

/// Where a cursor over so many rows goes, and what it gives on the way.
fn go(direction: FetchDirection, position: &mut u64, past: &mut bool, total: u64) -> Span {
    // The place behind the last row has a number of its own here.
    let here = if *past { total + 1 } else { *position };
    let (place, span) = match direction {
        FetchDirection::Forward(count) => along(here, count, total),
        FetchDirection::Backward(count) => {
            along(here, Some(count.map_or(i64::MIN, |n| n.saturating_neg())), total)
        }
        FetchDirection::Absolute(n) => {
            let target = if n < 0 { (total + 1).saturating_sub(n.unsigned_abs()) } else { n.unsigned_abs() };
            one(target, total)
        }
        FetchDirection::Relative(n) => one(here.saturating_add_signed(n), total),
    };
    *past = place > total;
    *position = place.min(total);
    span
}

/// One row, if the target is one.
fn one(target: u64, total: u64) -> (u64, Span) {
    let place = target.min(total + 1);
    let found = (1..=total).contains(&place);
    (place, if found { Span { first: place, count: 1, backward: false } } else { NOTHING })
}

/// Rows from here on, in one direction or the other; none is the row that it stands on.
fn along(here: u64, count: Option<i64>, total: u64) -> (u64, Span) {
    match count {
        Some(0) => one(here, total),
        Some(back @ ..=-1) => {
            let first = here.saturating_sub(1);
            let rows = first.min(back.unsigned_abs());
            // It stops before the first row when there were fewer than were asked for.
            let place = if rows < back.unsigned_abs() { 0 } else { first + 1 - rows };
            (place, Span { first, count: rows, backward: true })
        }
        forward => {
            let wanted = forward.map_or(u64::MAX, i64::unsigned_abs);
            let rows = total.saturating_sub(here).min(wanted);
            let place = if rows < wanted { total + 1 } else { here + rows };
            (place, Span { first: here + 1, count: rows, backward: false })
        }
    }
}

/// What a batch takes, about: what its rows take in text.
fn measure(batch: &Batch, columns: &[Column], env: &pg::Env) -> Result<usize> {
    let formats = vec![Format::Text; columns.len()];
    let (mut from, mut bytes) = (0, 0);
    while from < batch.len() {
        let mut made = BytesMut::new();
        let mut output = RowOutput { out: &mut made, full: 1 << 16, columns, formats: &formats, env };
        from += match batch {
            Batch::Encoded(rows) => rows.write(from, usize::MAX, &mut output)?,
            Batch::Values(rows) => write_values(rows, from, usize::MAX, &mut output)?,
        };
        bytes += made.len();
    }
    Ok(bytes)
}

fn only_forward() -> Error {
    Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "cursor can only scan forward")
        .hint("Declare it with SCROLL option to enable backward scan.")
}

fn too_large(limit: usize) -> Error {
    Error::new(SqlState::OUT_OF_MEMORY, "out of memory")
        .detail(format!("The rows of a SCROLL cursor take more than {limit} bytes."))
        .hint("Declare it without SCROLL, so that its rows are not kept, or raise \"statement_memory\" of the gateway.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use FetchDirection::{Absolute, Backward, Forward, Relative};

    /// The rows that a series of movements over three rows gives; PostgreSQL 15 gives the same.
    fn rows(moves: &[FetchDirection]) -> Vec<Vec<u64>> {
        let (mut position, mut past) = (0, false);
        let mut step = |direction: &FetchDirection| {
            let span = go(*direction, &mut position, &mut past, 3);
            (0..span.count).map(|n| if span.backward { span.first - n } else { span.first + n }).collect()
        };
        moves.iter().map(&mut step).collect()
    }

    #[test]
    fn scrolling_goes_where_postgres_goes() {
        let none: Vec<u64> = Vec::new();
        assert_eq!(
            rows(&[Forward(Some(2)), Backward(Some(1)), Backward(Some(1)), Forward(None), Backward(Some(1))]),
            [vec![1, 2], vec![1], none.clone(), vec![1, 2, 3], vec![3]]
        );
        assert_eq!(
            rows(&[Absolute(-1), Absolute(2), Relative(0), Relative(-1), Relative(-1)]),
            [vec![3], vec![2], vec![2], vec![1], none.clone()]
        );
        assert_eq!(
            rows(&[Forward(None), Backward(None), Forward(Some(1))]),
            [vec![1, 2, 3], vec![3, 2, 1], vec![1]]
        );
        assert_eq!(
            rows(&[Absolute(9), Forward(Some(0)), Relative(-1), Forward(Some(-2))]),
            [none.clone(), none, vec![3], vec![2, 1]]
        );
    }

    #[test]
    fn forward_only_says_so() {
        assert_eq!(forward(Absolute(5), 2, false).unwrap(), Some((2, Most::Rows(1))));
        assert_eq!(forward(Relative(3), 2, false).unwrap(), Some((2, Most::Rows(1))));
        assert_eq!(forward(Forward(None), 2, false).unwrap(), Some((0, Most::All)));
        assert_eq!(forward(Forward(Some(0)), 0, false).unwrap(), None);
        for direction in [Absolute(2), Backward(Some(1)), Backward(None), Relative(-1), Absolute(-1)] {
            assert!(forward(direction, 2, false).is_err(), "{direction:?}");
        }
    }
}
