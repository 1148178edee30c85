// Commands as they are typed; lines break between options.

export function CommandLines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <pre>
      {lines.map((line) => (
        <div key={line}>
          {line.split(/ (?=--)/).map((word) => (
            <>
              <span key={word}>{word}</span>{" "}
            </>
          ))}
        </div>
      ))}
    </pre>
  );
}
