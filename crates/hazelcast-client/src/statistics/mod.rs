//! What Management Center shows of a client: sent now and then to a member (`ClientStatisticsService` of the Java client).
//!
//! The same is told twice: as a text of attributes, which Management Center 4 reads, and as compressed metrics for later ones.

pub(crate) mod collected;
mod metrics;
mod system;

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::protocol::cluster;
use crate::protocol::request::Request;

/// What is told of the client and its connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report<'a> {
    pub(crate) client_type: &'a str,
    pub(crate) client_version: &'a str,
    pub(crate) client_name: &'a str,
    /// The user's name, if there is one.
    pub(crate) principal: Option<&'a str>,
    /// When the connection was made, and from where.
    pub(crate) connected_at: SystemTime,
    pub(crate) local_address: Option<SocketAddr>,
}

/// A figure of the process or the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Amount {
    Long(i64),
    Double(f64),
}

/// A figure, by the names and units that Java's client gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gauge {
    prefix: &'static str,
    name: &'static str,
    unit: metrics::Unit,
    amount: Amount,
}

/// The message with all figures as they are now. Reads files of the system, which are in memory.
pub(crate) fn request(report: &Report<'_>) -> Request {
    let now = millis(SystemTime::now());
    let gauges = system::gauges();
    cluster::statistics(now, &attributes(report, now, &gauges), &metrics::blob(&gauges))
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// `name=value,…` as the Java client has it, in its order.
fn attributes(report: &Report<'_>, now: i64, gauges: &[Gauge]) -> String {
    let mut text = format!("lastStatisticsCollectionTime={now},enterprise=false");
    let mut add = |name: &str, value: &str| {
        text.push(',');
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    };
    add("clientType", report.client_type);
    add("clientVersion", report.client_version);
    add("clusterConnectionTimestamp", &millis(report.connected_at).to_string());
    add("clientAddress", &report.local_address.map(|address| address.ip().to_string()).unwrap_or_default());
    add("clientName", &escaped(report.client_name));
    if let Some(principal) = report.principal {
        add("credentials.principal", &escaped(principal));
    }
    for Gauge { prefix, name, amount, .. } in gauges {
        let value = match amount {
            Amount::Long(value) => value.to_string(),
            Amount::Double(value) => value.to_string(),
        };
        add(&format!("{prefix}.{name}"), &value);
    }
    text
}

/// What would end a value or a pair is escaped, so that a name can't add attributes of its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, ',' | '=' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_written_as_java_writes_them() {
        let report = Report {
            client_type: "RST",
            client_version: "5.7.0",
            client_name: "a,b=c",
            principal: Some("ann"),
            connected_at: UNIX_EPOCH + std::time::Duration::from_millis(77),
            local_address: Some(([127, 0, 0, 1], 4711).into()),
        };
        let gauges = [
            Gauge {
                prefix: "os",
                name: "processCpuTime",
                unit: metrics::Unit::Nanos,
                amount: Amount::Long(5),
            },
            Gauge {
                prefix: "os",
                name: "systemLoadAverage",
                unit: metrics::Unit::None,
                amount: Amount::Double(1.42),
            },
        ];
        assert_eq!(
            attributes(&report, 99, &gauges),
            "lastStatisticsCollectionTime=99,enterprise=false,clientType=RST,clientVersion=5.7.0,\
             clusterConnectionTimestamp=77,clientAddress=127.0.0.1,clientName=a\\,b\\=c,credentials.principal=ann,\
             os.processCpuTime=5,os.systemLoadAverage=1.42"
        );
        let nobody = Report { principal: None, local_address: None, ..report };
        assert!(attributes(&nobody, 99, &[]).ends_with(",clientAddress=,clientName=a\\,b\\=c"));
    }
}
