// The session that a reload restores: the view, the undo history, predictions. It is stored next to the project
// but is not part of it: whatever of it is lost can be made again.

import { isCurrent } from "../state/network.js";
import type { Project } from "../state/project-types.js";
import type { AppState, LabelPatch, StepPrediction, ViewState } from "../state/types.js";
import type { PartFinder } from "./find-parts.js";
import type { ProjectFile } from "./project-file.js";

export interface Session {
  readonly view: ViewState;
  readonly history: readonly LabelPatch[];
  readonly predictions: AppState["predictions"];
}

/** Bytes that are rewritten after each stroke: the newest changes of labels that fit. */
const MOST_HISTORY = 2 ** 20;
/**
 * Bytes of probabilities, of one image (1024 x 1024 pixels of two classes) and of all. More or larger images
 * are predicted again, to the same bits, which costs less than writing them.
 */
const LARGEST_PREDICTION = 2 ** 23;
const MOST_PREDICTIONS = 2 ** 26;

const HISTORY = "session/history.bin";
const predictionPath = (name: string) => `session/${name}.f32`;

export function sessionFiles(session: Session, project: Project): ProjectFile[] {
  const { history } = session;
  const patches = recent(history);
  const files = kept(session, project).map(([name, { probabilities }]): ProjectFile => {
    const { buffer, byteOffset, byteLength } = probabilities;
    const bytes = () => new Uint8Array(buffer, byteOffset, byteLength);
    return { path: predictionPath(name), content: probabilities, bytes };
  });
  if (patches.length === 0) return files;
  return [...files, { path: HISTORY, content: history, bytes: () => joined(patches) }];
}

/** What is not in other files. */
export function describeSession(session: Session, project: Project) {
  return {
    view: session.view,
    history: recent(session.history).map(({ image, area }) => ({ image, area })),
    predictions: kept(session, project).map(([name, { probabilities: _, ...rest }]) => {
      return { name, ...rest };
    }),
  };
}

export type DescribedSession = ReturnType<typeof describeSession>;

/** The session, as far as it can be read, for the images that exist. */
export async function readSession(
  json: DescribedSession,
  { images }: Project,
  finder: PartFinder,
): Promise<Session> {
  const predictions: Record<string, StepPrediction> = {};
  for (const { name, ...rest } of json.predictions ?? []) {
    const raw = images.find((image) => image.name === name)?.raw;
    if (raw?.width !== rest.width || raw.height !== rest.height) continue;
    const probabilities = await finder.find(predictionPath(name), ["session"], async (bytes) => {
      const values = new Float32Array(bytes.slice().buffer);
      if (values.length === rest.classes * rest.width * rest.height) return values;
      throw new Error(`${name}: its prediction has ${values.length} values`);
    });
    if (probabilities) predictions[name] = { ...rest, probabilities };
  }
  const history = await finder.find(HISTORY, [], async (bytes) => cut(bytes, json.history));
  const isThere = ({ image }: LabelPatch) => images.some(({ name }) => name === image);
  return { view: json.view, predictions, history: history?.every(isThere) ? history : [] };
}

/** The newest changes that fit. */
function recent(history: readonly LabelPatch[]): readonly LabelPatch[] {
  let bytes = 0;
  const first = history.findLastIndex(({ before }) => {
    bytes += before.length;
    return bytes > MOST_HISTORY;
  });
  return history.slice(first + 1);
}

/** The predictions of the network in use, as many as fit. */
function kept({ predictions }: Session, { training, images }: Project) {
  let bytes = 0;
  return images.flatMap(({ name }): [string, StepPrediction][] => {
    const prediction = predictions[name];
    if (!prediction || !isCurrent(prediction, training)) return [];
    const { byteLength } = prediction.probabilities;
    if (byteLength > LARGEST_PREDICTION || bytes + byteLength > MOST_PREDICTIONS) return [];
    bytes += byteLength;
    return [[name, prediction]];
  });
}

function joined(patches: readonly LabelPatch[]): Uint8Array {
  const bytes = new Uint8Array(patches.reduce((sum, { before }) => sum + before.length, 0));
  let at = 0;
  for (const { before } of patches) {
    bytes.set(before, at);
    at += before.length;
  }
  return bytes;
}

/** The inverse of `joined`. */
function cut(bytes: Uint8Array, patches: DescribedSession["history"]): readonly LabelPatch[] {
  let at = 0;
  return patches.map(({ image, area }) => {
    const before = bytes.slice(at, at + area.width * area.height);
    at += before.length;
    if (at > bytes.length || before.length < area.width * area.height) {
      throw new Error("the changes of labels are cut off");
    }
    return { image, area, before };
  });
}
