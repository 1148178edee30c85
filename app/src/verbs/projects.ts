// Projects: begun, opened, filled with files, and kept by themselves.

import type { FileWork } from "../files/work.js";
import { type ImportWork, importFiles, merged } from "../images/import.js";
import type { AskedLabels, LabelReply } from "../images/label-question.js";
import { isProjectFile, type NamedFile } from "../images/sort-files.js";
import { type Draw, emptyProject, sampleProject } from "../state/project.js";
import { obstacle } from "../state/stations.js";
import type { Store } from "../state/store.js";
import type { Project, Station } from "../state/types.js";
import { countText, numberText } from "../state/words.js";
import type { Keeper } from "../storage/keeper.js";
import { messageOf } from "./app.js";

export interface Projects {
  openSample(): Promise<void>;
  /**
   * Adds files to the project, or begins one with them. A project file is opened. Files that are
   * dropped while others are being read come after them. `problems` tells of files that could not even
   * be listed.
   */
  addFiles(files: readonly NamedFile[], problems?: readonly string[]): Promise<void>;
  /** Ends the reading of files; what was read until then stays. */
  stopImport(): void;
  /** Answers the question about labels that the state asks. */
  answerLabels(reply: LabelReply): void;
  /** Goes on with a project of the storage. */
  openSaved(id: string, station?: Station): Promise<void>;
  deleteSaved(id: string): Promise<void>;
  /** Reads which projects the storage has. */
  listSaved(): Promise<void>;
}

/** Milliseconds from a change to its writing; a run changes its project all the time. */
const SAVE_AFTER_MS = 700;

export interface ProjectParts {
  readonly draw: Draw;
  readonly files: ImportWork & Pick<FileWork, "openProject">;
  readonly keeper: Keeper | undefined;
}

export function createProjects(store: Store, { draw, files, keeper }: ProjectParts): Projects {
  const { dispatch } = store;
  const state = () => store.state.peek();
  const say = (text: string, kind: "error" | "info" = "error") =>
    dispatch({ type: "notice", kind, text });
  const open = (project: Project, station: Station) => dispatch({ type: "open", project, station });
  const listSaved = async () => {
    try {
      if (keeper) dispatch({ type: "saved", saved: await keeper.list() });
    } catch (error) {
      say(`The browser's storage cannot be read: ${messageOf(error)}`);
    }
  };
  if (keeper) keepSaving(store, keeper, listSaved);

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
    const projects = given.filter(isProjectFile);
    const others = given.filter((file) => !projects.includes(file));
    const problems = [...unread];
    for (const { path, file } of projects) {
      try {
        const project = await files.openProject(file, path);
        open({ ...project, id: newId(project.name) }, "images");
      } catch (error) {
        // What else was dropped need not suffer for it.
        if (others.length === 0) say(messageOf(error));
        else problems.push(`${messageOf(error)}; left out.`);
      }
    }
    if (others.length > 0) await addOthers(others, problems);
    else sayAll(dispatch, "warning", "files were left out", problems);
  };
  const addOthers = async (others: readonly NamedFile[], earlier: readonly string[]) => {
    const name = nameOf(others);
    const opened = state().project;
    const before = opened ?? emptyProject(newId(name), name);
    stopping = new AbortController();
    const { signal } = stopping;
    const { onFile, end, read } = tellProgress(dispatch);
    const options = { onFile, ask, signal };
    const imported = await importFiles(before, others, files, options).finally(end);
    const { project, problems, remarks } = imported;
    if (signal.aborted) say(`Stopped after ${countText(read(), "file")}.`, "info");
    sayAll(dispatch, "warning", "files were left out", [...earlier, ...problems]);
    sayAll(dispatch, "info", "remarks on how the files were read", remarks);
    if (project === before) return;
    const now = state().project;
    if (now?.id !== opened?.id) {
      say(`Another project was opened meanwhile: nothing was added to ${before.name}.`);
    } else if (now) dispatch({ type: "edit", project: merged(before, project, now) });
    else open(project, "images");
  };

  return {
    listSaved,
    openSample: async () => open(await sampleProject(newId("sample"), draw), "images"),
    addFiles(given, problems = []) {
      const added = imports
        .then(() => addAll(given, problems))
        .catch((error) => say(messageOf(error)));
      imports = added;
      return added;
    },
    stopImport: () => stopping?.abort(),
    answerLabels: (reply) => answering?.(reply),
    async openSaved(id, station = "images") {
      try {
        if (keeper) open(await keeper.load(id), "images");
        if (!obstacle(state(), station)) dispatch({ type: "go", station });
      } catch (error) {
        say(messageOf(error));
      }
    },
    async deleteSaved(id) {
      // First, so that no change of it is written behind the deletion.
      if (state().project?.id === id) dispatch({ type: "close" });
      try {
        await keeper?.delete(id);
      } catch (error) {
        say(`The project could not be deleted: ${messageOf(error)}`);
      }
      await listSaved();
    },
  };
}

/** Milliseconds between two sentences of how far the reading of files is. */
const TELL_EVERY_MS = 100;

/** Tells the state which file is being read, not each of many small ones. */
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

/** One notice, however much there is to say: the sentence, or all of them under what they are. */
function sayAll(
  dispatch: Store["dispatch"],
  kind: "warning" | "info",
  what: string,
  sentences: readonly string[],
): void {
  const all = [...new Set(sentences)];
  const [first] = all;
  if (all.length === 1) dispatch({ type: "notice", kind, text: first });
  if (all.length < 2) return;
  dispatch({ type: "notice", kind, text: `${numberText(all.length)} ${what}:`, items: all });
}

/** Writes the project a little after each change, never twice at a time. */
function keepSaving({ state, dispatch }: Store, keeper: Keeper, onSaved: () => void): void {
  let kept: Project | undefined = state.peek().project;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = async () => {
    const { project } = state.peek();
    try {
      if (project) await keeper.save(project);
      kept = project;
      timer = undefined;
      if (state.peek().project === kept) dispatch({ type: "saving", saving: "saved" });
      else schedule();
      onSaved();
    } catch (error) {
      timer = undefined;
      dispatch({ type: "saving", saving: "failed" });
      const text = `The project could not be saved in this browser: ${messageOf(error)}`;
      dispatch({ type: "notice", kind: "error", text });
    }
  };
  const schedule = () => {
    timer ??= setTimeout(save, SAVE_AFTER_MS);
  };
  state.subscribe(({ project }) => {
    if (!project || project === kept || timer !== undefined) return;
    schedule();
    dispatch({ type: "saving", saving: "saving" });
  });
}

/** The folder that was dropped, else a plain word. */
function nameOf(files: readonly NamedFile[]): string {
  const [folder, ...rest] = files[0].path.split("/");
  return rest.length > 0 ? folder : "My images";
}

/** A name for a folder, unlike every other. */
function newId(name: string): string {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${words}-${Date.now().toString(36)}`;
}
