//! `bool` (PostgreSQL's bool.c).

kernels!(KERNELS(call) {
    "booltext" => |a: bool| if a { "true" } else { "false" };
    "booland_statefunc" => |a: bool, b: bool| a && b;
    "boolor_statefunc" => |a: bool, b: bool| a || b;
    "btboolcmp" => |a: bool, b: bool| a.cmp(&b) as i32;
});

comparisons!(COMPARISONS {
    "bool" "": bool, bool => |a: bool, b: bool| a.cmp(&b);
});
