//! What this process holds: memory, tasks, sockets.

use std::fmt;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Tasks of the runtime.
    pub tasks: usize,
    pub sockets: usize,
    /// Mebibytes of memory in use.
    pub memory: usize,
}

impl Figures {
    pub fn now() -> Self {
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let links = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let is_socket = |path: std::path::PathBuf| {
            std::fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
        };
        let sockets = links.filter(|link| is_socket(link.path())).count();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
        Self { tasks, sockets, memory: memory.unwrap_or(0) >> 10 }
    }

    /// As soon as tasks and sockets are those of another time; whatever they are when the patience is over.
    pub async fn shaped_like(other: &Self, patience: Duration) -> Self {
        let begun = Instant::now();
        loop {
            let now = Self::now();
            let same = (now.tasks, now.sockets) == (other.tasks, other.sockets);
            if same || begun.elapsed() > patience {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tasks, {} sockets, {} MiB", self.tasks, self.sockets, self.memory)
    }
}
