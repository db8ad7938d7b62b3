//! Figures of the process and the machine, from Linux' `/proc`; on other systems there are fewer.

use std::fs;
use std::time::Duration;

use super::metrics::Unit;
use super::{Amount, Gauge};

/// What the system counts processor time and starts in, a second; Linux shows programs a hundred, whatever the kernel has.
const TICKS: i64 = 100;

/// All that can be told, by the names of Java's `OperatingSystemMetricSet` and `RuntimeMetricSet`. What only a Java
/// machine has (its heap's limits) is left out.
pub(super) fn gauges() -> Vec<Gauge> {
    let mut gauges = Vec::with_capacity(16);
    let mut add = |prefix, name, unit, amount: Option<Amount>| {
        gauges.extend(amount.map(|amount| Gauge { prefix, name, unit, amount }));
    };
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (machine, process, times) =
        (read("/proc/meminfo"), read("/proc/self/status"), read("/proc/self/stat"));
    let memory = |name| kilobytes(&machine, name).map(Amount::Long);
    let own = |name| kilobytes(&process, name).map(Amount::Long);
    add("os", "committedVirtualMemorySize", Unit::Bytes, own("VmSize"));
    add("os", "freePhysicalMemorySize", Unit::Bytes, memory("MemFree"));
    add("os", "freeSwapSpaceSize", Unit::Bytes, memory("SwapFree"));
    let files = open_file_limit(&read("/proc/self/limits")).map(Amount::Long);
    add("os", "maxFileDescriptorCount", Unit::Count, files);
    let open = fs::read_dir("/proc/self/fd").ok().map(|folder| Amount::Long(folder.count() as i64));
    add("os", "openFileDescriptorCount", Unit::Count, open);
    add(
        "os",
        "processCpuTime",
        Unit::Nanos,
        cpu_ticks(&times).map(|t| Amount::Long(t * (1_000_000_000 / TICKS))),
    );
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().and_then(|load| load.parse().ok()).map(Amount::Double);
    add("os", "systemLoadAverage", Unit::None, load);
    add("os", "totalPhysicalMemorySize", Unit::Bytes, memory("MemTotal"));
    add("os", "totalSwapSpaceSize", Unit::Bytes, memory("SwapTotal"));
    let processors = std::thread::available_parallelism().ok().map(|count| Amount::Long(count.get() as i64));
    add("runtime", "availableProcessors", Unit::Count, processors);
    let uptime = uptime(&read("/proc/uptime"), &times).map(|time| Amount::Long(time.as_millis() as i64));
    add("runtime", "uptime", Unit::Millis, uptime);
    add("runtime", "usedMemory", Unit::Bytes, own("VmRSS"));
    gauges
}

/// `VmRSS:      1234 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<i64>().ok()?.checked_mul(1024)
}

/// `Max open files   1024   4096   files`: what may be open now.
fn open_file_limit(limits: &str) -> Option<i64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(i64::MAX),
        number => number.parse().ok(),
    }
}

/// The fields of `/proc/self/stat` after the name, which may have blanks in it: the first of them is the third.
fn field(stat: &str, number: usize) -> Option<i64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

fn cpu_ticks(stat: &str) -> Option<i64> {
    field(stat, 14)?.checked_add(field(stat, 15)?)
}

/// For how long the process has been running.
fn uptime(uptime: &str, stat: &str) -> Option<Duration> {
    let machine: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let started = field(stat, 22)? as f64 / TICKS as f64;
    Duration::try_from_secs_f64(machine - started).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_linux_are_read() {
        assert_eq!(kilobytes("VmPeak:\t 9 kB\nVmRSS:\t    1234 kB\n", "VmRSS"), Some(1234 * 1024));
        assert_eq!(kilobytes("VmRSS: many", "VmRSS"), None);
        assert_eq!(open_file_limit("Limit\nMax open files            1024  4096   files\n"), Some(1024));
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4 0 3000 0";
        assert_eq!(cpu_ticks(stat), Some(200));
        assert_eq!(uptime("100.50 3.0", stat), Some(Duration::from_millis(70_500)));
        assert_eq!((cpu_ticks(""), uptime("1", "x) S"), field("1) 2", 1)), (None, None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_figures_of_this_process_are_possible() {
        let gauges = gauges();
        assert_eq!(gauges.len(), 12, "{gauges:?}");
        let long = |wanted| match gauges.iter().find(|gauge| gauge.name == wanted).unwrap().amount {
            Amount::Long(value) => value,
            Amount::Double(value) => panic!("{value}"),
        };
        assert!(long("usedMemory") > 1 << 20 && long("usedMemory") < long("totalPhysicalMemorySize"));
        assert!((0..3_600_000).contains(&long("uptime")));
        assert!((3..long("maxFileDescriptorCount")).contains(&long("openFileDescriptorCount")));
    }
}
