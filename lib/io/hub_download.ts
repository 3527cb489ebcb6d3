/** One file of a model on the Hub, into its place, checked, with what a person wants to know meanwhile. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { StageContext } from "../core/context.ts";
import { InputError, messageOf } from "../core/errors.ts";

/** What a download takes from its surroundings. */
export type HubContext = Pick<StageContext, "env" | "fetch" | "log" | "signal" | "monotonic">;

/** A file as the Hub tells of it. */
export interface RepoFile {
  rfilename: string;
  size?: number;
  lfs?: { sha256?: string } | null;
}

/** Asks the Hub (HF_ENDPOINT) with the token in HF_TOKEN. */
export function askHub(path: string, { env, fetch, signal }: HubContext): Promise<Response> {
  const endpoint = (env("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/$/, "");
  const token = env("HF_TOKEN");
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return fetch(endpoint + path, { headers, signal });
}

/**
 * Fetches a file beside its place, checks size and hash, and renames it. One that is there in its
 * size is left alone.
 *
 * @throws {InputError} where it cannot be had, or comes out other than the Hub says.
 */
export async function fetchFile(
  repo: string,
  sha: string,
  file: RepoFile,
  path: string,
  context: HubContext,
): Promise<void> {
  const there = await Deno.stat(path).catch(() => null);
  if (there !== null && (file.size === undefined || there.size === file.size)) return;
  const name = `${repo}/${file.rfilename}`;
  context.log(`downloading ${name}${file.size === undefined ? "" : ` (${megabytes(file.size)})`}`);
  const part = `${path}.${crypto.randomUUID()}.part`;
  await Deno.mkdir(dirname(path), { recursive: true });
  try {
    const reply = await askHub(`/${repo}/resolve/${sha}/${file.rfilename}`, context);
    if (!reply.ok || reply.body === null) throw new Error(`the hub answers ${reply.status}`);
    const hash = createHash("sha256");
    const told = new DownloadProgress(name, file.size, context);
    const hashing = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        hash.update(chunk);
        told.add(chunk.length);
        controller.enqueue(chunk);
      },
    });
    await Deno.writeFile(part, reply.body.pipeThrough(hashing));
    if (file.size !== undefined && told.bytes !== file.size) {
      throw new Error(`${told.bytes} bytes came, not ${file.size}`);
    }
    if (file.lfs?.sha256 !== undefined && hash.digest("hex") !== file.lfs.sha256) {
      throw new Error("its SHA-256 is not the hub's");
    }
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    context.signal.throwIfAborted();
    throw new InputError(`${name}: cannot be downloaded: ${messageOf(error)}`);
  }
}

/** How often a line tells how far a download is. */
const SAY_MS = 10_000;

/** Tells how far a download is, how fast it goes and how long it will take. */
class DownloadProgress {
  bytes = 0;
  readonly #name: string;
  readonly #size: number | undefined;
  readonly #context: HubContext;
  readonly #began: number;
  #said: number;

  constructor(name: string, size: number | undefined, context: HubContext) {
    this.#name = name;
    this.#size = size;
    this.#context = context;
    this.#began = this.#said = context.monotonic();
  }

  add(bytes: number): void {
    this.bytes += bytes;
    const now = this.#context.monotonic();
    if (now - this.#said < SAY_MS) return;
    this.#said = now;
    const perSecond = this.bytes / (now - this.#began) * 1000;
    const whole = this.#size === undefined
      ? ""
      : ` of ${megabytes(this.#size)}, ${Math.ceil((this.#size - this.bytes) / perSecond)} s left`;
    this.#context.log(
      `${this.#name}: ${megabytes(this.bytes)}${whole}, ${megabytes(perSecond)} a second`,
    );
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
