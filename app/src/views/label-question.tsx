// What do these labels mean? A question that only the user can answer, with a picture of each answer.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LabelDecision } from "../../../src/index.js";
import { labelAfter, labelBefore } from "../images/label-pictures.js";
import type { AskedAnswer, AskedLabels, LabelReply } from "../images/label-question.js";
import { useApp, useAppState } from "./context.js";
import { answerText, numberOf, wordsOf } from "./label-words.js";
import { QuestionDialog } from "./question-dialog.js";

/** The dialog, while there is a question. */
export function LabelQuestions() {
  const { asking } = useAppState();
  const app = useApp();
  // A new dialog for each question, which starts with the likely answer.
  return asking ? (
    <LabelDialog key={asking.file + asking.kind} asked={asking} reply={app.answerLabels} />
  ) : null;
}

interface DialogProps {
  readonly asked: AskedLabels;
  reply(reply: LabelReply): void;
}

function LabelDialog({ asked, reply }: DialogProps) {
  const [shown, setShown] = useState(0);
  const [threshold, setThreshold] = useState(asked.answers[0]?.declaration.labelThreshold);
  const leaveAll = () => reply({ leaveOut: "all" });
  const answer = ({ declaration }: AskedAnswer) => {
    const own = declaration.labelThreshold === undefined ? {} : { labelThreshold: threshold };
    reply({ declared: { ...declaration, ...own } });
  };
  const { kind, file, files, answers } = asked;
  const { title, text } = wordsOf(asked);
  const decision = answers[shown]?.decision;
  const drawn = decision?.reading === "threshold" ? { ...decision, threshold } : decision;
  return (
    <QuestionDialog
      title={title}
      text={
        <>
          <strong>{file}</strong> {text}
          {files > 1 ? ` Your answer applies to all ${files} label files.` : ""}
        </>
      }
      onCancel={leaveAll}
    >
      <div class="question-pictures">
        <LabelPicture caption="In the file" draw={() => labelBefore(asked)} of={asked} />
        <LabelPicture
          caption={drawn ? "Read as" : "No preview of this answer"}
          draw={() => drawn && labelAfter(asked, drawn)}
          of={drawn}
        />
      </div>
      {kind === "soft-edges" && threshold !== undefined ? (
        <ThresholdSlider range={asked.range} value={threshold} onChange={setThreshold} />
      ) : null}
      <div class="question-answers">
        {answers.map((one, index) => (
          <AnswerButton
            key={one.text}
            answer={one}
            isFirst={index === 0}
            onShow={() => setShown(index)}
            onChoose={() => answer(one)}
          >
            {answerText(asked, one, threshold)}
          </AnswerButton>
        ))}
        {files > 1 ? (
          <button type="button" onClick={() => reply({ leaveOut: "file" })}>
            Skip this file
          </button>
        ) : null}
        <button type="button" onClick={leaveAll}>
          {files > 1 ? "Skip all these labels" : "Skip this label"}
        </button>
      </div>
    </QuestionDialog>
  );
}

interface AnswerProps {
  readonly answer: AskedAnswer;
  readonly isFirst: boolean;
  readonly children: ComponentChildren;
  onShow(): void;
  onChoose(): void;
}

/** The preview shows the answer that has the focus or the pointer. */
function AnswerButton({ answer, isFirst, children, onShow, onChoose }: AnswerProps) {
  return (
    <button
      type="button"
      class={isFirst ? "primary" : ""}
      // The likely answer is one key away, as in every dialog.
      // biome-ignore lint/a11y/noAutofocus: a dialog takes the focus when it opens
      autoFocus={isFirst}
      disabled={answer.problem !== undefined}
      title={answer.problem}
      onFocus={onShow}
      // Not if the dialog only opened under the pointer.
      onPointerMove={({ movementX, movementY }) => {
        if (movementX !== 0 || movementY !== 0) onShow();
      }}
      onClick={onChoose}
    >
      {children}
    </button>
  );
}

interface PictureProps {
  readonly caption: string;
  draw(): ImageData | undefined;
  /** Drawn again when this changes. */
  readonly of: AskedLabels | LabelDecision | undefined;
}

function LabelPicture({ caption, draw, of }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    const image = draw();
    if (!element || !context) return;
    element.width = image?.width ?? 1;
    element.height = image?.height ?? 1;
    if (image) context.putImageData(image, 0, 0);
  }, [of]);
  return (
    <figure>
      <canvas ref={canvas} role="img" aria-label={caption} />
      <figcaption class="faint">{caption}</figcaption>
    </figure>
  );
}

interface ThresholdProps {
  readonly range: readonly [number, number];
  readonly value: number;
  onChange(value: number): void;
}

function ThresholdSlider({ range: [low, high], value, onChange }: ThresholdProps) {
  const isWhole = Number.isInteger(low) && Number.isInteger(high) && high - low > 16;
  const step = isWhole ? 1 : (high - low) / 256;
  return (
    <label class="slider">
      <span>Cell where brighter than</span>
      <input
        type="range"
        min={low}
        max={high - step}
        step={step}
        value={value}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
      <output>{numberOf(value)}</output>
    </label>
  );
}
