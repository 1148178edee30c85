// Seeded numbers and distances for tests.

export { noise } from "../src/graph/noise.js";
export { relativeError } from "../src/graph/tolerances.js";
