"""Checks `gradpath schema`: it and the program must agree on which configurations are well formed.

The part of JSON Schema that the schema uses is evaluated here, by a few lines that know nothing of gradpath, and by the
library jsonschema where it is installed; the program reads the same document as YAML, which JSON is. Every configuration
given is well formed, and no longer so with any of its keys misspelt. usage: check_schema.py GRADPATH FOLDER CONFIG...
"""
import copy
import json
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    jsonschema = None

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}
KNOWN = {"$schema", "title", "description", "type", "properties", "required", "additionalProperties", "definitions", "anyOf",
         "allOf", "$ref", "enum", "const", "items", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum",
         "exclusiveMaximum", "pattern"}


def is_type(value, name):
    if name in ("number", "integer"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (name == "number" or float(value).is_integer())
    return isinstance(value, TYPES[name])


def valid(value, schema, root):
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return valid(value, root["definitions"][schema["$ref"].split("/")[-1]], root)
    types = schema.get("type", [])
    checks = [
        not types or any(is_type(value, t) for t in ([types] if isinstance(types, str) else types)),
        "enum" not in schema or value in schema["enum"],
        "const" not in schema or value == schema["const"],
        "anyOf" not in schema or any(valid(value, s, root) for s in schema["anyOf"]),
        all(valid(value, s, root) for s in schema.get("allOf", [])),
    ]
    if isinstance(value, str):
        checks.append(re.search(schema.get("pattern", ""), value) is not None)
    if is_type(value, "number"):
        checks += [value >= schema.get("minimum", value), value <= schema.get("maximum", value),
                   "exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"],
                   "exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"]]
    if isinstance(value, list):
        checks += [schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))]
        checks += [valid(v, schema["items"], root) for v in value if "items" in schema]
    if isinstance(value, dict):
        keys = schema.get("properties", {})
        checks += [k in value for k in schema.get("required", [])]
        checks += [k in keys for k in value if schema.get("additionalProperties") is False]
        checks += [valid(v, keys[k], root) for k, v in value.items() if k in keys]
    return all(checks)


BASE = {"study": "s", "data": {"name": "spirals", "samples": 32, "test": 8}, "model": {"depth": 2, "width": 4},
        "train": {"batch": 8, "steps": 5}}

# Path, value, and whether it is well formed.
CASES = [
    ("model.depth", [1, 2, 3], True), ("model.depth", "1..3", True), ("model.depth", -1, False),
    ("model.depth", {"from": 1, "to": 3, "points": 3}, True), ("model.depth", {"from": 1}, False),
    ("model.depth", "deep", False), ("model.depth", 1.5, False), ("model.dpeth", 1, False),
    ("model.bias", True, True), ("model.bias", [True, False], True), ("model.bias", 2, False),
    ("model.activation", "relu", True), ("model.activation", "rleu", False),
    ("model.activation", [{"name": "leaky_relu", "slope": [0.1, 0.2]}, "tanh"], True),
    ("model.activation", {"name": ["relu", "leaky_relu"], "slope": 0.2}, True),
    ("model.activation", {"name": "relu", "slope": 0.2}, False), ("model.activation", {"slope": 0.2}, False),
    ("train.learning_rate", {"from": 1e-3, "to": 1, "points": 3, "scale": "log"}, True),
    ("train.learning_rate", "0.1..0.3..0.1", True), ("model.depth", "full", False), ("train.learning_rate", -0.5, False),
    ("train.learning_rate", {"from": 1e-3, "to": 1, "points": 3, "scale": "cubic"}, False),
    ("train.optimizer", {"name": "sgd", "momentum": 0.9}, True), ("train.optimizer", {"name": "sgd", "beta9": 1}, False),
    ("train.batch", "full", True), ("train.batch", "half", False),
    ("train.stop_on", ["non_finite", "dead"], True),
    ("data", "moons", True), ("data", {"name": "circles", "samples": 32, "seed": [1, 2]}, True),
    ("data", {"name": "csv"}, False), ("data.scale", [0, 1], True), ("data.scale", "standardize", True),
    ("data.scale", [0, 1, 2], False), ("data.scale", "sideways", False),
    ("record", {"checkpoints": {"log": 4}}, True), ("record", {"checkpoints": {"every": 2}}, True),
    ("record", {"checkpoints": [0, 2, 5]}, True), ("record", {"checkpoints": {"often": 2}}, False),
    ("record", {"on": {"first": 8}}, True), ("record", {"on": "train"}, True), ("record", {"on": "test"}, False),
    ("record", {"probes": ["gradients", "activations"]}, True),
    ("record", {"probes": ["all", {"name": "sharpness", "every": 2, "samples": 4}]}, True),
    ("record", {"probes": [{"name": "spectra", "at": [0, 3]}]}, True),
    ("record", {"probes": [{"name": "sharpness", "smaples": 4}]}, False), ("record", {"probes": [{"every": 4}]}, False),
    ("seed", "0..4", True), ("seed", -1, False), ("precision", ["float32", "bfloat16"], True), ("precision", "float8", False),
    ("limits", {"run_seconds": 3}, True), ("limits", {"seconds": 3}, False),
    ("sweep", {"refine": {"x": "depth", "y": "width"}}, False), ("sweep", {"refine": {"x": 1, "y": 2, "until": 8}}, False),
    ("sweep", {"random": 1}, True), ("sweep", {"zip": "x", "zap": 1}, False), ("studdy", "s", False),
    ("question", "Why?", True), ("train", [1], False),
]


# ---- with the library, on whole configurations ----

def plain(node):
    """What an editor's YAML 1.2 makes of a node: numbers without quotes are numbers (1e-3 too, which PyYAML takes for a text)."""
    if isinstance(node, yaml.MappingNode):
        return {plain(k): plain(v) for k, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(v) for v in node.value]
    if node.style is not None:
        return node.value
    if node.value in ("true", "false"):
        return node.value == "true"
    if re.fullmatch(r"[-+]?\d+", node.value):
        return int(node.value)
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", node.value):
        return float(node.value)
    return node.value


def misspelt(value):
    """Every document that differs from this one in the name of one key."""
    if isinstance(value, list):
        for i, part in enumerate(value):
            for other in misspelt(part):
                yield value[:i] + [other] + value[i + 1:]
    if isinstance(value, dict):
        for key, part in value.items():
            yield {("x" + k if k == key else k): v for k, v in value.items()}
            for other in misspelt(part):
                yield {k: (other if k == key else v) for k, v in value.items()}


def check_library(schema, configs):
    """Returns how many documents were judged wrongly by a validator that is not ours."""
    if jsonschema is None:
        print("python3-jsonschema or python3-yaml is not installed: the schema is evaluated by our own few lines only")
        return 0
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    wrong = judged = 0
    for path in configs:
        document = plain(yaml.compose(pathlib.Path(path).read_text()))
        for error in validator.iter_errors(document):
            print(f"{path}: {'.'.join(map(str, error.path))}: {error.message}")
            wrong += 1
        for other in misspelt(document):
            judged += 1
            if validator.is_valid(other):
                print(f"{path}: well formed with a misspelt key: {other}")
                wrong += 1
    assert judged > 10 * len(configs) > 0
    print(f"{len(configs)} configurations and {judged} misspelt ones, {wrong} wrong")
    return wrong


def main():
    gradpath, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads(subprocess.run([gradpath, "schema"], check=True, capture_output=True).stdout)
    wrong = 0
    for path, value, fine in CASES:
        document = copy.deepcopy(BASE)
        at, *rest = path.split(".")
        target = document
        if rest:
            target, at = document[at], rest[0]
        target[at] = value
        config = folder / "case.yaml"
        # Ranges are written without quotes: with them a scalar is a text.
        config.write_text(re.sub(r'"([0-9.]+[.][.][0-9.]+)"', r"\1", json.dumps(document)))
        program = subprocess.run([gradpath, "theory", config], capture_output=True).returncode == 0
        if jsonschema is not None and jsonschema.Draft7Validator(schema).is_valid(document) != fine:
            print(f"{path} = {value}: the library says {not fine}")
            wrong += 1
        if valid(document, schema, schema) != fine or program != fine:
            print(f"{path} = {value}: schema {valid(document, schema, schema)}, program {program}, expected {fine}")
            wrong += 1
    assert not valid({"question": "no name"}, schema, schema)
    listed = json.loads(subprocess.run([gradpath, "list", "settings", "--json"], check=True, capture_output=True).stdout)
    for section in listed["setting"]["items"]:
        keys = schema["properties"]
        if section["name"] == "data":
            continue
        if section["name"] != "(top)":
            keys = keys[section["name"]]["properties"]
        missing = [o["name"] for o in section["options"] if o["name"] not in keys]
        print(*(f"{section['name']}.{name} is not in the schema" for name in missing), end="")
        wrong += len(missing)
    wrong += check_library(schema, sys.argv[3:])
    print(f"{len(CASES)} cases, {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
