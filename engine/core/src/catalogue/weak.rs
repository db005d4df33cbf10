//! Weak identification: products of which a file states nothing but names.

use super::entry::ProductEntry;
use super::read::Source;

/// What a file says about a product, as far as remarks need it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Surveyed {
    /// The id.
    pub(crate) id: String,
    /// Whether names alone tell it, of things shown, processes or paths.
    pub(crate) by_names_alone: bool,
    /// Whether nothing at all tells it.
    pub(crate) by_nothing: bool,
}

/// The products of a file; none if it cannot be read, which the compiler says.
pub(crate) fn survey(path: &str, text: &str) -> Vec<Surveyed> {
    let source = Source::new(path, text);
    let Ok(file) = source.read() else {
        return Vec::new();
    };
    let vendor = &file.vendor;
    let vendor_is_told =
        !vendor.publishers.is_empty() || !vendor.signers.is_empty() || !vendor.team_ids.is_empty();
    let surveyed = |product: &ProductEntry<'_>| {
        let is_named = !product.display_names.is_empty()
            || !product.process_names.is_empty()
            || !product.paths.is_empty();
        let is_told = !product.package_ids.is_empty()
            || !product.bundle_ids.is_empty()
            || !product.extension_ids.is_empty()
            || !product.product_codes.is_empty()
            || !product.purls.is_empty()
            || !product.cpes.is_empty()
            || !product.signers.is_empty()
            || !product.team_ids.is_empty()
            || !product.sha256.is_empty();
        // What signs of the vendor lead to needs no signs of its own.
        let is_led_to = vendor_is_told && (is_named || product.catch_all);
        Surveyed {
            id: product.id.clone().into_owned(),
            by_names_alone: is_named && !is_told && !is_led_to,
            by_nothing: !is_named && !is_told && !is_led_to,
        }
    };
    file.products.iter().map(surveyed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_are_told_from_names_with_a_second_sign() {
        let told = |vendor: &str, product: &str| {
            let text = format!(
                "vendor: {{id: a, name: A{vendor}}}\nproducts:\n  - {{id: a.b, name: B{product}}}\n"
            );
            let surveyed = survey("catalogue/a.yaml", &text);
            surveyed
                .first()
                .map(|first| (first.by_names_alone, first.by_nothing))
        };
        let name = ", display_names: [{value: B, mark: own}]";
        assert_eq!(told("", name), Some((true, false)));
        let both = format!("{name}, process_names: [{{value: b, mark: own}}]");
        assert_eq!(told("", &both), Some((true, false)));
        assert_eq!(told("", ""), Some((false, true)));
        let publisher = ", publishers: [{value: A, mark: own}]";
        assert_eq!(told(publisher, name), Some((false, false)));
        let exact = ", package_ids: [{value: b, mark: own, sources: [deb_packages]}]";
        assert_eq!(told("", exact), Some((false, false)));
        assert_eq!(told(publisher, ", catch_all: true"), Some((false, false)));
        assert_eq!(told("", ", nonsense: 1"), None);
    }
}
