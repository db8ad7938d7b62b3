//! The demo's data, which comes with the program: four tables as tab-separated text.

use tokio_postgres::types::{ToSql, Type};

use super::Error;

/// A table of the demo.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Names and types of the columns, in the order of the file.
    columns: &'static [(&'static str, Type)],
    text: &'static str,
}

/// The tables, in the order in which they are loaded.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "movies",
        columns: &[
            ("__key", Type::INT4),
            ("id", Type::INT4),
            ("title", Type::VARCHAR),
            ("description", Type::VARCHAR),
            ("popularity", Type::FLOAT8),
            ("release_date", Type::VARCHAR),
            ("vote_average", Type::FLOAT8),
            ("vote_count", Type::INT4),
        ],
        text: include_str!("../../demo/movies.tsv"),
    },
    Table {
        name: "actors",
        columns: &[
            ("__key", Type::INT4),
            ("gender", Type::INT4),
            ("id", Type::INT4),
            ("name", Type::VARCHAR),
            ("popularity", Type::FLOAT8),
        ],
        text: include_str!("../../demo/actors.tsv"),
    },
    Table {
        name: "casts",
        columns: &[("__key", Type::INT4), ("movie_id", Type::INT4), ("actor_id", Type::INT4)],
        text: include_str!("../../demo/casts.tsv"),
    },
    Table {
        name: "reviews",
        columns: &[
            ("__key", Type::INT4),
            ("movie_id", Type::INT4),
            ("author", Type::VARCHAR),
            ("rating", Type::FLOAT8),
            ("content", Type::VARCHAR),
        ],
        text: include_str!("../../demo/reviews.tsv"),
    },
];

/// A value of a row; an empty field is NULL.
pub(super) type Cell = Box<dyn ToSql + Sync + Send>;

impl Table {
    /// `SINK INTO movies(__key, …) VALUES ($1, …)`.
    pub(super) fn sink(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        format!("SINK INTO {}({}) VALUES ({})", self.name, names.join(", "), places.join(", "))
    }

    /// The rows of the file.
    pub(super) fn rows(&self) -> Result<Vec<Vec<Cell>>, Error> {
        let mut rows = Vec::new();
        for (i, line) in self.text.lines().enumerate() {
            let wrong = |reason: String| Error::Data { table: self.name, line: i + 1, reason };
            let fields: Vec<&str> = line.split('\t').collect();
            if fields.len() != self.columns.len() {
                return Err(wrong(format!("{} fields instead of {}", fields.len(), self.columns.len())));
            }
            if i == 0 {
                // The header: the order of the columns is the file's.
                match self.columns.iter().zip(&fields).find(|((name, _), field)| name != *field) {
                    Some(((name, _), field)) => return Err(wrong(format!("{field} instead of {name}"))),
                    None => continue,
                }
            }
            let cells = self.columns.iter().zip(fields).map(|((_, ty), field)| cell(ty, field));
            rows.push(cells.collect::<Result<Vec<Cell>, String>>().map_err(wrong)?);
        }
        Ok(rows)
    }
}

fn cell(ty: &Type, field: &str) -> Result<Cell, String> {
    let some = (!field.is_empty()).then_some(field);
    Ok(match *ty {
        Type::INT4 => Box::new(number::<i32>(some)?),
        Type::FLOAT8 => Box::new(number::<f64>(some)?),
        _ => Box::new(some.map(str::to_owned)),
    })
}

fn number<T: std::str::FromStr>(field: Option<&str>) -> Result<Option<T>, String> {
    field.map(|f| f.parse().map_err(|_| format!("\"{f}\" is not a number"))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_can_be_read_and_have_the_promised_sizes() {
        let sizes: Vec<usize> = TABLES.iter().map(|t| t.rows().unwrap().len()).collect();
        assert_eq!(sizes, [500, 900, 2381, 300]);
    }

    #[test]
    fn keys_are_unique_and_every_reference_leads_somewhere() {
        let column = |table: usize, column: usize| -> Vec<&str> {
            TABLES[table].text.lines().skip(1).map(|l| l.split('\t').nth(column).unwrap()).collect()
        };
        let set = |values: &[&'static str]| values.iter().copied().collect::<std::collections::HashSet<_>>();
        for (i, table) in TABLES.iter().enumerate() {
            assert_eq!(set(&column(i, 0)).len(), column(i, 0).len(), "{}", table.name);
        }
        let (movies, actors) = (set(&column(0, 1)), set(&column(1, 2)));
        assert_eq!((movies.len(), actors.len()), (500, 900));
        assert!(column(2, 1).iter().chain(&column(3, 1)).all(|id| movies.contains(id)));
        assert!(column(2, 2).iter().all(|id| actors.contains(id)));
    }

    #[test]
    fn the_sink_statement_names_every_column() {
        assert_eq!(TABLES[2].sink(), "SINK INTO casts(__key, movie_id, actor_id) VALUES ($1, $2, $3)");
    }

    #[test]
    fn a_field_that_is_no_number_is_reported_with_its_line() {
        let table = Table {
            name: "t",
            columns: &[("__key", Type::INT4), ("x", Type::FLOAT8)],
            text: "__key\tx\n1\t\n2\tmany\n",
        };
        let error = table.rows().map(|_| ()).unwrap_err().to_string();
        assert_eq!(error, "t.tsv, line 3: \"many\" is not a number");
    }
}
