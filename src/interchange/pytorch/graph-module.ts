// A graph of ONNX's operators as a module of PyTorch, in Python: for networks that came as files, and for models of
// one's own. Weights keep their names.

import type { Parameter } from "../../model/parameters.js";
import { type GraphNode, type Values, writeOperator } from "./python-operators.js";

/** A network as a graph. */
export interface PythonGraph {
  readonly nodes: readonly GraphNode[];
  /** Name of the image, and of the maps. */
  readonly input: string;
  readonly output: string;
  readonly constants: ReadonlyMap<string, ArrayLike<number>>;
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
      const list = constants.get(name);
      if (list)
        return list.length === 1 ? `${list[0]}` : `x.new_tensor([${Array.from(list).join(", ")}])`;
      throw new Error(`${name} is not computed before it is read`);
    },
    numbers: (name) => constants.get(name),
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
