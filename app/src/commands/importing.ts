// Files that the user drops or chooses are added to a project, or start one.

import type { Engine } from "../engine/client.js";
import type { FileWork } from "../files/work.js";
import { type ImportWork, importFiles } from "../images/import.js";
import type { AskedLabels, LabelReply } from "../images/label-question.js";
import { merged } from "../images/merge.js";
import { skipped } from "../images/problems.js";
import { isZip, type NamedFile } from "../images/sort-files.js";
import { isNetworkName } from "../networks/network-files.js";
import { slideAmong } from "../slides/find-slide.js";
import { emptyProject, newId } from "../state/project.js";
import type { Store } from "../state/store.js";
import type { AppState } from "../state/types.js";
import { countText } from "../state/words.js";
import type { Ask } from "./asking.js";
import { messageOf } from "./message-of.js";
import { damageText, type Opening } from "./opening.js";
import type { Slides } from "./slides.js";

export interface Importing {
  /**
   * Adds files to the project, or starts one with them. A project file is opened. Files that are dropped
   * while others are being read wait. `problems` describes files that could not even be listed.
   */
  addFiles(files: readonly NamedFile[], problems?: readonly string[]): Promise<void>;
  /** Stops reading files; those already read are kept. */
  stopImport(): void;
  /** Answers the state's question about labels. */
  answerLabels(reply: LabelReply): void;
}

export type ImportingWork = ImportWork & Pick<FileWork, "openProject" | "isModelPackage">;

export interface ImportingParts {
  /** Opens a new project. */
  readonly begin: Opening["begin"];
  readonly ask?: Ask | undefined;
  /** Runs the test of a package of the bioimage.io zoo; without it none is run. */
  readonly testPackage?: Engine["testPackage"] | undefined;
  readonly openSlide?: Slides["openSlide"] | undefined;
}

export function createImporting(
  store: Store,
  files: ImportingWork,
  { begin, ask: askFirst, testPackage, openSlide }: ImportingParts,
): Importing {
  const { dispatch } = store;
  const state = () => store.state.peek();
  const say = (text: string, kind: "error" | "info" = "error") =>
    dispatch({ type: "notice", kind, text });
  const sayAll = (topic: "skipped" | "notes", sentences: readonly string[]) => {
    const kind = topic === "skipped" ? "warning" : "info";
    dispatch({ type: "notices", topic, kind, sentences });
  };
  let imports: Promise<void> = Promise.resolve();
  let stopping: AbortController | undefined;
  let answering: ((reply: LabelReply) => void) | undefined;
  const ask = (question: AskedLabels) =>
    new Promise<LabelReply>((resolve) => {
      dispatch({ type: "asking", question });
      answering = (reply) => {
        answering = undefined;
        dispatch({ type: "asking", question: undefined });
        resolve(reply);
      };
    });
  const addAll = async (given: readonly NamedFile[], unread: readonly string[]) => {
    const slide = openSlide && slideAmong(given);
    if (slide) return openSlide(slide);
    const zips = given.filter(isZip);
    const arePackages = await Promise.all(
      zips.map(({ file, path }) => files.isModelPackage(file, path)),
    );
    const projects = zips.filter((_, i) => !arePackages[i]);
    const others = given.filter((file) => !projects.includes(file));
    const problems = [...unread];
    for (const { path, file } of projects) {
      try {
        const { project, missing } = await files.openProject(file, path);
        await begin({ ...project, id: newId(project.name) });
        if (missing.length > 0) say(damageText(path, missing));
      } catch (error) {
        // The other files are still read.
        if (others.length === 0) say(messageOf(error));
        else problems.push(skipped(error));
      }
    }
    if (others.length > 0) await addOthers(others, problems);
    else sayAll("skipped", problems);
  };
  const addOthers = async (others: readonly NamedFile[], earlier: readonly string[]) => {
    const name = nameOf(others);
    const place = await placeOf(state(), askFirst);
    if (place === "nowhere") return;
    const { project: there, access } = state();
    const opened = place === "new" ? undefined : there;
    if (opened && access !== "write") {
      say(`${opened.name} is open in another tab: choose "Work on it here" before you add files.`);
      return;
    }
    const before = opened ?? emptyProject(newId(name), name);
    stopping = new AbortController();
    const { signal } = stopping;
    const { onFile, end, read } = tellProgress(dispatch);
    const askReplace = (fileName: string, step: number) =>
      isReplaced(state(), askFirst, fileName, step);
    const options = { onFile, ask, askReplace, signal };
    const imported = await importFiles(before, others, files, options).finally(end);
    const { project, problems, remarks } = imported;
    if (signal.aborted) say(`Stopped after ${countText(read(), "file")}.`, "info");
    sayAll("skipped", [...earlier, ...problems]);
    sayAll("notes", remarks);
    for (const one of others.filter(isZip)) void sayTest(one);
    if (project === before) return;
    const { project: now, access: accessNow } = state();
    if (now?.id !== there?.id) {
      say(`Another project was opened in the meantime, so nothing was added to ${before.name}.`);
    } else if (!opened || !now) await begin(project);
    else if (accessNow === "write") {
      dispatch({ type: "edit", project: merged(before, project, now) });
    } else say(`Another tab took over ${before.name} in the meantime, so nothing was added to it.`);
  };

  /** The test of a package takes seconds: its result comes later. */
  const sayTest = async ({ path, file }: NamedFile) => {
    if (!testPackage) return;
    try {
      const { worst, passed, tolerance } = await testPackage(file, path);
      const differs = `its test differs here by up to ${worst.toExponential(1)}`;
      const allowed = `the package allows ${tolerance.absolute} and ${tolerance.relative} of the value`;
      const verdict = passed ? "passed" : "not passed";
      dispatch({
        type: "notice",
        kind: passed ? "info" : "warning",
        text: `${path}: ${differs} (${verdict}: ${allowed}).`,
      });
    } catch (error) {
      say(`The test of the package did not run: ${messageOf(error)}`);
    }
  };

  return {
    addFiles(given, problems = []) {
      const added = imports
        .then(() => addAll(given, problems))
        .catch((error) => say(messageOf(error)));
      imports = added;
      return added;
    },
    stopImport: () => stopping?.abort(),
    answerLabels: (reply) => answering?.(reply),
  };
}

/** Asks where files go that are dropped on the start page while a project is open. */
async function placeOf(
  { page, project }: AppState,
  ask: Ask | undefined,
): Promise<"open" | "new" | "nowhere"> {
  if (!project || !ask || page !== "start") return "open";
  const answer = await ask({
    title: "Where should these files go?",
    text: `${project.name} is open, with ${countText(project.images.length, "image")}.`,
    answers: [
      { id: "open", label: `Add them to ${project.name}` },
      { id: "new", label: "Start a new project with them" },
    ],
    cancel: "Cancel",
  });
  return answer === "open" || answer === "new" ? answer : "nowhere";
}

/** Whether a network that came as a file replaces that of the project. */
async function isReplaced(
  { project, run }: AppState,
  ask: Ask | undefined,
  fileName: string,
  step: number,
): Promise<boolean> {
  if (run.kind === "preparing" || run.kind === "running" || run.kind === "stopping") {
    throw new Error(`${fileName}: pause the training before you open another network`);
  }
  if (!project || !ask) return true;
  const { last, best } = project.training;
  const answer = await ask({
    title: "Replace the network of this project?",
    text:
      `${fileName} is a different network (${countText(step, "step")}) from that of ${project.name} ` +
      `(${countText((last ?? best)?.step ?? 0, "step")}). The latter and its curves are deleted; images ` +
      "and labels are kept.",
    answers: [{ id: "replace", label: "Replace the network", deletes: true }],
    cancel: "Keep the network",
  });
  return answer === "replace";
}

/** Milliseconds between two progress updates. */
const TELL_EVERY_MS = 100;

/** Updates the state with the file being read, but not for each of many small ones. */
function tellProgress(dispatch: Store["dispatch"]) {
  let told = -Infinity;
  let read = 0;
  return {
    /** How many files have been read. */
    read: () => read,
    onFile(done: number, count: number, name: string) {
      read = done;
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      dispatch({ type: "importing", progress: { done, files: count, name } });
    },
    end: () => dispatch({ type: "importing", progress: undefined }),
  };
}

/** The name of a new project: the dropped folder, a network that came without images, or a default. */
function nameOf(files: readonly NamedFile[]): string {
  const [folder, ...rest] = files[0].path.split("/");
  if (rest.length > 0) return folder;
  const [network] = files.filter((file) => isZip(file) || isNetworkName(file.path));
  const stem = network?.path.replace(/\.\w+$/, "");
  // The weights of model.onnx may be in model.onnx.data.
  return stem && files.every(({ path }) => path.startsWith(stem)) ? stem : "My images";
}
