//! `embargo identify`: which products software is, by which evidence, and what nearly was.

use embargo_client::v1;
use embargo_core::catalogue::{Catalogue, Examination, NearMiss};
use embargo_core::facts::Software;
use embargo_service::codec;
use serde_json::json;

use crate::args::{Format, Identify};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::intake::{Intake, Told, Unread};
use crate::output::{self, Paint, json, pretty};
use crate::policies;

pub(crate) fn run(identify: &Identify) -> Result<Exit, Failure> {
    let snapshot = policies::snapshot(&identify.policies)?;
    let catalogue = snapshot.catalogue();
    let several = Intake::is_several(&identify.files);
    let mut pages = Vec::new();
    let mut end = Exit::Done;
    let mut look = |told: Result<Told, Unread>| {
        let told = match told {
            Ok(told) => told,
            Err(unread) => {
                output::complain(&unread.failure.to_string());
                end = Exit::Undecided;
                return Ok(());
            }
        };
        told.account.say(several);
        let items = &told.facts.record().software;
        let Examination { identified, near } = catalogue.examine(items);
        let found: Vec<v1::Identification> = identified
            .iter()
            .map(|found| codec::identification_message(found, items, catalogue))
            .collect();
        match identify.format {
            Format::Json => {
                pages.push(json!({
                    "host_id": told.facts.record().host_id,
                    "identifications": found.iter().map(json::identification).collect::<Vec<_>>(),
                    "near_misses": near.iter().map(|near| near_json(catalogue, items, near)).collect::<Vec<_>>(),
                }));
                Ok(())
            }
            Format::Pretty => output::print(&page(catalogue, items, &found, &near)),
        }
    };
    let several = if identify.example {
        Intake::example(&mut look)?;
        false
    } else {
        Intake::new(identify.inventory.from, &identify.inventory.about)?
            .each(&identify.files, &mut look)?
            || several
    };
    if identify.format == Format::Json {
        let several = several || pages.len() > 1;
        let only = if several { None } else { pages.pop() };
        if only.is_some() || several {
            output::print(&json::text(&only.unwrap_or(json!(pages))))?;
        }
    }
    Ok(end)
}

fn page(
    catalogue: &Catalogue,
    items: &[Software],
    found: &[v1::Identification],
    near: &[NearMiss],
) -> String {
    let paint = Paint::for_results();
    let mut text: String = found
        .iter()
        .map(|found| pretty::identification(found, paint))
        .collect();
    for near in near {
        let (name, product) = named(catalogue, items, near);
        let signs: Vec<String> = near
            .evidence
            .iter()
            .map(|sign| format!("{} {} `{}`", sign.strength.word(), sign.kind, sign.value))
            .collect();
        text.push_str(&pretty::clean(&format!(
            "{name}  is not {product}: {} does not suffice; a strong sign, or a medium one and a second of another kind, is needed",
            signs.join(", ")
        )));
        text.push('\n');
    }
    text.push_str(&format!(
        "{} of {} items recognised, {} nearly\n",
        found.len(),
        items.len(),
        near.len()
    ));
    text
}

fn near_json(catalogue: &Catalogue, items: &[Software], near: &NearMiss) -> serde_json::Value {
    let (name, product) = named(catalogue, items, near);
    let evidence: Vec<_> = near
        .evidence
        .iter()
        .map(|sign| json!({"kind": sign.kind.word(), "value": sign.value, "strength": sign.strength.word()}))
        .collect();
    json!({"software": {"index": near.index, "name": name}, "product_id": product, "evidence": evidence})
}

fn named<'a>(
    catalogue: &'a Catalogue,
    items: &'a [Software],
    near: &NearMiss,
) -> (&'a str, &'a str) {
    let name = items.get(near.index).map_or("", |item| &item.name);
    let product = catalogue
        .product(near.product)
        .map_or("", |product| &product.id);
    (name, product)
}
