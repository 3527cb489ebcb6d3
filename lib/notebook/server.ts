/** A Jupyter server of our own, on loopback, ended by its process id. */
import { join, resolve } from "node:path";
import { messageOf, RunError } from "../core/errors.ts";
import type { NotebookEnvironment } from "./environment.ts";
import { endKernels } from "./kernel_processes.ts";

/** A Jupyter server and how to talk to it. */
export interface JupyterServer {
  /** Ends with a slash. */
  url: string;
  token: string;
  /** The folder that session paths are relative to. */
  root: string;
  /** Aborted, with a line as its reason, when the server is gone before it was closed. */
  gone: AbortSignal;
  /** Ends the server and every kernel it started; safe to call twice. */
  close(): Promise<void>;
}

/**
 * A server that somebody else started in the current folder; closing it leaves it running.
 *
 * @throws RunError In one line, when it does not answer or refuses the token.
 */
export async function givenServer(url: string, token: string): Promise<JupyterServer> {
  const base = url.endsWith("/") ? url : `${url}/`;
  const reply = await askStatus(base, token, AbortSignal.timeout(30_000)).catch((error) => {
    throw new RunError(`the Jupyter server ${base} does not answer: ${messageOf(error)}`);
  });
  if (reply.status === 401 || reply.status === 403) {
    throw new RunError(`the Jupyter server ${base} refuses the token in JUPYTER_TOKEN`);
  }
  if (!reply.ok) throw new RunError(`${base} is no Jupyter server: HTTP ${reply.status}`);
  return {
    url: base,
    token,
    root: Deno.cwd(),
    gone: new AbortController().signal,
    close: () => Promise.resolve(),
  };
}

async function askStatus(url: string, token: string, signal: AbortSignal): Promise<Response> {
  const reply = await fetch(`${url}api/status`, {
    headers: { authorization: `token ${token}` },
    signal,
  });
  await reply.body?.cancel();
  return reply;
}

/** What to start, and how long to wait for it. */
export interface ServerOptions {
  /** The folder that the server serves; the current one by default. */
  root?: string;
  /** JupyterLab's pages too, as a browser needs; without them the server starts faster. */
  lab?: boolean;
  signal?: AbortSignal;
}

/** How long a server may take to start, in milliseconds. */
const START_MS = 120_000;
/** How long a server may take to end by itself before it is killed, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * Starts a server on a free loopback port with a token of its own, and with none of the user's
 * Jupyter settings. The token is passed by the environment, so that no process list shows it.
 *
 * @throws RunError In one line, when the server ends or does not answer in time.
 */
export async function startServer(
  environment: NotebookEnvironment,
  options: ServerOptions = {},
): Promise<JupyterServer & { pid: number }> {
  const root = resolve(options.root ?? ".");
  const runtime = await Deno.makeTempDir({ prefix: "thinkset-jupyter-" });
  const token = crypto.randomUUID() + crypto.randomUUID();
  const args = [
    ...["-m", options.lab ? "jupyterlab" : "jupyter_server", "--no-browser", "--allow-root"],
    ...["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", `--ServerApp.root_dir=${root}`],
    // A kernel that is stuck is given this many seconds to end.
    "--KernelManager.shutdown_wait_time=1",
    ...(options.lab ? LAB_FLAGS : SERVER_FLAGS),
  ];
  const logFile = join(runtime, "server.log");
  const child = new Deno.Command(environment.python, {
    args,
    cwd: root,
    env: {
      JUPYTER_TOKEN: token,
      JUPYTER_RUNTIME_DIR: runtime,
      JUPYTER_CONFIG_DIR: join(runtime, "config"),
      JUPYTER_DATA_DIR: join(runtime, "data"),
      JUPYTER_PREFER_ENV_PATH: "1",
      PYTHONUNBUFFERED: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const logged = Deno.open(logFile, { create: true, write: true })
    .then((file) => child.stderr.pipeTo(file.writable)).catch(() => {});

  const gone = new AbortController();
  let closing: Promise<void> | undefined;
  const ended = child.status.then((status) => {
    if (closing) return;
    const how = status.signal ?? `status ${status.code}`;
    gone.abort(new RunError(`the Jupyter server is gone (process ${child.pid} ended: ${how})`));
  });
  const close = () =>
    closing ??= (async () => {
      if (!await endChild(child)) await child.status;
      await ended;
      // A server that was killed leaves its kernels behind.
      await endKernels(environment, runtime);
      await logged;
      await Deno.remove(runtime, { recursive: true }).catch(() => {});
    })();
  try {
    const url = await urlOf(join(runtime, `jpserver-${child.pid}.json`), gone.signal, options);
    return { url, token, root, pid: child.pid, gone: gone.signal, close };
  } catch (error) {
    const lines = (await Deno.readTextFile(logFile).catch(() => "")).trim().split("\n");
    await close();
    if (options.signal?.aborted) throw error;
    throw new RunError(`the Jupyter server did not start: ${lines.at(-1) || String(error)}`);
  }
}

const LAB_FLAGS = [
  "--LabApp.expose_app_in_browser=True",
  "--LabApp.extension_manager=readonly",
  "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
  "--LabApp.news_url=None",
];
const SERVER_FLAGS = ["jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim"]
  .map((name) => `--ServerApp.jpserver_extensions=${name}=False`);

/** Waits for the file in which the server says where it listens, then for its first answer. */
async function urlOf(file: string, gone: AbortSignal, options: ServerOptions): Promise<string> {
  const late = AbortSignal.timeout(START_MS);
  const stop = AbortSignal.any([gone, late, ...options.signal ? [options.signal] : []]);
  for (;; await new Promise((resolve) => setTimeout(resolve, 25))) {
    if (late.aborted) throw new RunError(`no answer within ${START_MS / 1000} s`);
    stop.throwIfAborted();
    try {
      const { url, token } = JSON.parse(await Deno.readTextFile(file));
      const reply = await askStatus(url, token, stop);
      if (reply.ok) return url;
    } catch {
      // Not written, or written in part, or not listening yet.
    }
  }
}

/** Asks a process to end, then ends it. False when it was gone already. */
async function endChild(child: Deno.ChildProcess): Promise<boolean> {
  try {
    child.kill("SIGTERM");
  } catch {
    return false;
  }
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended in the meantime.
    }
  }, GRACE_MS);
  await child.status;
  clearTimeout(timer);
  return true;
}
