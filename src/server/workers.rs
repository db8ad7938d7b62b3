//! The threads that sessions run on. Each has a runtime of its own, and a session stays where it was put: its client's
//! socket, its statements and their answers from the cluster are one thread's work, and nothing is handed from thread to
//! thread on the way of a look-up. What may compute for long is therefore done elsewhere (`Engine`); accepting, letting
//! clients in, cancel requests and time limits belong to the server's own runtime and never wait for a worker.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Stack of a thread: enough for whoever walks the highest tree that the parser makes. What is not used costs nothing.
pub const STACK_BYTES: usize = 64 << 20;

/// The threads. They end when this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Workers(Arc<Vec<Worker>>);

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    /// Sessions that run there.
    sessions: Arc<AtomicUsize>,
    /// Dropped, it ends the thread.
    _stop: oneshot::Sender<()>,
}

impl Workers {
    /// Starts so many threads. None: sessions run where the server does.
    pub(crate) fn start(count: usize) -> io::Result<Workers> {
        (0..count).map(Worker::start).collect::<io::Result<Vec<_>>>().map(|all| Workers(Arc::new(all)))
    }

    /// Runs something on the thread that has the fewest sessions. It ends when the task that is given is dropped.
    pub(crate) fn spawn(&self, session: impl Future<Output = ()> + Send + 'static) -> Running {
        let least = self.0.iter().min_by_key(|worker| worker.sessions.load(Ordering::Relaxed));
        Running(match least {
            Some(worker) => {
                let place = Place::take(&worker.sessions);
                worker.runtime.spawn(async move {
                    let _place = place;
                    session.await;
                })
            }
            None => tokio::spawn(session),
        })
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Worker> {
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = Builder::new_current_thread().enable_all().thread_stack_size(STACK_BYTES).build()?;
        let handle = runtime.handle().clone();
        let name = format!("sessions-{number}");
        std::thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(move || {
            // An error only says that the other end is gone.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Worker { runtime: handle, sessions: Arc::default(), _stop: stop })
    }
}

/// A session's place on a thread.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(sessions: &Arc<AtomicUsize>) -> Place {
        sessions.fetch_add(1, Ordering::Relaxed);
        Place(sessions.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A session that runs; dropping it ends the session.
#[derive(Debug)]
pub(crate) struct Running(JoinHandle<()>);

impl Running {
    /// Waits for its end.
    pub(crate) async fn ended(mut self) {
        // A panic is logged where it happens.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}
