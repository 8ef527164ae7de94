//! What a running node counts about itself, written out in the text form that Prometheus reads.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper edges of the latency histogram, in microseconds.
const EDGES_US: [u64; 12] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// The counters of one node.
#[derive(Default)]
pub struct Meters {
    routes: Mutex<HashMap<String, Route>>,
    writes_waiting: AtomicI64,
}

#[derive(Default)]
struct Route {
    /// Answers by status.
    answers: HashMap<u16, u64>,
    /// Answers no slower than each edge, not summed up.
    buckets: [u64; EDGES_US.len()],
    count: u64,
    sum: Duration,
}

/// A number that is read when the meters are asked for.
pub struct Gauge {
    pub name: &'static str,
    pub help: &'static str,
    pub value: i64,
}

impl Meters {
    /// Counts an answer of a route (its pattern, never the address with its codes).
    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked up by reference first, so that a known route costs no allocation.
        if let Some(known) = routes.get_mut(route) {
            known.count_answer(status, took);
        } else {
            routes.entry(route.to_owned()).or_default().count_answer(status, took);
        }
    }

    /// A write begins to wait; it is counted until the guard is dropped.
    pub fn write_waits(&self) -> Waiting<'_> {
        self.writes_waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    pub fn writes_waiting(&self) -> i64 {
        self.writes_waiting.load(Ordering::Relaxed)
    }

    /// Everything in Prometheus' text form, with gauges that the caller read.
    pub fn text(&self, gauges: &[Gauge]) -> String {
        let mut text = String::new();
        for gauge in gauges {
            let Gauge { name, help, value } = gauge;
            // Writing to a String cannot fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
        }
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<(&String, &Route)> = routes.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        text.push_str("# HELP lanyard_requests_total Requests answered, by route and status.\n# TYPE lanyard_requests_total counter\n");
        for (name, route) in &sorted {
            route.write_answers(&mut text, name);
        }
        text.push_str("# HELP lanyard_request_seconds How long requests took, by route.\n# TYPE lanyard_request_seconds histogram\n");
        for (name, route) in &sorted {
            route.write_histogram(&mut text, name);
        }
        text
    }
}

/// A write that waits or runs.
pub struct Waiting<'a>(&'a Meters);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.writes_waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Route {
    fn count_answer(&mut self, status: u16, took: Duration) {
        *self.answers.entry(status).or_default() += 1;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = EDGES_US.iter().position(|edge| micros <= *edge) {
            self.buckets[bucket] += 1;
        }
        self.count += 1;
        self.sum += took;
    }

    fn write_answers(&self, text: &mut String, name: &str) {
        let mut answers: Vec<(&u16, &u64)> = self.answers.iter().collect();
        answers.sort();
        for (status, count) in answers {
            let _ = writeln!(text, "lanyard_requests_total{{route=\"{}\",status=\"{status}\"}} {count}", quoted(name));
        }
    }

    fn write_histogram(&self, text: &mut String, name: &str) {
        let route = quoted(name);
        let mut so_far = 0;
        for (edge, count) in EDGES_US.iter().zip(self.buckets) {
            so_far += count;
            let seconds = Duration::from_micros(*edge).as_secs_f64();
            let _ = writeln!(text, "lanyard_request_seconds_bucket{{route=\"{route}\",le=\"{seconds}\"}} {so_far}");
        }
        let _ = writeln!(text, "lanyard_request_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(text, "lanyard_request_seconds_sum{{route=\"{route}\"}} {}", self.sum.as_secs_f64());
        let _ = writeln!(text, "lanyard_request_seconds_count{{route=\"{route}\"}} {}", self.count);
    }
}

/// A label's value as Prometheus quotes it.
fn quoted(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The memory this process holds, in bytes; zero where the system does not tell.
pub fn process_memory_bytes() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<i64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_summed_up_and_end_with_all() {
        let meters = Meters::default();
        meters.answered("/a/{b}", 200, Duration::from_micros(700));
        meters.answered("/a/{b}", 200, Duration::from_secs(60));
        let text = meters.text(&[Gauge { name: "x", help: "X.", value: 3 }]);
        assert!(text.contains("lanyard_requests_total{route=\"/a/{b}\",status=\"200\"} 2\n"), "{text}");
        assert!(text.contains("le=\"0.0005\"} 0\n") && text.contains("le=\"0.001\"} 1\n") && text.contains("le=\"+Inf\"} 2\n"), "{text}");
        assert!(text.starts_with("# HELP x X.\n# TYPE x gauge\nx 3\n"), "{text}");
    }

    #[test]
    fn a_write_is_counted_while_it_waits() {
        let meters = Meters::default();
        let waiting = meters.write_waits();
        assert_eq!(meters.writes_waiting(), 1);
        drop(waiting);
        assert_eq!(meters.writes_waiting(), 0);
    }
}
