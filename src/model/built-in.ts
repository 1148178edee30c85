// The built-in architectures by name, with their defaults. A page that runs a U-Net loads no other
// network (load-model.ts).

import { shown } from "../arguments/shown.js";
import { defaultsOf } from "../options/rules.js";
import { unetDefaults } from "../options/unet-defaults.generated.js";
import { type BuiltInFields, SIZE_RULES } from "./fields.js";
import type { ModelConfig } from "./model.js";

/** The FCNs of fcn.ts. */
export type FcnName = "fcn8s" | "fcn8s-vgg16" | "fcn16s-vgg16" | "fcn32s-vgg16";

/**
 * "unet": the network of Ronneberger, Fischer and Brox (2015), with valid convolutions. "fcn8s":
 * the fully convolutional network of Long, Shelhamer and Darrell (2015) with few channels, to be
 * trained from scratch. "fcn32s-vgg16", "fcn16s-vgg16", "fcn8s-vgg16": their networks on VGG-16.
 */
export type ArchitectureName = "unet" | FcnName;

/** The configuration of a built-in model, as returned by `modelConfig`. */
export type BuiltInConfig = ModelConfig<BuiltInFields> & {
  /** Name of the architecture. */
  readonly architecture: ArchitectureName;
  /** @deprecated Part of the task: pass `task` to `train`. */
  readonly classNames?: readonly string[] | undefined;
  /** @deprecated Part of the task: pass `task` to `train`. */
  readonly classColours?: readonly string[] | undefined;
};

const VGG16: BuiltInFields = { base: 64, depth: 5, dropout: 0.5 };

/** Defaults that differ from those in the rules. */
const OWN: Readonly<Record<ArchitectureName, Partial<BuiltInFields>>> = {
  unet: {},
  fcn8s: { depth: 5 },
  "fcn8s-vgg16": VGG16,
  "fcn16s-vgg16": VGG16,
  "fcn32s-vgg16": VGG16,
};

/** Names of the built-in architectures. */
export const ARCHITECTURE_NAMES = Object.keys(OWN) as readonly ArchitectureName[];

export function isArchitecture(name: unknown): name is ArchitectureName {
  return ARCHITECTURE_NAMES.includes(name as ArchitectureName);
}

/**
 * Returns the defaults of a built-in architecture that differ from the general ones. Throws for an
 * unknown name.
 */
export function ownDefaults(name: ArchitectureName): Partial<BuiltInFields> {
  if (isArchitecture(name)) return OWN[name];
  const names = ARCHITECTURE_NAMES.join(", ");
  throw new Error(`model: the architecture is ${shown(name)}, expected ${names}`);
}

/** Returns all defaults of a built-in architecture. */
export function builtInDefaults(name: ArchitectureName): BuiltInFields {
  const variant = name === "unet" ? unetDefaults : {};
  return { ...(defaultsOf(SIZE_RULES) as BuiltInFields), ...variant, ...ownDefaults(name) };
}
