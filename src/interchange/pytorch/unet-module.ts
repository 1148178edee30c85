// The U-Net of a configuration as a module of PyTorch, in Python. Its names are those of our parameters.

import { builtInDefaults } from "../../model/built-in.js";
import type { BuiltInFields, UNetVariant } from "../../model/fields.js";
import type { ModelConfig } from "../../model/model.js";
import type { Shapes } from "./graph-writer.js";

type Config = BuiltInFields & UNetVariant;

/** Lines of Python. */
type Lines = readonly string[];

/** Returns the classes Block, Up and Network. */
export function unetModule(config: ModelConfig<BuiltInFields>, shapes: Shapes): string[] {
  const full = { ...builtInDefaults("unet"), ...config } as Config;
  return [...blockClass(full), "", "", ...upClass(full), "", "", ...networkClass(full, shapes)];
}

const indented = (lines: Lines, by = "        ") => lines.map((line) => by + line);

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

function blockClass(config: Config): string[] {
  const { padding, norm, normFirst, residual, downsampling, activation } = config;
  const isStrided = downsampling === "strided";
  const border = padding === "same" ? ", padding=1" : "";
  const conv = (index: number, from: string, to: string) => {
    const step = isStrided && index === 1 ? ", stride" : "";
    const bias = norm === "none" || normFirst ? "" : ", bias=False";
    const own = normOf(config, normFirst ? from : to);
    return [
      `self.conv${index} = nn.Conv2d(${from}, ${to}, 3${step}${border}${bias})`,
      ...(norm === "none" ? [] : [`self.norm${index} = ${own}`]),
    ];
  };
  const step = (index: number, x: string) => {
    if (norm === "none") return `self.conv${index}(${x})`;
    return normFirst
      ? `self.conv${index}(self.norm${index}(${x}))`
      : `self.norm${index}(self.conv${index}(${x}))`;
  };
  const activated = ACTIVATIONS[activation];
  const both = step(2, activated(step(1, "x")));
  const inner = padding === "same" ? "x" : "x[:, :, 2:-2, 2:-2]";
  const change = isStrided ? "ins != outs or stride != 1" : "ins != outs";
  const shortcut = `nn.Conv2d(ins, outs, 1${isStrided ? ", stride" : ""})`;
  return [
    "class Block(nn.Module):",
    `    def __init__(self, ins, middle, outs${isStrided ? ", stride=1" : ""}):`,
    "        super().__init__()",
    ...indented([...conv(1, "ins", "middle"), ...conv(2, "middle", "outs")]),
    ...(residual ? [`        self.shortcut = ${shortcut} if ${change} else nn.Identity()`] : []),
    "",
    "    def forward(self, x):",
    `        return ${activated(residual ? `${both} + self.shortcut(${inner})` : both)}`,
  ];
}

function upClass({ upsampling, padding }: Config): string[] {
  const hasConv = upsampling === "transposed" || upsampling.endsWith("-conv");
  const mode = upsampling.startsWith("linear") ? "bilinear" : "nearest";
  const isAligned = upsampling === "linear-corners";
  const corners = mode === "bilinear" ? `, align_corners=${isAligned ? "True" : "False"}` : "";
  const resized = `F.interpolate(${hasConv ? "self.up(x)" : "x"}, scale_factor=2, mode="${mode}"${corners})`;
  const layer =
    upsampling === "transposed"
      ? "nn.ConvTranspose2d(below, ins // 2, 2, 2)"
      : "nn.Conv2d(below, ins // 2, 1)";
  return [
    "class Up(Block):",
    ...(hasConv
      ? [
          "    def __init__(self, below, ins, middle, outs):",
          "        super().__init__(ins, middle, outs)",
          `        self.up = ${layer}`,
          "",
        ]
      : []),
    "    def forward(self, x, skip):",
    `        x = ${upsampling === "transposed" ? "self.up(x)" : resized}`,
    ...(padding === "same"
      ? []
      : [
          "        cut = (skip.shape[2] - x.shape[2]) // 2",
          "        skip = F.pad(skip, [-cut] * 4)",
        ]),
    "        return super().forward(torch.cat([skip, x], 1))",
  ];
}

function networkClass(config: Config, shapes: Shapes): string[] {
  const { depth, dropout, downsampling, deepSupervision } = config;
  const shape = (name: string) => shapes.get(`${name}.weight`) ?? [];
  const levels = Array.from({ length: depth }, (_, i) => i + 1);
  const up = levels.toReversed();
  const block = (name: string) => {
    const [middle, ins] = shape(`${name}.conv1`);
    return [ins, middle, shape(`${name}.conv2`)[0]];
  };
  const isStrided = downsampling === "strided";
  const stride = (level: number) => (isStrided && level > 1 ? ", 2" : "");
  // A transposed convolution has the channels of its input first.
  const below = (level: number) => {
    const [first, second] = shape(`decoder${level}.up`);
    const own = config.upsampling === "transposed" ? first : second;
    return own === undefined ? [] : [own];
  };
  const heads = [1, ...levels.slice(1)].filter((level) => shapes.has(`${headOf(level)}.weight`));
  const drop = (indent: string) =>
    dropout === 0 ? [] : [`${indent}x = F.dropout(x, ${dropout}, self.training)`];
  const list = (names: readonly string[]) => `[${names.map((name) => `self.${name}`).join(", ")}]`;
  const decoders = up.map((level) => `decoder${level}`);
  return [
    "class Network(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    ...levels.map(
      (level) =>
        `        self.encoder${level} = Block(${block(`encoder${level}`).join(", ")}${stride(level)})`,
    ),
    `        self.bottleneck = Block(${block("bottleneck").join(", ")}${stride(depth + 1)})`,
    ...up.map((level) => {
      const sizes = [...below(level), ...block(`decoder${level}`)];
      return `        self.decoder${level} = Up(${sizes.join(", ")})`;
    }),
    ...heads.map((level) => {
      const [classes, ins] = shape(headOf(level));
      return `        self.${headOf(level)} = nn.Conv2d(${ins}, ${classes}, 1)`;
    }),
    "",
    "    def forward(self, x):",
    "        skips = []",
    `        for block in ${list(levels.map((level) => `encoder${level}`))}:`,
    "            x = block(x)",
    ...(dropout === 0
      ? []
      : [`            if block is self.encoder${depth}:`, ...drop("                ")]),
    "            skips.append(x)",
    ...(isStrided ? [] : ["            x = F.max_pool2d(x, 2)"]),
    "        x = self.bottleneck(x)",
    ...drop("        "),
    ...(deepSupervision
      ? [
          "        heads = []",
          `        for level, block in zip([${up.join(", ")}], ${list(decoders)}):`,
          "            x = block(x, skips.pop())",
          `            if level in [${heads.join(", ")}]:`,
          '                heads.insert(0, getattr(self, "head" if level == 1 else f"head{level}")(x))',
          "        return heads if self.training else heads[0]  # for a loss of each level, the logits first",
        ]
      : [
          `        for block in ${list(decoders)}:`,
          "            x = block(x, skips.pop())",
          "        return self.head(x)",
        ]),
  ];
}

const headOf = (level: number) => (level === 1 ? "head" : `head${level}`);
