//! What is under way in a watched folder, what waits, and what follows from what happens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{BoxStream, FuturesUnordered, StreamExt as _};
use kusto_ingest_core::{Error, ErrorKind, Result, Timestamp};

use super::Watcher;
use super::looks::{Looks, Soon};
use crate::backlog::{Backlog, Ended};
use crate::metrics::Number;
use crate::pressure::Pressure;
use crate::process::{Processed, Processor};
use crate::scan::{FoundFile, Look, Scan};
use crate::{Hint, WatchEvent};

/// What happened.
pub(super) enum Event {
    Looked(Result<Scan>),
    Processed(FoundFile, Processed),
    /// It is time to look.
    Due,
    /// It is time to look for what was hinted at right behind another look.
    Calm,
    /// A pause is over.
    PauseOver,
    Hinted(Option<Hint>, BoxStream<'static, Hint>),
}

/// What is under way, and what waits.
pub(super) struct Course<'w> {
    watcher: &'w Watcher,
    /// Folders that are not looked into, and files that are not taken.
    left_out: Arc<[PathBuf]>,
    backlog: Backlog,
    pressure: Pressure,
    events: FuturesUnordered<BoxFuture<'w, Event>>,
    under_way: usize,
    looks: Looks,
    is_pausing: bool,
}

impl<'w> Course<'w> {
    pub(super) fn new(watcher: &'w Watcher, left_out: Vec<PathBuf>, hints: BoxStream<'static, Hint>) -> Self {
        let options = &watcher.processor.options;
        let mut course = Self {
            watcher,
            left_out: left_out.into(),
            backlog: Backlog::new(options.stable_for),
            pressure: Pressure::new(options.concurrency, options.first_pause, options.longest_pause),
            events: FuturesUnordered::new(),
            under_way: 0,
            looks: Looks::default(),
            is_pausing: false,
        };
        course.look();
        course.listen(hints);
        course
    }

    /// The next thing that happens.
    pub(super) async fn next(&mut self) -> Event {
        match self.events.next().await {
            Some(event) => event,
            // There is always a look, or the wait for one.
            None => std::future::pending().await,
        }
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way > 0
    }

    /// Begins with as many files as may be under way.
    pub(super) fn begin(&mut self) {
        let processor = &self.watcher.processor;
        let now = processor.clock.monotonic();
        let targets = self.watcher.targets();
        while self.under_way < self.pressure.limit(now)
            && let Some(file) = self.backlog.next()
        {
            let Some(properties) = targets.of(&file.below) else {
                self.backlog
                    .ended(&file.path, Ended::Done, now, |_| Duration::ZERO);
                continue;
            };
            self.under_way += 1;
            let work = async move {
                let processed = processor.process(&file, &properties).await;
                Event::Processed(file, processed)
            };
            self.events.push(work.boxed());
        }
        if let Some(end) = self
            .pressure
            .pause_ends()
            .filter(|end| *end > now && !self.is_pausing)
        {
            self.is_pausing = true;
            self.after(end - now, || Event::PauseOver);
        }
        processor.metrics.set(Number::UnderWay, self.under_way as u64);
    }

    /// What follows from what happened.
    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Looked(scan) => self.looked(scan),
            Event::Processed(file, processed) => self.processed(&file, &processed),
            Event::Due => {
                self.looks.due_is_over();
                self.look();
            }
            Event::Calm => {
                self.looks.calm_is_over();
                self.look_if_hinted();
            }
            Event::PauseOver => self.is_pausing = false,
            Event::Hinted(None, _) => {}
            Event::Hinted(Some(hint), hints) => {
                self.hinted(hint);
                self.listen(hints);
            }
        }
    }

    fn looked(&mut self, scan: Result<Scan>) {
        let processor = &self.watcher.processor;
        let (metrics, now) = (&processor.metrics, processor.clock.monotonic());
        let renamed = self.looks.ended(now);
        match scan {
            Ok(scan) => {
                metrics.set(Number::Untaken, scan.untaken);
                metrics.set(Number::Unreadable, scan.unreadable);
                self.backlog.seen(scan.files, now);
                for path in renamed {
                    self.backlog.renamed_in(&path);
                }
                let (waiting, ready) = self.backlog.counts();
                metrics.set(Number::Waiting, waiting as u64 + scan.more);
                metrics.set(Number::Ready, ready as u64);
                metrics.set(Number::OldestSeconds, self.oldest_seconds());
            }
            Err(error) => {
                metrics.add(Number::LooksFailed, 1);
                processor.listener.tell(&WatchEvent::Unreadable { error: &error });
            }
        }
        metrics.add(Number::Looks, 1);
        if let Some(pause) = self.looks.due(processor.options.look_every) {
            self.after(pause, || Event::Due);
        }
        self.look_if_hinted();
    }

    fn oldest_seconds(&self) -> u64 {
        let now = self.watcher.processor.clock.now();
        let oldest = self
            .backlog
            .oldest()
            .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        oldest.map_or(0, |since| now.since(Timestamp::UNIX_EPOCH + since).as_secs())
    }

    fn processed(&mut self, file: &FoundFile, processed: &Processed) {
        let now = self.watcher.processor.clock.monotonic();
        self.under_way -= 1;
        let ended = match processed {
            Processed::Done { is_taken } => {
                if *is_taken {
                    self.pressure.taken();
                }
                Ended::Done
            }
            Processed::Changed => Ended::Changed,
            Processed::Unavailable(retry_after) => {
                self.pressure.failed(now, *retry_after);
                Ended::Again
            }
            Processed::Stuck => Ended::Again,
        };
        // Where the service is away, the pause is that of all files.
        let is_for_all = matches!(processed, Processed::Unavailable(_));
        let pressure = &self.pressure;
        self.backlog
            .ended(&file.path, ended, now, |failures| match is_for_all {
                true => Duration::ZERO,
                false => pressure.pause(failures),
            });
    }

    fn hinted(&mut self, hint: Hint) {
        let renamed = match hint {
            Hint::RenamedIn(path) => Some(path),
            Hint::Changed => None,
        };
        let most = self.watcher.processor.options.backlog;
        self.looks.hinted(renamed, most);
        self.look_if_hinted();
    }

    fn look_if_hinted(&mut self) {
        let processor = &self.watcher.processor;
        let now = processor.clock.monotonic();
        match self.looks.soon(now, processor.options.look_every) {
            Soon::Now => self.look(),
            Soon::After(pause) => self.after(pause, || Event::Calm),
            Soon::Settled => {}
        }
    }

    /// Looks at the folder, unless that is being done.
    fn look(&mut self) {
        let processor = &self.watcher.processor;
        if !self.looks.begin(processor.clock.monotonic()) {
            return;
        }
        let (folder, left_out) = (self.watcher.folder.clone(), self.left_out.clone());
        let (targets, journal) = (self.watcher.targets(), processor.journal.clone());
        let (most, on_done) = (processor.options.backlog, processor.options.on_done.clone());
        let look = move || {
            let look = Look {
                folder: &folder,
                left_out: &left_out,
                most,
                is_taken: &|below| targets.of(below).is_some(),
                is_wanted: &|file| !Processor::is_over(&journal, &on_done, file),
            };
            look.look()
        };
        let looked = async move {
            let failed = || Error::new(ErrorKind::SourceNotReadable, "look at the folder");
            Event::Looked(match tokio::task::spawn_blocking(look).await {
                Ok(looked) => looked.map_err(|error| failed().caused_by(error)),
                Err(panicked) => Err(failed().caused_by(panicked)),
            })
        };
        self.events.push(looked.boxed());
    }

    fn listen(&self, mut hints: BoxStream<'static, Hint>) {
        let heard = async move {
            let hint = hints.next().await;
            Event::Hinted(hint, hints)
        };
        self.events.push(heard.boxed());
    }

    fn after(&self, time: Duration, event: impl FnOnce() -> Event + Send + 'w) {
        let clock = self.watcher.processor.clock.clone();
        let waited = async move {
            clock.sleep(time).await;
            event()
        };
        self.events.push(waited.boxed());
    }
}
