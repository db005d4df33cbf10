//! The line: documents that are parsed ahead, on all cores, and come out in their order.
//!
//! Parsing takes far longer than judging, so that one thread for it would leave the others
//! idle. Few documents are under way at a time, which bounds memory.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use embargo_core::facts::inventory::Format;

use super::parser::{Held, Parsed, Parser};
use super::{Document, Unread, Visit};
use crate::commands::Failure;

/// Documents under way for each thread.
const AHEAD: usize = 4;
/// Stack of a thread that parses: documents are nested up to 127 levels.
const STACK_BYTES: usize = 16 * 1_024 * 1_024;

struct Job {
    document: Document,
    bytes: Vec<u8>,
    answer: Sender<Parsed>,
}

enum Place {
    Parsed(Parsed),
    UnderWay(Receiver<Parsed>),
    /// No host goes on in another file.
    EndOfFile,
}

/// Documents in their order, on the way to `visit`.
pub(super) struct Line<'v> {
    parser: Arc<Parser>,
    visit: Visit<'v>,
    places: VecDeque<Place>,
    /// The last host of osquery's: its tables come in documents of their own.
    held: Option<Held>,
    /// Where the threads take documents from, once there was a second one.
    jobs: Option<Sender<Job>>,
    most: usize,
    documents: usize,
}

impl<'v> Line<'v> {
    pub(super) fn new(parser: &Arc<Parser>, visit: Visit<'v>) -> Self {
        Self {
            parser: Arc::clone(parser),
            visit,
            places: VecDeque::new(),
            held: None,
            jobs: None,
            most: 0,
            documents: 0,
        }
    }

    /// Takes a document in.
    pub(super) fn document(&mut self, document: Document, bytes: Vec<u8>) -> Result<(), Failure> {
        self.documents += 1;
        // Where there is only one, threads would be a waste.
        if self.documents == 1 {
            let parsed = self.parser.parse(&document, &bytes);
            return self.push(Place::Parsed(parsed));
        }
        let (answer, parsed) = mpsc::channel();
        let job = Job {
            document,
            bytes,
            answer,
        };
        let jobs = match self.jobs.take() {
            Some(jobs) => jobs,
            None => self.start()?,
        };
        let handed = jobs.send(job);
        self.jobs = Some(jobs);
        match handed {
            Ok(()) => self.push(Place::UnderWay(parsed)),
            Err(_) => Err(gone()),
        }
    }

    /// Takes in what is no document, in the place of one.
    pub(super) fn fault(&mut self, unread: Unread) -> Result<(), Failure> {
        self.push(Place::Parsed(Parsed::Hosts(vec![Err(unread)])))
    }

    /// Says that no host goes on in what follows.
    pub(super) fn end_of_file(&mut self) -> Result<(), Failure> {
        self.push(Place::EndOfFile)
    }

    /// Gives all that is still under way.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        while let Some(place) = self.places.pop_front() {
            self.settle(place)?;
        }
        self.release()
    }

    fn push(&mut self, place: Place) -> Result<(), Failure> {
        self.places.push_back(place);
        while self.places.len() > self.most {
            let Some(first) = self.places.pop_front() else {
                break;
            };
            self.settle(first)?;
        }
        Ok(())
    }

    fn settle(&mut self, place: Place) -> Result<(), Failure> {
        let parsed = match place {
            Place::EndOfFile => return self.release(),
            Place::Parsed(parsed) => parsed,
            Place::UnderWay(parsed) => parsed.recv().map_err(|_| gone())?,
        };
        match parsed {
            Parsed::Hosts(hosts) => {
                self.release()?;
                hosts.into_iter().try_for_each(|host| (self.visit)(host))
            }
            Parsed::Parts(parts) => parts.into_iter().try_for_each(|part| {
                match &mut self.held {
                    Some(before) if before.is_continued_by(&part) => {
                        before.join(part);
                        return Ok(());
                    }
                    _ => {}
                }
                self.release()?;
                self.held = Some(part);
                Ok(())
            }),
        }
    }

    fn release(&mut self) -> Result<(), Failure> {
        match self.held.take() {
            Some(held) => (self.visit)(self.parser.told(held, Format::Osquery)),
            None => Ok(()),
        }
    }

    /// Starts the threads. They end when the line does.
    fn start(&mut self) -> Result<Sender<Job>, Failure> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let (jobs, taken) = mpsc::channel::<Job>();
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..threads {
            let taken = Arc::clone(&taken);
            let parser = Arc::clone(&self.parser);
            let work = move || {
                loop {
                    let next = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = next else { return };
                    // Whoever asked may have gone.
                    let _ = job.answer.send(parser.parse(&job.document, &job.bytes));
                }
            };
            thread::Builder::new()
                .name("embargo-parser".to_owned())
                .stack_size(STACK_BYTES)
                .spawn(work)
                .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
        }
        self.most = threads * AHEAD;
        Ok(jobs)
    }
}

/// A thread that parses has failed: nothing that follows can be trusted to be complete.
fn gone() -> Failure {
    Failure::Said("a document could not be read: its reader failed".to_owned())
}
