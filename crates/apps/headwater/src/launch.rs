//! A node from its start to the signal that stops it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;

use headwater_base::config::node::NodeConfig;
use headwater_broker::api::Scope;
use headwater_broker::metrics;
use headwater_broker::node::{self, Node};
use headwater_runtime::sync::{Either, select2};
use headwater_runtime::{RealConfig, RealGround, Runtime, install_panic_policy, raise_open_file_limit};

use crate::failure::Failure;
use crate::logging;
use crate::storage::directories;

/// What is done once the node is ready.
pub struct Ready {
    /// File that gets the port.
    pub port_file: Option<PathBuf>,
    /// A person is told on standard output where the node is and what to type; else the log alone tells of it.
    pub banner: bool,
}

/// Runs the node until SIGINT or SIGTERM; a second signal does not wait for a clean stop.
pub fn run(config: NodeConfig, ready: &Ready) -> Result<ExitCode, Failure> {
    install_panic_policy();
    match raise_open_file_limit() {
        Ok(limit) => tracing::debug!(limit, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
    let mut ground = RealConfig::default();
    if config.cores() > 0 {
        ground.data_cores = config.cores();
    }
    let ground = RealGround::start(&ground).map_err(|error| Failure::about("threads", error))?;
    ground.block_on(|runtime| serve(runtime, config, ready))
}

async fn serve(runtime: Runtime, config: NodeConfig, ready: &Ready) -> Result<ExitCode, Failure> {
    let data = directories(&config);
    let started = runtime.now();
    let mut signal = pin!(runtime.shutdown_signal());
    let mut node = match select2(signal.as_mut(), node::start(&runtime, config)).await {
        Either::First(_) => return Ok(ExitCode::SUCCESS),
        Either::Second(node) => node.map_err(|error| Failure(error.to_string()))?,
    };
    let took_ms = (runtime.now() - started).as_millis();
    logging::attach(&node.broker().loggers);
    announce(&node, &data, ready)?;
    // In Kafka's words: what waits for a broker by looking at its log finds them here too.
    let metrics = node.metrics_address().map_or_else(|| "off".to_owned(), |address| address.to_string());
    tracing::info!(listeners = listeners(&node).join(","), metrics, took_ms, "Kafka Server started");
    let failed = match select2(signal.as_mut(), node.failed()).await {
        Either::First(signal) => {
            let signal = signal.map_err(|error| Failure::about("signals", error))?;
            tracing::info!(?signal, "stopping");
            None
        }
        Either::Second(why) => Some(why),
    };
    let stopped = match select2(node.stop(), runtime.shutdown_signal()).await {
        Either::First(stopped) => stopped,
        Either::Second(_) => {
            return Err(Failure(
                "stopped at once by a second signal; the next start looks through its logs".to_owned(),
            ));
        }
    };
    if let Some(why) = failed {
        return Err(Failure(why));
    }
    stopped.map_err(|error| Failure(error.to_string()))?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn announce(node: &Node, data: &[String], ready: &Ready) -> Result<(), Failure> {
    let clients = node.bound().iter().find(|bound| bound.scope == Scope::Broker);
    let first = clients.or_else(|| node.bound().first()).map(|bound| bound.address);
    if let (Some(file), Some(address)) = (&ready.port_file, first) {
        write_port(file, address.port())?;
    }
    if !ready.banner {
        return Ok(());
    }
    let metrics = node.metrics_address().map(metrics::url);
    let text = banner(
        &listeners(node),
        data,
        metrics.as_deref(),
        node.cluster_id(),
        clients.map(|bound| bound.address),
    );
    std::io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::about("standard output", error))
}

fn listeners(node: &Node) -> Vec<String> {
    node.bound().iter().map(|bound| format!("{}://{}", bound.name, bound.address)).collect()
}

/// What a person sees: where it listens, where the data is, what to type next.
fn banner(
    listeners: &[String],
    data: &[String],
    metrics: Option<&str>,
    cluster_id: &str,
    clients: Option<SocketAddr>,
) -> String {
    let mut text = format!(
        "Headwater {} is ready.\n\n  listens on  {}\n  data in     {}\n  metrics at  {}\n  cluster id  {cluster_id}\n",
        env!("CARGO_PKG_VERSION"),
        listeners.join(", "),
        data.join(", "),
        metrics.unwrap_or("-"),
    );
    if let Some(address) = clients {
        let address = reachable(address);
        text.push_str(&format!(
            "\nTo try it:\n  echo hello | kcat -P -b {address} -t greetings\n  kcat -C -b {address} -t greetings -e\n"
        ));
    }
    text.push_str("\nCtrl-C stops it.\n");
    text
}

/// How a client on this machine reaches an address.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

/// Whoever waits for the file never sees half of it.
fn write_port(file: &Path, port: u16) -> Result<(), Failure> {
    let temporary = file.with_extension("tmp");
    std::fs::write(&temporary, format!("{port}\n"))
        .and_then(|()| std::fs::rename(&temporary, file))
        .map_err(|error| Failure::about(file.display(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_says_what_to_type() {
        let text = banner(
            &["PLAINTEXT://0.0.0.0:9092".to_owned()],
            &["/data".to_owned()],
            Some("http://127.0.0.1:9404/metrics"),
            "c",
            "0.0.0.0:9092".parse().ok(),
        );
        assert!(text.contains("kcat -P -b localhost:9092 -t greetings"), "{text}");
        assert!(text.contains("data in     /data"), "{text}");
        let controller =
            banner(&["CONTROLLER://[::1]:9093".to_owned()], &["/data".to_owned()], None, "c", None);
        assert!(!controller.contains("kcat"), "{controller}");
    }
}
