// Slides: opened and read in a Worker, which starts with the first of them.

import type { SlidePlace } from "../slides/messages.js";
import type { SlideWork } from "../slides/slide-work.js";
import type { Store } from "../state/store.js";
import { messageOf } from "./message-of.js";

export interface Slides {
  /** Opens a slide and shows it; errors are messages. */
  openSlide(place: SlidePlace): Promise<void>;
  /** Reads and segments squares of the open slide. */
  slideWork(): SlideWork;
}

export function createSlides({ state, dispatch }: Store, connect: () => SlideWork): Slides {
  let work: SlideWork | undefined;
  let opened = 0;
  const slideWork = () => {
    work ??= connect();
    return work;
  };
  return {
    slideWork,
    async openSlide(place) {
      const id = ++opened;
      const name = "url" in place ? place.url : place.name;
      dispatch({ type: "slide", slide: { kind: "opening", name } });
      try {
        const facts = await slideWork().open(place);
        if (id !== opened) return;
        dispatch({ type: "slide", slide: { kind: "open", id, facts, input: name } });
        dispatch({ type: "go", page: "slide" });
      } catch (error) {
        if (id !== opened) return;
        dispatch({ type: "slide", slide: undefined });
        if (state.peek().page === "slide") dispatch({ type: "go", page: "start" });
        dispatch({ type: "notice", kind: "error", text: messageOf(error) });
      }
    },
  };
}
