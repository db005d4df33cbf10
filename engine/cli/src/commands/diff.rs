//! `embargo diff`: which decisions change between two sets of policies, or two instants.
//!
//! Each host is read once and judged by both sides. Kept are counts and the few hosts that
//! people are shown; the forms for machines write each host as soon as it is known. What
//! cannot be judged never looks like "no change".

mod page;
mod report;
mod tally;
mod verdict;

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use embargo_core::decision::Question;
use embargo_core::facts::HostFacts;
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;
use embargo_service::{Pending, Source, load};

use crate::args::diff::Diff;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::intake::{Intake, Told};
use crate::offline::{self, Desk, Workers};
use crate::policies;

use self::report::Report;

pub(super) use self::page::{coloured, counts, counts_json, listed, moves_json};
pub(super) use self::tally::Tally;
pub(super) use self::verdict::{Change, Stand, Subject, Verdict};

/// Hosts that are judged at a time. It bounds memory.
const UNDER_WAY: usize = 64;

pub(crate) fn run(diff: &Diff) -> Result<Exit, Failure> {
    let (sides, hosts) = sides(diff)?;
    let mut report = Report::new(diff, &sides);
    let mut tally = Tally::default();
    let mut under_way = VecDeque::new();
    let intake = Intake::new(diff.inventory.from, &diff.inventory.about)?;
    report.begin()?;
    intake.each(hosts, &mut |told| {
        under_way.push_back(
            told.map_err(Failure::from)
                .and_then(|told| sides.begin(told, diff.action)),
        );
        while under_way.len() > UNDER_WAY {
            let Some(first) = under_way.pop_front() else {
                break;
            };
            settle(first, &mut tally, &mut report)?;
        }
        Ok(())
    })?;
    for judging in under_way {
        settle(judging, &mut tally, &mut report)?;
    }
    report.finish(&tally)?;
    Ok(if tally.is_incomplete() {
        Exit::Undecided
    } else if tally.changed > 0 && diff.fail_on_change {
        Exit::Refused
    } else {
        Exit::Done
    })
}

/// One side of the comparison.
struct Side {
    /// The set, as its user calls it.
    name: String,
    snapshot_id: Arc<str>,
    at: Instant,
    desk: Rc<Desk>,
}

impl Side {
    fn new(source: &Source, at: Instant) -> Result<Self, Failure> {
        let snapshot = load(source).map_err(|refused| {
            Failure::Said(format!(
                "the policies in {source} cannot be loaded\n\n{refused}"
            ))
        })?;
        Ok(Self {
            name: source.to_string(),
            snapshot_id: Arc::clone(snapshot.id()),
            at,
            desk: Rc::new(Desk::patient(snapshot, Workers::OneForEachCore)?),
        })
    }

    fn begin(&self, facts: Arc<HostFacts>, action: Action) -> Result<Pending<Verdict>, Failure> {
        let at = self.at;
        self.desk.start(move |evaluator| {
            Verdict::of(&evaluator.decide(Question {
                facts: &facts,
                action,
                at,
            }))
        })
    }
}

struct Sides {
    old: Side,
    new: Side,
}

/// A host that both sides are judging.
struct Judging {
    host_id: String,
    old: Pending<Verdict>,
    new: Pending<Verdict>,
}

impl Sides {
    fn begin(&self, told: Told, action: Action) -> Result<Judging, Failure> {
        told.account.say(true);
        let facts = Arc::new(told.facts);
        Ok(Judging {
            host_id: facts.record().host_id.clone(),
            old: self.old.begin(Arc::clone(&facts), action)?,
            new: self.new.begin(facts, action)?,
        })
    }
}

fn settle(
    judging: Result<Judging, Failure>,
    tally: &mut Tally,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let compared = judging.and_then(|judging| {
        let old = offline::settled(judging.old)?;
        let new = offline::settled(judging.new)?;
        Ok((Change::between(judging.host_id, &old, &new), old, new))
    });
    match compared {
        Ok((change, old, new)) => {
            tally.add(change.as_ref(), &old, &new);
            change.map_or(Ok(()), |change| report.host(&change))
        }
        Err(failure) => {
            crate::output::complain(&failure.to_string());
            tally.unjudged += 1;
            Ok(())
        }
    }
}

/// The two sides, and the paths of hosts.
fn sides(diff: &Diff) -> Result<(Sides, &[PathBuf]), Failure> {
    match (diff.at.as_slice(), diff.paths.as_slice()) {
        ([old, new], hosts) => {
            let old = Side::new(&policies::source(&diff.policies), *old)?;
            let new = Side {
                name: old.name.clone(),
                snapshot_id: Arc::clone(&old.snapshot_id),
                at: *new,
                desk: Rc::clone(&old.desk),
            };
            Ok((Sides { old, new }, hosts))
        }
        ([] | [_], [old, new, hosts @ ..]) if !hosts.is_empty() => {
            let at = diff.at.first().copied().unwrap_or_else(offline::now);
            let old = Side::new(&set(old)?, at)?;
            let new = Side::new(&set(new)?, at)?;
            Ok((Sides { old, new }, hosts))
        }
        ([] | [_], _) => Err(Failure::Said(
            "two sets of policies and hosts are compared, and there are fewer than three paths\n  hint: write `embargo diff OLD NEW HOSTS...`, or give `--at` twice to compare one set at two instants"
                .to_owned(),
        )),
        _ => Err(Failure::Said(
            "`--at` is given more than twice\n  hint: two instants are compared at a time".to_owned(),
        )),
    }
}

/// The set of policies that a path names.
pub(super) fn set(path: &Path) -> Result<Source, Failure> {
    if path == Path::new("shipped") && !path.exists() {
        return Ok(Source::Embedded);
    }
    match Source::at(path) {
        // Hosts in the place of a set are not told from an archive by their name alone.
        Source::Bundle(_) if !is_packed(path) => Err(Failure::Said(format!(
            "`{}` is a file, and a set of policies is a folder or a bundle\n  hint: name two sets before the hosts; bundles end in `.tar.gz`",
            path.display()
        ))),
        source => Ok(source),
    }
}

/// Whether a file begins as gzip does.
fn is_packed(path: &Path) -> bool {
    let mut magic = [0; 2];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok())
        && magic == [0x1f, 0x8b]
}
