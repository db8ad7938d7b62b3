//! The `hazelgres` program.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use hazelgres::cli::{Cli, Command, Demo, Serve};
use hazelgres::config::Settings;
use hazelgres::server::STACK_BYTES;
use hazelgres::{demo, serve};
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Has memory given back when it is freed, not some time later: a thread that sleeps then never would.
#[allow(unsafe_code)]
fn give_memory_back() {
    /// `mi_option_purge_delay`, in milliseconds.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: this sets a number that the allocator reads; it takes no pointers and may be called at any time.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) }
}

fn main() -> ExitCode {
    give_memory_back();
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Serve(flags) => {
            log("info");
            run(serve_cluster(flags))
        }
        Command::Demo(flags) => {
            log("warn");
            run(show_demo(flags))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // When nobody can read it, there is nothing left to do.
            let _ = writeln!(std::io::stderr(), "hazelgres: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn serve_cluster(flags: Serve) -> Result<(), String> {
    let config = flags.settings()?;
    let stop = serve::told_to_stop().await.map_err(|error| format!("no signals: {error}"))?;
    serve::serve(config, stop).await
}

async fn show_demo(flags: Demo) -> Result<(), String> {
    let options = demo::Options { members: flags.members.into(), port: flags.port, check: flags.check };
    let gateway = |gateway: demo::Gateway| async move {
        let settings = Settings { cluster: Some(gateway.cluster), ..Settings::default() };
        let mut stop = gateway.stop;
        let stopped = async move {
            // A channel that is closed has nobody left who could say anything else.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        serve::serve_on(gateway.listener, settings.finish()?, stopped).await
    };
    demo::run(options, gateway).await.map_err(|error| error.to_string())
}

fn run(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().thread_stack_size(STACK_BYTES).build();
    let runtime = runtime.map_err(|error| format!("no threads: {error}"))?;
    let result = runtime.block_on(work);
    // Nothing that is still running may keep the program from ending.
    runtime.shutdown_background();
    result
}

/// Logs to standard error: `HAZELGRES_LOG` says what (`debug`, `hazelgres=trace` …).
fn log(level: &str) {
    let filter = EnvFilter::try_from_env("HAZELGRES_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let stderr = std::io::stderr;
    let colours = stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(colours)
        .with_target(false)
        .init();
}
