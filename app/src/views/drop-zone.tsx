// Opening files: by dropping them, or with a file dialogue.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { App } from "../commands/app.js";
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
      aria-label="Drop files here"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        void takeDrop(app, event);
      }}
    >
      {children}
    </section>
  );
}

async function takeDrop(app: App, event: DragEvent): Promise<void> {
  event.preventDefault();
  if (!event.dataTransfer) return;
  const { files, problems } = await droppedFiles(event.dataTransfer);
  app.addFiles(files, problems);
}

/** Takes files that are dropped anywhere else; otherwise the browser would leave the app and open them. */
export function useDropsAnywhere(): void {
  const app = useApp();
  useLayoutEffect(() => {
    const isOfFiles = (event: DragEvent) =>
      !event.defaultPrevented && event.dataTransfer?.types.includes("Files");
    const over = (event: DragEvent) => {
      if (isOfFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (isOfFiles(event)) void takeDrop(app, event);
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, [app]);
}

interface FileButtonProps {
  readonly children: ComponentChildren;
  /** Whether to choose a whole folder instead of files. */
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
        // Not in the types of elements: the browsers' attribute for folders.
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          app.addFiles(chosenFiles(currentTarget.files));
          currentTarget.value = "";
        }}
      />
    </>
  );
}
