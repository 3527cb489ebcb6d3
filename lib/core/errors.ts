/** The few errors that somebody catches, each telling what a caller can do about it. */
import type { Usage } from "./records.ts";

/**
 * Bad options or bad input: the command ends with exit status 2 and this one line.
 *
 * The message names what the user can find again: the file, the line or row, the field, the rule.
 */
export class InputError extends Error {
  /** The name of the class. */
  override name = "InputError";
}

/** A limit that the user set was reached (a spend cap): exit status 3, everything so far saved. */
export class LimitReached extends Error {
  /** The name of the class. */
  override name = "LimitReached";
}

/** A run that cannot go on, with a line for the user: exit status 1, everything so far saved. */
export class RunError extends Error {
  /** The name of the class. */
  override name = "RunError";
}

/** What can be done about a failed call to a model. */
export type ModelErrorKind =
  /** May pass: rate limits, overload, broken connections, time-outs. */
  | "retry"
  /** Never passes for this item (context overflow, a blocked prompt): it goes to the rejects. */
  | "reject"
  /** Never passes for any item (a wrong key, no quota, an unknown model): the run ends at once. */
  | "fatal";

/** A failed call to a model, sorted by what can be done about it. */
export class ModelError extends Error {
  /** The name of the class. */
  override name = "ModelError";
  /** What can be done about it. */
  readonly kind: ModelErrorKind;
  /** For `reject`: the reason as it stands in the rejects file. */
  readonly reason: string;
  /** For `retry`: how long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** For `retry`: refused because there were too many requests, so fewer should be in flight. */
  readonly throttled: boolean;
  /** For `retry`: nothing came through; false where the server is well and only this call was not. */
  readonly outage: boolean;
  /** What the provider bills for the call all the same; `unknown` where it will not have said. */
  readonly paid: Usage | "unknown" | undefined;

  /** Made by adapters; what is not given follows from the kind. */
  constructor(
    kind: ModelErrorKind,
    message: string,
    options: {
      reason?: string;
      retryAfterMs?: number;
      throttled?: boolean;
      outage?: boolean;
      paid?: Usage | "unknown";
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.reason = options.reason ?? "model_error";
    this.retryAfterMs = options.retryAfterMs;
    this.throttled = options.throttled ?? options.retryAfterMs !== undefined;
    this.outage = options.outage ?? kind === "retry";
    this.paid = options.paid;
  }
}

/** A text's lines on one, the white space around each gone. */
export function oneLine(text: string): string {
  return text.split(/[\r\n]/).map((line) => line.trim()).filter((line) => line !== "").join(" ");
}

/** The message of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return oneLine(text) || "unknown error";
}
