//! Subjects of certificates as RFC 4514 writes them: `CN=mdm,OU=IT,O=Corp`, the last part first.

use std::fmt::Write as _;

use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The names that RFC 4514 gives to attributes.
const NAMES: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// A name as text. Empty if the name is.
pub(super) fn text(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            let attributes: Vec<String> = part.iter().map(attribute).collect();
            attributes.join("+")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let id = attribute.attr_type().to_id_string();
    let known = NAMES.iter().find(|(known, _)| *known == id);
    match (known, attribute.as_str()) {
        (Some((_, name)), Ok(value)) => format!("{name}={}", escaped(value)),
        // What has no name, or no text, is written as its bytes.
        (known, _) => {
            let value = attribute.attr_value();
            let mut text = format!("{}=#", known.map_or(id.as_str(), |(_, name)| name));
            let tag = value.header.tag().0;
            let length = value.data.len();
            let _ = write!(text, "{tag:02x}");
            // The lengths of DER: short ones as such, others behind how many bytes they take.
            match u8::try_from(length) {
                Ok(short) if short < 0x80 => {
                    let _ = write!(text, "{short:02x}");
                }
                Ok(long) => {
                    let _ = write!(text, "81{long:02x}");
                }
                Err(_) => {
                    let _ = write!(text, "82{length:04x}");
                }
            }
            for byte in value.data {
                let _ = write!(text, "{byte:02x}");
            }
            text
        }
    }
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, letter) in value.chars().enumerate() {
        match letter {
            '\0' => text.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                text.push('\\');
                text.push(letter);
            }
            ' ' if at == 0 || at == last => text.push_str("\\ "),
            '#' if at == 0 => text.push_str("\\#"),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, DistinguishedName, DnType, KeyPair};
    use x509_parser::prelude::{FromDer as _, X509Certificate};

    use super::*;

    fn written(parts: &[(DnType, &str)]) -> String {
        let mut name = DistinguishedName::new();
        for (kind, value) in parts {
            name.push(kind.clone(), *value);
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        params.custom_extensions = Vec::<CustomExtension>::new();
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let (_, parsed) = X509Certificate::from_der(certificate.der()).unwrap();
        text(parsed.subject())
    }

    #[test]
    fn the_last_part_comes_first() {
        let parts = [
            (DnType::CountryName, "DE"),
            (DnType::OrganizationName, "Corp"),
            (DnType::OrganizationalUnitName, "IT"),
            (DnType::CommonName, "mdm"),
        ];
        assert_eq!(written(&parts), "CN=mdm,OU=IT,O=Corp,C=DE");
        assert_eq!(written(&[]), "");
    }

    #[test]
    fn letters_that_part_names_are_escaped() {
        for (value, wanted) in [
            ("a,O=Other", "CN=a\\,O\u{3d}Other"),
            ("a+b", "CN=a\\+b"),
            (" a ", "CN=\\ a\\ "),
            ("#1", "CN=\\#1"),
            ("a\\b\"c;d<e>f", "CN=a\\\\b\\\"c\\;d\\<e\\>f"),
            ("Müller", "CN=Müller"),
        ] {
            assert_eq!(written(&[(DnType::CommonName, value)]), wanted);
        }
    }

    #[test]
    fn what_has_no_name_is_written_as_bytes() {
        let email = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
        let parts = [(email, "a@b")];
        assert_eq!(written(&parts), "1.2.840.113549.1.9.1=#0c03614062");
    }
}
