import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/stations.css";
import { createApp } from "./app.js";
import { createEngine } from "./engine/client.js";
import { createStore } from "./state/store.js";
import { AppContext } from "./views/context.js";
import { Shell } from "./views/shell.js";

const app = createApp(createStore(), createEngine);
const root = document.getElementById("app") as HTMLElement;
render(
  <AppContext.Provider value={app}>
    <Shell />
  </AppContext.Provider>,
  root,
);

// The development server has no such file.
if (import.meta.env.PROD) {
  navigator.serviceWorker?.register(new URL("./service-worker.js", document.baseURI));
}
