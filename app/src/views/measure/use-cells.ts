// The cells of an image for the views: found again when the prediction or the settings change.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { ObjectTask } from "../../../../src/index.js";
import { type FoundCells, keptCells } from "../../cells/found-cells.js";
import { type CellContext, cellRequest } from "../../cells/requests.js";
import { messageOf } from "../../commands/message-of.js";
import { type CellFilter, NO_FILTER } from "../../state/cell-settings.js";
import { networkInUse } from "../../state/network.js";
import type { ProjectImage } from "../../state/project-types.js";
import { useApp, useAppState, useCurrentPredictions, useProject } from "../context.js";

/** What the network in use was trained on; undefined until that is known. */
function useObjectTask(): { readonly task: ObjectTask | undefined } | undefined {
  const app = useApp();
  const { training } = useProject();
  const bytes = networkInUse(training)?.checkpoint.bytes;
  const [known, setKnown] = useState<{ readonly task: ObjectTask | undefined; of: typeof bytes }>();
  useEffect(() => {
    let isWanted = true;
    const set = (task?: ObjectTask) => isWanted && setKnown({ task, of: bytes });
    app.objectTask().then(set, () => set());
    return () => {
      isWanted = false;
    };
  }, [app, bytes]);
  return known?.of === bytes ? known : undefined;
}

/** How cells are separated; undefined until the defaults of the network are known. */
export function useCellContext(): CellContext | undefined {
  const { classes, cells, pixelSize } = useProject();
  const { threshold } = useAppState().view;
  const known = useObjectTask();
  return useMemo(() => {
    if (!known) return undefined;
    return { project: { classes, cells, pixelSize }, threshold, task: known.task };
  }, [known, classes, cells, pixelSize, threshold]);
}

/** The cells of the image, if the network in use has segmented it; those of earlier settings until then. */
export function useFoundCells(
  image: ProjectImage | undefined,
  context: CellContext | undefined,
): FoundCells | undefined {
  const app = useApp();
  const predictions = useCurrentPredictions();
  const prediction = image && predictions[image.name];
  const raw = image?.raw;
  const [found, setFound] = useState<{ readonly cells: FoundCells; readonly of: typeof raw }>();
  const request = image && prediction && context && cellRequest(image, prediction, context);
  // Equal requests need no new answer: a filter changes the context and not the request.
  const key = JSON.stringify(request?.options);
  useEffect(() => {
    if (!request) return;
    let isWanted = true;
    app.cells.find(request).then(
      (cells) => isWanted && cells && setFound({ cells, of: raw }),
      (error) => {
        const text = messageOf(error);
        app.dispatch({ type: "notice", kind: "error", topic: "segmenting", text });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [app, raw, prediction, key, request?.cellClass, request?.kind]);
  return prediction && found?.of === raw ? found?.cells : undefined;
}

export function useCellFilter(): CellFilter {
  return useProject().cells?.filter ?? NO_FILTER;
}

/** [count + 1]: which cells pass the filter. */
export function useKept(found: FoundCells | undefined): Uint8Array | undefined {
  const filter = useCellFilter();
  return useMemo(() => found && keptCells(found, filter), [found, filter]);
}
