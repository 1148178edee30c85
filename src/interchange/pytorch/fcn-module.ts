// A fully convolutional network as a module of PyTorch, in Python. Its names are those of our parameters.

import type { BuiltInFields } from "../../model/fields.js";
import type { ModelConfig } from "../../model/model.js";
import type { Shapes } from "./graph-writer.js";

/** The convolutions in each block of VGG-16. */
const BLOCKS = [2, 2, 3, 3, 3];

/** Where the crops of the networks on VGG-16 begin, by the stride of the last up-convolution. */
const CROPS: Readonly<Record<number, number>> = { 8: 31, 16: 27, 32: 19 };

/** Scores of poolings that are added: the up-convolution before it, and where the crop begins. */
const SKIPS = [
  { pool: 4, up: "upscore2", crop: 5 },
  { pool: 3, up: "upscore_pool4", crop: 9 },
];

/** Returns the class Network. */
export function fcnModule(config: ModelConfig<BuiltInFields>, shapes: Shapes): string[] {
  const { dropout, architecture } = config;
  const keepsSize = !architecture.endsWith("-vgg16");
  const stride = [8, 16, 32].find((one) => shapes.has(`upscore${one}.weight`)) ?? 32;
  const skips = SKIPS.filter(({ pool }) => shapes.has(`score_pool${pool}.weight`));
  const conv = (name: string, padding: number) => {
    const [outs, ins, side] = shapes.get(`${name}.weight`) ?? [];
    const border = padding === 0 ? "" : `, padding=${padding}`;
    return `self.${name} = nn.Conv2d(${ins}, ${outs}, ${side}${border})`;
  };
  const up = (name: string, factor: number) => {
    const [ins, outs, side] = shapes.get(`${name}.weight`) ?? [];
    const border = keepsSize ? `, padding=${factor / 2}` : "";
    return `self.${name} = nn.ConvTranspose2d(${ins}, ${outs}, ${side}, ${factor}${border}, bias=False)`;
  };
  const names = BLOCKS.map((count, i) =>
    Array.from({ length: count }, (_, j) => `conv${i + 1}_${j + 1}`),
  );
  const [, , kernel] = shapes.get("fc6.weight") ?? [];
  const blocks = names.map((block) => `[${block.map((name) => `self.${name}`).join(", ")}]`);
  const cut = (x: string, from: number, like: string) =>
    keepsSize
      ? x
      : `${x}[:, :, ${from} : ${from} + ${like}.shape[2], ${from} : ${from} + ${like}.shape[3]]`;
  const dropped = (x: string) => (dropout === 0 ? x : `F.dropout(${x}, ${dropout}, self.training)`);
  const layers = [
    ...names.flat().map((name, i) => conv(name, i === 0 && !keepsSize ? 100 : 1)),
    conv("fc6", keepsSize ? (kernel - 1) / 2 : 0),
    conv("fc7", 0),
    conv("score_fr", 0),
    ...skips.flatMap(({ pool, up: name }) => [up(name, 2), conv(`score_pool${pool}`, 0)]),
    up(`upscore${stride}`, stride),
  ];
  return [
    "class Network(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    ...layers.map((line) => `        ${line}`),
    "",
    "    def forward(self, image):",
    "        x, pools = image, []",
    `        for block in [${blocks.join(", ")}]:`,
    "            for conv in block:",
    "                x = F.relu(conv(x))",
    "            x = F.max_pool2d(x, 2)",
    "            pools.append(x)",
    `        x = ${dropped("F.relu(self.fc6(x))")}`,
    `        x = ${dropped("F.relu(self.fc7(x))")}`,
    "        x = self.score_fr(x)",
    ...skips.flatMap(({ pool, up: name, crop }) => [
      `        x = self.${name}(x)`,
      `        score = self.score_pool${pool}(pools[${pool - 1}])`,
      `        x = x + ${cut("score", crop, "x")}`,
    ]),
    `        x = self.upscore${stride}(x)`,
    `        return ${cut("x", CROPS[stride], "image")}`,
  ];
}
