/** The explorer's server: on loopback alone, for whoever has its address. */
import { timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { InputError, messageOf } from "../core/errors.ts";
import { shellQuote } from "../launch/shell_quote.ts";
import { type Asset, pageAssets } from "./assets.ts";
import { encodeData } from "./columns.ts";
import type { DecisionsFile } from "./decisions_file.ts";
import type { Loaded } from "./load.ts";
import { indexHtml, servedPolicy } from "./page_html.ts";
import { maskView, promptView } from "./prompt_view.ts";
import { Decide, Search } from "./requests.ts";

/** A server that listens. */
export interface ExplorerServer extends AsyncDisposable {
  /** The page's address, its token in it. */
  url: string;
}

/** Bytes of a request's body at most. */
const MOST_BODY = 32 << 20;

/** Serves what was loaded; port 0 takes a free one. */
export function serveExplorer(
  loaded: Loaded,
  decisions: DecisionsFile | undefined,
  port = 0,
): ExplorerServer {
  const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const routes = new Routes(loaded, decisions);
  let own = "";
  const server = listen(port, async (request) => {
    const response = await answered(request, { own, token, routes });
    for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
    return response;
  });
  own = `127.0.0.1:${server.addr.port}`;
  return {
    url: `http://${own}/${token}/`,
    [Symbol.asyncDispose]: async () => {
      await server.shutdown();
    },
  };
}

function listen(port: number, handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port, onListen: () => {}, onError: failed };
  try {
    return Deno.serve(options, handler);
  } catch (error) {
    throw new InputError(`--port ${port}: ${messageOf(error)}: choose another, or leave it out`);
  }
}

const HEADERS: Record<string, string> = {
  "Content-Security-Policy":
    `${servedPolicy()}; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

async function answered(
  request: Request,
  { own, token, routes }: { own: string; token: string; routes: Routes },
): Promise<Response> {
  const url = new URL(request.url);
  const port = own.split(":")[1];
  const host = request.headers.get("host");
  // Another name that leads here is a page elsewhere that had its name turned to this machine.
  if (host !== own && host !== `localhost:${port}`) return refused(403, "wrong host");
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) return refused(403, "wrong origin");
  if (request.method !== "GET" && origin === null) return refused(403, "no origin");
  const [, given = "", ...rest] = url.pathname.split("/");
  if (!sameText(given, token)) return refused(404, "not found");
  try {
    return await routes.answer(rest.join("/"), url.searchParams, request);
  } catch (error) {
    if (error instanceof InputError) return refused(400, messageOf(error));
    if (error instanceof z.ZodError) return refused(400, z.prettifyError(error));
    throw error;
  }
}

/** What a token opens. */
class Routes {
  readonly #assets: Map<string, Asset> = pageAssets();
  readonly #made = new Map<string, string>();

  constructor(
    private readonly loaded: Loaded,
    private readonly decisions: DecisionsFile | undefined,
  ) {}

  async answer(path: string, query: URLSearchParams, request: Request): Promise<Response> {
    const { store, data } = this.loaded;
    const method = `${request.method} ${path}`;
    switch (method) {
      case "GET ":
        return new Response(indexHtml(), { headers: { "Content-Type": HTML } });
      case "GET data":
        return new Response(new Blob(encodeData(data) as BlobPart[]), { headers: BYTES });
      case "GET prompts":
        return Response.json(await store.previews(rowsOf(query.get("rows")).slice(0, 500)));
      case "GET prompt": {
        const row = rowsOf(query.get("row"))[0] ?? -1;
        const view = await promptView(this.loaded, row, { whole: query.get("whole") });
        return view === undefined ? refused(404, "no such prompt") : Response.json(view);
      }
      case "GET mask": {
        const mask = await maskView(this.loaded, rowsOf(query.get("row"))[0] ?? -1);
        if (mask === undefined) return refused(404, "no such row of a dataset");
        if (typeof mask === "string") throw new InputError(mask);
        return Response.json(mask);
      }
      case "POST search": {
        const { pattern, ...where } = Search.parse(await bodyOf(request));
        return new Response(await store.search(pattern, where), { headers: BYTES });
      }
      case "GET decisions":
        return await this.#state();
      case "POST decide":
        return await this.#decide(Decide.parse(await bodyOf(request)));
      case "POST undo":
        await this.#file().undo();
        return await this.#state();
    }
    const asset = request.method === "GET" ? this.#assets.get(path) : undefined;
    if (asset === undefined) return refused(404, "not found");
    let text = this.#made.get(path);
    if (text === undefined) this.#made.set(path, text = asset.read());
    return new Response(text, { headers: { "Content-Type": asset.type } });
  }

  async #decide({ action, rows, ...rest }: Decide): Promise<Response> {
    const ids = await this.loaded.store.ids(rows);
    if (action === "keep") await this.#file().clear(ids);
    else await this.#file().decide(ids.map((id) => ({ id, action, ...rest })));
    return await this.#state();
  }

  /** The decisions that count, each with the prompts that it is about. */
  async #state(): Promise<Response> {
    await this.decisions?.refresh();
    return Response.json({
      word: this.decisions === undefined ? null : shellQuote(this.decisions.path),
      canUndo: this.decisions?.canUndo ?? false,
      decisions: await this.loaded.store.withRows(this.decisions?.decisions.values() ?? []),
    });
  }

  #file(): DecisionsFile {
    if (this.decisions !== undefined) return this.decisions;
    throw new InputError("start explore with --decisions FILE to decide");
  }
}

const HTML = "text/html; charset=utf-8";
const BYTES = { "Content-Type": "application/octet-stream" };

function rowsOf(text: string | null): number[] {
  return (text ?? "").split(",").filter((part) => /^\d{1,10}$/.test(part)).map(Number);
}

async function bodyOf(request: Request): Promise<unknown> {
  if (request.headers.get("content-type") !== "application/json") {
    throw new InputError("a request's body must be JSON");
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    if ((bytes += chunk.length) > MOST_BODY) throw new InputError("the request is too long");
    chunks.push(chunk);
  }
  const text = await new Blob(chunks).text();
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("a request's body must be JSON");
  }
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => new TextEncoder().encode(text));
  return a!.length === b!.length && timingSafeEqual(a!, b!);
}

function refused(status: number, message: string): Response {
  return new Response(`${message}\n`, { status, headers: { "Content-Type": "text/plain" } });
}

function failed(error: unknown): Response {
  return refused(500, messageOf(error));
}
