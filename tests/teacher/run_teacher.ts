/** What the tests of whole teacher runs share: prompts, a quick clock, a context without a world. */
import { join } from "node:path";
import type { StageContext } from "../../lib/core/context.ts";

export { inFolder } from "../cli.ts";

/** A key that must turn up nowhere. */
export const MARKED_KEY = "sk-marked-7f3a9c51e2";

/** Writes prompts of one short question each and returns the file's path. */
export async function writePrompts(folder: string, count: number): Promise<string> {
  const path = join(folder, "prompts.jsonl");
  const rows = Array.from({ length: count }, (_, i) => ({
    id: `p${i}`,
    prompt: `Question number ${i}\nWhat should I know about it?`,
  }));
  await Deno.writeTextFile(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  return path;
}

/** A context with the marked keys, whose waits are twenty times as short, and its log lines. */
export function quickContext(overrides: Partial<StageContext> = {}) {
  const lines: string[] = [];
  const context: Partial<StageContext> = {
    env: (name) => /^(?:OPENAI|GEMINI)_API_KEY$/.test(name) ? MARKED_KEY : undefined,
    log: (line) => lines.push(line),
    sleep: (ms, signal) => wait(ms / 20, signal),
    ...overrides,
  };
  return { context, lines };
}

/** Waits in real time. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** The lines of a JSON Lines file, parsed; none where there is no file. */
export async function jsonLines(path: string): Promise<Record<string, unknown>[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    return [];
  }
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Every file below a folder, by path. */
export async function allFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) found.push(...await allFiles(path));
    else found.push(path);
  }
  return found;
}
