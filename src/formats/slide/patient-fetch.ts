// Requests to servers of slides: asked again if the server is busy or the connection breaks.

/** Milliseconds before the second and the third attempt. */
const WAITS = [250, 1000];

/** Statuses of servers that are busy or ill for a moment. */
const isPassing = (status: number) => status === 408 || status === 429 || status >= 500;

/**
 * Returns a response whose body is in memory, if its status is 200 or 206; `isRead` tells whether the body is wanted.
 * Other statuses are returned without a body, those that may pass only after three attempts. Rejects with the reason
 * if the server cannot be reached; the error's cause has the code of the system.
 */
export async function patientFetch(
  request: Request,
  isRead: (response: Response) => boolean = ({ ok }) => ok,
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt === WAITS.length;
    try {
      const response = await fetch(request.clone());
      const { status, statusText, headers } = response;
      if (isRead(response)) {
        return new Response(await response.arrayBuffer(), { status, statusText, headers });
      }
      await response.body?.cancel();
      if (isLast || !isPassing(status)) return new Response(null, { status, statusText, headers });
    } catch (error) {
      if (isLast || request.signal.aborted || isUnknownHost(error)) throw unreached(error);
    }
    await new Promise((done) => setTimeout(done, WAITS[attempt]));
  }
}

/** What a status means for somebody who opens a slide: words that follow the slide's name. */
export function statusError({ status, statusText }: Response): Error {
  const answer = `the server answered ${`${status} ${statusText}`.trimEnd()}`;
  if (isPassing(status)) {
    // Schedulers try again after such a code.
    const cause = Object.assign(new Error(answer), { code: "EAGAIN" });
    return new Error(`${answer} three times: try again later`, { cause });
  }
  if (status === 404) return new Error(`${answer}: check the address`);
  if (status === 401 || status === 403) {
    return new Error(
      `${answer}: it must be readable without a login: use a signed address, or download the slide`,
    );
  }
  return new Error(`${answer}, expected 200 or 206: check the address, or download the slide`);
}

function unreached(error: unknown): Error {
  const cause = reasonOf(error);
  return new Error(`the server cannot be reached: ${cause.message}`, { cause });
}

const isUnknownHost = (error: unknown) =>
  (reasonOf(error) as { readonly code?: string }).code === "ENOTFOUND";

/** `fetch` says "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? error.cause : error;
}
