// `micrograph/files`: what goes with `micrograph/core` in a page that reads and writes files.

export { decideLabels } from "./data/label-decide.js";
export {
  type LabelDecision,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
} from "./data/label-decision.js";
export { missingClasses } from "./data/label-missing.js";
export { readLabel } from "./data/label-read.js";
export { type LabelSurvey, surveyLabel } from "./data/label-survey.js";
export { imageFromRaw, labelFromImage } from "./data/labels.js";
export { classCounts } from "./data/survey.js";
export type { Image, LabelMap, RawImage, Sample } from "./data/types.js";
export { type ImageSource, openImage, readImage } from "./page/read-image.js";
export { decodeSafetensors, encodeSafetensors } from "./train/safetensors.js";
