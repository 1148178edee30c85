// Three presets to choose from, instead of a dozen numbers.

import { DATA_SETTINGS, SAMPLE_SETTINGS, type Settings } from "./settings.js";

export type PresetId = "fast" | "balanced" | "best";

export interface Preset {
  readonly id: PresetId;
  readonly title: string;
  readonly text: string;
  readonly settings: Pick<Settings, (typeof KEYS)[number]>;
}

const KEYS = ["base", "depth", "tile", "steps", "learningRate", "validateEvery"] as const;

function chosen(settings: Settings): Preset["settings"] {
  const { base, depth, tile, steps, learningRate, validateEvery } = settings;
  return { base, depth, tile, steps, learningRate, validateEvery };
}

export const PRESETS: readonly Preset[] = [
  {
    id: "fast",
    title: "Fast",
    text: "A small network for a first result.",
    settings: chosen(SAMPLE_SETTINGS),
  },
  {
    id: "balanced",
    title: "Balanced",
    text: "Suitable for most images.",
    settings: chosen(DATA_SETTINGS),
  },
  {
    id: "best",
    title: "Best",
    text: "A large network with a long training.",
    settings: { ...chosen(DATA_SETTINGS), base: 32, steps: 6000 },
  },
];

/** The preset that the settings match; undefined if the user chose other numbers. */
export const presetOf = (settings: Settings): Preset | undefined =>
  PRESETS.find((preset) => KEYS.every((key) => preset.settings[key] === settings[key]));
