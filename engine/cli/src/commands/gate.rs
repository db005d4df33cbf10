//! `embargo gate`: `decide` for pipelines. They go ahead on ALLOW or WARN for every host, and
//! stop on anything else.
//!
//! Invariant: a lack of a decision is never shown as a check that passed. With
//! `--on-error allow` a pipeline may go ahead without one, if it was the service that had none
//! to give; what is wrong with the question stops it all the same.

mod lack;
mod outcome;
mod report;
mod text;
mod pretty;
mod json;
mod junit;
mod sarif;
mod github;

use crate::args::gate::{Gate, GateFormat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::intake::Intake;
use crate::judges::{Asking, Judged, Judges};
use crate::output::{self, Paint};

use self::lack::Lack;
use self::outcome::Outcome;
use self::report::Report;

pub(crate) fn run(gate: &Gate) -> Result<Exit, Failure> {
    let mut report = Report::new(gate);
    if let Err(failure) = judge(gate, &mut report) {
        report.fail(&failure);
    }
    report.close();
    deliver(&report, gate)?;
    Ok(report.outcome().exit())
}

/// Judges all hosts. An error concerns them all.
fn judge(gate: &Gate, report: &mut Report) -> Result<(), Failure> {
    let asking = Asking {
        policies: &gate.policies,
        server: gate.server.as_deref(),
        access: &gate.access,
        action: gate.action,
        at: gate.at,
        limit: Some(gate.timeout),
    };
    let intake = Intake::new(gate.inventory.from, &gate.inventory.about)?;
    let mut judges = match Judges::new(&asking) {
        Ok(judges) => judges,
        // Hosts are read all the same: what is wrong with their facts is not the server's.
        Err(Failure::Connect(cause)) if Lack::of_connecting(&cause).is_pardonable() => {
            Judges::unreachable(cause, &asking)
        }
        Err(failure) => return Err(failure),
    };
    let mut many = Intake::is_several(&gate.files);
    let mut take = |judged: Judged| {
        if let Judged::Host(account, _) = &judged {
            account.say(many);
            many = true;
        }
        report.add(judged);
    };
    intake.each(&gate.files, &mut |told| {
        judges.submit(told).into_iter().for_each(&mut take);
        Ok(())
    })?;
    judges.finish().into_iter().for_each(&mut take);
    Ok(())
}

/// Writes the report, and what must be seen whatever becomes of it.
fn deliver(report: &Report, gate: &Gate) -> Result<(), Failure> {
    if report.hosts().any(|host| host.outcome == Outcome::Pardoned) {
        output::warn(&text::pardoned(report));
    }
    let written = |paint| match gate.format {
        GateFormat::Pretty => pretty::page(report, paint),
        GateFormat::Json => output::json::text(&json::object(report)),
        GateFormat::Junit => junit::text(report),
        GateFormat::Sarif => output::json::text(&sarif::log(report)),
        GateFormat::Github => github::annotations(report),
    };
    if gate.format == GateFormat::Github {
        github::add_to_summary(report);
    }
    let Some(file) = &gate.output else {
        if matches!(
            gate.format,
            GateFormat::Json | GateFormat::Junit | GateFormat::Sarif
        ) {
            output::remark(&text::headline(report));
        }
        return output::print(&written(Paint::for_results()));
    };
    output::print(&pretty::page(report, Paint::for_results()))?;
    std::fs::write(file, written(Paint::none())).map_err(|cause| {
        Failure::Said(format!(
            "the report cannot be written: {cause}: `{}`\n  hint: name a file in a folder that is there and can be written to",
            file.display()
        ))
    })
}
