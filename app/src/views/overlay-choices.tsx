// How the colours over an image are drawn, and what stands next to it.

import type { Look } from "../canvas/overlay.js";
import type { ViewState } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

const KINDS: readonly { readonly kind: Look["kind"]; readonly title: string }[] = [
  { kind: "filled", title: "Filled" },
  { kind: "outlines", title: "Outlines" },
  { kind: "none", title: "No overlay" },
];

const BESIDE: readonly { readonly beside: ViewState["beside"]; readonly title: string }[] = [
  { beside: "nothing", title: "One view" },
  { beside: "image", title: "Next to the image" },
  { beside: "label", title: "Next to the label" },
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
        value={view.beside}
        onChange={({ currentTarget }) =>
          change({ beside: currentTarget.value as ViewState["beside"] })
        }
      >
        {BESIDE.map(({ beside, title }) => (
          <option key={beside} value={beside}>
            {title}
          </option>
        ))}
      </select>
    </>
  );
}
