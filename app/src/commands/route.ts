// Project and page are in the address, so that reloading and the back button work.

import { type Address, addressOf, parseAddress } from "../state/address.js";
import { obstacle } from "../state/pages.js";
import type { AppState } from "../state/types.js";
import type { App } from "./app.js";

/** The window's address, or a substitute in tests. */
export interface AddressBar {
  read(): string;
  /** Adds a history entry; "back" returns to the one before. */
  push(address: string): void;
  /** Replaces the current entry. */
  replace(address: string): void;
  /** Calls `listener` when the user goes to another entry, or types an address. */
  onChange(listener: () => void): void;
}

export function windowAddress(): AddressBar {
  return {
    read: () => location.hash,
    push(address) {
      location.hash = address;
    },
    replace: (address) => history.replaceState(null, "", address || location.pathname),
    onChange: (listener) => addEventListener("hashchange", listener),
  };
}

/** Keeps state and address in sync. Resolves when the initial address is open. */
export function followAddress(app: App, bar: AddressBar): Promise<void> {
  const state = () => app.state.peek();
  /** Navigation in progress: the address does not change meanwhile. */
  let following = 0;
  let followed: Promise<void> = Promise.resolve();
  /** Writes what is shown into the address, even if that is not what it asked for. */
  const settle = () => {
    if (bar.read() !== addressOf(state())) bar.replace(addressOf(state()));
  };
  const follow = async (address: Address) => {
    const { project, run, saved } = state();
    const { page = "images" } = address;
    const id = address.project ?? project?.id ?? (page === "start" ? undefined : saved[0]?.id);
    if (!id) return;
    if (id === project?.id) {
      if (!obstacle(state(), page)) app.dispatch({ type: "go", page });
    } else if (isBusy(run)) {
      const text = "Training is running. Pause it to open another project.";
      app.dispatch({ type: "notice", kind: "error", text });
    } else await app.openSaved(id, page);
  };
  const inTurn = (work: () => Promise<void>) => {
    following++;
    followed = followed.then(work).finally(() => {
      following--;
      if (following === 0) settle();
    });
    return followed;
  };
  const first = parseAddress(bar.read());
  const opened = inTurn(async () => {
    await app.listSaved();
    // An address with neither opens the start page.
    if (first.project || first.page) await follow(first);
  });
  bar.onChange(() => {
    if (bar.read() === addressOf(state())) return;
    const address = parseAddress(bar.read());
    inTurn(() => follow(address.project || address.page ? address : { page: "start" }));
  });
  app.state.subscribe((now) => {
    if (following > 0) return;
    const address = addressOf(now);
    if (!now.project) {
      if (parseAddress(bar.read()).project) bar.replace(address);
    } else if (bar.read() !== address) bar.push(address);
  });
  return opened;
}

const isBusy = ({ kind }: AppState["run"]) =>
  kind === "preparing" || kind === "running" || kind === "stopping";
