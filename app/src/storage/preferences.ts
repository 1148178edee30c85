// What a person prefers in every project, kept by the browser.

import type { Store } from "../state/store.js";

const SINGLE_KEYS = "micrograph-single-keys";

/** Takes what is kept, and keeps what changes from here on. A browser may keep nothing for pages. */
export function keepPreferences({ state, dispatch }: Store, storage: () => Storage): void {
  try {
    if (storage().getItem(SINGLE_KEYS) === "off") dispatch({ type: "single-keys", isOn: false });
  } catch {}
  let kept = state.peek().singleKeys;
  state.subscribe(({ singleKeys }) => {
    if (singleKeys === kept) return;
    kept = singleKeys;
    try {
      storage().setItem(SINGLE_KEYS, singleKeys ? "on" : "off");
    } catch {}
  });
}
