// The network that a project's next run starts from, one of those that come with the app.

import type { StartingName } from "../../../src/index.js";
import type { Project } from "./project-types.js";
import { variantOf } from "./settings.js";
import { validTile } from "./tiles.js";

/** All networks that come with the app are the paper's U-Net of this size. */
const SIZE = { base: 8, depth: 3, dropout: 0, ...variantOf() };

/** The project with that start, and the settings of such a network; without a name it starts from nothing. */
export function startingFrom(project: Project, name: StartingName | undefined): Project {
  const { startFrom: _, ...rest } = project;
  if (name === undefined) return rest;
  const settings = { ...project.settings, ...SIZE };
  return { ...rest, startFrom: name, settings: { ...settings, tile: validTile(settings) } };
}
