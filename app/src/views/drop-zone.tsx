// Where files come in: by dropping, or by a dialogue.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { chosenFiles, droppedFiles } from "../images/dropped.js";
import { useApp } from "./context.js";

interface DropZoneProps {
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Takes files and folders that are dropped on it. */
export function DropZone({ class: name = "", children }: DropZoneProps) {
  const app = useApp();
  const [isOver, setOver] = useState(false);
  return (
    <section
      class={`drop-zone ${name} ${isOver ? "over" : ""}`}
      aria-label="Files can be dropped here"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault();
        setOver(false);
        if (!event.dataTransfer) return;
        const { files, problems } = await droppedFiles(event.dataTransfer);
        app.addFiles(files, problems);
      }}
    >
      {children}
    </section>
  );
}

interface FileButtonProps {
  readonly children: ComponentChildren;
  /** Whether a whole folder is chosen in place of files. */
  readonly folder?: boolean;
  readonly primary?: boolean;
}

export function FileButton({ children, folder, primary }: FileButtonProps) {
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={primary ? "primary" : ""} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        // Not in the types of elements: the browsers' own word for folders.
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          app.addFiles(chosenFiles(currentTarget.files));
          currentTarget.value = "";
        }}
      />
    </>
  );
}
