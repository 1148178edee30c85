// Project and page are in the address, so that a reload comes back to them and "back" goes back.

import { type Address, addressOf, parseAddress } from "../state/address.js";
import { obstacle } from "../state/pages.js";
import type { AppState } from "../state/types.js";
import type { App } from "./app.js";

/** The window's address, or its like in a test. */
export interface AddressBar {
  read(): string;
  /** Makes an entry of the history; "back" comes back to the one before. */
  push(address: string): void;
  /** Changes the entry that there is. */
  replace(address: string): void;
  /** Calls when somebody went to another entry, or typed an address. */
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

/** Follows the address, and writes it. Resolves when what it says at first is open. */
export function followAddress(app: App, bar: AddressBar): Promise<void> {
  const state = () => app.state.peek();
  /** What is still being followed: the address stays as it is meanwhile. */
  let following = 0;
  let followed: Promise<void> = Promise.resolve();
  /** The address says what is on show, also where that is not what it asked for. */
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
    // An address without any of both is of a person who comes to the start.
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
