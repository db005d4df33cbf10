"""Takes a part out of a recipe's file, so that check.sh runs what stands there and no copy of it.

    part.py FILE KEY...         a part of YAML or HCL; a list is entered by number, or by the `name`,
                                `path` or label of what it holds
    part.py --review FILE       an object of Kubernetes as a webhook is asked about it
    part.py --powershell FILE...  nothing, and fails if a script does not parse
"""

import json
import sys

import hcl2
import yaml


def read(path):
    """The content of a file, by its kind."""
    with open(path, encoding="utf-8") as file:
        return hcl2.load(file) if path.endswith((".hcl", ".tf")) else yaml.safe_load(file)


def bare(key):
    """A key as it is meant: labels of HCL come with their quotes."""
    return key.strip('"') if isinstance(key, str) else key


def names(item):
    """What an item of a list goes by."""
    if not isinstance(item, dict):
        return set()
    named = {bare(item.get("name")), bare(item.get("path"))}
    return named | {bare(key) for key in item}


def enter(value, key):
    """What stands below a key. A list of one block is entered as that block."""
    if isinstance(value, dict):
        found = [inner for name, inner in value.items() if bare(name) == key]
        if found:
            return found[0]
    if isinstance(value, list):
        if key.isdigit():
            return value[int(key)]
        for item in value:
            if key in names(item):
                inner = [within for name, within in item.items() if bare(name) == key]
                return inner[0] if inner else item
        for item in value:
            # One step down, for blocks without labels such as `build`.
            for inner in item.values() if isinstance(item, dict) else ():
                try:
                    return enter(inner, key)
                except KeyError:
                    pass
    raise KeyError(key)


def text(value):
    """A part as text: a list is its lines, and a text of HCL is without its quotes."""
    if isinstance(value, list):
        return "\n".join(text(item) for item in value)
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        # Only what HCL escapes in its texts.
        value = value[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
    return str(value)


def review(path):
    """The review of the creation of an object."""
    created = read(path)
    kinds = {"ConfigMap": ("", "configmaps"), "Deployment": ("apps", "deployments")}
    group, resource = kinds[created["kind"]]
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": group, "version": "v1", "kind": created["kind"]},
        "resource": {"group": group, "version": "v1", "resource": resource},
        "name": created["metadata"]["name"],
        "namespace": created["metadata"]["namespace"],
        "operation": "CREATE",
        "userInfo": {"username": "enrolment"},
        "object": created,
        "dryRun": True,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def parse_powershell(paths):
    """Fails if a script does not parse."""
    import tree_sitter
    import tree_sitter_powershell

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    for path in paths:
        with open(path, "rb") as file:
            if parser.parse(file.read()).root_node.has_error:
                sys.exit(f"it does not parse: {path}")


def main(arguments):
    """Does what was asked."""
    if arguments[0] == "--powershell":
        parse_powershell(arguments[1:])
    elif arguments[0] == "--review":
        print(json.dumps(review(arguments[1])))
    else:
        value = read(arguments[0])
        for key in arguments[1:]:
            value = enter(value, key)
        print(text(value))


if __name__ == "__main__":
    main(sys.argv[1:])
