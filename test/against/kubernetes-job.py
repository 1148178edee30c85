"""Checks a manifest of a Kubernetes Job against the models of Debian's python3-kubernetes: names of fields, types, required
fields. Fields that are newer than those models (1.22) are checked by the table below, from the API reference of batch/v1."""

import re
import sys

import yaml
from kubernetes import client

NEWER = {
    "V1JobSpec": {"backoffLimitPerIndex": "int", "maxFailedIndexes": "int", "podFailurePolicy": "PodFailurePolicy"},
    "PodFailurePolicy": {"rules": "list[PodFailurePolicyRule]"},
    "PodFailurePolicyRule": {
        "action": "str: FailIndex FailJob Ignore Count",
        "onExitCodes": "OnExitCodes",
        "onPodConditions": "list[OnPodCondition]",
    },
    "OnExitCodes": {"containerName": "str", "operator": "str: In NotIn", "values": "list[int]"},
    "OnPodCondition": {"type": "str", "status": "str: True False Unknown"},
}
REQUIRED = {"PodFailurePolicy": ["rules"], "PodFailurePolicyRule": ["action"], "OnExitCodes": ["operator", "values"],
            "OnPodCondition": ["type", "status"]}
PLAIN = {"str": str, "int": int, "bool": bool}


def fields(kind):
    """The types of the fields of a kind by their names in YAML."""
    model = getattr(client, kind, None)
    known = {model.attribute_map[key]: of for key, of in model.openapi_types.items()} if model else {}
    return {**known, **NEWER.get(kind, {})}


def check(value, kind, path):
    """Yields a sentence for each problem."""
    if match := re.fullmatch(r"list\[(.+)\]", kind):
        if not isinstance(value, list):
            yield f"{path}: {value!r}, expected a list"
            return
        for index, one in enumerate(value):
            yield from check(one, match[1], f"{path}[{index}]")
    elif match := re.fullmatch(r"dict\(str, (.+)\)", kind):
        for key, one in value.items():
            yield from check(one, match[1], f"{path}.{key}")
    elif kind.split(":")[0] in PLAIN:
        name, _, allowed = kind.partition(": ")
        if type(value) is not PLAIN[name] or (allowed and value not in allowed.split()):
            yield f"{path}: {value!r}, expected {kind}"
    elif kind == "object":
        return
    else:
        types = fields(kind)
        if not types:
            yield f"{path}: {kind} is not a known kind"
            return
        if not isinstance(value, dict):
            yield f"{path}: {value!r}, expected {kind}"
            return
        for key, one in value.items():
            if key not in types:
                yield f"{path}.{key}: {kind} has no such field"
            else:
                yield from check(one, types[key], f"{path}.{key}")
        for key in REQUIRED.get(kind, []):
            if key not in value:
                yield f"{path}: {kind} needs {key}"
        model = getattr(client, kind, None)
        if model:
            try:  # The model refuses values that are missing, or that it does not allow.
                names = {of: key for key, of in model.attribute_map.items()}
                model(**{names[key]: one for key, one in value.items() if key in names})
            except ValueError as error:
                yield f"{path}: {error}"


def rules(job):
    """What the API server checks across fields."""
    spec = job["spec"]
    pod = spec["template"]["spec"]
    if spec.get("completionMode") != "Indexed" and "backoffLimitPerIndex" in spec:
        yield "backoffLimitPerIndex needs completionMode Indexed"
    if "podFailurePolicy" in spec and pod.get("restartPolicy") != "Never":
        yield "podFailurePolicy needs restartPolicy Never"
    names = [one["name"] for one in pod["containers"]]
    for rule in spec.get("podFailurePolicy", {}).get("rules", []):
        of = rule.get("onExitCodes", {})
        if of and of.get("containerName", names[0]) not in names:
            yield f"onExitCodes names the container {of['containerName']}"
        if 0 in of.get("values", []) and of["operator"] == "In":
            yield "onExitCodes may not have 0"
    volumes = {one["name"] for one in pod.get("volumes", [])}
    for one in pod["containers"]:
        for mount in one.get("volumeMounts", []):
            if mount["name"] not in volumes:
                yield f"there is no volume {mount['name']}"
        shard = next((word for word in one.get("args", []) if word.startswith("--shard=")), None)
        if shard != f"--shard=auto/{spec['completions']}":
            yield f"{shard} does not fit completions {spec['completions']}"


with open(sys.argv[1], encoding="utf8") as file:
    manifest = yaml.safe_load(file)
problems = [*check(manifest, "V1Job", "job"), *rules(manifest)]
for problem in problems:
    print(problem)
print(f"{sys.argv[1]}: {len(problems)} problems")
sys.exit(1 if problems else 0)
