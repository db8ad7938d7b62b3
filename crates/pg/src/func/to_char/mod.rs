//! `to_char` of dates, times and numbers, `to_date`, `to_timestamp` and `to_number` of text (PostgreSQL's formatting.c).

mod input;
mod number;
mod output;
mod template;

pub(super) use input::KERNELS as INPUT;
pub(crate) use input::Standard;
pub(super) use number::KERNELS as NUMBERS;
pub(super) use output::KERNELS as OUTPUT;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Months in Roman numerals, descending as PostgreSQL has them.
const ROMAN: [&str; 12] = ["XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"];
