//! Thumbnails in the window: made for what is near the view, a bounded number kept as textures, all kept on disk.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use delimit::jobs::{Job, JobNews, Waker};
use delimit::project::Project;
use delimit::workflow::thumbnails::{Thumbnail, ThumbnailCache};
use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};

use crate::studio::app::Studio;

/// Textures kept at most: 160 × 120 pixels each, 40 MB together.
const MOST: usize = 512;

/// Images per job: soon done, so that the next one follows the view.
const BATCH: usize = 32;

/// Textures taken over per frame: uploading must not hold it up.
const PER_FRAME: usize = 16;

/// Threads that make them.
const THREADS: usize = 4;

type Made = (usize, Option<Thumbnail>);

/// The thumbnails in memory.
#[derive(Default)]
pub struct Thumbnails {
    textures: HashMap<usize, (TextureHandle, u64)>,
    clock: u64,
    /// Images of which none can be made.
    failed: HashSet<usize>,
    /// What is missing near the view, nearest first.
    wanted: Vec<usize>,
    job: Option<Job<Made>>,
    in_job: HashSet<usize>,
    is_pruned: bool,
}

impl Thumbnails {
    /// The texture of an image, which is not the next to go now.
    pub fn get(&mut self, image: usize) -> Option<&TextureHandle> {
        self.clock += 1;
        let (texture, used) = self.textures.get_mut(&image)?;
        *used = self.clock;
        Some(texture)
    }

    /// Says what is near the view, nearest first; what is there already is passed over.
    pub fn want(&mut self, images: impl IntoIterator<Item = usize>) {
        self.wanted.clear();
        let missing = |i: &usize| !self.textures.contains_key(i) && !self.failed.contains(i);
        self.wanted.extend(images.into_iter().filter(missing).take(MOST / 2));
    }

    pub const fn is_busy(&self) -> bool {
        self.job.is_some() || !self.wanted.is_empty()
    }

    /// How many are kept as textures.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.textures.len()
    }

    fn put(&mut self, image: usize, thumbnail: &Thumbnail, ctx: &Context) {
        let pixels = thumbnail.rgb.iter().map(|p| Color32::from_rgb(p[0], p[1], p[2])).collect();
        let picture = ColorImage::new([thumbnail.width as usize, thumbnail.height as usize], pixels);
        let texture = ctx.load_texture(format!("thumbnail {image}"), picture, TextureOptions::LINEAR);
        self.clock += 1;
        self.textures.insert(image, (texture, self.clock));
        while self.textures.len() > MOST
            && let Some(oldest) = self.textures.iter().min_by_key(|(_, (_, used))| *used).map(|(&i, _)| i)
        {
            self.textures.remove(&oldest);
        }
    }
}

impl Studio {
    /// Takes over what was made and asks for what is missing. Once per frame.
    pub fn tick_thumbnails(&mut self, ctx: &Context) {
        let state = &mut self.film_state.thumbnails;
        for _ in 0..PER_FRAME {
            let Some(job) = &mut state.job else { break };
            match job.poll() {
                JobNews::Result((image, made)) => {
                    state.wanted.retain(|&i| i != image);
                    match made {
                        Some(thumbnail) => state.put(image, &thumbnail, ctx),
                        None => drop(state.failed.insert(image)),
                    }
                    ctx.request_repaint();
                }
                JobNews::Working => break,
                JobNews::Finished => state.job = None,
                JobNews::Failed(message) => {
                    state.job = None;
                    let lost = std::mem::take(&mut state.in_job);
                    state.failed.extend(lost);
                    state.wanted.clear();
                    self.toasts.error(&message);
                    return;
                }
            }
        }
        // A view that went elsewhere does not wait for a batch that nobody looks at.
        let Some(next) = state.wanted.first() else { return };
        if state.job.is_some() && state.in_job.contains(next) {
            return;
        }
        let batch: Vec<usize> = state.wanted.iter().copied().take(BATCH).collect();
        state.in_job = batch.iter().copied().collect();
        let cache = ThumbnailCache::new(self.session.project().root(), !self.session.is_read_only());
        let prunes = !std::mem::replace(&mut state.is_pruned, true);
        let job = make(self.session.shared_project(), cache, batch, prunes, self.waker());
        self.film_state.thumbnails.job = Some(job);
    }
}

fn make(project: Arc<Project>, cache: ThumbnailCache, images: Vec<usize>, prunes: bool, waker: Waker) -> Job<Made> {
    Job::start("thumbnails", waker, move |cx| {
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(&image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
                if cx.is_cancelled() || !cx.send((image, cache.get_or_make(&project, image).ok())) {
                    break;
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(THREADS)).min(images.len());
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        if prunes {
            cache.prune();
        }
        Ok(())
    })
}
