//! The same work on many images, on all cores: the loop that both faces start.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::error::WorkflowError;

/// Runs `work` on every image and hands each result to `done` as it comes, in no order; both are called from several threads. One
/// image that fails does not stop the others. `is_cancelled` is asked before every image; its `true` ends the loop with
/// [`WorkflowError::Cancelled`].
pub fn each_image<T>(
    images: &[usize],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    work: impl Fn(usize) -> Result<T, WorkflowError> + Sync,
    done: impl Fn(usize, Result<T, WorkflowError>) + Sync,
) -> Result<(), WorkflowError> {
    let was_stopped = AtomicBool::new(false);
    images.par_iter().for_each(|&image| {
        if was_stopped.load(Ordering::Relaxed) || is_cancelled() {
            was_stopped.store(true, Ordering::Relaxed);
            return;
        }
        done(image, work(image));
    });
    if was_stopped.into_inner() { Err(WorkflowError::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn every_image_is_done_once_and_a_failure_stops_nobody() {
        let seen = Mutex::new(Vec::new());
        let images: Vec<usize> = (0..50).collect();
        let work = |i: usize| if i == 7 { Err(WorkflowError::Zones("odd".into())) } else { Ok(i * 2) };
        each_image(&images, &|| false, work, |i, r| seen.lock().unwrap().push((i, r.ok()))).unwrap();
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(seen, images.iter().map(|&i| (i, (i != 7).then_some(i * 2))).collect::<Vec<_>>());
    }

    #[test]
    fn cancel_ends_the_loop_early_and_says_so() {
        let count = AtomicUsize::new(0);
        let images: Vec<usize> = (0..1000).collect();
        let is_cancelled = || count.load(Ordering::Relaxed) >= 3;
        let done = |_: usize, _: Result<(), WorkflowError>| {
            count.fetch_add(1, Ordering::Relaxed);
        };
        assert!(matches!(each_image(&images, &is_cancelled, |_| Ok(()), done), Err(WorkflowError::Cancelled)));
        assert!(count.into_inner() < 1000);
    }
}
