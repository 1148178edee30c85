// The validation of a run if no image is held out.

import { labelled } from "../state/project.js";
import { useApp, useProject } from "./context.js";

export function PatchesChoice({ isBusy }: { readonly isBusy: boolean }) {
  const app = useApp();
  const project = useProject();
  const { keepsPatches = true, training } = project;
  if (labelled(project, "validation").length > 0) return null;
  const isTooLittle = keepsPatches && training.last?.run?.data?.pixels === 0;
  return (
    <div>
      <label class="choice">
        <input
          type="checkbox"
          checked={keepsPatches}
          disabled={isBusy}
          onChange={({ currentTarget }) =>
            app.dispatch({
              type: "edit",
              project: { ...project, keepsPatches: currentTarget.checked },
            })
          }
        />
        Keep a fifth of the labels for validation
      </label>
      <p class="faint">
        {isTooLittle
          ? "There are too few labels to keep some for validation: paint more of each class."
          : "No image is kept for validation. Small patches of the labels are used instead: the network does not train on them."}
      </p>
    </div>
  );
}
