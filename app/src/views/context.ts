// How views access the app.

import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import type { OpenSurface } from "../canvas/surface.js";
import type { App } from "../commands/app.js";
import { currentPredictions } from "../state/network.js";
import type { Project, ProjectImage } from "../state/project-types.js";
import type { AppState, StepPrediction } from "../state/types.js";

export const AppContext = createContext<App | undefined>(undefined);

export const SurfaceContext = createContext<OpenSurface | undefined>(undefined);

/** Opens canvases that a Worker draws on. */
export function useSurfaces(): OpenSurface {
  const open = useContext(SurfaceContext);
  if (!open) throw new Error("this view has no provider of surfaces");
  return open;
}

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("this view has no provider of the app");
  return app;
}

/** The state; the view is rendered again when it changes. */
export function useAppState(): AppState {
  return useApp().state.value;
}

/** For the pages after the first, which always have a project. */
export function useProject(): Project {
  const { project } = useAppState();
  if (!project) throw new Error("there is no project");
  return project;
}

/** The selected image. */
export function useShownImage(): ProjectImage | undefined {
  const { view } = useAppState();
  return useProject().images.find(({ name }) => name === view.image);
}

/** The predictions of the network in use, by image name. */
export function useCurrentPredictions(): Readonly<Record<string, StepPrediction>> {
  const { predictions } = useAppState();
  const { training } = useProject();
  return useMemo(() => currentPredictions(predictions, training), [predictions, training]);
}
