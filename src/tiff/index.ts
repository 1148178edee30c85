// `micrograph/tiff`: TIFF files, in Node and in a page. A module of its own, which a page loads when
// it reads one.

export { isTiff } from "./signature.js";
export { openTiff, type TiffStack } from "./tiff.js";
