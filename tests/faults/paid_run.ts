/** Paid runs in processes of their own, for tests that disturb them. */
import { join } from "node:path";
import { type ScriptedProvider } from "../teacher/scripted_provider.ts";

const PART = "part-00000-of-00001.jsonl";

/** Requests in flight at most. */
export const SLOTS = 6;

/** A run that goes on. */
export interface PaidRun {
  process: Deno.ChildProcess;
  /** How it ended. */
  ended: Promise<{ code: number; stderr: string }>;
}

/** Starts sample-teacher against a provider; `deno` are words before the script's name. */
export function startPaidRun(
  provider: ScriptedProvider,
  { prompts, out }: { prompts: string; out: string },
  { flags = [], deno = [] }: { flags?: string[]; deno?: string[] } = {},
): PaidRun {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", ...deno, "scripts/sample_teacher.ts", "--prompts", prompts],
      ...["--model", "openai/gpt-4.1-mini", "--base-url", provider.url, "--api", "responses"],
      ...["--out", out, "--concurrency", String(SLOTS), "--progress", "none", ...flags],
    ],
    env: { OPENAI_API_KEY: "sk-nobody", NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const ended = process.output().then(({ code, stderr }) => ({
    code,
    stderr: new TextDecoder().decode(stderr),
  }));
  return { process, ended };
}

/** Ids of the records and rejects that are whole on disk. */
export function keptIds(out: string): string[] {
  const lines = (name: string) => {
    try {
      return Deno.readTextFileSync(join(out, name, PART)).split("\n").slice(0, -1);
    } catch {
      return [];
    }
  };
  return ["records", "rejects"].flatMap(lines).map(idOf).filter((id) => id !== "");
}

/** Empty for a line that a power cut damaged. */
function idOf(line: string): string {
  return /^\{"id":"([^"]+)".*\}$/.exec(line)?.[1] ?? "";
}

/** Watches how many replies a provider was paid for, and when. */
export function watchBill(provider: ScriptedProvider): {
  /** Replies that had been paid for by that moment (`performance.now`). */
  paidBy: (moment: number) => number;
  stop: () => void;
} {
  const seen: { at: number; billed: number }[] = [];
  const timer = setInterval(() => {
    seen.push({ at: performance.now(), billed: provider.stats.billed });
  }, 10);
  return {
    paidBy: (moment) => seen.findLast(({ at }) => at <= moment)?.billed ?? 0,
    stop: () => clearInterval(timer),
  };
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
