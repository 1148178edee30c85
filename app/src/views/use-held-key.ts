// A key that acts while it is held.

import { useLayoutEffect, useState } from "preact/hooks";
import { useAppState } from "./context.js";
import { takesLetters } from "./use-label-keys.js";

/** Whether the key is held; always false if the user turned single-key shortcuts off. */
export function useHeldKey(letter: string): boolean {
  const { singleKeys } = useAppState();
  const [isHeld, setHeld] = useState(false);
  useLayoutEffect(() => {
    if (!singleKeys) return;
    const isIt = ({ key }: KeyboardEvent) => key.toLowerCase() === letter;
    const down = (event: KeyboardEvent) => {
      const isOther = event.ctrlKey || event.metaKey || event.altKey;
      if (isIt(event) && !isOther && !takesLetters(event.target)) setHeld(true);
    };
    const up = (event: KeyboardEvent) => {
      if (isIt(event)) setHeld(false);
    };
    // If the window loses the focus, the key is released elsewhere.
    const leave = () => setHeld(false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", leave);
    return () => {
      setHeld(false);
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", leave);
    };
  }, [letter, singleKeys]);
  return isHeld;
}
