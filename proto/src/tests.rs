//! What other crates rely on beyond the generated code itself.

use prost::Message as _;
use prost_types::FileDescriptorSet;

use crate::{
    ENVOY_FILE_DESCRIPTOR_SET, ERROR_DOMAIN, FILE_DESCRIPTOR_SET,
    envoy::service::auth::v3::authorization_server,
    v1::{Effect, ErrorReason, decision_service_server, policy_service_server},
};

#[test]
fn the_descriptors_name_both_services_as_the_generated_code_does() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut services: Vec<String> = set
        .file
        .iter()
        .flat_map(|file| {
            file.service
                .iter()
                .map(|service| format!("{}.{}", file.package(), service.name()))
        })
        .collect();
    services.sort();
    assert_eq!(
        services,
        [
            decision_service_server::SERVICE_NAME,
            policy_service_server::SERVICE_NAME
        ]
    );
}

#[test]
fn the_descriptors_hold_every_import() {
    for encoded in [FILE_DESCRIPTOR_SET, ENVOY_FILE_DESCRIPTOR_SET] {
        let set = FileDescriptorSet::decode(encoded).unwrap();
        let held: Vec<&str> = set.file.iter().map(|file| file.name()).collect();
        for file in &set.file {
            for import in &file.dependency {
                assert!(
                    held.contains(&import.as_str()),
                    "`{import}` of `{}` is absent",
                    file.name()
                );
            }
        }
    }
}

#[test]
fn envoys_contract_is_apart_from_the_api_and_has_envoys_name() {
    assert_eq!(
        authorization_server::SERVICE_NAME,
        "envoy.service.auth.v3.Authorization"
    );
    let of = |encoded| FileDescriptorSet::decode(encoded).unwrap();
    let is_envoys = |file: &prost_types::FileDescriptorProto| file.package().starts_with("envoy.");
    assert!(!of(FILE_DESCRIPTOR_SET).file.iter().any(is_envoys));
    assert_eq!(
        of(ENVOY_FILE_DESCRIPTOR_SET)
            .file
            .iter()
            .filter(|file| is_envoys(file))
            .count(),
        4
    );
}

#[test]
fn the_error_domain_is_the_package() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    assert!(set.file.iter().any(|file| file.package() == ERROR_DOMAIN));
}

#[test]
fn effects_ascend_with_their_strength() {
    let ascending = [
        Effect::Unspecified,
        Effect::Allow,
        Effect::Warn,
        Effect::Review,
        Effect::Indeterminate,
        Effect::Deny,
    ];
    assert!(ascending.is_sorted_by_key(|effect| i32::from(*effect)));
    assert_eq!(Effect::try_from(6).ok(), None, "the enum is closed");
}

#[test]
fn reasons_carry_the_prefix_that_error_info_leaves_out() {
    assert_eq!(
        ErrorReason::Overloaded.as_str_name(),
        "ERROR_REASON_OVERLOADED"
    );
}
