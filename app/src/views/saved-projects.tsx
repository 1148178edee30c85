// The projects stored in this browser.

import { useEffect, useState } from "preact/hooks";
import type { App } from "../commands/app.js";
import type { SavedProject } from "../state/types.js";
import { countText, dateText, savedText } from "../state/words.js";
import { useApp, useAppState } from "./context.js";

export function SavedProjects({ saved }: { readonly saved: readonly SavedProject[] }) {
  const { persisted } = useAppState();
  return (
    <section class="card">
      <h2>Continue</h2>
      <ul class="saved-list">
        {saved.map((project) => (
          <SavedEntry key={project.id} project={project} />
        ))}
      </ul>
      {persisted === false ? <p class="faint">{savedText(persisted)}</p> : null}
    </section>
  );
}

function SavedEntry({ project }: { readonly project: SavedProject }) {
  const app = useApp();
  const { id, name, images, labelled, steps, savedAt, picture } = project;
  return (
    <li>
      <button type="button" class="entry" onClick={() => app.openSaved(id)}>
        <ProjectPicture picture={picture} />
        <span>
          <strong>{name}</strong>
          <span class="faint facts">
            {countText(images, "image")}, {labelled} labelled
            {steps > 0 ? `, ${countText(steps, "step")}` : ""}
          </span>
          {savedAt > 0 ? <span class="faint facts">{dateText(savedAt)}</span> : null}
        </span>
      </button>
      <button
        type="button"
        class="quiet"
        aria-label={`Delete ${name}`}
        onClick={() => deleteProject(app, project)}
      >
        ×
      </button>
    </li>
  );
}

/** Asks first, since it cannot be undone. */
async function deleteProject(app: App, { id, name, images, labelled }: SavedProject) {
  const answer = await app.ask({
    title: `Delete ${name}?`,
    text:
      `${countText(images, "image")} (${labelled} labelled) and everything trained on them are deleted ` +
      "from this browser. Downloaded files are kept.",
    answers: [{ id: "delete", label: "Delete permanently", deletes: true }],
    cancel: "Keep the project",
  });
  if (answer === "delete") await app.deleteSaved(id);
}

/** Takes its place even without a picture, so that the names are aligned. */
function ProjectPicture({ picture }: Pick<SavedProject, "picture">) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!picture) return;
    const made = URL.createObjectURL(new Blob([picture as Uint8Array<ArrayBuffer>]));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [picture]);
  return <span class="project-picture">{url ? <img src={url} alt="" /> : null}</span>;
}
