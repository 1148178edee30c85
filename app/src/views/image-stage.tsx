// An image to look at closely, with a coloured overlay: wheel, fingers and keys zoom, dragging pans. The
// caller passes a tool; the space key uses it in the middle. The image without overlay, or its label, may
// be shown next to it and moves along.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Area, Point } from "../canvas/geometry.js";
import type { Layer } from "../canvas/layers.js";
import { toImage } from "../canvas/viewport.js";
import { OverlayChoices } from "./overlay-choices.js";
import { ScaleBar } from "./scale-bar.js";
import { Frame, Line, type Picture, Ring, StagePane } from "./stage-pane.js";
import { useHeldKey } from "./use-held-key.js";
import { type StageTool, usePointer } from "./use-pointer.js";
import { useViewport } from "./use-viewport.js";
import { changeByKey } from "./view-keys.js";

/** What is shown next to the image. */
export interface SecondView {
  readonly title: string;
  readonly layer?: Layer | undefined;
}

interface StageProps extends Picture {
  /** A description of the picture, for screen readers. */
  readonly label: string;
  readonly secondView?: SecondView | undefined;
  /** Handles drags with the main button; without a tool they pan. */
  readonly tool?: StageTool;
  readonly cursor?: string;
  /** Radius of the circle around the pointer, in pixels of the image. */
  readonly ring?: number | undefined;
  /** Takes a click on the image without a tool, in its pixels; the space key clicks in the middle. */
  readonly onClick?: ((at: Point) => void) | undefined;
  /** An area of the image with a frame around it; a new one is brought into view. */
  readonly marked?: Area | undefined;
  /** A line of a tool, in pixels of the image. */
  readonly line?: readonly [Point, Point] | undefined;
  readonly children?: ComponentChildren;
}

/** Radius of the circle where keys act, in pixels of the screen. */
const AIM = 6;

export function ImageStage({
  label,
  secondView,
  tool,
  cursor,
  ring,
  onClick,
  marked,
  line,
  children,
  ...picture
}: StageProps) {
  const frame = useRef<HTMLDivElement>(null);
  const other = useRef<HTMLDivElement>(null);
  const stage = useViewport(frame, picture.raw);
  const { view, bring, refit } = stage;
  const pointer = usePointer(frame, stage, tool, onClick);
  const otherPointer = usePointer(other, stage, undefined);
  useLayoutEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (box && marked) bring(marked, box);
  }, [marked]);
  const isHidden = useHeldKey("h");
  const onKeyDown = (event: KeyboardEvent) => {
    const box = frame.current?.getBoundingClientRect();
    // Ctrl and plus zoom the page itself.
    if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
    const centre = { x: box.width / 2, y: box.height / 2 };
    if (event.key === " " && tool) {
      tool.down(toImage(view, centre), 0);
      tool.up();
    } else if (event.key === " " && onClick) onClick(toImage(view, centre));
    else if (!changeByKey(event.key, stage, centre, 40)) return;
    pointer.show(centre);
    event.preventDefault();
  };
  const space = tool ? ", space acts in the middle" : onClick ? ", space picks the middle" : "";
  const keys = `Plus and minus zoom, arrows pan, 0 fits${space}.`;
  const isAimed = pointer.isByKey && (tool !== undefined || onClick !== undefined);
  const radius = ring ? ring * view.scale : isAimed ? AIM : undefined;
  const paneProps = { stage, cursor, ...picture };
  return (
    <div class="stage-box">
      <div class="stage-tools">
        {children}
        <OverlayChoices />
        <span class="zoom" aria-hidden="true">
          {Math.round(100 * view.scale)} %
        </span>
        <button type="button" class="small" onClick={refit}>
          Fit
        </button>
      </div>
      <div class={`panes ${secondView ? "two" : ""}`}>
        <StagePane
          {...paneProps}
          frame={frame}
          pointer={pointer}
          opacity={isHidden ? 0 : picture.opacity}
          // The keys need the focus.
          attributes={{
            role: "application",
            tabIndex: 0,
            "aria-label": `${label}. ${keys}`,
            onKeyDown,
          }}
        >
          <ScaleBar raw={picture.raw} scale={view.scale} />
          {marked ? <Frame area={marked} view={view} /> : null}
          {line ? <Line points={line} view={view} /> : null}
          {radius && pointer.at ? <Ring at={pointer.at} radius={radius} /> : null}
        </StagePane>
        {secondView ? (
          <StagePane
            raw={picture.raw}
            layer={secondView.layer}
            opacity={picture.opacity}
            stage={stage}
            frame={other}
            pointer={otherPointer}
            attributes={{ role: "img", "aria-label": secondView.title }}
          />
        ) : null}
      </div>
    </div>
  );
}
