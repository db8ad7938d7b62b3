//! PostgreSQL's vocabulary: types, values, formats, catalog data, functions, wire messages.
