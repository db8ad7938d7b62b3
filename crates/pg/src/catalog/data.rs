//! The files of `crates/pg/data`, which `dump.sh` there made from a PostgreSQL 15.

use super::tsv::Table;

macro_rules! files {
    ($($name:literal)*) => {
        /// The built-in rows of a table of `pg_catalog` or `information_schema`, all columns in their order.
        /// `regproc` columns hold oids, `pg_rewrite.ev_action` is left out. `None` for a table without a file: it has
        /// no built-in rows.
        pub fn system_table(name: &str) -> Option<Table> {
            match name {
                $($name => Some(Table::new(include_str!(concat!("../../data/", $name, ".tsv")))),)*
                _ => None,
            }
        }
    };
}

files! {
    "pg_aggregate"
    "pg_am"
    "pg_amop"
    "pg_amproc"
    "pg_attrdef"
    "pg_attribute"
    "pg_auth_members"
    "pg_authid"
    "pg_cast"
    "pg_class"
    "pg_collation"
    "pg_constraint"
    "pg_conversion"
    "pg_database"
    "pg_db_role_setting"
    "pg_default_acl"
    "pg_depend"
    "pg_description"
    "pg_enum"
    "pg_event_trigger"
    "pg_extension"
    "pg_foreign_data_wrapper"
    "pg_foreign_server"
    "pg_foreign_table"
    "pg_index"
    "pg_inherits"
    "pg_init_privs"
    "pg_language"
    "pg_namespace"
    "pg_opclass"
    "pg_operator"
    "pg_opfamily"
    "pg_parameter_acl"
    "pg_partitioned_table"
    "pg_policy"
    "pg_proc"
    "pg_publication"
    "pg_publication_namespace"
    "pg_publication_rel"
    "pg_range"
    "pg_replication_origin"
    "pg_rewrite"
    "pg_seclabel"
    "pg_sequence"
    "pg_shdepend"
    "pg_shdescription"
    "pg_shseclabel"
    "pg_statistic_ext"
    "pg_subscription"
    "pg_subscription_rel"
    "pg_tablespace"
    "pg_transform"
    "pg_trigger"
    "pg_ts_config"
    "pg_ts_config_map"
    "pg_ts_dict"
    "pg_ts_parser"
    "pg_ts_template"
    "pg_type"
    "pg_user_mapping"
    "sql_features"
    "sql_implementation_info"
    "sql_parts"
    "sql_sizing"
}

macro_rules! extra {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $(
            $(#[$doc])*
            pub const fn $name() -> Table {
                Table::new(include_str!(concat!("../../data/", $file)))
            }
        )*
    };
}

extra! {
    /// The system views: oid, schema, name, definition.
    views = "views.tsv";
    /// What is printed for each stored expression of a built-in object: tree, text.
    node_trees = "node_trees.tsv";
    /// `pg_settings` as it is without any configuration, and the settings' flags.
    settings = "settings.tsv";
    /// `pg_get_keywords()`: word, catcode, barelabel, catdesc, baredesc.
    keywords = "keywords.tsv";
}
