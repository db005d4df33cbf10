//! The command `embargo`: serve policies, and ask, test and look at them.
//!
//! Thin: it reads arguments and files, asks core or service, and writes. Results go to
//! standard output, everything else to standard error.

mod args;
mod exit;
mod log;
mod output;
mod policies;
mod configuration;
mod intake;
#[cfg(test)]
mod reference;
mod remote;
mod offline;
mod judges;
mod commands;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Arguments, Command};
use crate::exit::Exit;

/// That of musl makes a decision take twice as long.
#[cfg(all(target_env = "musl", not(feature = "count-allocations")))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refused) => {
            // Help and version are answers; anything else is a usage error.
            let is_answer = !refused.use_stderr();
            let _ = refused.print();
            return if is_answer {
                Exit::Done.into()
            } else {
                Exit::Undecided.into()
            };
        }
    };
    let exit = match run(arguments) {
        Ok(exit) => exit,
        Err(failure) => {
            output::complain(&failure.to_string());
            Exit::Undecided
        }
    };
    exit.into()
}

fn run(arguments: Arguments) -> Result<Exit, commands::Failure> {
    match arguments.command {
        Command::Serve(serve) => commands::serve::run(&serve),
        Command::With(with) => commands::with::run(&with),
        Command::Decide(decide) => commands::decide::run(&decide),
        Command::Gate(gate) => commands::gate::run(&gate),
        Command::Explain(explain) => commands::explain::run(&explain),
        Command::Timeline(timeline) => commands::timeline::run(&timeline),
        Command::Diff(diff) => commands::diff::run(&diff),
        Command::Log(log) => commands::log::run(&log),
        Command::Replay(replay) => commands::replay::run(&replay),
        Command::Check(check) => commands::check::run(&check),
        Command::New(new) => commands::new::run(&new),
        Command::Schema(schema) => commands::schema::run(&schema),
        Command::Test(test) => commands::test::run(&test),
        Command::Identify(identify) => commands::identify::run(&identify),
        Command::Inspect(inspect) => commands::inspect::run(&inspect),
        Command::Bundle(bundle) => commands::bundle::run(&bundle),
        Command::Bench(bench) => commands::bench::run(&bench),
        Command::Eval(eval) => commands::eval::run(&eval),
        Command::Config(config) => commands::config::run(&config),
        Command::Token(token) => commands::token::run(&token),
        Command::Healthcheck(check) => commands::healthcheck::run(&check),
        Command::Completions(completions) => commands::completions::run(&completions),
        Command::Man(man) => commands::man::run(&man),
        Command::Version => commands::version::run(),
        Command::InternalRunTests => commands::serve::run_confined(),
    }
}
