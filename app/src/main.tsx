import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/pages.css";
import "./styles/panels.css";
import "./styles/start.css";
import "./styles/images.css";
import "./styles/label.css";
import "./styles/settings.css";
import "./styles/measure.css";
import "./styles/question.css";
import "./styles/slide.css";
import "./styles/narrow.css";
import "./styles/forced.css";
import { createSurfaces } from "./canvas/surface.js";
import { createCellCalls } from "./cells/client.js";
import { createApp } from "./commands/app.js";
import { followAddress, windowAddress } from "./commands/route.js";
import { createEngine } from "./engine/client.js";
import { createFileWork } from "./files/client.js";
import { createSlideCalls } from "./slides/client.js";
import { createStore } from "./state/store.js";
import { createAutosave } from "./storage/autosave.js";
import { opfsStorage } from "./storage/opfs.js";
import { keepPreferences } from "./storage/preferences.js";
import { browserLocks } from "./storage/tab-locks.js";
import { AppContext, SurfaceContext } from "./views/context.js";
import { Shell } from "./views/shell.js";

const files = createFileWork();
const hasStorage = navigator.storage?.getDirectory !== undefined;
const autosave = hasStorage ? createAutosave(opfsStorage(), files) : undefined;
const locks = browserLocks();
const store = createStore();
keepPreferences(store, () => localStorage);
const app = createApp({
  store,
  connect: createEngine,
  files,
  connectCells: createCellCalls,
  connectSlides: createSlideCalls,
  autosave,
  locks,
});
const root = document.getElementById("app") as HTMLElement;
// The text for pages whose modules do not run would stay next to the app.
root.replaceChildren();
render(
  <AppContext.Provider value={app}>
    <SurfaceContext.Provider value={createSurfaces()}>
      <Shell />
    </SurfaceContext.Provider>
  </AppContext.Provider>,
  root,
);
followAddress(app, windowAddress());
// Another tab may have saved, deleted or started projects.
addEventListener("focus", app.listSaved);
// A hidden page may never be shown again.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) app.saveNow();
});
addEventListener("beforeunload", (event) => {
  if (app.state.peek().saving === "failed") event.preventDefault();
});

// The development server has no such file.
if (import.meta.env.PROD) {
  navigator.serviceWorker?.register(new URL("./service-worker.js", document.baseURI));
}
