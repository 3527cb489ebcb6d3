/** The task in a process of its own, as a user starts it. */
import { startTask } from "../cli.ts";

/** An explorer that serves its page, until it is disposed of. */
export interface StartedExplorer extends AsyncDisposable {
  /** The address that it printed. */
  url: string;
  /** The most memory that it held, in MB. */
  peakMb: () => number;
  /** Ends it as nothing can be prevented from ending. */
  kill: () => Promise<void>;
}

/** Starts it; throws with what it said where it ends without an address. */
export async function startExplorer(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<StartedExplorer> {
  const child = startTask("explore", [...args, "--no-open", "--progress", "none"], env);
  const said = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("\n")) {
    const { value, done } = await lines.read();
    if (done) throw new Error(await said);
    printed += value;
  }
  const end = async (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended.
    }
    await lines.cancel();
    await Promise.all([child.status, said]);
  };
  return {
    url: printed.trim(),
    peakMb: () => {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1000;
    },
    kill: () => end("SIGKILL"),
    [Symbol.asyncDispose]: () => end("SIGTERM"),
  };
}
