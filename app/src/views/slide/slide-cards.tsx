// What the page of a slide says next to it, and how it is segmented.

import { slideCommand } from "../../outputs/command.js";
import type { PlaneChoice, SlideFacts } from "../../slides/messages.js";
import { hasNetwork } from "../../state/project.js";
import { numberText, pixelSizeText } from "../../state/words.js";
import { CommandLines } from "../command-lines.js";
import { useApp, useAppState } from "../context.js";
import { ContrastSliders } from "../contrast-sliders.js";
import { OverlaySliders } from "../overlay-sliders.js";
import type { SceneProgress } from "./slide-scene.js";

interface FactsProps {
  readonly facts: SlideFacts;
  readonly plane: PlaneChoice;
  onPlane(plane: PlaneChoice): void;
}

export function FactsCard({ facts, plane, onPlane }: FactsProps) {
  const { levels, channelNames, sizeZ, sizeT, pixelSize, remarks } = facts;
  const [{ width, height }] = levels;
  return (
    <section class="card slide-card">
      <h2>Slide</h2>
      <dl class="figures">
        <div>
          <dt>Size</dt>
          <dd>
            {numberText(width)} × {numberText(height)} px
          </dd>
        </div>
        <div>
          <dt>Pixel size</dt>
          <dd>{pixelSize ? pixelSizeText(pixelSize) : "unknown"}</dd>
        </div>
        <div>
          <dt>Resolutions</dt>
          <dd>{levels.map(({ factor }) => `1:${Number(factor.toFixed(1))}`).join(", ")}</dd>
        </div>
      </dl>
      {channelNames.length > 1 ? (
        <ChannelChoices names={channelNames} plane={plane} onPlane={onPlane} />
      ) : null}
      <IndexInput
        label="Slice"
        count={sizeZ}
        value={plane.z}
        onChange={(z) => onPlane({ ...plane, z })}
      />
      <IndexInput
        label="Time"
        count={sizeT}
        value={plane.t}
        onChange={(t) => onPlane({ ...plane, t })}
      />
      <ContrastSliders />
      {remarks.map((remark) => (
        <p key={remark} class="faint">
          {remark}
        </p>
      ))}
    </section>
  );
}

interface ChannelProps {
  readonly names: readonly string[];
  readonly plane: PlaneChoice;
  onPlane(plane: PlaneChoice): void;
}

/** Which channels are shown, in this order, and given to the network. */
function ChannelChoices({ names, plane, onPlane }: ChannelProps) {
  const { channels } = plane;
  return (
    <div class="row">
      <span>Channels</span>
      {channels.map((channel, place) => (
        <select
          key={place}
          aria-label={`Channel ${place + 1}`}
          value={channel}
          onChange={({ currentTarget }) => {
            const chosen = Number(currentTarget.value);
            onPlane({ ...plane, channels: channels.map((one, i) => (i === place ? chosen : one)) });
          }}
        >
          {names.map((name, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </select>
      ))}
    </div>
  );
}

interface IndexProps {
  readonly label: string;
  readonly count: number;
  readonly value: number;
  onChange(value: number): void;
}

/** Nothing if there is only one. */
function IndexInput({ label, count, value, onChange }: IndexProps) {
  if (count < 2) return null;
  return (
    <label class="slider">
      <span>{label}</span>
      <input
        type="range"
        min="0"
        max={count - 1}
        value={value}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
      <output>
        {value + 1} of {count}
      </output>
    </label>
  );
}

interface SegmentProps {
  readonly facts: SlideFacts;
  readonly level: number;
  readonly progress: SceneProgress | undefined;
  /** Whether a network is being prepared for it. */
  readonly isPreparing: boolean;
  onLevel(level: number): void;
  onStart(): void;
  onStop(): void;
}

export function SegmentCard(props: SegmentProps) {
  const { facts, level, progress, isPreparing, onLevel, onStart, onStop } = props;
  const app = useApp();
  const { project } = useAppState();
  if (!project || !hasNetwork(project)) {
    return (
      <section class="card slide-card">
        <h2>Segment</h2>
        <p class="faint">
          Train a network first, or open one: then what is in view can be segmented here.
        </p>
        <button type="button" onClick={() => app.dispatch({ type: "go", page: "start" })}>
          To the start page
        </button>
      </section>
    );
  }
  return (
    <section class="card slide-card">
      <h2>Segment</h2>
      <label class="choice">
        Resolution{" "}
        <select
          value={level}
          onChange={({ currentTarget }) => onLevel(Number(currentTarget.value))}
        >
          {facts.levels.map(({ factor }, index) => (
            <option key={index} value={index}>
              {resolutionText(facts, factor)}
            </option>
          ))}
        </select>
      </label>
      <p class="faint">
        Choose the one whose pixels are as large as in the images of the training.
      </p>
      <div class="row">
        {progress || isPreparing ? (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" onClick={onStart}>
            Segment what is in view
          </button>
        )}
        <span role="status">{statusText(progress, isPreparing)}</span>
      </div>
      {progress && progress.leftOut > 0 ? (
        <p class="problem">
          The view is too large at this resolution: only its middle is segmented. Zoom in.
        </p>
      ) : null}
      <OverlaySliders />
    </section>
  );
}

function statusText(progress: SceneProgress | undefined, isPreparing: boolean): string {
  if (isPreparing) return "Preparing the network…";
  if (!progress) return "";
  const { done, total } = progress;
  return done === total ? "What is in view is segmented." : `${done} of ${total} squares`;
}

function resolutionText({ pixelSize }: SlideFacts, factor: number): string {
  const name = factor === 1 ? "full" : `1:${Number(factor.toFixed(1))}`;
  if (!pixelSize) return name;
  return `${name} (${pixelSizeText({ x: pixelSize.x * factor, y: pixelSize.y * factor })})`;
}

interface CommandProps {
  readonly input: string;
  readonly level: number;
  readonly plane: PlaneChoice;
  readonly facts: SlideFacts;
}

/** How the whole slide is segmented. */
export function CommandCard({ input, level, plane, facts }: CommandProps) {
  const { project } = useAppState();
  if (!project || !hasNetwork(project)) return null;
  const line = slideCommand(project, { input, level, plane, channels: facts.channelNames.length });
  return (
    <section class="card slide-card">
      <h2>The whole slide</h2>
      <p class="faint">
        On the command line, with the network from Export. It continues after an interruption.
      </p>
      <CommandLines lines={[line]} />
    </section>
  );
}
