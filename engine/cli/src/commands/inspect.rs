//! `embargo inspect`: policies, instruments and waivers, and one of them in full.

use embargo_core::instrument::{Action, Instrument};
use embargo_core::snapshot::{Policy, Snapshot};
use serde_json::{Value, json};

use crate::args::{Format, Inspect};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint, json};
use crate::policies;

pub(crate) fn run(inspect: &Inspect) -> Result<Exit, Failure> {
    let snapshot = policies::snapshot(&inspect.policies)?;
    if inspect.data {
        output::print(&format!("{}\n", snapshot.data_json()))?;
        return Ok(Exit::Done);
    }
    let text = match (&inspect.id, inspect.format) {
        (None, Format::Pretty) => overview(&snapshot),
        (None, Format::Json) => json::text(&json!({
            "snapshot_id": &**snapshot.id(),
            "policies": snapshot.policies().iter().map(policy_json).collect::<Vec<_>>(),
            "instruments": snapshot.instruments().map(|known| instrument_json(known)).collect::<Vec<_>>(),
            "waivers": snapshot.waivers().iter().map(|waiver| &waiver.id).collect::<Vec<_>>(),
            "product_count": snapshot.catalogue().products().len(),
        })),
        (Some(id), format) => match (snapshot.instrument(id), snapshot.policy(id), format) {
            (Some(instrument), _, Format::Pretty) => in_full(instrument),
            (Some(instrument), _, Format::Json) => json::text(&instrument_json(instrument)),
            (None, Some(policy), Format::Pretty) => policy_in_full(policy),
            (None, Some(policy), Format::Json) => json::text(&policy_json(policy)),
            (None, None, _) => {
                return Err(Failure::Said(format!(
                    "there is neither an instrument nor a policy `{id}`\n  hint: `embargo inspect` lists them"
                )));
            }
        },
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

fn overview(snapshot: &Snapshot) -> String {
    let paint = Paint::for_results();
    let mut text = format!("{} {}\n\n", paint.bold("snapshot"), snapshot.id());
    for instrument in snapshot.instruments() {
        text.push_str(&format!("{:<32} {}\n", instrument.id, instrument.title));
    }
    text.push_str(&format!(
        "\n{}, {} waivers\n",
        policies::counts(snapshot),
        snapshot.waivers().len(),
    ));
    text
}

fn in_full(instrument: &Instrument) -> String {
    let paint = Paint::for_results();
    let mut text = format!(
        "{}\n{}\nissued by {}\n",
        paint.bold(&instrument.id),
        instrument.title,
        instrument.issuer
    );
    if !instrument.summary.is_empty() {
        text.push_str(&format!("\n{}\n", instrument.summary.trim()));
    }
    for phase in &instrument.phases {
        let until = phase
            .until
            .map(|until| format!(" until {until}"))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n{} {}: from {}{until}\n",
            phase.effect, phase.id, phase.from
        ));
        text.push_str(&format!("    {}\n", words(&phase.actions)));
        if let Some(note) = &phase.note {
            text.push_str(&format!("    {note}\n"));
        }
    }
    text.push('\n');
    for citation in &instrument.citations {
        text.push_str(&format!("{}  {}\n", citation.title, citation.url));
    }
    text
}

fn policy_in_full(policy: &Policy) -> String {
    let instruments: Vec<&str> = policy
        .instruments
        .iter()
        .map(|instrument| instrument.id.as_str())
        .collect();
    format!(
        "{}\n{}\nin {}, for {}\n\n{}\n",
        Paint::for_results().bold(&policy.id),
        policy.title,
        policy.folder,
        if instruments.is_empty() {
            "no instrument".to_owned()
        } else {
            instruments.join(", ")
        },
        policy.description,
    )
}

fn words(actions: &[Action]) -> String {
    actions
        .iter()
        .map(|action| action.word())
        .collect::<Vec<_>>()
        .join(", ")
}

fn policy_json(policy: &Policy) -> Value {
    json!({
        "policy_id": &*policy.id,
        "title": policy.title,
        "description": policy.description,
        "path": policy.folder,
        "instrument_ids": policy.instruments.iter().map(|instrument| &instrument.id).collect::<Vec<_>>(),
    })
}

fn instrument_json(instrument: &Instrument) -> Value {
    let phases: Vec<Value> = instrument
        .phases
        .iter()
        .map(|phase| {
            json!({
                "id": phase.id,
                "from": phase.from.to_string(),
                "until": phase.until.map(|until| until.to_string()),
                "actions": phase.actions.iter().map(|action| action.word()).collect::<Vec<_>>(),
                "effect": phase.effect.word(),
            })
        })
        .collect();
    json!({
        "instrument_id": instrument.id,
        "title": instrument.title,
        "issuer": instrument.issuer,
        "citations": instrument.citations.iter().map(|citation| json!({"title": citation.title, "url": citation.url})).collect::<Vec<_>>(),
        "phases": phases,
    })
}
