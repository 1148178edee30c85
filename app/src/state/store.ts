// The state: one signal, changed only by actions.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Action } from "./actions.js";
import { INITIAL, reduce } from "./reducer.js";
import type { AppState } from "./types.js";

export interface Store {
  readonly state: ReadonlySignal<AppState>;
  dispatch(action: Action): void;
}

export function createStore(): Store {
  const state = signal(INITIAL);
  return {
    state,
    dispatch(action) {
      state.value = reduce(state.peek(), action);
    },
  };
}
