// Messages: those of one kind are merged, and a message disappears when its cause is gone.

import type { AppState, Notice, NoticeTopic } from "./types.js";
import { numberText } from "./words.js";

/** The heading of several sentences of one kind. */
const TOGETHER = {
  skipped: "files were skipped",
  notes: "notes on how the files were read",
  health: "warnings on the training",
} as const;

export type SummedTopic = keyof typeof TOGETHER;

/** Topics of problems with one project: for each, only the newest message applies. */
const OF_PROJECT: readonly (NoticeTopic | undefined)[] = [
  "training",
  "health",
  "segmenting",
  "export",
  "classes",
];

/** Adds a message, unless it is already shown. */
export function noticed(state: AppState, notice: Omit<Notice, "id">): AppState {
  const words = ({ text, items = [] }: Omit<Notice, "id">) => [text, ...items].join("\n");
  if (state.notices.some((earlier) => words(earlier) === words(notice))) return state;
  const id = 1 + Math.max(0, ...state.notices.map((earlier) => earlier.id));
  const isSuperseded = ({ topic }: Notice) => topic === notice.topic && OF_PROJECT.includes(topic);
  const others = state.notices.filter((earlier) => !isSuperseded(earlier));
  return { ...state, notices: [...others, { id, ...notice }] };
}

/** Adds sentences of one topic, merged into one message with those already shown. */
export function summed(
  state: AppState,
  topic: SummedTopic,
  kind: Notice["kind"],
  sentences: readonly string[],
): AppState {
  if (sentences.length === 0) return state;
  const earlier = state.notices.find((one) => one.topic === topic);
  const items = [...new Set([...(earlier?.items ?? []), ...sentences])];
  const text = items.length === 1 ? items[0] : `${numberText(items.length)} ${TOGETHER[topic]}:`;
  const notices = state.notices.filter((one) => one !== earlier);
  return noticed({ ...state, notices }, { kind, topic, text, items });
}

/** Whether an action removed the cause of messages on a topic. */
function isOver(topic: NoticeTopic | undefined, before: AppState, after: AppState): boolean {
  const [was, is] = [before.project, after.project];
  if (was?.id !== is?.id) return OF_PROJECT.includes(topic);
  switch (topic) {
    case "training":
    case "health": {
      const isBegun = after.run.kind === "preparing" && before.run.kind !== "preparing";
      return isBegun || was?.images !== is?.images || was?.settings !== is?.settings;
    }
    case "saving":
      return after.saving === "saved" && before.saving !== "saved";
    case "segmenting":
      return after.segmenting !== undefined && before.segmenting === undefined;
    case "classes":
      return was?.classes !== is?.classes;
    default:
      return false;
  }
}

/** The state after an action, without messages whose cause is gone. */
export function withoutOutlived(before: AppState, after: AppState): AppState {
  const notices = after.notices.filter(
    (one) => !before.notices.includes(one) || !isOver(one.topic, before, after),
  );
  return notices.length === after.notices.length ? after : { ...after, notices };
}

/** How long a message stays, in milliseconds, by its length; undefined: until it is closed. */
export function shownMs({ kind, text, items = [], removed }: Notice): number | undefined {
  // Removed images can be restored only while the message is shown.
  if (kind !== "info" || removed) return undefined;
  const letters = items.reduce((sum, item) => sum + item.length, text.length);
  return Math.min(40_000, 6000 + 60 * letters);
}
