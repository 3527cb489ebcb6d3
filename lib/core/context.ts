/** What a stage takes from its surroundings, so that tests and notebooks can put in their own. */
import { didYouMean } from "./did_you_mean.ts";
import { type Disk, realDisk } from "./disk.ts";
import { InputError } from "./errors.ts";
import { forTerminal } from "./hidden_characters.ts";

/** The outside world of a stage: everything that is not an option. */
export interface StageContext {
  /** Aborted when the run should stop: what is in flight may finish, nothing new is begun. */
  signal: AbortSignal;
  /** Takes one line for a person: warnings and summaries. Never a key, never model text unescaped. */
  log: (line: string) => void;
  /** Reads an environment variable (keys live there). */
  env: (name: string) => string | undefined;
  /** What HTTP requests go through. */
  fetch: typeof fetch;
  /** Milliseconds since the epoch: for stamps alone, as a clock may be set while a run goes on. */
  now: () => number;
  /** Milliseconds since any moment, by a clock that nobody sets: for all that lasts or is due. */
  monotonic: () => number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Where runs write to. */
  disk: Disk;
  /** How progress is shown: a live line on terminals, a plain line a while elsewhere, or none. */
  progress: "auto" | "plain" | "none";
  /** Told how far the run is, a few times a second: what a notebook shows in its cell. */
  onProgress?: (snapshot: ProgressSnapshot) => void;
}

/** A moment of a run. */
export interface ProgressSnapshot {
  /** The stage's name. */
  stage: string;
  /** Items of this shard. */
  total: number;
  /** Items with a record. */
  kept: number;
  /** Items given up, with a reason. */
  rejected: number;
  /** Rejects by their reason, those of earlier processes included. */
  rejectedByReason?: Record<string, number>;
  /** Replies of this process, and those that break their format, by the rule. */
  replies?: number;
  /** Of those, the ones that break their format, by the rule. */
  malformedByRule?: Record<string, number>;
  /** Items that could not be done; they stay pending. */
  failed: number;
  /** Items done by this process a second, over the last half minute. */
  rate: number;
  /** Seconds left at that rate, or null while there is none. */
  etaSeconds: number | null;
  /** Tokens written by models in this process. */
  tokens: number;
  /** Requests that were tried again. */
  retries: number;
}

const FIELDS: Record<keyof StageContext, true> = {
  signal: true,
  log: true,
  env: true,
  fetch: true,
  now: true,
  monotonic: true,
  sleep: true,
  disk: true,
  progress: true,
  onProgress: true,
};

/**
 * Throws `InputError` for a field of a context that is written wrong: cells of notebooks are not
 * type-checked. Fields of other names are let be, as an object may be more than a context.
 */
export function checkContext(context: object): void {
  const known = Object.keys(FIELDS);
  for (const name of Object.keys(context).filter((name) => !known.includes(name))) {
    const meant = didYouMean(name, known);
    if (meant !== "") throw new InputError(`context: there is no ${name}${meant}`);
  }
  const { signal } = context as { signal?: unknown };
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InputError("context.signal: must be an AbortSignal");
  }
}

/** Whether a field of this name belongs into a context. */
export function isOfContext(name: string): boolean {
  return name in FIELDS;
}

/** The real surroundings, quiet: what library calls and notebooks use unless told otherwise. */
export function defaultContext(overrides: Partial<StageContext> = {}): StageContext {
  return {
    signal: new AbortController().signal,
    log: (line) => say(forTerminal(line)),
    env: (name) => Deno.env.get(name),
    fetch: globalThis.fetch,
    now: Date.now,
    monotonic: () => performance.now(),
    sleep,
    disk: realDisk,
    progress: "none",
    ...overrides,
  };
}

/** In a notebook what goes to stderr stands in a red box, as if something were wrong. */
function say(line: string): void {
  if (isNotebook()) console.log(line);
  else console.error(line);
}

function isNotebook(): boolean {
  try {
    return Deno.jupyter !== undefined;
  } catch {
    return false;
  }
}

/** A timer of more than 24.8 days rings at once: no wait here is longer than a day. */
const LONGEST_MS = 86_400_000;

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let left = ms;
  for (; left > LONGEST_MS; left -= LONGEST_MS) await sleepOnce(LONGEST_MS, signal);
  await sleepOnce(left, signal);
}

function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
