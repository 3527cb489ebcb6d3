/** Downloads a model from the Hugging Face hub into the cache that Python's hub library uses too. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { hubCache } from "../../core/user_cache.ts";
import { MODEL_FILES, STEPS_FILE } from "./folder.ts";

const RepoInfo = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.object({
    rfilename: z.string(),
    size: z.number().optional(),
    lfs: z.object({ sha256: z.string() }).partial().nullish(),
  })),
});
type RepoFile = z.infer<typeof RepoInfo>["siblings"][number];

/** What a download takes from its surroundings. */
export type HubContext = Pick<StageContext, "env" | "fetch" | "log" | "signal">;

/** Which of a repository's files are fetched. Throws `InputError` where one that is needed is not there. */
type Wanted = (repo: string, files: readonly RepoFile[]) => RepoFile[];

/**
 * The folder that a name stands for: itself where it exists, else that of the hub's model of this
 * name, `ORG/NAME`. Throws `InputError` where there is neither.
 */
export async function resolveFolder(
  name: string,
  context: HubContext,
  wanted: Wanted,
): Promise<string> {
  const info = await Deno.stat(name).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new InputError(`${name}: cannot be read`);
  });
  if (info?.isDirectory) return name;
  if (info !== null) throw new InputError(`${name}: not a folder`);
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name)) throw new InputError(`${name}: no such folder`);
  return await downloadModel(name, context, wanted);
}

/**
 * The folder of a hub model's newest revision: `HF_HOME/hub/models--ORG--NAME/snapshots/SHA`, with the
 * files that are wanted: by default its tokenizer, configuration and one ONNX graph. Those there are not fetched again; with the
 * hub out of reach, or under HF_HUB_OFFLINE=1, the revision that was used last is taken.
 *
 * HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_TOKEN mean what they mean to Python's library. Throws
 * `InputError` where the model is not there, has no ONNX graph, or a file comes out other than the
 * hub says.
 */
export async function downloadModel(
  repo: string,
  context: HubContext,
  wanted: Wanted = modelFiles,
): Promise<string> {
  const { env, log } = context;
  const folder = join(hubCache(env), `models--${repo.replace("/", "--")}`);
  const ref = join(folder, "refs", "main");
  if (/^(1|true|yes|on)$/i.test(env("HF_HUB_OFFLINE") ?? "")) {
    return await lastUsed(folder, ref, `${repo}: no such folder, and HF_HUB_OFFLINE is set`);
  }
  let reply: Response;
  try {
    reply = await ask(`/api/models/${repo}/revision/main?blobs=true`, context);
  } catch (error) {
    context.signal.throwIfAborted();
    const problem = `${repo}: no such folder, and the hub is out of reach: ${messageOf(error)}`;
    const found = await lastUsed(folder, ref, problem);
    log(`${repo}: the hub is out of reach; using the revision in the cache`);
    return found;
  }
  if (!reply.ok) {
    await reply.body?.cancel();
    throw new InputError(`${repo}: no such folder, and the hub answers ${reply.status} for it`);
  }
  const info = RepoInfo.safeParse(await reply.json().catch(() => null));
  if (!info.success) throw new InputError(`${repo}: the hub's answer cannot be read`);
  const { sha, siblings } = info.data;
  const snapshot = join(folder, "snapshots", sha);
  for (const file of wanted(repo, siblings)) {
    await fetchFile(repo, sha, file, join(snapshot, file.rfilename), context);
  }
  await Deno.mkdir(dirname(ref), { recursive: true });
  await Deno.writeTextFile(ref, sha);
  return snapshot;
}

/** Configuration and tokenizer, and the first graph of `MODEL_FILES`, else `STEPS_FILE`, with its external data. */
export const modelFiles: Wanted = (repo, files) => {
  const names = new Set(files.map((file) => file.rfilename));
  const graph = [...MODEL_FILES, STEPS_FILE].find((name) => names.has(name));
  if (graph === undefined) throw new InputError(`${repo}: has no ONNX graph (onnx/model.onnx)`);
  return files.filter((file) =>
    isSmall(file) || file.rfilename === graph ||
    (file.rfilename.startsWith(graph) && /^_data(_\d+)?$/.test(file.rfilename.slice(graph.length)))
  );
};

/** Configuration, tokenizer and chat template alone. */
export const tokenizerFiles: Wanted = (_, files) => files.filter(isSmall);

function isSmall({ rfilename }: RepoFile): boolean {
  return /^[\w-][\w.-]*\.(json|jinja|txt|model)$/.test(rfilename);
}

function ask(path: string, { env, fetch, signal }: HubContext): Promise<Response> {
  const endpoint = (env("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/$/, "");
  const token = env("HF_TOKEN");
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return fetch(endpoint + path, { headers, signal });
}

/** Fetches a file beside its place, checks size and hash, and renames it. */
async function fetchFile(
  repo: string,
  sha: string,
  file: RepoFile,
  path: string,
  context: HubContext,
): Promise<void> {
  const there = await Deno.stat(path).catch(() => null);
  if (there !== null && (file.size === undefined || there.size === file.size)) return;
  const bytes = file.size === undefined ? "" : ` (${(file.size / 1e6).toFixed(1)} MB)`;
  context.log(`downloading ${repo}/${file.rfilename}${bytes}`);
  const part = `${path}.${crypto.randomUUID()}.part`;
  await Deno.mkdir(dirname(path), { recursive: true });
  try {
    const reply = await ask(`/${repo}/resolve/${sha}/${file.rfilename}`, context);
    if (!reply.ok || reply.body === null) throw new Error(`the hub answers ${reply.status}`);
    const hash = createHash("sha256");
    let size = 0;
    const hashing = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        hash.update(chunk);
        size += chunk.length;
        controller.enqueue(chunk);
      },
    });
    await Deno.writeFile(part, reply.body.pipeThrough(hashing));
    if (file.size !== undefined && size !== file.size) {
      throw new Error(`${size} bytes came, not ${file.size}`);
    }
    if (file.lfs?.sha256 !== undefined && hash.digest("hex") !== file.lfs.sha256) {
      throw new Error("its SHA-256 is not the hub's");
    }
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    context.signal.throwIfAborted();
    throw new InputError(`${repo}/${file.rfilename}: cannot be downloaded: ${messageOf(error)}`);
  }
}

/** The revision that `refs/main` names, where its folder is there. */
async function lastUsed(folder: string, ref: string, problem: string): Promise<string> {
  const sha = await Deno.readTextFile(ref).catch(() => null);
  const snapshot = sha === null ? null : join(folder, "snapshots", sha.trim());
  const info = snapshot === null ? null : await Deno.stat(snapshot).catch(() => null);
  if (snapshot === null || !info?.isDirectory) throw new InputError(problem);
  return snapshot;
}
