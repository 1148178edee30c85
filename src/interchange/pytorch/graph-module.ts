// A graph of ONNX's operators as a module of PyTorch, in Python: for networks that came as files, and for models of
// one's own. Weights keep their names.

import type { Parameter } from "../../model/parameters.js";
import type { Known } from "../onnx/known-values.js";
import { type GraphNode, type Values, writeOperator } from "./python-operators.js";

/** A network as a graph. */
export interface PythonGraph {
  readonly nodes: readonly GraphNode[];
  /** Name of the image, and of the maps. */
  readonly input: string;
  readonly output: string;
  readonly constants: ReadonlyMap<string, Known>;
  readonly parameters: readonly Parameter[];
  /** Whether training moves the running averages of batch norms on. */
  readonly isTrained: boolean;
}

/** Returns the tables of weights and the class Network. Throws for an operator that is not written, and names it. */
export function graphModule(graph: PythonGraph): string[] {
  const { nodes, input, output, constants, parameters, isTrained } = graph;
  const table = (title: string, isBuffer: boolean) => [
    `${title} = {`,
    ...parameters
      .filter((one) => (one.isBuffer ?? false) === isBuffer)
      .map(({ name, shape }) => `    ${JSON.stringify(name)}: [${shape.join(", ")}],`),
    "}",
  ];
  const names = new Map<string, string>([[input, "x"]]);
  for (const { name } of parameters) names.set(name, `w[${JSON.stringify(name)}]`);
  const values: Values = {
    tensor(name) {
      const known = names.get(name);
      if (known !== undefined) return known;
      const constant = constants.get(name);
      if (constant) return constantOf(constant);
      throw new Error(`${name} is not computed before it is read`);
    },
    numbers: (name) => constants.get(name)?.values,
    isTrained,
  };
  const lines = nodes.flatMap((node, i) => {
    const [own] = node.outputs;
    const text = writeOperator(node, values);
    if (/^[\w.]+$/.test(text)) {
      names.set(own, text); // the tensor itself
      return [];
    }
    names.set(own, `t${i + 1}`);
    return [`        t${i + 1} = ${text}`];
  });
  return [
    ...table("PARAMETERS", false),
    ...table("BUFFERS", true),
    "",
    "",
    "class Network(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    "        for name, shape in {**PARAMETERS, **BUFFERS}.items():",
    '            module, (*path, last) = self, name.split(".")',
    "            for part in path:",
    "                if part not in module._modules:",
    "                    module.add_module(part, nn.Module())",
    "                module = module._modules[part]",
    "            if name in BUFFERS:",
    "                module.register_buffer(last, torch.zeros(shape))",
    "            else:",
    "                module.register_parameter(last, nn.Parameter(torch.zeros(shape)))",
    "",
    "    def forward(self, x):",
    "        w = {**dict(self.named_parameters()), **dict(self.named_buffers())}",
    ...lines,
    `        return ${values.tensor(output)}`,
  ];
}

/** A constant as a number, or as a tensor on the device of the image. */
function constantOf({ dims, values }: Known): string {
  if (values.length === 1) return `${values[0]}`;
  const tensor = `x.new_tensor([${values.join(", ")}])`;
  return dims.length < 2 ? tensor : `${tensor}.reshape(${dims.join(", ")})`;
}
