//! SPIFFE ids: `spiffe://TRUST-DOMAIN/PATH`, as the standard of that name has them.

/// What an id begins with.
pub(crate) const SCHEME: &str = "spiffe://";
/// Bytes of an id, and of a trust domain, at most.
const ID_BYTES: usize = 2_048;
const TRUST_DOMAIN_BYTES: usize = 255;

/// It is no SPIFFE id of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The trust domain of an id.
pub(crate) fn trust_domain(id: &str) -> Option<&str> {
    let rest = id.strip_prefix(SCHEME)?;
    rest.split('/').next()
}

/// Whether a text is the id of a workload: a trust domain and a path, neither of which can be
/// written in another way.
///
/// # Errors
/// If it is not.
pub(crate) fn check(id: &str) -> Result<(), Malformed> {
    let rest = id.strip_prefix(SCHEME).ok_or(Malformed)?;
    let (domain, path) = rest.split_once('/').ok_or(Malformed)?;
    let in_domain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"._-".contains(&c);
    let in_path = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
    let is_domain =
        !domain.is_empty() && domain.len() <= TRUST_DOMAIN_BYTES && domain.bytes().all(in_domain);
    let is_path = path
        .split('/')
        .all(|part| !matches!(part, "" | "." | "..") && part.bytes().all(in_path));
    if is_domain && is_path && id.len() <= ID_BYTES {
        Ok(())
    } else {
        Err(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_a_trust_domain_and_a_path_and_one_way_to_be_written() {
        for sound in [
            "spiffe://corp/mdm",
            "spiffe://corp.example/ns/prod/sa/Mdm_1.2-x",
            "spiffe://1_2-3/.a",
        ] {
            assert_eq!(check(sound), Ok(()), "{sound}");
        }
        let long = format!("spiffe://corp/{}", "a".repeat(2_048));
        for wrong in [
            "",
            "spiffe://",
            "spiffe://corp",
            "spiffe://corp/",
            "spiffe:///mdm",
            "SPIFFE://corp/mdm",
            "https://corp/mdm",
            "spiffe://Corp/mdm",
            "spiffe://corp:8080/mdm",
            "spiffe://me@corp/mdm",
            "spiffe://corp//mdm",
            "spiffe://corp/mdm/",
            "spiffe://corp/./mdm",
            "spiffe://corp/a/../mdm",
            "spiffe://corp/mdm?x",
            "spiffe://corp/mdm#x",
            "spiffe://corp/m%64m",
            "spiffe://corp/mdm*",
            "spiffe://corp/mdm\n",
            &long,
        ] {
            assert_eq!(check(wrong), Err(Malformed), "{wrong}");
        }
        assert_eq!(trust_domain("spiffe://corp/mdm"), Some("corp"));
    }
}
