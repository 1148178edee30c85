// The page of a slide: looked at at any zoom, and segmented where one looks.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { messageOf } from "../../commands/message-of.js";
import type { PlaneChoice } from "../../slides/messages.js";
import { levelOfPixels } from "../../slides/seen-squares.js";
import { networkInUse } from "../../state/network.js";
import { commonPixelSize } from "../../state/pixel-size.js";
import type { SlideStatus } from "../../state/types.js";
import { useApp, useAppState } from "../context.js";
import { OpenSlide } from "./open-slide.js";
import { CommandCard, FactsCard, SegmentCard } from "./slide-cards.js";
import { createSlideScene } from "./slide-scene.js";
import { SlideStage } from "./slide-stage.js";

/** Milliseconds after which a change of contrast is drawn: each reads the squares in view again. */
const CONTRAST_MS = 150;

export function SlidePage() {
  const { slide } = useAppState();
  if (slide?.kind === "open") return <OpenedSlide key={slide.id} slide={slide} />;
  return (
    <div class="page narrow">
      <h1>Slide</h1>
      <p role="status">{slide ? `Opening ${slide.name}…` : "No slide is open."}</p>
    </div>
  );
}

function OpenedSlide({ slide }: { readonly slide: Extract<SlideStatus, { kind: "open" }> }) {
  const { facts, input } = slide;
  const { project, view } = useAppState();
  const [version, setVersion] = useState(0);
  const app = useApp();
  const scene = useMemo(
    () =>
      createSlideScene(app.slideWork(), facts, {
        onChange: () => setVersion((version) => version + 1),
        onFailed: (error) =>
          app.dispatch({
            type: "notice",
            kind: "error",
            topic: "segmenting",
            text: messageOf(error),
          }),
      }),
    [],
  );
  useEffect(() => scene.close, [scene]);
  const [plane, setPlane] = useState<PlaneChoice>(() => ({
    channels: facts.channelNames.map((_, index) => index).slice(0, 3),
    z: 0,
    t: 0,
  }));
  const known = project && commonPixelSize(project);
  const [level, setLevel] = useState(() =>
    levelOfPixels(facts.levels, facts.pixelSize?.x, known?.x),
  );
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    const show = () => scene.showPlane(plane, view.contrast);
    if (isFirst.current) show();
    const timer = isFirst.current ? undefined : setTimeout(show, CONTRAST_MS);
    isFirst.current = false;
    return () => clearTimeout(timer);
  }, [scene, plane, view.contrast]);
  const classes = project?.classes;
  useLayoutEffect(() => {
    const colours = classes?.map(({ colour }) => colour) ?? [];
    scene.colourBy({ threshold: view.threshold, colours, look: view.look });
  }, [scene, classes, view.threshold, view.look]);
  const segmenting = useSegmenting(scene, { facts, plane, level, setPlane });
  return (
    <div class="split">
      <h1 class="unseen">Slide</h1>
      <div class="stage-column">
        <SlideStage
          facts={facts}
          scene={scene}
          version={version}
          hasClasses={segmenting.progress !== undefined}
        />
      </div>
      <aside class="side">
        <FactsCard facts={facts} plane={plane} onPlane={setPlane} />
        <SegmentCard facts={facts} level={level} onLevel={setLevel} {...segmenting} />
        <CommandCard input={input} level={level} plane={plane} facts={facts} />
        <section class="card">
          <h2>Another slide</h2>
          <OpenSlide />
        </section>
      </aside>
    </div>
  );
}

interface SegmentingOf {
  readonly facts: Extract<SlideStatus, { kind: "open" }>["facts"];
  readonly plane: PlaneChoice;
  readonly level: number;
  setPlane(plane: PlaneChoice): void;
}

/** Segments with the network in use; stops when another network, plane or level is chosen. */
function useSegmenting(
  scene: ReturnType<typeof createSlideScene>,
  { facts, plane, level, setPlane }: SegmentingOf,
) {
  const app = useApp();
  const { project } = useAppState();
  const checkpoint = project && networkInUse(project.training)?.checkpoint;
  const [isOn, setOn] = useState(false);
  const [prepared, setPrepared] = useState<{ readonly of: unknown; readonly channels: number }>();
  const isReady = prepared !== undefined && prepared.of === checkpoint;
  const stop = () => {
    setOn(false);
    scene.segment(undefined);
  };
  useLayoutEffect(() => {
    if (!isOn || !checkpoint || isReady) return;
    let isWanted = true;
    const key = `${checkpoint.run?.id ?? ""} ${checkpoint.step} ${checkpoint.bytes.length}`;
    app
      .slideWork()
      .prepare(key, checkpoint.bytes)
      .then(
        ({ channels }) => isWanted && setPrepared({ of: checkpoint, channels }),
        (error) => {
          if (!isWanted) return;
          setOn(false);
          const text = messageOf(error);
          app.dispatch({ type: "notice", kind: "error", topic: "segmenting", text });
        },
      );
    return () => {
      isWanted = false;
    };
  }, [app, isOn, checkpoint, isReady]);
  useLayoutEffect(() => scene.forget(), [scene, plane, level, checkpoint]);
  useLayoutEffect(() => {
    if (!isOn || !isReady || !project) return;
    const { channels } = prepared;
    if (channels !== plane.channels.length) {
      const count = facts.channelNames.length;
      if (count >= channels) {
        setPlane({ ...plane, channels: facts.channelNames.map((_, i) => i).slice(0, channels) });
        return;
      }
      setOn(false);
      const text = `${facts.name} has ${count} channels, and the network reads ${channels}: choose another slide or network.`;
      app.dispatch({ type: "notice", kind: "error", topic: "segmenting", text });
      return;
    }
    scene.segment({ plane, level, classes: project.classes.length });
  }, [scene, plane, level, checkpoint, isOn, isReady]);
  return {
    progress: isOn && isReady ? scene.progress() : undefined,
    isPreparing: isOn && !isReady,
    onStart: () => setOn(true),
    onStop: stop,
  };
}
