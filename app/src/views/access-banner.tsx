// Shown if the project is open in another tab; offers to work on it here.

import { useApp, useAppState } from "./context.js";

export function AccessBanner() {
  const app = useApp();
  const { project, access } = useAppState();
  if (!project || access === "write") return null;
  return (
    <section class="access" aria-label="Another tab">
      {access === "asked" ? (
        <p role="status">The other tab saves {project.name} and closes it.</p>
      ) : (
        <>
          <p role="status">
            {project.name} is open in another tab: you can look at it here, but not change it.
          </p>
          <button type="button" class="small" onClick={app.takeOver}>
            Work on it here
          </button>
        </>
      )}
    </section>
  );
}
