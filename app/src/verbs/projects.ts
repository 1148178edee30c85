// Projects: begun, opened, filled with files, and kept by themselves.

import type { FileWork } from "../files/work.js";
import { importFiles } from "../images/import.js";
import { type NamedFile, sortFiles } from "../images/sort-files.js";
import { type Draw, emptyProject, sampleProject } from "../state/project.js";
import { obstacle } from "../state/stations.js";
import type { Store } from "../state/store.js";
import type { Project, Station } from "../state/types.js";
import type { Keeper } from "../storage/keeper.js";
import { messageOf } from "./app.js";

export interface Projects {
  openSample(): Promise<void>;
  /** Adds files to the project, or begins one with them. A project file is opened. */
  addFiles(files: readonly NamedFile[]): Promise<void>;
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
  readonly files: Pick<FileWork, "readImages" | "readLabels" | "openProject">;
  readonly keeper: Keeper | undefined;
}

export function createProjects(store: Store, { draw, files, keeper }: ProjectParts): Projects {
  const { dispatch } = store;
  const state = () => store.state.peek();
  const say = (text: string, kind: "error" | "warning" = "error") =>
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

  return {
    listSaved,
    openSample: async () => open(await sampleProject(newId("sample"), draw), "images"),
    async addFiles(given) {
      try {
        const { projects } = sortFiles(given);
        for (const { path, file } of projects) {
          const project = await files.openProject(file, path);
          open({ ...project, id: newId(project.name) }, "images");
        }
        const others = given.filter((file) => !projects.includes(file));
        if (others.length === 0) return;
        const name = nameOf(others);
        const before = state().project ?? emptyProject(newId(name), name);
        const { project, problems } = await importFiles(before, others, files);
        for (const problem of problems) say(problem, "warning");
        if (project === before) return;
        if (state().project) dispatch({ type: "edit", project });
        else open(project, "images");
      } catch (error) {
        say(messageOf(error));
      }
    },
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
