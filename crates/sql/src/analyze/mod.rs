//! From syntax trees to typed queries, by PostgreSQL's rules.
