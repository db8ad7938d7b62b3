//! The results of `run.py`.

use std::path::Path;

use serde_json::Value as Json;

/// Results, one for each case and client.
pub struct Figures(pub Vec<Json>);

impl Figures {
    /// Those in a file.
    pub fn read(file: &Path) -> Result<Figures, String> {
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        let json: Json = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(Figures(json["results"].as_array().cloned().unwrap_or_default()))
    }

    /// The names of the cases, in the order in which they were run.
    pub fn cases(&self) -> Vec<&str> {
        let mut cases: Vec<&str> = Vec::new();
        for case in self.0.iter().filter_map(|row| row["case"].as_str()) {
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        cases
    }

    /// The median of a figure.
    pub fn median(&self, case: &str, client: &str, figure: &str) -> Option<f64> {
        let found = self.0.iter().find(|row| row["case"] == case && row["spec"] == client)?;
        let mut values: Vec<f64> = found["fig"][figure].as_array()?.iter().filter_map(Json::as_f64).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }
}
