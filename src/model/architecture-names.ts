// The architectures by name, and what each has where nothing else is said. A page that runs a U-Net
// loads no other network (load-model.ts).

import type { ArchitectureName, ModelConfig } from "./model.js";

/** In place of the general defaults. */
type Defaults = Partial<Pick<ModelConfig, "base" | "depth" | "dropout">>;

const VGG16: Defaults = { base: 64, depth: 5, dropout: 0.5 };

const DEFAULTS: Readonly<Record<ArchitectureName, Defaults>> = {
  unet: {},
  fcn8s: { depth: 5 },
  "fcn8s-vgg16": VGG16,
  "fcn16s-vgg16": VGG16,
  "fcn32s-vgg16": VGG16,
};

export const ARCHITECTURE_NAMES = Object.keys(DEFAULTS) as readonly ArchitectureName[];

export function isArchitecture(name: unknown): name is ArchitectureName {
  return ARCHITECTURE_NAMES.includes(name as ArchitectureName);
}

/** Throws for a name that no architecture has. */
export function checkArchitecture(name: ArchitectureName): void {
  if (isArchitecture(name)) return;
  throw new Error(`model: the architecture is ${ARCHITECTURE_NAMES.join(", ")}, got ${name}`);
}

/** What a network has where nothing else is said, in place of the general defaults. */
export function architectureDefaults(name: ArchitectureName): Defaults {
  checkArchitecture(name);
  return DEFAULTS[name];
}
