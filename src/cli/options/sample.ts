/** Size in pixels and number of the embedded sample's images; names of its classes, where not two. */
export const SAMPLE = {
  size: 256,
  training: 8,
  validation: 2,
  seed: 1,
  classNames: ["membrane", "cell", "mitochondrion"],
} as const;
