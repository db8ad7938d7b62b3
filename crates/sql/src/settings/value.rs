//! Values of settings: checked and brought into their canonical form (guc.c's `parse_and_validate_value` and the check
//! hooks of commands/variable.c).

use pg::catalog::quote_identifier;
use pg::datetime::Zone;
use pg::{Error, Result, SqlState};

use super::definition::{Kind, List, Setting};
use super::units;
use crate::catalog::{Name, parse_name_list};
use crate::plan::MapWays;

/// `invalid value for parameter …`
pub fn invalid(setting: &Setting, text: &str) -> Error {
    Error::new(
        SqlState::INVALID_PARAMETER_VALUE,
        format!("invalid value for parameter \"{}\": \"{text}\"", setting.name),
    )
}

/// What a check may need to know besides the text.
pub struct Surroundings<'a> {
    /// The value so far.
    pub current: &'a str,
    /// Whether there is such a role.
    pub has_role: &'a dyn Fn(&str) -> bool,
}

/// A value in the form of `pg_settings.setting`.
pub fn check(setting: &Setting, text: &str, around: &Surroundings<'_>) -> Result<String> {
    let value = canonical(setting, text, around)?;
    if setting.fixed && value != setting.default {
        return Err(Error::refused(format!("{} = {value}", setting.name)));
    }
    Ok(value)
}

fn canonical(setting: &Setting, text: &str, around: &Surroundings<'_>) -> Result<String> {
    match setting.kind {
        Kind::Bool => parse_bool(text).map(|on| if on { "on" } else { "off" }.to_owned()).ok_or_else(|| {
            Error::new(
                SqlState::INVALID_PARAMETER_VALUE,
                format!("parameter \"{}\" requires a Boolean value", setting.name),
            )
        }),
        Kind::Integer | Kind::Real => units::parse_number(setting, text),
        Kind::Enum => check_enum(setting, text),
        Kind::String => check_string(setting, text, around),
    }
}

/// `parse_bool`: unique beginnings of the words, and digits.
pub fn parse_bool(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    if begins("true", 1) || begins("yes", 1) || text == "on" || text == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" {
        Some(false)
    } else {
        None
    }
}

/// `config_enum_lookup_by_name`, with the spellings that are accepted but never shown.
fn check_enum(setting: &Setting, text: &str) -> Result<String> {
    if let Some(value) = setting.values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
        return Ok(value.clone());
    }
    let has = |word: &str| setting.values.iter().any(|value| value == word);
    let lower = text.to_ascii_lowercase();
    let hidden = match lower.as_str() {
        "debug" if has("debug2") => Some("debug2"),
        "info" if has("notice") => Some("info"),
        "true" | "yes" | "1" if has("on") && has("off") => Some("on"),
        "false" | "no" | "0" if has("on") && has("off") => Some("off"),
        _ => None,
    };
    hidden.map(str::to_owned).ok_or_else(|| {
        invalid(setting, text).hint(format!("Available values: {}.", setting.values.join(", ")))
    })
}

fn check_string(setting: &Setting, text: &str, around: &Surroundings<'_>) -> Result<String> {
    match setting.name {
        "client_encoding" => client_encoding(setting, text),
        "DateStyle" => date_style(setting, text, around.current),
        "TimeZone" | "log_timezone" => time_zone(setting, text),
        "application_name" | "cluster_name" => Ok(printable(text)),
        "role" if text == "none" => Ok(text.to_owned()),
        "role" | "session_authorization" if !(around.has_role)(text) => {
            Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("role \"{text}\" does not exist")))
        }
        "default_table_access_method" if text != "heap" => {
            Err(invalid(setting, text).detail(format!("Table access method \"{text}\" does not exist.")))
        }
        "default_text_search_config" => {
            let names = parse_name_list(text)?;
            text_search_configuration(&names).ok_or_else(|| invalid(setting, text))
        }
        "hazelgres.map_ways" => match MapWays::parse(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(wrong) => Err(invalid(setting, text).detail(format!("{wrong}."))),
        },
        "default_tablespace" if !matches!(text, "" | "pg_default" | "pg_global") => {
            Err(invalid(setting, text).detail(format!("Tablespace \"{text}\" does not exist.")))
        }
        // The sets of abbreviations that PostgreSQL comes with; times are read with the first alone.
        "timezone_abbreviations" => match text {
            "Default" => Ok(text.to_owned()),
            "Australia" | "India" => Err(Error::refused(format!("{} = {text}", setting.name))),
            _ => Err(invalid(setting, text)),
        },
        _ if setting.list == List::Quoted && split_identifiers(text).is_none() => {
            Err(invalid(setting, text).detail("List syntax is invalid."))
        }
        _ => Ok(text.to_owned()),
    }
}

/// The full name of a configuration (`check_default_text_search_config`); all that there are belong to PostgreSQL.
fn text_search_configuration(names: &[Name]) -> Option<String> {
    let name = match names {
        [name] => name,
        [schema, name] if *schema.folded() == *"pg_catalog" => name,
        _ => return None,
    };
    let name = name.folded();
    let mut known = pg::catalog::system_table("pg_ts_config")?.rows().filter_map(|row| row.flatten().nth(1));
    known.any(|known| *known == *name).then(|| format!("pg_catalog.{}", quote_identifier(&name)))
}

/// Only UTF-8 is spoken here (`check_client_encoding`); what PostgreSQL knows besides is refused, not misread.
fn client_encoding(setting: &Setting, text: &str) -> Result<String> {
    let plain: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "utf8" | "unicode" => Ok("UTF8".to_owned()),
        // No conversion at all: what is sent is UTF-8 as before.
        "sqlascii" => Ok("SQL_ASCII".to_owned()),
        _ => match super::encoding::by_name(text) {
            Some(name) => Err(Error::refused(format_args!("conversion between {name} and UTF8"))),
            None => Err(invalid(setting, text)),
        },
    }
}

fn time_zone(setting: &Setting, text: &str) -> Result<String> {
    let hours = text.trim().parse::<f64>().ok().filter(|hours| hours.abs() <= 168.0);
    if let Some(hours) = hours {
        #[expect(clippy::cast_possible_truncation, reason = "at most a week")]
        let seconds = (hours * 3600.0) as i32;
        return Ok(Zone::fixed(seconds).name().to_owned());
    }
    if let Some(interval) = text.get(..8).filter(|word| word.eq_ignore_ascii_case("interval")) {
        let body = text.get(interval.len()..).unwrap_or_default().trim().trim_matches('\'');
        let seconds = interval_seconds(body).ok_or_else(|| invalid(setting, text))?;
        return Ok(Zone::fixed(seconds).name().to_owned());
    }
    Zone::find(text).map(|zone| zone.name().to_owned()).ok_or_else(|| invalid(setting, text))
}

/// `[+-]hh:mm[:ss]`, as `SET TIME ZONE INTERVAL` passes it on.
fn interval_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds = 0i32;
    for (part, size) in digits.split(':').zip([3600, 60, 1]) {
        seconds = part.parse::<i32>().ok()?.checked_mul(size)?.checked_add(seconds)?;
    }
    Some(sign * seconds)
}

/// Characters that are not printable ASCII become question marks (`pg_clean_ascii`), byte by byte.
fn printable(text: &str) -> String {
    text.bytes().map(|b| if (b' '..=b'~').contains(&b) { char::from(b) } else { '?' }).collect()
}

/// `check_datestyle`: a style, an order, or both, the rest as before.
fn date_style(setting: &Setting, text: &str, current: &str) -> Result<String> {
    let (mut style, mut order) = current.split_once(", ").unwrap_or(("ISO", "MDY"));
    let (mut have_style, mut have_order, mut conflict) = (false, false, false);
    let items = split_list(text).ok_or_else(|| invalid(setting, text).detail("List syntax is invalid."))?;
    for item in &items {
        let lower = item.to_ascii_lowercase();
        let found = match lower.as_str() {
            "iso" => Some("ISO"),
            "sql" => Some("SQL"),
            "german" => Some("German"),
            word if word.starts_with("postgres") => Some("Postgres"),
            _ => None,
        };
        if let Some(found) = found {
            conflict |= have_style && style != found;
            (style, have_style) = (found, true);
            // German means day first, unless it is said otherwise.
            if found == "German" && !have_order {
                order = "DMY";
            }
            continue;
        }
        let found = match lower.as_str() {
            "ymd" => "YMD",
            "dmy" => "DMY",
            "mdy" | "us" => "MDY",
            word if word.starts_with("euro") => "DMY",
            word if word.starts_with("noneuro") => "MDY",
            "default" => {
                (style, order) =
                    (if have_style { style } else { "ISO" }, if have_order { order } else { "MDY" });
                continue;
            }
            _ => return Err(invalid(setting, text).detail(format!("Unrecognized key word: \"{item}\"."))),
        };
        conflict |= have_order && order != found;
        (order, have_order) = (found, true);
    }
    if conflict {
        return Err(invalid(setting, text).detail("Conflicting \"datestyle\" specifications."));
    }
    Ok(format!("{style}, {order}"))
}

/// Splits at commas outside double quotes; quoted items keep their case and blanks.
fn split_list(text: &str) -> Option<Vec<String>> {
    split(text, false)
}

/// `SplitIdentifierString`: the names of a list, unquoted ones folded to lower case. `None`: the syntax is wrong.
pub fn split_identifiers(text: &str) -> Option<Vec<String>> {
    split(text, true)
}

fn split(text: &str, fold: bool) -> Option<Vec<String>> {
    let mut rest = text.trim_start();
    let mut items = Vec::new();
    if rest.is_empty() {
        return Some(items);
    }
    loop {
        let item;
        if let Some(mut quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            loop {
                let (part, after) = quoted.split_once('"')?;
                name.push_str(part);
                match after.strip_prefix('"') {
                    Some(more) => {
                        name.push('"');
                        quoted = more;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
            item = name;
        } else {
            let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end)?;
            if name.is_empty() {
                return None;
            }
            item = if fold { name.to_lowercase() } else { name.to_owned() };
            rest = after;
        }
        items.push(item);
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None if rest.is_empty() => return Some(items),
            None => return None,
        }
    }
}

/// The value for a list of arguments of SET (`flatten_set_variable_args`): only lists may have several, and some
/// quote them.
pub fn flatten(name: &str, args: &[&str]) -> Result<String> {
    let list = super::setting(name).map_or(List::No, |setting| setting.list);
    if args.len() > 1 && list == List::No {
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("SET {name} takes only one argument"),
        ));
    }
    let item = |arg: &&str| match list {
        List::Quoted => quote_identifier(arg).into_owned(),
        _ => (*arg).to_owned(),
    };
    Ok(args.iter().map(item).collect::<Vec<_>>().join(", "))
}
