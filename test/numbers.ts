// Seeded numbers and distances for tests.

export { relativeError } from "../src/graph/tolerances.js";
export { noise } from "../src/graph/uniform-noise.js";
