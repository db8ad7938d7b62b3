//! Random frames of windows.

use crate::Generator;

impl Generator {
    /// A frame, and the order it needs. `key` decides the order of all rows.
    pub fn frame(&mut self, key: &[String]) -> (String, String) {
        let mode = self.rng.pick(&["ROWS", "GROUPS", "RANGE", "", ""]);
        let mut order = key.join(", ");
        let frame = match mode {
            "" => return (order, String::new()),
            "RANGE" => {
                let single = key.len() == 1 && (key[0].ends_with("__key") || key[0].ends_with("c0"));
                if single {
                    self.grammar("RANGE frame with distances");
                    let direction = self.rng.pick(&["", " DESC"]);
                    order = format!("{}{direction}", key[0]);
                    self.bounds("RANGE")
                } else {
                    self.grammar("RANGE frame");
                    " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW".into()
                }
            }
            _ => {
                self.grammar(if mode == "ROWS" { "ROWS frame" } else { "GROUPS frame" });
                if mode == "GROUPS" && self.rng.percent(50) {
                    order = key.first().map(|first| format!("{first} IS NULL, {order}")).unwrap_or(order);
                }
                self.bounds(mode)
            }
        };
        let exclude = self.exclude();
        (order, format!("{frame}{exclude}"))
    }

    fn bounds(&mut self, mode: &str) -> String {
        let start = match self.rng.below(5) {
            0 => "UNBOUNDED PRECEDING".to_owned(),
            1 => "CURRENT ROW".to_owned(),
            2 => format!("{} FOLLOWING", self.rng.below(3)),
            _ => format!("{} PRECEDING", self.rng.below(3)),
        };
        if !start.contains("FOLLOWING") && self.rng.percent(20) {
            self.grammar("frame with one bound");
            return format!(" {mode} {start}");
        }
        let end = match self.rng.below(5) {
            0 => "UNBOUNDED FOLLOWING".to_owned(),
            1 if !start.contains("FOLLOWING") => "CURRENT ROW".to_owned(),
            2 if start.contains("PRECEDING") => format!("{} PRECEDING", self.rng.below(3)),
            _ => format!("{} FOLLOWING", self.rng.below(4)),
        };
        format!(" {mode} BETWEEN {start} AND {end}")
    }

    fn exclude(&mut self) -> &'static str {
        let exclude = ["", "EXCLUDE CURRENT ROW", "EXCLUDE TIES", "EXCLUDE GROUP", "EXCLUDE NO OTHERS"]
            [self.rng.below(7).saturating_sub(2)];
        match exclude {
            "" => return "",
            "EXCLUDE CURRENT ROW" => self.grammar("EXCLUDE CURRENT ROW"),
            "EXCLUDE TIES" => self.grammar("EXCLUDE TIES"),
            "EXCLUDE GROUP" => self.grammar("EXCLUDE GROUP"),
            _ => self.grammar("EXCLUDE NO OTHERS"),
        }
        match exclude {
            "EXCLUDE CURRENT ROW" => " EXCLUDE CURRENT ROW",
            "EXCLUDE TIES" => " EXCLUDE TIES",
            "EXCLUDE GROUP" => " EXCLUDE GROUP",
            _ => " EXCLUDE NO OTHERS",
        }
    }
}
