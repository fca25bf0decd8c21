//! What the background works out for a key, kept while it may be wanted again: the last few, and one that is under way.

use std::collections::VecDeque;

use delimit::jobs::{Job, JobNews};

/// Values by key, made by jobs.
pub struct Prepared<K, V> {
    ready: VecDeque<(K, V)>,
    running: Option<(K, Job<V>)>,
    /// Made nothing: it is not tried again.
    failed: Option<K>,
    most: usize,
}

impl<K: PartialEq, V: Send + 'static> Prepared<K, V> {
    /// Keeps the last `most` values.
    pub const fn new(most: usize) -> Self {
        Self { ready: VecDeque::new(), running: None, failed: None, most }
    }

    pub const fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.ready.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// Starts the work for a key unless it is done, under way or failed. Work for another key is given up.
    pub fn want(&mut self, key: K, start: impl FnOnce() -> Job<V>) {
        let is_running = self.running.as_ref().is_some_and(|(k, _)| *k == key);
        if self.get(&key).is_none() && !is_running && self.failed.as_ref() != Some(&key) {
            self.running = Some((key, start()));
        }
    }

    /// Takes in what is done; the message of work that failed.
    pub fn poll(&mut self) -> Option<String> {
        let (key, mut job) = self.running.take()?;
        match job.poll() {
            JobNews::Working => {
                self.running = Some((key, job));
                None
            }
            JobNews::Result(value) => {
                self.ready.push_front((key, value));
                self.ready.truncate(self.most);
                None
            }
            JobNews::Finished => {
                self.failed = Some(key);
                None
            }
            JobNews::Failed(message) => {
                self.failed = Some(key);
                Some(message)
            }
        }
    }
}
