// A value from 0 to 1.

interface SliderProps {
  readonly label: string;
  readonly value: number;
  /** The value in words. */
  readonly text: string;
  readonly disabled?: boolean;
  onChange(value: number): void;
}

export function Slider({ label, value, text, disabled, onChange }: SliderProps) {
  return (
    <label class="slider">
      <span>{label}</span>
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={value}
        disabled={disabled}
        aria-valuetext={text}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
      <output>{text}</output>
    </label>
  );
}
