export const ASSUMPTIONS = ["prefetch", "split", "single-issue"] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];
