//! Object identifiers, and those of the built-in types (pg_type.dat).

use std::fmt;

/// An object identifier: the key of a row in a system catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub u32);

impl Oid {
    /// `InvalidOid`.
    pub const INVALID: Oid = Oid(0);

    /// Whether this is not `InvalidOid`.
    pub const fn is_valid(self) -> bool {
        self.0 != 0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A type with its modifier: `numeric(10,2)` is `{ oid: NUMERIC, typmod: ((10 << 16) | 2) + 4 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeRef {
    /// The row of `pg_type`.
    pub oid: Oid,
    /// The type modifier, -1 when there is none.
    pub typmod: i32,
}

impl TypeRef {
    /// A type without modifier.
    pub const fn of(oid: Oid) -> TypeRef {
        TypeRef { oid, typmod: -1 }
    }
}

impl From<Oid> for TypeRef {
    fn from(oid: Oid) -> TypeRef {
        TypeRef::of(oid)
    }
}

macro_rules! type_oids {
    ($($name:ident = $oid:literal;)*) => {
        $(
            #[allow(missing_docs)]
            pub const $name: Oid = Oid($oid);
        )*
    };
}

type_oids! {
    BOOL = 16; BYTEA = 17; CHAR = 18; NAME = 19; INT8 = 20; INT2 = 21; INT2VECTOR = 22; INT4 = 23; REGPROC = 24;
    TEXT = 25; OID = 26; TID = 27; XID = 28; CID = 29; OIDVECTOR = 30; JSON = 114; XML = 142; PG_NODE_TREE = 194;
    POINT = 600; FLOAT4 = 700; FLOAT8 = 701; UNKNOWN = 705; MONEY = 790; MACADDR = 829; INET = 869; CIDR = 650;
    ACLITEM = 1033; BPCHAR = 1042; VARCHAR = 1043; DATE = 1082; TIME = 1083; TIMESTAMP = 1114; TIMESTAMPTZ = 1184;
    INTERVAL = 1186; TIMETZ = 1266; BIT = 1560; VARBIT = 1562; NUMERIC = 1700; REFCURSOR = 1790; REGPROCEDURE = 2202;
    REGOPER = 2203; REGOPERATOR = 2204; REGCLASS = 2205; REGTYPE = 2206; RECORD = 2249; CSTRING = 2275; ANY = 2276;
    ANYARRAY = 2277; VOID = 2278; TRIGGER = 2279; INTERNAL = 2281; ANYELEMENT = 2283; ANYNONARRAY = 2776; UUID = 2950;
    PG_LSN = 3220; ANYENUM = 3500; JSONB = 3802; ANYRANGE = 3831; REGNAMESPACE = 4089; REGROLE = 4096;
    TSVECTOR = 3614; TSQUERY = 3615; REGCONFIG = 3734; REGDICTIONARY = 3769; REGCOLLATION = 4191; XID8 = 5069; ANYCOMPATIBLE = 5077;
    ANYCOMPATIBLEARRAY = 5078; ANYCOMPATIBLENONARRAY = 5079; ANYCOMPATIBLERANGE = 5080; ANYMULTIRANGE = 4537;
    ANYCOMPATIBLEMULTIRANGE = 4538;
    BOOL_ARRAY = 1000; BYTEA_ARRAY = 1001; CHAR_ARRAY = 1002; NAME_ARRAY = 1003; INT2_ARRAY = 1005;
    INT2VECTOR_ARRAY = 1006; INT4_ARRAY = 1007; REGPROC_ARRAY = 1008; TEXT_ARRAY = 1009; XID_ARRAY = 1011;
    OIDVECTOR_ARRAY = 1013; BPCHAR_ARRAY = 1014; VARCHAR_ARRAY = 1015; INT8_ARRAY = 1016; FLOAT4_ARRAY = 1021;
    FLOAT8_ARRAY = 1022; OID_ARRAY = 1028; ACLITEM_ARRAY = 1034; TIMESTAMP_ARRAY = 1115; DATE_ARRAY = 1182;
    TIME_ARRAY = 1183; TIMESTAMPTZ_ARRAY = 1185; INTERVAL_ARRAY = 1187; NUMERIC_ARRAY = 1231; CSTRING_ARRAY = 1263;
    TIMETZ_ARRAY = 1270; RECORD_ARRAY = 2287; JSON_ARRAY = 199; UUID_ARRAY = 2951; JSONB_ARRAY = 3807;
    REGTYPE_ARRAY = 2211; REGCLASS_ARRAY = 2210;
}
