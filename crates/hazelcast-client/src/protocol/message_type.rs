//! Message types: service, method, and 0 for a request, 1 for its response, 2 and more for its events.

/// Constants, and the list of them for the documentation (`docs/messages.md` of this crate).
macro_rules! message_types {
    ($($constant:ident = $code:literal, $name:literal;)*) => {
        $(pub(crate) const $constant: i32 = $code;)*

        /// Every message that this client knows, by the names of Hazelcast's protocol definitions.
        #[cfg(test)]
        pub(crate) const ALL: &[(i32, &str)] = &[$(($code, $name)),*];
    };
}

message_types! {
    EXCEPTION = 0x00_0000, "an exception instead of a response";
    AUTHENTICATION = 0x00_0100, "Client.authentication";
    AUTHENTICATION_CUSTOM = 0x00_0200, "Client.authenticationCustom";
    ADD_CLUSTER_VIEW_LISTENER = 0x00_0300, "Client.addClusterViewListener";
    MEMBERS_VIEW_EVENT = 0x00_0302, "Client.addClusterViewListener: event MembersView";
    PARTITIONS_VIEW_EVENT = 0x00_0303, "Client.addClusterViewListener: event PartitionsView";
    CREATE_PROXY = 0x00_0400, "Client.createProxy";
    DESTROY_PROXY = 0x00_0500, "Client.destroyProxy";
    GET_DISTRIBUTED_OBJECTS = 0x00_0800, "Client.getDistributedObjects";
    ADD_DISTRIBUTED_OBJECT_LISTENER = 0x00_0900, "Client.addDistributedObjectListener";
    DISTRIBUTED_OBJECT_EVENT = 0x00_0902, "Client.addDistributedObjectListener: event DistributedObject";
    REMOVE_DISTRIBUTED_OBJECT_LISTENER = 0x00_0A00, "Client.removeDistributedObjectListener";
    PING = 0x00_0B00, "Client.ping";
    STATISTICS = 0x00_0C00, "Client.statistics";
    TRIGGER_PARTITION_ASSIGNMENT = 0x00_1000, "Client.triggerPartitionAssignment";
    SEND_SCHEMA = 0x00_1300, "Client.sendSchema";
    FETCH_SCHEMA = 0x00_1400, "Client.fetchSchema";
    MAP_PUT = 0x01_0100, "Map.put";
    MAP_GET = 0x01_0200, "Map.get";
    MAP_REMOVE = 0x01_0300, "Map.remove";
    MAP_REPLACE = 0x01_0400, "Map.replace";
    MAP_REPLACE_IF_SAME = 0x01_0500, "Map.replaceIfSame";
    MAP_CONTAINS_KEY = 0x01_0600, "Map.containsKey";
    MAP_CONTAINS_VALUE = 0x01_0700, "Map.containsValue";
    MAP_REMOVE_IF_SAME = 0x01_0800, "Map.removeIfSame";
    MAP_DELETE = 0x01_0900, "Map.delete";
    MAP_FLUSH = 0x01_0A00, "Map.flush";
    MAP_TRY_REMOVE = 0x01_0B00, "Map.tryRemove";
    MAP_TRY_PUT = 0x01_0C00, "Map.tryPut";
    MAP_PUT_TRANSIENT = 0x01_0D00, "Map.putTransient";
    MAP_PUT_IF_ABSENT = 0x01_0E00, "Map.putIfAbsent";
    MAP_SET = 0x01_0F00, "Map.set";
    MAP_LOCK = 0x01_1000, "Map.lock";
    MAP_TRY_LOCK = 0x01_1100, "Map.tryLock";
    MAP_IS_LOCKED = 0x01_1200, "Map.isLocked";
    MAP_UNLOCK = 0x01_1300, "Map.unlock";
    MAP_ADD_INTERCEPTOR = 0x01_1400, "Map.addInterceptor";
    MAP_REMOVE_INTERCEPTOR = 0x01_1500, "Map.removeInterceptor";
    MAP_ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE = 0x01_1600, "Map.addEntryListenerToKeyWithPredicate";
    MAP_ADD_ENTRY_LISTENER_WITH_PREDICATE = 0x01_1700, "Map.addEntryListenerWithPredicate";
    MAP_ADD_ENTRY_LISTENER_TO_KEY = 0x01_1800, "Map.addEntryListenerToKey";
    MAP_ADD_ENTRY_LISTENER = 0x01_1900, "Map.addEntryListener";
    MAP_REMOVE_ENTRY_LISTENER = 0x01_1A00, "Map.removeEntryListener";
    MAP_GET_ENTRY_VIEW = 0x01_1D00, "Map.getEntryView";
    MAP_EVICT = 0x01_1E00, "Map.evict";
    MAP_EVICT_ALL = 0x01_1F00, "Map.evictAll";
    MAP_LOAD_ALL = 0x01_2000, "Map.loadAll";
    MAP_LOAD_GIVEN_KEYS = 0x01_2100, "Map.loadGivenKeys";
    MAP_KEY_SET = 0x01_2200, "Map.keySet";
    MAP_GET_ALL = 0x01_2300, "Map.getAll";
    MAP_VALUES = 0x01_2400, "Map.values";
    MAP_ENTRY_SET = 0x01_2500, "Map.entrySet";
    MAP_KEY_SET_WITH_PREDICATE = 0x01_2600, "Map.keySetWithPredicate";
    MAP_VALUES_WITH_PREDICATE = 0x01_2700, "Map.valuesWithPredicate";
    MAP_ENTRIES_WITH_PREDICATE = 0x01_2800, "Map.entriesWithPredicate";
    MAP_ADD_INDEX = 0x01_2900, "Map.addIndex";
    MAP_SIZE = 0x01_2A00, "Map.size";
    MAP_IS_EMPTY = 0x01_2B00, "Map.isEmpty";
    MAP_PUT_ALL = 0x01_2C00, "Map.putAll";
    MAP_CLEAR = 0x01_2D00, "Map.clear";
    MAP_EXECUTE_ON_KEY = 0x01_2E00, "Map.executeOnKey";
    MAP_EXECUTE_ON_ALL_KEYS = 0x01_3000, "Map.executeOnAllKeys";
    MAP_EXECUTE_WITH_PREDICATE = 0x01_3100, "Map.executeWithPredicate";
    MAP_EXECUTE_ON_KEYS = 0x01_3200, "Map.executeOnKeys";
    MAP_FORCE_UNLOCK = 0x01_3300, "Map.forceUnlock";
    MAP_KEY_SET_WITH_PAGING_PREDICATE = 0x01_3400, "Map.keySetWithPagingPredicate";
    MAP_VALUES_WITH_PAGING_PREDICATE = 0x01_3500, "Map.valuesWithPagingPredicate";
    MAP_ENTRIES_WITH_PAGING_PREDICATE = 0x01_3600, "Map.entriesWithPagingPredicate";
    MAP_AGGREGATE = 0x01_3900, "Map.aggregate";
    MAP_AGGREGATE_WITH_PREDICATE = 0x01_3A00, "Map.aggregateWithPredicate";
    MAP_PROJECT = 0x01_3B00, "Map.project";
    MAP_PROJECT_WITH_PREDICATE = 0x01_3C00, "Map.projectWithPredicate";
    MAP_REMOVE_ALL = 0x01_3E00, "Map.removeAll";
    MAP_SET_TTL = 0x01_4300, "Map.setTtl";
    MAP_PUT_WITH_MAX_IDLE = 0x01_4400, "Map.putWithMaxIdle";
    MAP_PUT_TRANSIENT_WITH_MAX_IDLE = 0x01_4500, "Map.putTransientWithMaxIdle";
    MAP_PUT_IF_ABSENT_WITH_MAX_IDLE = 0x01_4600, "Map.putIfAbsentWithMaxIdle";
    MAP_SET_WITH_MAX_IDLE = 0x01_4700, "Map.setWithMaxIdle";
    TRANSACTIONAL_MAP_CONTAINS_KEY = 0x0E_0100, "TransactionalMap.containsKey";
    TRANSACTIONAL_MAP_GET = 0x0E_0200, "TransactionalMap.get";
    TRANSACTIONAL_MAP_GET_FOR_UPDATE = 0x0E_0300, "TransactionalMap.getForUpdate";
    TRANSACTIONAL_MAP_SIZE = 0x0E_0400, "TransactionalMap.size";
    TRANSACTIONAL_MAP_IS_EMPTY = 0x0E_0500, "TransactionalMap.isEmpty";
    TRANSACTIONAL_MAP_PUT = 0x0E_0600, "TransactionalMap.put";
    TRANSACTIONAL_MAP_SET = 0x0E_0700, "TransactionalMap.set";
    TRANSACTIONAL_MAP_PUT_IF_ABSENT = 0x0E_0800, "TransactionalMap.putIfAbsent";
    TRANSACTIONAL_MAP_REPLACE = 0x0E_0900, "TransactionalMap.replace";
    TRANSACTIONAL_MAP_REPLACE_IF_SAME = 0x0E_0A00, "TransactionalMap.replaceIfSame";
    TRANSACTIONAL_MAP_REMOVE = 0x0E_0B00, "TransactionalMap.remove";
    TRANSACTIONAL_MAP_DELETE = 0x0E_0C00, "TransactionalMap.delete";
    TRANSACTIONAL_MAP_REMOVE_IF_SAME = 0x0E_0D00, "TransactionalMap.removeIfSame";
    TRANSACTIONAL_MAP_KEY_SET = 0x0E_0E00, "TransactionalMap.keySet";
    TRANSACTIONAL_MAP_KEY_SET_WITH_PREDICATE = 0x0E_0F00, "TransactionalMap.keySetWithPredicate";
    TRANSACTIONAL_MAP_VALUES = 0x0E_1000, "TransactionalMap.values";
    TRANSACTIONAL_MAP_VALUES_WITH_PREDICATE = 0x0E_1100, "TransactionalMap.valuesWithPredicate";
    TRANSACTION_COMMIT = 0x15_0100, "Transaction.commit";
    TRANSACTION_CREATE = 0x15_0200, "Transaction.create";
    TRANSACTION_ROLLBACK = 0x15_0300, "Transaction.rollback";
    MC_READ_METRICS = 0x20_0100, "MC.readMetrics";
    MC_GET_MAP_CONFIG = 0x20_0300, "MC.getMapConfig";
    MC_GET_TIMED_MEMBER_STATE = 0x20_0B00, "MC.getTimedMemberState";
    SQL_CLOSE = 0x21_0300, "Sql.close";
    SQL_EXECUTE = 0x21_0400, "Sql.execute";
    SQL_FETCH = 0x21_0500, "Sql.fetch";
    SQL_MAPPING_DDL = 0x21_0600, "Sql.mappingDdl";
    JET_GET_JOB_AND_SQL_SUMMARY_LIST = 0xFE_0F00, "Jet.getJobAndSqlSummaryList";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    /// The documentation's list is this list. `UPDATE_MESSAGES=1 cargo test -p hazelcast-client messages` writes it.
    #[test]
    fn the_documentation_has_all_messages() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/messages.md");
        let mut all = ALL.to_vec();
        all.sort_unstable();
        let mut text = "# Messages of the Open Binary Client Protocol that this client knows\n\n\
                        Made from `src/protocol/message_type.rs`. A response has the type of its request and 1.\n\n\
                        | type | message |\n| --- | --- |\n"
            .to_string();
        for (code, name) in &all {
            text += &format!("| 0x{code:06x} | {name} |\n");
        }
        if std::env::var_os("UPDATE_MESSAGES").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), text, "UPDATE_MESSAGES=1 writes {path}");
        all.dedup_by_key(|(code, _)| *code);
        assert_eq!(all.len(), ALL.len(), "two messages of one type");
    }
}
