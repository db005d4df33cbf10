//! Elements as the same tree that JSON would have: for systems that answer in either form.
//!
//! An element without elements is a text, or nothing if it is empty. One that holds elements
//! of one name is a list if its own name is their plural, if it states their number, or if
//! there are several; else it is an object.

use super::super::node::{Fields, Node};
use super::{CHILDREN, NAME, TEXT};

/// The element of which lists state the number of their elements.
const SIZE: &str = "size";

/// An object with the element under its name.
pub(in super::super) fn plain(element: Node) -> Node {
    let (name, value) = field(element);
    Node::Object(vec![(name, value)])
}

/// The name of an element and what is in it. What has no form in JSON is bytes, which no
/// adapter reads without a remark.
fn field(element: Node) -> (String, Node) {
    let (mut name, mut text, mut children) = (String::new(), Node::Null, Vec::new());
    let Node::Object(fields) = element else {
        return (name, Node::Bytes);
    };
    for (key, value) in fields {
        match (key.as_str(), value) {
            (NAME, Node::Text(value)) => name = value,
            (TEXT, value) => text = value,
            (CHILDREN, Node::List(values)) => children = values,
            _ => {}
        }
    }
    let value = match (children.is_empty(), text) {
        (true, text) => text,
        (false, Node::Null) => holder(&name, children.into_iter().map(field).collect()),
        (false, _) => Node::Bytes,
    };
    (name, value)
}

fn holder(name: &str, fields: Vec<(String, Node)>) -> Node {
    let is_size = |field: &&(String, Node)| field.0 == SIZE;
    let size = fields.iter().find(is_size).map(|(_, size)| size.clone());
    let mut others = fields.iter().filter(|field| !is_size(field));
    let count = others.clone().count();
    let is_list = match others.next() {
        Some((first, _)) => {
            let is_plural = name.strip_suffix('s') == Some(first) || name.ends_with("_memberships");
            let is_counted = size.is_some() && name.ends_with('s');
            others.all(|(other, _)| other == first) && (count > 1 || is_plural || is_counted)
        }
        None => size.is_some() && name.ends_with('s'),
    };
    if is_list {
        let elements = fields.into_iter().filter(|(key, _)| key != SIZE);
        let mut values: Vec<Node> = elements.map(|(_, value)| value).collect();
        let stated = size.as_ref().and_then(Node::as_text);
        if stated.is_some_and(|stated| stated.parse() != Ok(values.len())) {
            // Elements are missing, or of another name than the others.
            values.push(Node::Bytes);
        }
        return Node::List(values);
    }
    let mut object = Fields::default();
    for (key, value) in fields {
        if object.add(key, value).is_err() {
            return Node::Bytes;
        }
    }
    object.into_node()
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn same(xml: &str, json: &str) {
        let xml = plain(read("a.xml", xml).unwrap());
        assert_eq!(xml, Node::from_json("a.json", json).unwrap(), "{json}");
    }

    #[test]
    fn elements_have_the_form_of_json() {
        same(
            "<a><id>1</id><empty/><on>true</on><sub><x>y</x></sub></a>",
            r#"{"a": {"id": "1", "empty": null, "on": "true", "sub": {"x": "y"}}}"#,
        );
        same(
            "<a><apps><size>2</size><app><n>1</n></app><app><n>2</n></app></apps></a>",
            r#"{"a": {"apps": [{"n": "1"}, {"n": "2"}]}}"#,
        );
        same(
            "<a><apps><app>1</app></apps><uses><size>1</size><app>1</app></uses><none><size>0</size></none><nones><size>0</size></nones></a>",
            r#"{"a": {"apps": ["1"], "uses": ["1"], "none": {"size": "0"}, "nones": []}}"#,
        );
        same(
            "<a><disk><size>5</size><name>x</name></disk><group_memberships><group>g</group></group_memberships></a>",
            r#"{"a": {"disk": {"size": "5", "name": "x"}, "group_memberships": ["g"]}}"#,
        );
    }

    #[test]
    fn what_has_no_form_in_json_is_not_lost() {
        for xml in [
            "<a><apps><size>2</size><app>1</app><other>2</other><app>3</app></apps></a>",
            "<a><apps>text<app>1</app></apps></a>",
        ] {
            let node = plain(read("a.xml", xml).unwrap());
            assert_eq!(node.get("a").unwrap().get("apps"), Some(&Node::Bytes));
        }
        let node = plain(read("a.xml", "<a><apps><size>3</size><app>1</app></apps></a>").unwrap());
        let list = node.get("a").unwrap().get("apps").unwrap();
        assert_eq!(
            list,
            &Node::List(vec![Node::Text("1".to_owned()), Node::Bytes])
        );
    }
}
