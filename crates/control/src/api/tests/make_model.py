"""Writes model.json: what botocore's model of the service says of paths and shapes. Run with a Python that has botocore."""
import gzip, json, pathlib, botocore

folder = pathlib.Path(botocore.__file__).parent / "data/dsql"
model = json.load(gzip.open(max(folder.glob("*/service-2.json.gz"))))
operations = {name: [operation["http"]["method"], operation["http"]["requestUri"]] for name, operation in model["operations"].items()}
shapes = {
    name: {key: shape[key] for key in ("min", "max", "pattern") if key in shape}
    for name, shape in model["shapes"].items()
    if shape["type"] == "string" and "enum" not in shape
}
enums = {name: shape["enum"] for name, shape in model["shapes"].items() if "enum" in shape}
out = {"botocore": botocore.__version__, "operations": operations, "shapes": shapes, "enums": enums}
(pathlib.Path(__file__).parent / "model.json").write_text(json.dumps(out, indent=1, sort_keys=True) + "\n")
