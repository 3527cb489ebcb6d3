/** One running kernel of a Jupyter server, and what it says. */
import {
  KernelAPI,
  KernelConnection,
  KernelMessage,
  ServerConnection,
  SessionAPI,
} from "@jupyterlab/services";
import { messageOf, RunError } from "../core/errors.ts";
import { withTimeLimit } from "../run/time_limit.ts";
import { OutputCollector } from "./outputs.ts";
import type { Output } from "./notebook_file.ts";
import type { JupyterServer } from "./server.ts";

/** How often the server is asked whether the kernel is still there, in milliseconds. */
const WATCH_MS = 1000;
/** Unanswered questions in a row after which the server counts as gone. */
const WATCH_FAILURES = 3;
/** A kernel that the server is just restarting takes more than one attempt to end. */
const CLOSE_ATTEMPTS = 5;
/** How long one question may take, in milliseconds. */
const ANSWER_MS = 10_000;

/** A cell that was sent to the kernel. */
export interface Execution {
  /** Filled as outputs come, until the kernel is closed. */
  outputs: Output[];
  /** The kernel's reply; rejects when the kernel or the server is gone. */
  reply: Promise<KernelMessage.IExecuteReplyMsg["content"]>;
}

/** A kernel with its connection. It must be closed. */
export class Kernel {
  readonly #collector = new OutputCollector();
  readonly #lost = new AbortController();
  readonly #settings: ServerConnection.ISettings;
  readonly #connection: KernelConnection;
  readonly #endSession: () => Promise<void>;
  #lastMessage = 0;
  #serverGone = false;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #closed: () => void;

  private constructor(
    server: JupyterServer,
    settings: ServerConnection.ISettings,
    session: { id: string; kernel: KernelAPI.IModel },
    onClose: () => void,
  ) {
    this.#settings = settings;
    this.#closed = onClose;
    this.#endSession = () => SessionAPI.shutdownSession(session.id, settings);
    this.#connection = new Connection({
      model: session.kernel,
      serverSettings: settings,
      handleComms: false,
    });
    this.#connection.iopubMessage.connect((_, message) => {
      this.#lastMessage = performance.now();
      this.#collector.take({
        type: message.header.msg_type,
        parent: "msg_id" in message.parent_header ? message.parent_header.msg_id : "",
        content: message.content as Record<string, unknown>,
      });
    });
    this.#connection.statusChanged.connect((_, status) => {
      if (status === "dead" || status === "autorestarting") this.#lose(DIED);
    });
    const onGone = () => this.#loseServer(messageOf(server.gone.reason));
    server.gone.addEventListener("abort", onGone, { once: true });
    if (server.gone.aborted) onGone();
    this.#watchServer(0);
  }

  /**
   * Starts a kernel that works in a notebook's folder.
   *
   * @param path The notebook's path relative to the server's root.
   * @throws RunError When the server refuses or the kernel does not answer.
   */
  static async start(server: JupyterServer, name: string, path: string): Promise<Kernel> {
    let closed = false;
    const settings = ServerConnection.makeSettings({
      baseUrl: server.url,
      wsUrl: server.url.replace(/^http/, "ws"),
      token: server.token,
      appendToken: true,
      // Once closed, the library's reconnecting must come to an end.
      fetch: (input, init) =>
        closed ? Promise.resolve(new Response(null, { status: 410 })) : fetch(input, init),
      Request,
      Headers,
      WebSocket,
    });
    try {
      const session = await SessionAPI.startSession({
        // A session with the path of an open one would share its kernel.
        path: `${path}-${crypto.randomUUID()}`,
        name: path,
        type: "notebook",
        kernel: { name },
      }, settings);
      return new Kernel(server, settings, { ...session, kernel: session.kernel! }, () => {
        closed = true;
      });
    } catch (error) {
      const gone = server.gone.aborted ? server.gone.reason : error;
      throw new RunError(`the kernel ${name} could not be started: ${messageOf(gone)}`);
    }
  }

  /** Aborted, with a line as its reason, when the kernel or its server is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** What the kernel says of its language: the notebook's `language_info`. */
  info(): Promise<KernelMessage.IInfoReply> {
    return this.#orLost(this.#connection.info);
  }

  execute(code: string): Execution {
    const future = this.#connection.requestExecute({ code, allow_stdin: false }, false);
    const reply = this.#orLost(future.done.then((message) => message.content));
    reply.catch(() => {});
    return { outputs: this.#collector.open(future.msg.header.msg_id), reply };
  }

  /**
   * Waits until nothing has come for a while: kernels since Deno 2.8 send outputs after the cell's
   * end. Outputs that are later still go to their cell as long as the kernel is open.
   */
  async settle(quietMs: number): Promise<void> {
    this.#lastMessage = performance.now();
    while (!this.lost.aborted) {
      const left = this.#lastMessage + quietMs - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(left)));
    }
  }

  async interrupt(): Promise<void> {
    await KernelAPI.interruptKernel(this.#connection.id, this.#settings);
  }

  /** Ends the kernel, whatever it is doing. */
  async close(): Promise<void> {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    for (let attempt = 0; attempt < CLOSE_ATTEMPTS && !this.#serverGone; attempt++) {
      if (await this.#endKernel()) break;
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
    this.#closed();
    this.#connection.dispose();
  }

  /** False where the server still has it: one that is restarting cannot be ended. */
  async #endKernel(): Promise<boolean> {
    const { id } = this.#connection;
    try {
      await inTime(this.#endSession()).catch(() => KernelAPI.shutdownKernel(id, this.#settings));
      return await inTime(KernelAPI.getKernelModel(id, this.#settings)) === undefined;
    } catch {
      return false;
    }
  }

  #watchServer(failures: number): void {
    this.#watch = setTimeout(async () => {
      let next = 0;
      try {
        const asked = KernelAPI.getKernelModel(this.#connection.id, this.#settings);
        if (await inTime(asked) === undefined) this.#lose(DIED);
      } catch {
        next = failures + 1;
        if (next === WATCH_FAILURES) {
          this.#loseServer("the Jupyter server does not answer any more");
        }
      }
      if (this.#watch !== undefined && !this.lost.aborted) this.#watchServer(next);
    }, WATCH_MS);
  }

  #loseServer(line: string): void {
    this.#serverGone = true;
    this.#lose(line);
  }

  #lose(line: string): void {
    if (!this.lost.aborted) this.#lost.abort(new RunError(line));
  }

  #orLost<T>(promise: Promise<T>): Promise<T> {
    // Where the kernel is lost already, nobody waits for it.
    promise.catch(() => {});
    return withTimeLimit(Infinity, this.lost, () => promise);
  }
}

/** The library reconnects to a restarted kernel by itself, and nobody catches what comes of it. */
class Connection extends KernelConnection {
  override reconnect(): Promise<void> {
    return super.reconnect().catch(() => {});
  }
}

const DIED = "the kernel died (it was killed, ran out of memory, or called Deno.exit)";

/** The server's answer, or an error after `ANSWER_MS`. */
function inTime<T>(answer: Promise<T>): Promise<T> {
  return withTimeLimit(ANSWER_MS, undefined, () => answer, () => new RunError("no answer"));
}
