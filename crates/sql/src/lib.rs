//! PostgreSQL's SQL over Hazelcast: parse, analyze, plan, execute.
