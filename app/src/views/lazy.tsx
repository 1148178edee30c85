// Pages whose code is loaded when they are first opened.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The page that `load` resolves to. */
export function lazily(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | undefined;
  return function LazyPage() {
    const [View, setView] = useState<ComponentType | undefined>(() => loaded);
    const [isFailed, setFailed] = useState(false);
    useEffect(() => {
      let isThere = true;
      load().then(
        (view) => {
          loaded = view;
          // A function would be taken for one that computes the state.
          if (isThere) setView(() => view);
        },
        () => isThere && setFailed(true),
      );
      return () => {
        isThere = false;
      };
    }, []);
    if (View) return <View />;
    if (!isFailed) return null;
    return (
      <p class="problem" role="alert">
        This page could not be loaded: check the connection, then reload.
      </p>
    );
  };
}
