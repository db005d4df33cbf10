//! Read sets: which parts of the input a package can depend on.
//!
//! A package is evaluated once for inputs that agree in all that it reads. A read set may
//! name too much and never too little: whatever the syntax does not settle counts as
//! everything below the last thing that it does settle.

/// How a package depends on the instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TimeRead {
    /// Not at all.
    #[default]
    Never,
    /// Only by comparing it with instants of instruments and with literals, so that it
    /// matters only between which of them the instant lies.
    Stepped,
    /// In some other way.
    Free,
}

/// Parts of the host, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostPart {
    Id,
    OsFamily,
    OsVersion,
    OsArchitecture,
    FormFactor,
    OwnerKind,
    Jurisdictions,
    Sectors,
    UsPerson,
    ContractClauses,
    Purposes,
    Groups,
    Attributes,
    CollectTime,
}

impl HostPart {
    pub(crate) const ALL: [Self; 14] = [
        Self::Id,
        Self::OsFamily,
        Self::OsVersion,
        Self::OsArchitecture,
        Self::FormFactor,
        Self::OwnerKind,
        Self::Jurisdictions,
        Self::Sectors,
        Self::UsPerson,
        Self::ContractClauses,
        Self::Purposes,
        Self::Groups,
        Self::Attributes,
        Self::CollectTime,
    ];

    /// The path below `input.host`.
    pub(crate) const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id"],
            Self::OsFamily => &["os", "family"],
            Self::OsVersion => &["os", "version"],
            Self::OsArchitecture => &["os", "architecture"],
            Self::FormFactor => &["form_factor"],
            Self::OwnerKind => &["owner", "kind"],
            Self::Jurisdictions => &["owner", "jurisdictions"],
            Self::Sectors => &["owner", "sectors"],
            Self::UsPerson => &["owner", "us_person"],
            Self::ContractClauses => &["owner", "contract_clauses"],
            Self::Purposes => &["purposes"],
            Self::Groups => &["groups"],
            Self::Attributes => &["attributes"],
            Self::CollectTime => &["collect_time"],
        }
    }

    #[expect(
        clippy::as_conversions,
        reason = "the discriminant of an enum with few values"
    )]
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Parts of an identification, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FoundPart {
    /// Product, vendor and class, which go together.
    Product,
    Strength,
    Evidence,
    Index,
    Name,
    Version,
    Publisher,
    Source,
    EmbeddedIn,
    /// Any other field of the item.
    Rest,
}

impl FoundPart {
    pub(crate) const ALL: [Self; 10] = [
        Self::Product,
        Self::Strength,
        Self::Evidence,
        Self::Index,
        Self::Name,
        Self::Version,
        Self::Publisher,
        Self::Source,
        Self::EmbeddedIn,
        Self::Rest,
    ];

    fn of(path: &[&str]) -> Option<Self> {
        Some(match path {
            ["product" | "vendor" | "class", ..] => Self::Product,
            ["strength", ..] => Self::Strength,
            ["evidence", ..] => Self::Evidence,
            ["software", "index", ..] => Self::Index,
            ["software", "name", ..] => Self::Name,
            ["software", "version", ..] => Self::Version,
            ["software", "publisher", ..] => Self::Publisher,
            ["software", "source", ..] => Self::Source,
            ["software", "embedded_in", ..] => Self::EmbeddedIn,
            ["software", _, ..] => Self::Rest,
            _ => return None,
        })
    }

    #[expect(
        clippy::as_conversions,
        reason = "the discriminant of an enum with few values"
    )]
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What a package can depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadSet {
    host: u32,
    found: u32,
    pub(crate) action: bool,
    pub(crate) time: TimeRead,
    /// Whether an outcome can turn one nanosecond behind an instant of the sources.
    pub(crate) turns_after: bool,
    pub(crate) coverage: bool,
    /// The raw inventory.
    pub(crate) software: bool,
    /// How many things were identified, and in which order.
    pub(crate) identified: bool,
}

impl ReadSet {
    pub(crate) fn everything() -> Self {
        let mut all = Self::default();
        all.add(&[]);
        all
    }

    pub(crate) fn reads_host(&self, part: HostPart) -> bool {
        self.host & part.bit() != 0
    }

    pub(crate) fn reads_found(&self, part: FoundPart) -> bool {
        self.found & part.bit() != 0
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.host |= other.host;
        self.found |= other.found;
        self.action |= other.action;
        self.time = self.time.max(other.time);
        self.turns_after |= other.turns_after;
        self.coverage |= other.coverage;
        self.software |= other.software;
        self.identified |= other.identified;
    }

    /// Whether both name a part that is the same.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.host & other.host != 0
            || self.found & other.found != 0
            || (self.action && other.action)
            || (self.coverage && other.coverage)
            || (self.software && other.software)
            || (self.identified && other.found == u32::MAX)
            || (other.identified && self.found == u32::MAX)
            || (self.time > TimeRead::Never && other.time > TimeRead::Never)
    }

    /// Adds a comparison of the instant with one of the sources.
    pub(crate) fn add_step(&mut self, turns_after: bool) {
        self.time = self.time.max(TimeRead::Stepped);
        self.turns_after |= turns_after;
    }

    /// Adds all that lies at or below a path under `input`; `*` stands for any item.
    pub(crate) fn add(&mut self, path: &[&str]) {
        match path {
            [] | ["*", ..] => {
                for below in [
                    "action",
                    "now",
                    "host",
                    "identified",
                    "coverage",
                    "software",
                ] {
                    self.add(&[below]);
                }
            }
            ["action", ..] => self.action = true,
            ["now" | "now_ns", ..] => self.time = TimeRead::Free,
            ["coverage", ..] => self.coverage = true,
            ["software", ..] => self.software = true,
            ["host", below @ ..] => self.add_host(below),
            ["identified", below @ ..] => self.add_found(below),
            _ => {}
        }
    }

    fn add_host(&mut self, path: &[&str]) {
        for part in HostPart::ALL {
            let known = part.path();
            let common = known.len().min(path.len());
            let meets = known
                .iter()
                .zip(path)
                .take(common)
                .all(|(known, asked)| *known == *asked || *asked == "*");
            if meets {
                self.host |= part.bit();
            }
        }
    }

    fn add_found(&mut self, path: &[&str]) {
        self.identified = true;
        let Some((_, below)) = path.split_first() else {
            self.found = u32::MAX;
            return;
        };
        match FoundPart::of(below) {
            Some(part) if !below.contains(&"*") || part == FoundPart::Evidence => {
                self.found |= part.bit();
            }
            _ if matches!(below, ["software"]) || below.is_empty() || below.contains(&"*") => {
                self.found = u32::MAX;
            }
            // A field that no identification has is always undefined.
            _ => {}
        }
    }

    /// Adds that identifications are gone through, whatever is read of each.
    pub(crate) fn add_iteration(&mut self) {
        self.identified = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&[&str]]) -> ReadSet {
        let mut set = ReadSet::default();
        paths.iter().for_each(|path| set.add(path));
        set
    }

    #[test]
    fn a_path_reads_what_lies_at_it_and_below() {
        let owner = of(&[&["host", "owner"]]);
        assert!(owner.reads_host(HostPart::OwnerKind) && owner.reads_host(HostPart::Sectors));
        assert!(!owner.reads_host(HostPart::Id));
        let kind = of(&[&["host", "owner", "kind"]]);
        assert!(kind.reads_host(HostPart::OwnerKind) && !kind.reads_host(HostPart::Sectors));
        let any = of(&[&["host", "*", "kind"]]);
        assert!(any.reads_host(HostPart::OwnerKind));
        let deep = of(&[&["host", "attributes", "a", "b"]]);
        assert!(deep.reads_host(HostPart::Attributes));
    }

    #[test]
    fn two_meet_where_they_name_the_same_part() {
        let owner = of(&[&["host", "owner"], &["coverage"]]);
        assert!(owner.meets(&of(&[&["host", "owner", "kind"]])));
        assert!(owner.meets(&of(&[&["coverage"]])));
        assert!(!owner.meets(&of(&[&["host", "groups"], &["software"], &["now"]])));
        let vendor = of(&[&["identified", "*", "vendor"]]);
        assert!(!vendor.meets(&of(&[&["identified", "*", "software", "path"]])));
        assert!(vendor.meets(&of(&[&["identified"]])));
        assert!(owner.meets(&ReadSet::everything()));
    }

    #[test]
    fn what_is_not_settled_counts_as_everything() {
        for path in [
            &["identified"][..],
            &["identified", "*"],
            &["identified", "*", "*"],
            &["identified", "*", "software", "*"],
        ] {
            assert!(
                FoundPart::ALL
                    .iter()
                    .all(|part| of(&[path]).reads_found(*part)),
                "{path:?}"
            );
        }
        let all = ReadSet::everything();
        assert!(HostPart::ALL.iter().all(|part| all.reads_host(*part)));
        assert!(all.software && all.coverage && all.action && all.time == TimeRead::Free);
    }

    #[test]
    fn one_field_of_an_identification_reads_no_other() {
        let vendor = of(&[&["identified", "*", "vendor"]]);
        assert!(vendor.reads_found(FoundPart::Product) && !vendor.reads_found(FoundPart::Index));
        let path = of(&[&["identified", "*", "software", "path"]]);
        assert!(path.reads_found(FoundPart::Rest) && !path.reads_found(FoundPart::Name));
    }
}
