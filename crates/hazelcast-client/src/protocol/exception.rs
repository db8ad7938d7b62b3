//! Messages of type 0: a request failed with an exception (protocol 3.5).

use super::frame::{Fixed, Frames};
use super::message::Message;
use crate::error::{ErrorCause, Malformed, MemberError};

pub(crate) fn decode(message: &Message) -> Result<MemberError, Malformed> {
    let (_, mut frames) = message.read()?;
    let causes = frames.list(cause)?;
    if causes.is_empty() {
        return Err(Malformed("exception without a cause"));
    }
    Ok(MemberError { causes })
}

/// An ErrorHolder; its stack trace is passed over.
fn cause(frames: &mut Frames<'_>) -> Result<ErrorCause, Malformed> {
    frames.begin()?;
    let code = Fixed(frames.value()?.content).i32(0)?;
    let class_name = frames.string()?;
    let message = frames.nullable_string()?;
    frames.finish()?;
    Ok(ErrorCause { code, class_name, message })
}
