//! Work off the caller's thread: progress, cancel, and a panic that becomes an error. Knows a waker, no widget.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

/// Called from a worker whenever there is something new to look at; a studio asks for a repaint.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// A waker that wakes nobody, for callers that wait.
#[must_use]
pub fn no_waker() -> Waker {
    Arc::new(|| {})
}

/// How many results may wait for the owner before the worker waits for the owner.
const QUEUE: usize = 64;

#[derive(Debug, Default)]
struct Shared {
    done: AtomicUsize,
    total: AtomicUsize,
    is_cancelled: AtomicBool,
}

/// What a job sees of the outside.
pub struct JobContext<T> {
    shared: Arc<Shared>,
    results: Sender<T>,
    waker: Waker,
}

impl<T> JobContext<T> {
    /// True once the owner asked to stop; look at it between steps of at most half a second.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled.load(Ordering::Relaxed)
    }

    /// `done` of `total` steps are finished.
    pub fn progress(&self, done: usize, total: usize) {
        self.shared.done.store(done, Ordering::Relaxed);
        self.shared.total.store(total, Ordering::Relaxed);
        (self.waker)();
    }

    /// Hands one result over. Returns false when nobody wants it any more, then the job should end.
    pub fn send(&self, result: T) -> bool {
        let is_wanted = !self.is_cancelled() && self.results.send(result).is_ok();
        (self.waker)();
        is_wanted
    }
}

/// What a job has to say when its owner looks.
#[derive(Debug, PartialEq, Eq)]
pub enum JobNews<T> {
    /// One more result.
    Result(T),
    /// Nothing new yet.
    Working,
    /// All results are out.
    Finished,
    /// It failed; the text is for people.
    Failed(String),
}

/// A running piece of work that yields results of type `T`. Dropping it cancels the work.
pub struct Job<T> {
    name: String,
    shared: Arc<Shared>,
    results: Receiver<T>,
    end: Receiver<Result<(), String>>,
    ended: Option<Result<(), String>>,
}

impl<T: Send + 'static> Job<T> {
    /// Starts `work` on a thread of its own. An `Err` it returns, or a panic, reaches the owner as [`JobNews::Failed`].
    pub fn start(name: &str, waker: Waker, work: impl FnOnce(&JobContext<T>) -> Result<(), String> + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let (results_in, results) = bounded(QUEUE);
        let (end_in, end) = bounded(1);
        let context = JobContext { shared: Arc::clone(&shared), results: results_in, waker };
        let spawned = thread::Builder::new().name(name.to_owned()).spawn({
            let end_in = end_in.clone();
            move || {
                let outcome =
                    catch_unwind(AssertUnwindSafe(|| work(&context))).unwrap_or_else(|panic| Err(panic_text(panic.as_ref())));
                let JobContext { results, waker, .. } = context;
                // Results first, then the end: the owner reads them in this order. An owner that is gone wants neither.
                drop(results);
                drop(end_in.send(outcome));
                waker();
            }
        });
        if let Err(error) = spawned {
            drop(end_in.send(Err(format!("no thread could be started: {error}"))));
        }
        Self { name: name.to_owned(), shared, results, end, ended: None }
    }

    /// The next result or the state of the work, without waiting.
    pub fn poll(&mut self) -> JobNews<T> {
        match self.results.try_recv() {
            Ok(result) => JobNews::Result(result),
            Err(TryRecvError::Empty) => JobNews::Working,
            Err(TryRecvError::Disconnected) => self.end_news(),
        }
    }

    /// The next result or the end, waiting for it; never [`JobNews::Working`].
    pub fn wait(&mut self) -> JobNews<T> {
        if let Ok(result) = self.results.recv() {
            JobNews::Result(result)
        } else {
            if self.ended.is_none() {
                self.ended = self.end.recv().ok();
            }
            self.end_news()
        }
    }

    fn end_news(&mut self) -> JobNews<T> {
        if self.ended.is_none() {
            self.ended = self.end.try_recv().ok();
        }
        match &self.ended {
            None => JobNews::Working,
            Some(Ok(())) => JobNews::Finished,
            Some(Err(message)) => JobNews::Failed(message.clone()),
        }
    }
}

impl<T> Job<T> {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Finished and total steps; (0, 0) before the job said.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.shared.done.load(Ordering::Relaxed), self.shared.total.load(Ordering::Relaxed))
    }

    /// Asks the work to stop; it ends as finished, with the results so far.
    pub fn cancel(&self) {
        self.shared.is_cancelled.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled.load(Ordering::Relaxed)
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("an internal error ended the work: {}", text.as_deref().unwrap_or("no message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_then_the_end() {
        let mut job = Job::start("count", no_waker(), |cx| {
            for i in 0..200 {
                cx.progress(i, 200);
                if !cx.send(i) {
                    break;
                }
            }
            Ok(())
        });
        let mut seen = Vec::new();
        loop {
            match job.wait() {
                JobNews::Result(i) => seen.push(i),
                end => {
                    assert_eq!(end, JobNews::Finished);
                    break;
                }
            }
        }
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        let mut job = Job::<()>::start("panic", no_waker(), |_| panic!("tile 7 is odd"));
        assert!(matches!(job.wait(), JobNews::Failed(text) if text.contains("tile 7 is odd")));
    }

    #[test]
    fn cancel_ends_an_endless_job_even_when_nobody_reads() {
        let mut job = Job::start("endless", no_waker(), |cx| {
            while cx.send(0_u8) {}
            Ok(())
        });
        assert_eq!(job.wait(), JobNews::Result(0));
        job.cancel();
        loop {
            match job.wait() {
                JobNews::Result(_) => {}
                end => {
                    assert_eq!(end, JobNews::Finished);
                    break;
                }
            }
        }
    }
}
