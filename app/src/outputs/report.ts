// The report of a run as one HTML file, which opens from disk, offline and without scripts.

import { picturePng } from "../../../src/formats/png/index.js";
import { type Prediction, predictionPanels } from "../../../src/index.js";
import { rgb } from "../canvas/layers.js";
import { figureInUse, networkInUse } from "../state/network.js";
import { labelled } from "../state/project.js";
import type { ClassInfo, Project, ProjectImage, Training } from "../state/project-types.js";
import { percentText } from "../state/words.js";
import { predictCommands, trainCommand } from "./command.js";

/** More images would make a file of many megabytes. */
const SHOWN = 6;

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 1060px; margin: 32px auto; padding: 0 20px }
h2 { margin-top: 32px; font-size: 18px }
table { border-collapse: collapse } td, th { padding: 3px 18px 3px 0; text-align: left }
.panels { display: flex; flex-wrap: wrap; gap: 10px } figure { margin: 0 }
figure img { width: 196px; image-rendering: pixelated; display: block }
figcaption { font-size: 12px; opacity: .7 } pre { white-space: pre-wrap; overflow-wrap: anywhere }
.keys { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; list-style: none }
.keys i { display: inline-block; width: 11px; height: 11px; margin-right: 6px;
  border: 1px solid #808b90; border-radius: 3px; print-color-adjust: exact }
svg { width: 100%; height: 220px } .training { stroke: #8a979c } .held { stroke: #0b8ca3 }
polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke }`;

export interface ReportParts {
  readonly project: Project;
  readonly predictions: Readonly<Record<string, Prediction>>;
  readonly threshold: number;
  /** Name of the GPU. */
  readonly adapter: string;
}

export function reportHtml({ project, predictions, threshold, adapter }: ReportParts): string {
  const { name, training, settings, classes } = project;
  const held = labelled(project, "validation");
  const shown = [...held, ...labelled(project, "training")]
    .filter((image) => predictions[image.name])
    .slice(0, SHOWN);
  const facts = {
    ...dataFacts(project),
    classes: classes.map((one) => one.name).join(", "),
    "steps done": training.last?.step ?? training.best?.step ?? 0,
    ...figureFacts(training),
    adapter,
    ...settings,
    augmentation: JSON.stringify(settings.augmentation),
  };
  const rows = Object.entries(facts).map(
    ([key, value]) => `<tr><th>${escaped(key)}</th><td>${escaped(String(value))}</td></tr>`,
  );
  const images = shown.map((image) => imageSection(image, predictions[image.name], classes));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(name)} – Micrograph</title><style>${STYLE}</style></head><body>
<h1>${escaped(name)}</h1>
<h2>Loss by step</h2>${lossChart(training)}
<h2>Images</h2>${images.length > 0 ? classKeys(classes) : ""}${images.join("\n") || "<p>Nothing was segmented.</p>"}
<h2>Run</h2><table>${rows.join("")}</table>
<h2>On the command line</h2>
<pre>${escaped(trainCommand(project))}\n${escaped(predictCommands(project, threshold).join("\n"))}</pre>
</body></html>
`;
}

/** What the network in use was trained and checked on. */
function dataFacts(project: Project): Record<string, string | number> {
  const { run } = networkInUse(project.training)?.checkpoint ?? {};
  if (run && !run.data) {
    const unknown = "unknown: the network came from a file";
    return { "images for training": unknown, "images for validation": unknown };
  }
  const names = labelled(project, "validation").map(({ name }) => name);
  // A network of an earlier version of the app lacks this.
  const { images, validation, patches } = run?.data ?? {
    images: labelled(project, "training").length,
    validation: names,
  };
  const listed = validation.join(", ") || "none";
  return {
    "images for training": images,
    "images for validation": patches ? `patches of ${listed}` : listed,
  };
}

/** The error of the network in use, and that of the newest validation if it differs. */
function figureFacts(training: Training): Record<string, string> {
  const used = figureInUse(training);
  const newest = training.validations.at(-1);
  const text = ({ step, wrongPixels }: NonNullable<typeof used>) =>
    `${percentText(wrongPixels)} (step ${step})`;
  return {
    "validation error": used ? text(used) : "not measured",
    ...(newest && newest.step !== used?.step ? { "latest validation error": text(newest) } : {}),
  };
}

/** Image, label, prediction and errors. */
function imageSection(
  { name, raw, label }: ProjectImage,
  prediction: Prediction,
  classes: readonly ClassInfo[],
): string {
  if (!label) return "";
  const legend = {
    names: classes.map((one) => one.name),
    colours: classes.map(({ colour }) => rgb(colour)),
  };
  const sample = { name, image: raw, label };
  const { panels } = predictionPanels(sample, prediction, legend);
  const figures = panels.map(({ title, picture }) => {
    const alt = escaped(`${title} of ${name}`);
    const source = `data:image/png;base64,${base64(picturePng(picture))}`;
    return `<figure><img src="${source}" alt="${alt}"><figcaption>${escaped(title)}</figcaption></figure>`;
  });
  return `<h3>${escaped(name)}</h3><div class="panels">${figures.join("")}</div>`;
}

/** The legend of the class colours. */
function classKeys(classes: readonly ClassInfo[]): string {
  const keys = classes.map(({ name, colour }) => {
    return `<li><i style="background:${escaped(colour)}"></i>${escaped(name)}</li>`;
  });
  return `<ul class="keys" aria-label="Classes">${keys.join("")}</ul>`;
}

function lossChart({ losses, validations }: Training): string {
  const all = [...losses, ...validations];
  if (all.length === 0) return "<p>No training yet.</p>";
  const steps = Math.max(...all.map(({ step }) => step));
  const top = Math.max(...all.map(({ loss }) => loss));
  const line = (points: Training["losses"], kind: string) => {
    const at = points.map(({ step, loss }) => {
      return `${((1000 * step) / steps).toFixed(1)},${(200 - (200 * loss) / top).toFixed(1)}`;
    });
    return `<polyline class="${kind}" points="${at.join(" ")}"/>`;
  };
  const words = `from 0 to ${steps} steps, from 0 to ${top.toPrecision(3)}; grey: each batch, blue: validation`;
  return `<svg viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label="Loss">
${line(losses, "training")}${line(validations, "held")}</svg><p><small>${words}</small></p>`;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  // Not all at once: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
