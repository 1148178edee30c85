// Tools that correct cells: clicks and drags on the stage become edits of the image.

import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { Point } from "../../canvas/geometry.js";
import type { EditGesture } from "../../cells/proposed-edit.js";
import { type CellContext, cellRequest } from "../../cells/requests.js";
import { messageOf } from "../../commands/message-of.js";
import type { ProjectImage } from "../../state/project-types.js";
import { useApp, useAppState, useCurrentPredictions } from "../context.js";
import { takesLetters } from "../use-label-keys.js";
import type { StageTool } from "../use-pointer.js";
import { gestureTool, type ShownGesture } from "./edit-gestures.js";
import { DONE, EDIT_TOOLS, type EditTool, NOT_DONE, SECOND_CLICK } from "./edit-words.js";

export interface Editing {
  readonly tool: EditTool;
  choose(tool: EditTool): void;
  /** For the stage; undefined if a click selects. */
  readonly stageTool: StageTool | undefined;
  /** A line from the first point to the pointer, in pixels of the image. */
  readonly line: readonly [Point, Point] | undefined;
  /** What happened, or what is to be done next. */
  readonly status: string;
  /** Deletes the cell at a place of the image. */
  deleteAt(place: Point): void;
}

export function useEditing(image: ProjectImage, context: CellContext | undefined): Editing {
  const { singleKeys, access } = useAppState();
  const [chosen, setChosen] = useState<EditTool>("select");
  const [status, setStatus] = useState("");
  const [shown, setShown] = useState<ShownGesture>();
  const mayEdit = access === "write";
  const tool = mayEdit ? chosen : "select";
  const propose = usePropose(image, context, setStatus);
  const gestures = useMemo(() => {
    if (tool === "select") return undefined;
    return gestureTool(tool, { show: setShown, act: propose });
  }, [tool, propose]);
  // A gesture ends with its tool.
  useLayoutEffect(() => setShown(undefined), [gestures]);
  const choose = (tool: EditTool) => {
    setChosen(tool);
    setStatus("");
  };
  useToolKeys(singleKeys && mayEdit, choose, () => gestures?.cancel());
  const isWaiting = shown?.isWaiting && (tool === "merge" || tool === "split");
  return {
    tool,
    choose,
    stageTool: gestures,
    line: shown && [shown.from, shown.to],
    status: isWaiting ? SECOND_CLICK[tool] : status,
    deleteAt(place) {
      if (mayEdit) propose({ kind: "delete", from: place, to: place });
    },
  };
}

/** Asks the Worker for the edit of a gesture, and makes it. */
function usePropose(
  image: ProjectImage,
  context: CellContext | undefined,
  say: (status: string) => void,
): (gesture: EditGesture) => void {
  const app = useApp();
  const prediction = useCurrentPredictions()[image.name];
  return useMemo(() => {
    const { name } = image;
    const request = prediction && context && cellRequest(image, prediction, context);
    return (gesture) => {
      if (!request) return;
      app.cells.propose(request, gesture).then(
        (proposed) => {
          if ("reason" in proposed) return say(NOT_DONE[proposed.reason]);
          const now = app.state.peek().project?.images.find((one) => one.name === name);
          if (!now) return;
          const edits = [...(now.edits ?? []), proposed.edit];
          app.dispatch({ type: "edit-cells", name, edits });
          say(DONE[gesture.kind]);
        },
        (error) => say(messageOf(error)),
      );
    };
  }, [app, image, prediction, context]);
}

/** A letter for each tool; Escape takes the first of two clicks back. */
function useToolKeys(isOn: boolean, choose: (tool: EditTool) => void, cancel: () => void): void {
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape") cancel();
      if (!isOn || event.ctrlKey || event.metaKey || event.altKey) return;
      if (takesLetters(event.target)) return;
      const found = EDIT_TOOLS.find(({ key }) => key === event.key.toUpperCase());
      if (found) choose(found.tool);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  });
}
