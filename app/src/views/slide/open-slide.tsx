// Opening a slide: a file, a folder or an address.

import { useRef, useState } from "preact/hooks";
import { chosenFiles } from "../../images/dropped.js";
import { slideAmong } from "../../slides/find-slide.js";
import { useApp, useAppState } from "../context.js";

/** Leads to the open slide, or opens one. */
export function SlideCard() {
  const app = useApp();
  const { slide } = useAppState();
  return (
    <section class="card">
      <h2>A whole slide</h2>
      <p class="faint">
        OME-Zarr or TIFF of any size, from this computer or a server: read where you look, and
        segmented there with the project's network.
      </p>
      {slide?.kind === "open" ? (
        <button type="button" onClick={() => app.dispatch({ type: "go", page: "slide" })}>
          Back to {slide.facts.name}
        </button>
      ) : null}
      <OpenSlide />
    </section>
  );
}

export function OpenSlide() {
  const app = useApp();
  const { slide } = useAppState();
  const [url, setUrl] = useState("");
  const isOpening = slide?.kind === "opening";
  return (
    <form
      class="open-slide"
      onSubmit={(event) => {
        event.preventDefault();
        if (url.trim() !== "") void app.openSlide({ url: url.trim() });
      }}
    >
      <div class="row">
        <SlideButton>Choose a file</SlideButton>
        <SlideButton folder>Choose a folder</SlideButton>
      </div>
      <div class="row">
        <input
          type="url"
          aria-label="Address of a slide"
          placeholder="https://…/slide.ome.zarr"
          value={url}
          onInput={({ currentTarget }) => setUrl(currentTarget.value)}
        />
        <button type="submit" disabled={isOpening || url.trim() === ""}>
          {isOpening ? "Opening…" : "Open"}
        </button>
      </div>
    </form>
  );
}

interface ButtonProps {
  readonly children: string;
  /** Whether to choose a folder with OME-Zarr. */
  readonly folder?: boolean;
}

function SlideButton({ children, folder }: ButtonProps) {
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  const open = (list: FileList | null) => {
    const files = chosenFiles(list);
    if (files.length === 0) return;
    const [{ path, file }] = files;
    if (!folder) void app.openSlide({ file, name: path });
    else void app.openSlide(slideAmong(files) ?? { files, name: path.split("/")[0] });
  };
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          open(currentTarget.files);
          currentTarget.value = "";
        }}
      />
    </>
  );
}
