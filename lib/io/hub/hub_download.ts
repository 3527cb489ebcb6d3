/** One file of the Hub, into its place, checked, with what a person wants to know meanwhile. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { InputError, messageOf } from "../../core/errors.ts";
import { askHub, type HubContext, type Repo, type RepoFile } from "./hub_repo.ts";

/**
 * The place of a file in the cache; fetched beside it, held against size and hash, and renamed. One
 * that is there in its size is left alone, and of processes that want it at once one fetches it.
 *
 * @throws {InputError} where it cannot be had, or comes out other than the Hub says.
 */
export async function fetchFile(repo: Repo, file: RepoFile, context: HubContext): Promise<string> {
  const path = join(repo.snapshot, file.rfilename), name = `${repo.name}/${file.rfilename}`;
  const isThere = async () => {
    const there = await Deno.stat(path).catch(() => null);
    return there !== null && (file.size === undefined || there.size === file.size);
  };
  if (!await isThere()) {
    await alone(repo.folder, name, context, async () => {
      if (!await isThere()) await download(repo, file, { path, name }, context);
    });
  }
  return path;
}

/** Runs work on a repository's folder while no other process does. */
export async function alone<T>(
  folder: string,
  name: string,
  { log, signal }: Pick<HubContext, "log" | "signal">,
  work: () => Promise<T>,
): Promise<T> {
  await Deno.mkdir(folder, { recursive: true });
  // Closed by the kernel where the process dies; the file stays.
  using file = await Deno.open(join(folder, ".lock"), { create: true, write: true });
  for (let tries = 0; !file.tryLockSync(true); tries++) {
    if (tries === 100) log(`${name}: another process is fetching it: waiting`);
    await setTimeout(50, undefined, { signal });
  }
  return await work();
}

async function download(
  { kind, name: repo, commit }: Repo,
  file: RepoFile,
  { path, name }: { path: string; name: string },
  context: HubContext,
): Promise<void> {
  context.log(`downloading ${name}${file.size === undefined ? "" : ` (${megabytes(file.size)})`}`);
  const part = `${path}.${crypto.randomUUID()}.part`;
  await Deno.mkdir(dirname(path), { recursive: true });
  try {
    const base = kind === "model" ? `/${repo}` : `/datasets/${repo}`;
    const reply = await askHub(`${base}/resolve/${commit}/${encoded(file.rfilename)}`, context);
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

const encoded = (path: string) => path.split("/").map(encodeURIComponent).join("/");

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
