//! Formats: whose inventories are read, and by what they are recognised.

use super::at::At;
use super::node::Node;
use super::{Hosts, adapters};

/// A shape in which facts arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Embargo's own facts, in YAML or JSON.
    Facts,
    /// Fleet: a host with its software, or the software of a host.
    Fleet,
    /// osquery: results of queries on its tables.
    Osquery,
    /// Microsoft Intune: managed devices and detected apps of Microsoft Graph.
    Intune,
    /// Jamf: computers and mobile devices of the Classic API, in XML or JSON, and the Pro API.
    Jamf,
    /// Kandji (Iru): devices and their apps.
    Kandji,
    /// Workspace ONE UEM: devices and their apps.
    WorkspaceOne,
    /// Apple device management: answers to commands, status reports.
    AppleMdm,
    /// Android Management API: devices with application reports.
    Android,
    /// CycloneDX in JSON or XML.
    CycloneDx,
    /// SPDX 2 in JSON.
    Spdx,
    /// The status file of dpkg.
    Dpkg,
    /// `rpm -qa`, or an RPM manifest.
    Rpm,
    /// Trivy's list of packages.
    Trivy,
    /// `winget export`.
    Winget,
    /// Homebrew: `brew info --json=v2` or an installation receipt.
    Homebrew,
    /// The extensions file of Visual Studio Code.
    VsCode,
    /// The manifest of a Chrome extension.
    Chrome,
    /// The `Info.plist` of a macOS application.
    MacApp,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 19] = [
        Self::Facts,
        Self::Fleet,
        Self::Osquery,
        Self::Intune,
        Self::Jamf,
        Self::Kandji,
        Self::WorkspaceOne,
        Self::AppleMdm,
        Self::Android,
        Self::CycloneDx,
        Self::Spdx,
        Self::Dpkg,
        Self::Rpm,
        Self::Trivy,
        Self::Winget,
        Self::Homebrew,
        Self::VsCode,
        Self::Chrome,
        Self::MacApp,
    ];

    /// The word that the command line, the API and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Fleet => "fleet",
            Self::Osquery => "osquery",
            Self::Intune => "intune",
            Self::Jamf => "jamf",
            Self::Kandji => "kandji",
            Self::WorkspaceOne => "workspace-one",
            Self::AppleMdm => "apple-mdm",
            Self::Android => "android",
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Trivy => "trivy",
            Self::Winget => "winget",
            Self::Homebrew => "homebrew",
            Self::VsCode => "vscode",
            Self::Chrome => "chrome",
            Self::MacApp => "mac-app",
        }
    }

    /// The format of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// The words of all formats, for a message.
    #[must_use]
    pub fn words() -> String {
        Self::ALL.map(Self::word).join(", ")
    }
}

/// How documents of a format whose shape is a tree are recognised and read.
pub(super) struct Adapter {
    pub(super) format: Format,
    /// Whether the document, or the part of it that tells of one host, is of this format.
    pub(super) recognises: fn(&Node) -> bool,
    /// Whether the recognised document tells of a whole host, so that a list of such
    /// documents is a list of hosts.
    pub(super) tells_a_host: fn(&Node) -> bool,
    pub(super) read: fn(&At<'_>, &mut Hosts<'_>),
}

/// The adapter of a tree. The first that recognises it: the table begins with the most
/// telling marks.
pub(super) fn recognise(document: &Node) -> Option<&'static Adapter> {
    adapters::TREES
        .iter()
        .find(|adapter| (adapter.recognises)(document))
}

/// The adapter of a format that is named.
pub(super) fn adapter(format: Format) -> Option<&'static Adapter> {
    adapters::TREES
        .iter()
        .find(|adapter| adapter.format == format)
}
