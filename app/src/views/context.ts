// How views reach the app.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { AppState, Project, ProjectImage } from "../state/types.js";
import type { App } from "../verbs/app.js";

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("there is no app around this view");
  return app;
}

/** The state; the view is drawn again when it changes. */
export function useAppState(): AppState {
  return useApp().state.value;
}

/** For the stations behind the first: there is a project by then. */
export function useProject(): Project {
  const { project } = useAppState();
  if (!project) throw new Error("there is no project");
  return project;
}

/** The image on show. */
export function useShownImage(): ProjectImage | undefined {
  const { view } = useAppState();
  return useProject().images.find(({ name }) => name === view.image);
}
