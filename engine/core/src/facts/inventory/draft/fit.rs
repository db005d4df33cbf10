//! Bringing an item within the limits on facts, with a remark for whatever of it is not
//! taken as it stands.

use crate::catalogue::is_invisible;
use crate::diagnostic::cut;
use crate::facts::forms::{is_guid, is_team_id};
use crate::facts::{Software, limits};

use super::super::remark::{Log, RemarkKind};

pub(super) fn bring_within_limits(log: &Log, place: &str, item: &mut Software) {
    let remark = |kind, message: String| log.add(kind, place, message);
    let mut texts = [
        ("name", Some(&mut item.name), limits::TEXT_BYTES, false),
        ("version", item.version.as_mut(), limits::TEXT_BYTES, false),
        (
            "publisher",
            item.publisher.as_mut(),
            limits::TEXT_BYTES,
            false,
        ),
        ("source", item.source.as_mut(), limits::SOURCE_BYTES, false),
        (
            "bundle id",
            item.bundle_id.as_mut(),
            limits::TEXT_BYTES,
            true,
        ),
        (
            "package id",
            item.package_id.as_mut(),
            limits::TEXT_BYTES,
            true,
        ),
        (
            "extension id",
            item.extension_id.as_mut(),
            limits::TEXT_BYTES,
            true,
        ),
        ("signer", item.signer.as_mut(), limits::TEXT_BYTES, false),
        (
            "package URL",
            item.purl.as_mut(),
            limits::LONG_TEXT_BYTES,
            true,
        ),
        ("CPE name", item.cpe.as_mut(), limits::TEXT_BYTES, true),
        ("path", item.path.as_mut(), limits::LONG_TEXT_BYTES, false),
        (
            "embedding product",
            item.embedded_in.as_mut(),
            limits::TEXT_BYTES,
            false,
        ),
    ];
    for (what, text, most, is_id) in &mut texts {
        let Some(text) = text else { continue };
        if text.contains('\0') {
            text.retain(|character| character != '\0');
            remark(
                RemarkKind::Changed,
                format!("the {what} holds U+0000, which was dropped"),
            );
        }
        if text.len() > *most {
            **text = cut(std::mem::take(*text), *most);
            text.shrink_to_fit();
            remark(
                RemarkKind::Unread,
                format!("the {what} is longer than {most} bytes, and was cut"),
            );
        }
        // Names are compared without such characters, and ids are not.
        if *is_id && text.contains(is_invisible) {
            remark(
                RemarkKind::Unread,
                format!("the {what} holds characters that show nothing, or bytes that are none"),
            );
        }
    }
    for (what, text) in [
        ("version", &mut item.version),
        ("publisher", &mut item.publisher),
        ("bundle id", &mut item.bundle_id),
        ("package id", &mut item.package_id),
        ("extension id", &mut item.extension_id),
    ] {
        if text.as_ref().is_some_and(String::is_empty) {
            *text = None;
            remark(
                RemarkKind::Changed,
                format!("the {what} is empty, and was left out"),
            );
        }
    }
    if item.name.chars().all(is_invisible) {
        "\u{fffd}".clone_into(&mut item.name);
        remark(
            RemarkKind::Unread,
            "the name holds nothing that can be read".to_owned(),
        );
    }
    if item.team_id.as_ref().is_some_and(|id| !is_team_id(id)) {
        item.team_id = None;
        remark(
            RemarkKind::Changed,
            "the Team ID is not 10 upper-case letters and digits, and was left out".to_owned(),
        );
    }
    // Installers other than MSI put names of their own here.
    if item
        .product_code
        .as_ref()
        .is_some_and(|code| !is_guid(code))
    {
        item.product_code = None;
    }
}
