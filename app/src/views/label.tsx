// Page 3: painting labels. Unlabelled pixels are ignored.

import { useMemo } from "preact/hooks";
import { classLayer } from "../canvas/overlay.js";
import { labelledShare } from "../label/figures.js";
import { emptyLabel } from "../state/project.js";
import type { ProjectImage } from "../state/project-types.js";
import { percentText } from "../state/words.js";
import { useApp, useAppState, useProject, useShownImage } from "./context.js";
import { ImagePicker } from "./image-picker.js";
import { ImageStage } from "./image-stage.js";
import { ClassList } from "./label-classes.js";
import { BrushTools } from "./label-tools.js";
import { ClassToggles } from "./legend.js";
import { Slider } from "./slider.js";
import { UndoButtons, useUndoKeys } from "./undo.js";
import { useBrush } from "./use-brush.js";
import { useLabelKeys } from "./use-label-keys.js";
import { useSecondView } from "./use-second-view.js";

export function LabelPage() {
  const { classes } = useProject();
  const image = useShownImage();
  useLabelKeys();
  useUndoKeys();
  return (
    <div class="split">
      <h1 class="unseen">Label</h1>
      {image ? <PaintColumn image={image} /> : <div class="stage-column" />}
      <aside class="side">
        <section class="card">
          <h2>Tool</h2>
          <BrushTools />
        </section>
        <section class="card">
          <h2>Classes</h2>
          <ClassList />
        </section>
        {image ? <LabelCard image={image} /> : null}
        <Keys classes={classes.length} />
      </aside>
    </div>
  );
}

/** What keys and pointer do. */
function Keys({ classes }: { readonly classes: number }) {
  const app = useApp();
  const { singleKeys } = useAppState();
  const keys = [
    [["B"], "brush"],
    [["E"], "eraser"],
    [["F"], "fill"],
    [["1", String(classes)], "class"],
    [["[", "]"], "size"],
    [["Space"], "paint in the middle"],
    [["Ctrl Z"], "undo"],
    [["Ctrl Shift Z"], "redo"],
    [["P", "N"], "previous and next image"],
    [["H"], "hide the overlay while held"],
    [["Shift drag"], "pan"],
    [["Wheel"], "zoom"],
    [["Two fingers"], "zoom and pan"],
  ] as const;
  return (
    <div class="faint">
      <ul class="keys" aria-label="Keys">
        {keys.map(([names, text]) => (
          <li key={text}>
            {names.map((name) => (
              <kbd key={name}>{name}</kbd>
            ))}{" "}
            {text}
          </li>
        ))}
      </ul>
      <label class="choice keys">
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={({ currentTarget }) =>
            app.dispatch({ type: "single-keys", isOn: currentTarget.checked })
          }
        />
        Single-key shortcuts
      </label>
    </div>
  );
}

function PaintColumn({ image }: { readonly image: ProjectImage }) {
  const app = useApp();
  const { view, brush, access } = useAppState();
  const { images, classes } = useProject();
  const { raw, label, name } = image;
  const secondView = useSecondView(image);
  const { tool, redraws, onLayer } = useBrush(image);
  const layer = useMemo(() => {
    const colours = classes.map(({ colour }) => colour);
    return label && classLayer(label.data, raw.width, colours, view.look);
  }, [label, raw, classes, view.look]);
  return (
    <div class="stage-column">
      <ImageStage
        raw={raw}
        layer={layer}
        redraws={redraws}
        onLayer={onLayer}
        opacity={view.opacity}
        secondView={secondView}
        tool={access === "write" ? tool : undefined}
        cursor={access === "write" ? "crosshair" : undefined}
        ring={brush.tool === "fill" ? undefined : brush.radius}
        label={`Image ${name} with its label, to paint on`}
      >
        <ImagePicker images={images} />
        <ClassToggles />
      </ImageStage>
      <div class="sliders">
        <Slider
          label="Label opacity"
          value={view.opacity}
          text={`${Math.round(100 * view.opacity)} %`}
          onChange={(opacity) => app.dispatch({ type: "view", changes: { opacity } })}
        />
      </div>
    </div>
  );
}

function LabelCard({ image }: { readonly image: ProjectImage }) {
  const app = useApp();
  const { classes } = useProject();
  const share = useMemo(() => labelledShare(image.label), [image.label]);
  return (
    <section class="card">
      <p>
        {share > 0 ? `${percentText(share)} of this image is labelled. ` : "Not labelled yet. "}
        <span class="faint">
          Unlabelled pixels are ignored: a few strokes of each class are enough.
        </span>
      </p>
      <div class="row">
        <UndoButtons />
        <button
          type="button"
          disabled={share === 0}
          onClick={() =>
            app.dispatch({
              type: "label",
              name: image.name,
              label: emptyLabel(image.raw, classes.length),
            })
          }
        >
          Clear
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => app.dispatch({ type: "go", page: "train" })}
        >
          Continue to training
        </button>
      </div>
    </section>
  );
}
