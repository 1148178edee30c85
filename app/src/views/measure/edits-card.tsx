// Corrections of cells by hand: the tools, how many edits there are, and which of them do not fit.

import type { FoundCells } from "../../cells/found-cells.js";
import type { ProjectImage } from "../../state/project-types.js";
import { countText } from "../../state/words.js";
import { useApp, useAppState } from "../context.js";
import { UndoButtons, useUndoKeys } from "../undo.js";
import { EDIT_TOOLS, skippedText } from "./edit-words.js";
import type { Editing } from "./use-editing.js";

interface EditsProps {
  readonly image: ProjectImage;
  readonly found: FoundCells;
  readonly editing: Editing;
}

export function EditsCard({ image, found, editing }: EditsProps) {
  const app = useApp();
  const { access, singleKeys } = useAppState();
  const { name, edits = [] } = image;
  const { tool, choose, status } = editing;
  useUndoKeys("cells");
  const hint = EDIT_TOOLS.find((one) => one.tool === tool)?.hint;
  const skipped = skippedText(found.skipped);
  return (
    <section class="card">
      <h2>Corrections</h2>
      <fieldset class="segmented" aria-label="Correct cells" disabled={access !== "write"}>
        {EDIT_TOOLS.map((one) => (
          <button
            key={one.tool}
            type="button"
            aria-pressed={one.tool === tool}
            title={singleKeys ? one.key : undefined}
            onClick={() => choose(one.tool)}
          >
            {one.title}
          </button>
        ))}
      </fieldset>
      <p class="faint">{hint}</p>
      <p class="edit-status" role="status">
        {status}
      </p>
      {skipped ? <p class="problem">{skipped}</p> : null}
      <div class="row">
        <UndoButtons of="cells" />
        <span>{edits.length > 0 ? countText(edits.length, "edit") : ""}</span>
        <button
          type="button"
          disabled={edits.length === 0 || access !== "write"}
          onClick={() => app.dispatch({ type: "edit-cells", name, edits: [] })}
        >
          Clear edits
        </button>
      </div>
    </section>
  );
}
