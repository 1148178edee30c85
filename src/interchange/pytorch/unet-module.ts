// The U-Net of a configuration as a module of PyTorch, in Python. Its names are those of our parameters.

import { builtInDefaults } from "../../model/built-in.js";
import type { BuiltInFields, UNetVariant } from "../../model/fields.js";
import type { ModelConfig } from "../../model/model.js";
import type { Shapes } from "./graph-writer.js";

type Config = BuiltInFields & UNetVariant;

/** Returns the classes Block and Network, with the layers of this configuration only. */
export function unetModule(config: ModelConfig<BuiltInFields>, shapes: Shapes): string[] {
  const full = { ...builtInDefaults("unet"), ...config } as Config;
  const names = [...levelsOf(full).flatMap((i) => [`encoder${i}`, `decoder${i}`]), "bottleneck"];
  const shape = (name: string) => shapes.get(`${name}.weight`) ?? [];
  const hasMiddle = names.some((one) => shape(`${one}.conv1`)[0] !== shape(`${one}.conv2`)[0]);
  return [...blockClass(full, hasMiddle), "", "", ...networkClass(full, shapes, hasMiddle)];
}

const levelsOf = ({ depth }: Config) => Array.from({ length: depth }, (_, i) => i + 1);

/** Whether a layer goes with the up-sampling. */
const hasUp = ({ upsampling }: Config) =>
  upsampling === "transposed" || upsampling.endsWith("-conv");

const ACTIVATIONS: Readonly<Record<UNetVariant["activation"], (x: string) => string>> = {
  relu: (x) => `F.relu(${x})`,
  "leaky-relu": (x) => `F.leaky_relu(${x}, 0.01)`,
  elu: (x) => `F.elu(${x})`,
  silu: (x) => `F.silu(${x})`,
};

/** A norm of this many channels, which is a name in Python. */
function normOf({ norm, normFirst }: Config, channels: string): string {
  const affine = norm === "instance" ? !normFirst && "affine=True" : normFirst && "affine=False";
  const more = affine ? `, ${affine}` : "";
  if (norm === "group") return `nn.GroupNorm(math.gcd(8, ${channels}), ${channels}${more})`;
  return `nn.${norm === "batch" ? "BatchNorm2d" : "InstanceNorm2d"}(${channels}${more})`;
}

function blockClass(config: Config, hasMiddle: boolean): string[] {
  const { padding, norm, normFirst, residual, downsampling, activation } = config;
  const isStrided = downsampling === "strided";
  const border = padding === "same" ? ", padding=1" : "";
  const conv = (index: number, from: string, to: string) => {
    const step = isStrided && index === 1 ? ", stride" : "";
    const bias = norm === "none" || normFirst ? "" : ", bias=False";
    const own = normOf(config, normFirst ? from : to);
    return [
      `        self.conv${index} = nn.Conv2d(${from}, ${to}, 3${step}${border}${bias})`,
      ...(norm === "none" ? [] : [`        self.norm${index} = ${own}`]),
    ];
  };
  const step = (index: number, x: string) => {
    if (norm === "none") return `self.conv${index}(${x})`;
    return normFirst
      ? `self.conv${index}(self.norm${index}(${x}))`
      : `self.norm${index}(self.conv${index}(${x}))`;
  };
  const activated = ACTIVATIONS[activation];
  const middle = hasMiddle ? "middle" : "outs";
  const inner = padding === "same" ? "x" : "x[:, :, 2:-2, 2:-2]";
  const change = isStrided ? "ins != outs or stride != 1" : "ins != outs";
  const shortcut = `nn.Conv2d(ins, outs, 1${isStrided ? ", stride" : ""})`;
  const takes = [
    ...["self", "ins", ...(hasMiddle ? ["middle"] : []), "outs"],
    ...(isStrided ? ["stride=1"] : []),
    ...(hasUp(config) ? ["up=None"] : []),
  ];
  return [
    "class Block(nn.Module):",
    `    def __init__(${takes.join(", ")}):`,
    "        super().__init__()",
    ...(hasUp(config) ? ["        self.up = up"] : []),
    ...conv(1, "ins", middle),
    ...conv(2, middle, "outs"),
    ...(residual ? [`        self.shortcut = ${shortcut} if ${change} else nn.Identity()`] : []),
    "",
    "    def forward(self, x):",
    `        y = ${activated(step(1, "x"))}`,
    `        return ${activated(`${step(2, "y")}${residual ? ` + self.shortcut(${inner})` : ""}`)}`,
  ];
}

/** Python that makes `x` twice as large. */
function upsampled({ upsampling }: Config): string {
  if (upsampling === "transposed") return "block.up(x)";
  const x = upsampling.endsWith("-conv") ? "block.up(x)" : "x";
  if (!upsampling.startsWith("linear")) return `F.interpolate(${x}, scale_factor=2)`;
  const corners = upsampling === "linear-corners" ? "True" : "False";
  return `F.interpolate(${x}, scale_factor=2, mode="bilinear", align_corners=${corners})`;
}

function networkClass(config: Config, shapes: Shapes, hasMiddle: boolean): string[] {
  const { depth, dropout, downsampling, deepSupervision, upsampling, padding } = config;
  const shape = (name: string) => shapes.get(`${name}.weight`) ?? [];
  const levels = levelsOf(config);
  const isStrided = downsampling === "strided";
  const block = (name: string, more: readonly string[] = []) => {
    const [middle, ins] = shape(`${name}.conv1`);
    const [outs] = shape(`${name}.conv2`);
    const sizes = [ins, ...(hasMiddle ? [middle] : []), outs];
    return `        self.${name} = Block(${[...sizes, ...more].join(", ")})`;
  };
  const stride = (level: number) => (isStrided && level > 1 ? ["stride=2"] : []);
  const up = (level: number) => {
    const [first, second] = shape(`decoder${level}.up`);
    if (first === undefined) return [];
    // A transposed convolution has the channels of its input first.
    return upsampling === "transposed"
      ? [`up=nn.ConvTranspose2d(${first}, ${second}, 2, 2)`]
      : [`up=nn.Conv2d(${second}, ${first}, 1)`];
  };
  const heads = levels.filter((level) => shapes.has(`${headOf(level)}.weight`));
  const ownHead = (level: number) => (heads.includes(level) ? `self.${headOf(level)}` : "None");
  const dropped = (x: string) => `F.dropout(${x}, ${dropout}, self.training)`;
  const below = [...levels.slice(1).map((level) => `self.encoder${level}`), "self.bottleneck"];
  const first = "self.encoder1(x)";
  const pooled = isStrided ? "skips[-1]" : "F.max_pool2d(skips[-1], 2)";
  const decoders = levels.toReversed().map((level) => {
    const own = `self.decoder${level}`;
    return deepSupervision ? `(${own}, ${ownHead(level)})` : own;
  });
  return [
    "class Network(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    ...levels.map((level) => block(`encoder${level}`, stride(level))),
    block("bottleneck", stride(depth + 1)),
    ...levels.toReversed().map((level) => block(`decoder${level}`, up(level))),
    ...heads.map((level) => {
      const [classes, ins] = shape(headOf(level));
      return `        self.${headOf(level)} = nn.Conv2d(${ins}, ${classes}, 1)`;
    }),
    "",
    "    def forward(self, x):",
    `        skips = [${dropout > 0 && depth === 1 ? dropped(first) : first}]`,
    `        for block in [${below.join(", ")}]:`,
    ...(dropout > 0
      ? [
          `            x = block(${pooled})`,
          ...(below.length > 2 ? [`            if block in [${below.slice(-2).join(", ")}]:`] : []),
          `            ${below.length > 2 ? "    " : ""}x = ${dropped("x")}`,
          "            skips.append(x)",
        ]
      : [`            skips.append(block(${pooled}))`]),
    "        x = skips.pop()",
    ...(deepSupervision ? ["        heads = []"] : []),
    `        for ${deepSupervision ? "block, head" : "block"} in [${decoders.join(", ")}]:`,
    `            x, skip = ${upsampled(config)}, skips.pop()`,
    ...(padding === "same"
      ? ["            x = block(torch.cat([skip, x], 1))"]
      : [
          "            cut = (skip.shape[2] - x.shape[2]) // 2",
          "            x = block(torch.cat([F.pad(skip, [-cut] * 4), x], 1))",
        ]),
    ...(deepSupervision
      ? [
          "            if head:",
          "                heads.insert(0, head(x))",
          "        return heads if self.training else heads[0]  # for a loss of each level, the logits first",
        ]
      : ["        return self.head(x)"]),
  ];
}

const headOf = (level: number) => (level === 1 ? "head" : `head${level}`);
