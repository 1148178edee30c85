// What a new run starts from: random weights, or a network that comes with the app.

import { STARTING_NETWORKS } from "../../../src/index.js";
import { isStartingName, STARTING_NAMES } from "../networks/starting-networks.js";
import { hasNetwork } from "../state/project.js";
import { useApp, useProject } from "./context.js";

export function StartChoice() {
  const app = useApp();
  const project = useProject();
  const { startFrom } = project;
  // A trained network is continued; one that came as a file has its own question.
  if (hasNetwork(project)) return null;
  const choose = (value: string) =>
    app.dispatch({ type: "start-from", name: isStartingName(value) ? value : undefined });
  return (
    <>
      <label class="row">
        <span>Start from</span>
        <select
          value={startFrom ?? ""}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        >
          <option value="">nothing (random weights)</option>
          {STARTING_NAMES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {startFrom ? (
        <p class="faint">
          A small network that comes with the app, trained on drawn images:{" "}
          {STARTING_NETWORKS[startFrom].words}.
        </p>
      ) : null}
    </>
  );
}
