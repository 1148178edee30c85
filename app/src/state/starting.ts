// The network that a project's next run starts from, one of those that come with the app.

import { nearestInputs, type StartingName } from "../../../src/index.js";
import type { Project } from "./project-types.js";

/** The sizes of all networks that come with the app. */
const SIZE = { base: 8, depth: 3, dropout: 0 };

/** The project with that start, and the settings of such a network; without a name it starts from nothing. */
export function startingFrom(project: Project, name: StartingName | undefined): Project {
  const { startFrom: _, ...rest } = project;
  if (name === undefined) return rest;
  const { below, above } = nearestInputs(project.settings.tile + 1, SIZE.depth);
  const tile = below === project.settings.tile ? below : above;
  return { ...rest, startFrom: name, settings: { ...project.settings, ...SIZE, tile } };
}
