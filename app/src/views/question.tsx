// A question before something is replaced or deleted, in a dialog.

import { useEffect, useRef } from "preact/hooks";
import type { Question } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

export function Questions() {
  const { question } = useAppState();
  return question ? <QuestionDialog key={question.title} question={question} /> : null;
}

function QuestionDialog({ question }: { readonly question: Question }) {
  const app = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const { title, text, answers, cancel } = question;
  return (
    <dialog
      ref={dialog}
      class="question"
      aria-labelledby="asked-title"
      aria-describedby="asked-text"
      onCancel={(event) => {
        event.preventDefault();
        app.answer();
      }}
    >
      <h2 id="asked-title">{title}</h2>
      <p id="asked-text">{text}</p>
      <div class="question-answers">
        {answers.map(({ id, label, deletes }) => (
          <button
            key={id}
            type="button"
            class={deletes ? "danger" : ""}
            onClick={() => app.answer(id)}
          >
            {label}
          </button>
        ))}
        {/* What changes nothing is one key away. */}
        {/* biome-ignore lint/a11y/noAutofocus: a dialog takes the focus when it opens */}
        <button type="button" autoFocus onClick={() => app.answer()}>
          {cancel}
        </button>
      </div>
    </dialog>
  );
}
