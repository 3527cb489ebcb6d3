/** A small completion server on loopback whose habits a test chooses. */

export interface Habits {
  model?: string;
  maxModelLen?: number;
  /** Replies to one request at most; more are ignored, or refused. */
  maxN?: number;
  refusesN?: boolean;
  /** Puts a BOS before every prompt. */
  addsBos?: boolean;
  stops?: "kept" | "named" | "lost";
  /** What the model writes for a prompt and a seed, before any stop. */
  writes?: (prompt: string, seed: number) => string;
  totalSlots?: number;
  key?: string;
  /** An answer instead of the server's own. */
  fails?: (body: Body) => Response | undefined;
}

export type Body = Record<string, unknown> & { prompt: string; n: number; stop: string[] };

const BOS = "<s>";
/** A probe's prompt is a single letter. */
const isProbe = (body: Body) => body.prompt.length === 1;

export class ScriptedServer {
  /** Bodies of completion requests, probes left out. */
  readonly requests: Body[] = [];
  /** Prompts as the model sees them, with the BOS that the server adds. */
  readonly seen: string[] = [];
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(readonly habits: Habits = {}, port = 0) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { model = "m", key, totalSlots, maxModelLen } = this.habits;
    if (key && request.headers.get("authorization") !== `Bearer ${key}`) {
      return Response.json({ error: "Unauthorized" }, { status: 401 });
    }
    if (pathname === "/v1/models") {
      return Response.json({ object: "list", data: [{ id: model, max_model_len: maxModelLen }] });
    }
    if (pathname === "/props" && totalSlots) return Response.json({ total_slots: totalSlots });
    if (pathname !== "/v1/completions") return new Response("not found", { status: 404 });
    const body = await request.json() as Body;
    if (!isProbe(body)) this.requests.push(body);
    return this.habits.fails?.(body) ?? this.#complete(body);
  }

  #complete(body: Body): Response {
    const { addsBos, maxN = 64, refusesN, writes = () => "hello" } = this.habits;
    const prompt = addsBos ? BOS + body.prompt : body.prompt;
    if (!isProbe(body)) this.seen.push(prompt);
    if (refusesN && body.n > maxN) {
      return Response.json({ error: { message: `n_parallel is ${maxN}` } }, { status: 400 });
    }
    const n = Math.min(body.n, maxN);
    const texts = Array.from({ length: n }, (_, at) => writes(prompt, Number(body.seed) + at));
    if (body.stream) return streamed(texts[0]!);
    return Response.json({
      choices: texts.map((text, index) => ({ index, ...this.#stopped(text, body) })),
      usage: {
        prompt_tokens: isProbe(body) ? prompt.length > 1 ? 2 : 1 : 9,
        completion_tokens: 5 * n,
      },
    });
  }

  #stopped(text: string, { stop, include_stop_str_in_output: include }: Body) {
    const { stops = "kept" } = this.habits;
    const at = Math.min(...stop.map((each) => text.indexOf(each)).filter((each) => each >= 0));
    if (at === Infinity) return { text, finish_reason: "stop", stop_reason: null };
    const found = stop.find((each) => text.startsWith(each, at))!;
    return {
      text: text.slice(0, at) + (stops === "kept" && include ? found : ""),
      finish_reason: "stop",
      stop_reason: stops === "lost" ? undefined : found,
    };
  }
}

/** A letter a chunk, as servers send a token a chunk. */
function streamed(text: string): Response {
  const events = [...text].map((letter) => ({ choices: [{ text: letter, finish_reason: null }] }));
  const end = { choices: [{ text: "", finish_reason: "stop" }] };
  const lines = [...events, end].map((event) => `data: ${JSON.stringify(event)}\n\n`);
  return new Response(`${lines.join("")}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  });
}
