// `micrograph/objects`: cells by number, in Node and in a page. A module of its own, which a page loads when
// it counts or measures.

export type { Components } from "../data/components.js";
export { type ObjectLabels, objectLabels } from "./object-labels.js";
