//! The schemas of Compact records: fetched from the cluster when a record names one, sent to it before a record is written.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use uuid::Uuid;

use crate::client::Client;
use crate::data::compact::schema::CompactSchema;
use crate::error::{Error, Result};
use crate::protocol::schema as messages;

/// How often a schema is sent before the members that have it are all that there are.
const SEND_ATTEMPTS: u32 = 100;
const SEND_PAUSE: Duration = Duration::from_millis(50);
/// Who needs more schemas than these, fetches some again.
const MAX_KNOWN: usize = 16_384;

/// What is known of schemas. Their ids are fingerprints, so that what is known stays true, whatever the cluster does.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    known: RwLock<HashMap<i64, Known>>,
}

#[derive(Debug)]
struct Known {
    schema: Arc<CompactSchema>,
    /// The cluster whose members have it.
    replicated: Option<Uuid>,
}

impl Schemas {
    /// A schema that was fetched or sent before.
    pub(crate) fn get(&self, id: i64) -> Option<Arc<CompactSchema>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).map(|known| Arc::clone(&known.schema))
    }

    fn replicated(&self, id: i64) -> Option<Uuid> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id)?.replicated
    }

    fn add(&self, schema: &Arc<CompactSchema>, cluster: Option<Uuid>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(schema.id(), Known { schema: Arc::clone(schema), replicated: cluster });
    }
}

impl Client {
    /// The schema with this id, asked of the cluster unless it is known here. Nothing if the cluster doesn't know it.
    pub async fn compact_schema(&self, id: i64) -> Result<Option<Arc<CompactSchema>>> {
        let cluster = self.cluster();
        if let Some(schema) = cluster.schemas.get(id) {
            return Ok(Some(schema));
        }
        let of = cluster.state.borrow().cluster_id;
        let limit = cluster.settings.invocation_timeout;
        let request = cluster.any_member()?.connection.invoke(messages::fetch_schema(id), None);
        let answer = request.within(limit, "fetching a schema").await?;
        let Some(schema) = messages::schema(&answer)? else { return Ok(None) };
        if schema.id() != id {
            return Err(Error::Protocol(format!("the schema with id {id} has another fingerprint")));
        }
        let schema = Arc::new(schema);
        cluster.schemas.add(&schema, of);
        Ok(Some(schema))
    }

    /// Makes sure that every member has the schema: a record must not be written before.
    pub async fn send_compact_schema(&self, schema: &Arc<CompactSchema>) -> Result<()> {
        let cluster = self.cluster();
        let limit = cluster.settings.invocation_timeout;
        for attempt in 0..SEND_ATTEMPTS {
            let of = cluster.state.borrow().cluster_id;
            if of.is_some() && cluster.schemas.replicated(schema.id()) == of {
                return Ok(());
            }
            if attempt > 0 {
                tokio::time::sleep(SEND_PAUSE).await;
            }
            let request = cluster.any_member()?.connection.invoke(messages::send_schema(schema), None);
            let answer = request.within(limit, "sending a schema").await?;
            let have = messages::replicated_to(&answer)?;
            let all = cluster.state.borrow().members.iter().all(|member| have.contains(&member.uuid));
            if all {
                cluster.schemas.add(schema, of);
                return Ok(());
            }
        }
        let name = schema.type_name();
        Err(Error::InvalidArgument(format!("the schema of {name} does not reach all members")))
    }
}
