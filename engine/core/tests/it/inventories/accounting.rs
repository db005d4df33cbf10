//! What holds for whatever was read of an inventory. The fuzz targets check the same.

use embargo_core::facts::inventory::{About, Format, InventoriedHost, Inventory, RemarkKind};
use embargo_core::facts::{CoverageState, HostFacts};

/// Remarks of one host, from which on others are only counted.
const REMARKS: usize = 1_000;

/// Panics if a record vanished, or what could not be read passes for what is not there.
pub(crate) fn check(inventory: &Inventory) {
    assert!(!inventory.hosts.is_empty(), "no host was told of");
    for host in &inventory.hosts {
        check_host(inventory.format, host);
    }
}

fn check_host(format: Format, host: &InventoriedHost) {
    let items = host.record.software.len();
    let facts: Result<HostFacts, _> = About::default().facts(host.clone(), "host-1");
    if format == Format::Facts {
        // Whoever writes facts is told of limits, instead of having values brought within.
        assert_eq!(items, host.records);
        return;
    }
    let count = |kind| {
        let of_kind = host.remarks.iter().filter(|remark| remark.kind == kind);
        of_kind.count()
    };
    let told = items + count(RemarkKind::Skipped) + count(RemarkKind::Unread);
    assert!(
        host.records <= told || host.remarks.len() > REMARKS,
        "{} records, and {told} of them are told of: {:?}",
        host.records,
        host.remarks
    );
    if count(RemarkKind::Unread) > 0 {
        let unreadable = |state| state == CoverageState::Unreadable;
        let covered = &host.record.coverage;
        assert!(covered.iter().any(|entry| unreadable(entry.state)));
        assert!(
            !covered.iter().any(|entry| matches!(
                entry.state,
                CoverageState::Complete | CoverageState::Partial
            )),
            "a part was not read, and a source counts as read: {covered:?}"
        );
    }
    let facts = facts.unwrap_or_else(|refused| panic!("{refused}\n{:?}", host.record));
    assert_eq!(facts.record().software.len(), items);
}
