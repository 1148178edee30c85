// The user's preferences for all projects, stored by the browser.

import type { Store } from "../state/store.js";

const SINGLE_KEYS = "micrograph-single-keys";

/** Loads the preferences, and stores later changes. Browsers may refuse to store anything. */
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
