// How the overlay of an image is drawn, and what is shown next to it.

import type { Look } from "../canvas/overlay.js";
import type { ViewState } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

const KINDS: readonly { readonly kind: Look["kind"]; readonly title: string }[] = [
  { kind: "filled", title: "Filled" },
  { kind: "outlines", title: "Outlines" },
  { kind: "none", title: "No overlay" },
];

const SECOND_VIEWS: readonly {
  readonly secondView: ViewState["secondView"];
  readonly title: string;
}[] = [
  { secondView: "nothing", title: "One view" },
  { secondView: "image", title: "Next to the image" },
  { secondView: "label", title: "Next to the label" },
];

export function OverlayChoices() {
  const app = useApp();
  const { view } = useAppState();
  const change = (changes: Partial<ViewState>) => app.dispatch({ type: "view", changes });
  return (
    <>
      <select
        aria-label="Overlay"
        title="Hold H to hide the overlay"
        value={view.look.kind}
        onChange={({ currentTarget }) =>
          change({ look: { ...view.look, kind: currentTarget.value as Look["kind"] } })
        }
      >
        {KINDS.map(({ kind, title }) => (
          <option key={kind} value={kind}>
            {title}
          </option>
        ))}
      </select>
      <select
        aria-label="Side by side"
        value={view.secondView}
        onChange={({ currentTarget }) =>
          change({ secondView: currentTarget.value as ViewState["secondView"] })
        }
      >
        {SECOND_VIEWS.map(({ secondView, title }) => (
          <option key={secondView} value={secondView}>
            {title}
          </option>
        ))}
      </select>
    </>
  );
}
