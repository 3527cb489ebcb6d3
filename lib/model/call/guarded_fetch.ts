/** A `fetch` for servers that may misbehave: no redirects, and no more bytes than were asked for. */
import { ModelError } from "../../core/errors.ts";

/** A request's settings, with a bound on its reply. */
export interface GuardedInit extends RequestInit {
  /** Bytes of the reply's body at most; see `replyBytes`. Default 64 MiB. */
  maxBytes?: number;
}

const DEFAULT_BYTES = 64 * 2 ** 20;

/**
 * The same `fetch`, but
 * - a redirect is a `fatal` `ModelError`, not followed: it would take prompts and keys along, to
 *   another host perhaps;
 * - a body is read up to `maxBytes` of the request's `init`, then ends in a `retry`;
 * - `onHeaders` is told of each reply's headers, whatever its status.
 *
 * SDKs wrap what their `fetch` throws: `guardError` finds it again.
 */
export function guardedFetch(
  send: typeof fetch,
  options: { onHeaders?: (headers: Headers) => void } = {},
): typeof fetch {
  return async (input, init?: GuardedInit) => {
    const { maxBytes = DEFAULT_BYTES, ...rest } = init ?? {};
    const response = await send(input, { ...rest, redirect: "manual" });
    options.onHeaders?.(response.headers);
    if (response.status >= 300 && response.status < 400 && response.headers.has("location")) {
      await response.body?.cancel();
      throw redirected(input, response);
    }
    return bounded(response, maxBytes);
  };
}

/**
 * Bytes that a reply may take on the wire: for each token asked for the longest that vocabularies
 * hold (128 spaces) at two bytes each for escapes, what a server repeats of the prompt, and room
 * for the rest. `streamed` adds an event around each token.
 */
export function replyBytes(
  { tokens, promptBytes = 0, streamed = false }: {
    tokens: number;
    promptBytes?: number;
    streamed?: boolean;
  },
): number {
  return 2 ** 20 + tokens * (streamed ? 1_280 : 256) + 16 * promptBytes;
}

/** The `ModelError` that a guard threw, out of whatever an SDK made of it. */
export function guardError(error: unknown): ModelError | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ModelError) return each;
  }
  return undefined;
}

function redirected(input: Request | URL | string, response: Response): ModelError {
  const from = new URL(input instanceof Request ? input.url : input);
  const location = response.headers.get("location")!;
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const where = to === undefined
    ? "to what is no address"
    : to.origin === from.origin
    ? `to ${to.pathname}`
    : `to another server, ${to.origin}`;
  return new ModelError(
    "fatal",
    `${from.origin}${from.pathname}: redirected ${where} (${response.status}): redirects are not ` +
      `followed, give the server's own address`,
  );
}

function bounded(response: Response, maxBytes: number): Response {
  if (response.body === null || maxBytes === Infinity) return response;
  let left = maxBytes;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      left -= bytes.length;
      if (left >= 0) controller.enqueue(bytes);
      else {
        controller.error(
          new ModelError(
            "retry",
            `a reply of more than ${(maxBytes / 2 ** 20).toFixed(1)} MiB, far more than was ` +
              `asked for: given up`,
          ),
        );
      }
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(limit), { status, statusText, headers });
}
