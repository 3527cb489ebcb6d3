/** A command beside a server of its own: started on a free port, awaited, ended with it. */
import { dirname } from "node:path";
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, RunError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";

/** Options of `serveAndRun`. */
export const ServeAndRunOptions = z.object({
  serve: z.string().describe("the server's command; {port} is filled in"),
  log: z.string().describe("file for what the server prints"),
  serveTimeout: z.number().positive().default(1800).describe("seconds until it must be healthy"),
});
export type ServeAndRunOptions = z.input<typeof ServeAndRunOptions>;

/** How long a server may take to end before it is killed, in milliseconds. */
const END_MS = 20_000;
/** Lines of the server's log that stand in an error. */
const TAIL = 30;

/**
 * Starts the server, waits until `/health` or `/v1/models` answers, runs `command` with `--base-url`
 * added, ends the server, and returns the command's exit status. A signal is passed on to the
 * command. Throws `RunError` with the end of the server's log where the server ends by itself or
 * is not healthy in time.
 */
export async function serveAndRun(
  given: ServeAndRunOptions,
  overrides: Partial<StageContext> = {},
  { rest: command }: { rest: readonly string[] },
): Promise<number> {
  const options = parseOptions(ServeAndRunOptions, given);
  const context = defaultContext(overrides);
  if (command.length === 0) throw new InputError("give the command to run after --");
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startServer(options.serve.replaceAll("{port}", String(port)), options.log);
  try {
    await healthy(server, url, options, context);
    context.log(`server at ${url}, its log: ${options.log}`);
    return await beside(server, [...command, "--base-url", url], options, context);
  } finally {
    await endServer(server);
  }
}

interface Server {
  process: Deno.ChildProcess;
  /** Resolves with a word on how it ended. */
  ended: Promise<string>;
}

/** In a process group of its own, so that all that the command starts can be ended. */
function startServer(command: string, log: string): Server {
  Deno.mkdirSync(dirname(log), { recursive: true });
  Deno.writeTextFileSync(log, "");
  const process = new Deno.Command("bash", {
    args: ["-c", 'exec >>"$0" 2>&1; eval "$1"', log, command],
    stdin: "null",
    detached: true,
  }).spawn();
  return { process, ended: ending(process) };
}

async function healthy(
  { ended }: Server,
  url: string,
  { log, serveTimeout }: z.output<typeof ServeAndRunOptions>,
  { fetch, sleep, monotonic, signal, log: tell }: StageContext,
): Promise<void> {
  const deadline = monotonic() + serveTimeout * 1000;
  let end: string | undefined;
  ended.then((word) => end = word);
  const answers = async (path: string) => {
    try {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(5_000) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  };
  while (!await answers("/health") && !await answers("/v1/models")) {
    if (end !== undefined) {
      throw serverFailure(`the server ended (${end}) before it answered`, log, tell);
    }
    if (monotonic() > deadline) {
      throw serverFailure(
        `the server did not answer at ${url} within ${serveTimeout} s`,
        log,
        tell,
      );
    }
    await sleep(500, signal);
  }
}

async function beside(
  server: Server,
  [program, ...args]: string[],
  { log }: z.output<typeof ServeAndRunOptions>,
  { signal, sleep, log: tell }: StageContext,
): Promise<number> {
  const child = new Deno.Command(program!, { args, stdin: "null" }).spawn();
  const ended = ending(child);
  let over = false;
  ended.then(() => over = true);
  const end = async () => {
    // SLURM signals every process of a job: the command has it already, and a second SIGTERM
    // would end it before it has saved what is in flight.
    await sleep(1_000).catch(() => {});
    if (!over) child.kill("SIGTERM");
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const first = await Promise.race([ended.then(() => null), server.ended]);
    if (first !== null && !signal.aborted) {
      if (!over) child.kill("SIGTERM");
      await ended;
      throw serverFailure(`the server ended (${first}) while it was needed`, log, tell);
    }
    await ended;
  } finally {
    signal.removeEventListener("abort", end);
  }
  return (await child.status).code;
}

/** Ends all that the server's command started: asked first, then killed. */
async function endServer({ process }: Server): Promise<void> {
  for (const [name, patience] of [["SIGTERM", END_MS], ["SIGKILL", 2_000]] as const) {
    try {
      Deno.kill(-process.pid, name);
    } catch {
      return; // None of them is left.
    }
    const deadline = performance.now() + patience;
    while (performance.now() < deadline) {
      if (!groupRuns(process.pid)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Whether a process of the group runs; those that wait to be reaped do not. By Linux's /proc. */
function groupRuns(group: number): boolean {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [state, , itsGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(itsGroup) === group && state !== "Z") return true;
    } catch { /* it has just ended */ }
  }
  return false;
}

async function ending(process: Deno.ChildProcess): Promise<string> {
  const { code, signal } = await process.status;
  return signal ?? `exit status ${code}`;
}

/** The end of the server's log goes to the person at once, line by line; the error names it. */
function serverFailure(what: string, log: string, tell: StageContext["log"]): RunError {
  for (const line of Deno.readTextFileSync(log).trimEnd().split("\n").slice(-TAIL)) {
    tell(`server: ${line}`);
  }
  return new RunError(`${what}; its log: ${log}`);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
