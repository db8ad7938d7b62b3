//! The function call protocol, which is obsolete and which libpq's `PQfn` speaks (`HandleFunctionRequest`).

use pg::wire::backend;
use pg::wire::frontend::{Arguments, FunctionCall};
use pg::{Error, Oid, Result, Value};

use super::engine::{Batch, Outcome, Prepared};
use super::transaction::in_failed_transaction;
use super::{Session, Step, Stream, values};

impl<S: Stream> Session<S> {
    /// `FunctionCall`
    pub(super) async fn call_function(&mut self, call: FunctionCall<'_>) -> Step<()> {
        self.begin_statement();
        if self.transaction.has_failed() {
            return Err(in_failed_transaction().into());
        }
        self.show_function_call();
        let function = self.engine.function(call.function, &self.around)?;
        let arguments = call.arguments(function.parameter_types().len())?;
        let parameters = self.arguments(&arguments, function.parameter_types())?;
        let value = super::wait(&mut self.wire, &self.interrupt, async {
            let outcome = function.execute(parameters.into(), None, &self.around).await?;
            only_value(outcome).await
        })
        .await??;
        self.send_result(&value, &*function, &arguments)?;
        self.send_notices();
        self.end_implicit()?;
        Ok(())
    }

    fn arguments(&self, arguments: &Arguments<'_>, types: &[Oid]) -> Result<Vec<Value>> {
        let given = arguments.values.iter().zip(types).enumerate();
        let value = |(index, (bytes, ty)): (usize, (&Option<&[u8]>, &Oid))| {
            let format = arguments.formats.get(index);
            let Some(bytes) = bytes else { return format.known().map(|_| Value::Null) };
            values::read(bytes, *ty, format, &self.around.env).map_err(|error| {
                values::left_over(error, format, &format!("function argument {}", index + 1))
            })
        };
        given.map(value).collect()
    }

    fn send_result(
        &mut self,
        value: &Value,
        function: &dyn Prepared,
        arguments: &Arguments<'_>,
    ) -> Result<()> {
        let ty = function.columns().and_then(<[_]>::first).map_or(Oid::INVALID, |column| column.ty.oid);
        let env = &self.around.env;
        backend::function_call_response(self.wire.output(), |out| {
            if value.is_null() {
                return Ok(false);
            }
            values::write(value, ty, arguments.result, out, env).map(|()| true)
        })
    }
}

/// The value of the only row.
async fn only_value(outcome: Outcome) -> Result<Value> {
    let none = || Error::internal("a function gave no value");
    let Outcome::Rows(mut rows) = outcome else { return Err(none()) };
    match rows.next().await? {
        Some(Batch::Values(rows)) => rows.into_iter().flatten().next().ok_or_else(none),
        _ => Err(none()),
    }
}
