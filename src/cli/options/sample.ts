/** Names of the embedded samples, for `--sample`: the first is what a run without data trains on. */
export const SAMPLE_NAMES = ["membranes", "nuclei"] as const;

export type SampleName = (typeof SAMPLE_NAMES)[number];

/** The second sample: its seeds differ from those of other uses. */
export const NUCLEI = { size: 256, training: 256, validation: 8, seed: 101 } as const;

/** Size in pixels and number of the embedded sample's images; names of its classes if there are three. */
export const SAMPLE = {
  size: 256,
  training: 8,
  validation: 2,
  seed: 1,
  classNames: ["membrane", "cell", "mitochondrion"],
} as const;
