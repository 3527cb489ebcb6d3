/** A repository of the Hub at a revision, as the Hub tells of it or as the cache holds it. */
import { dirname, join } from "node:path";
import { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { isFolder } from "../../core/file_kind.ts";
import { TASK_COMMAND } from "../../core/packaged.ts";
import { hubCache } from "../../core/user_cache.ts";

/** What asking the Hub takes from its surroundings. */
export type HubContext = Pick<StageContext, "env" | "fetch" | "log" | "signal" | "monotonic">;

/** What is asked for, and how errors call it. */
export interface RepoName {
  kind: "model" | "dataset";
  /** OWNER/NAME. */
  name: string;
  /** A branch, a tag or a commit. */
  revision: string;
  /** What errors begin with. */
  about: string;
  /** What `download --what` calls the files that are wanted, where it fetches such. */
  what?: "tokenizer" | "base" | "dataset";
}

const RepoFile = z.object({
  rfilename: z.string(),
  size: z.number().optional(),
  lfs: z.object({ sha256: z.string() }).partial().nullish(),
});
/** A file as the Hub tells of it; of one in the cache the name alone. */
export type RepoFile = z.output<typeof RepoFile>;

const RepoInfo = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(RepoFile),
});

/** A repository at a commit. */
export interface Repo extends Pick<RepoName, "kind" | "name"> {
  commit: string;
  files: readonly RepoFile[];
  /** Its folder in the cache that Python's library uses too, and the commit's in that. */
  folder: string;
  snapshot: string;
  isCached: boolean;
  /** Makes this the revision that is used with the Hub out of reach. */
  remember: () => Promise<void>;
}

/** Lists this long may be cut short; then they are asked for in pages. */
const MOST_LISTED = 50_000;

/**
 * Asks the Hub for a revision; with it out of reach, or under HF_HUB_OFFLINE=1, gives the one that
 * was used last.
 *
 * HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_TOKEN mean what they mean to Python's library.
 *
 * @throws {InputError} where the Hub has no such repository, or the cache holds none of it.
 */
export async function openRepo(wanted: RepoName, context: HubContext): Promise<Repo> {
  const { kind, name, revision, about } = wanted, { env, log } = context;
  const folder = join(hubCache(env), `${kind}s--${name.replace("/", "--")}`);
  const ref = join(folder, "refs", revision.replaceAll("/", "--"));
  const at = (commit: string) => ({
    ...{ kind, name, commit, folder, snapshot: join(folder, "snapshots", commit) },
    remember: async () => {
      await Deno.mkdir(dirname(ref), { recursive: true });
      await Deno.writeTextFile(ref, commit);
    },
  });
  const cached = async (why: string): Promise<Repo> => {
    const repo = at((await Deno.readTextFile(ref).catch(() => "")).trim());
    if (/^[0-9a-f]{40}$/.test(repo.commit) && isFolder(repo.snapshot)) {
      return { ...repo, files: filesUnder(repo.snapshot), isCached: true };
    }
    const way = wanted.what === undefined
      ? ""
      : ` (where there is a network: ${TASK_COMMAND} download hf/${name} --what ${wanted.what})`;
    throw new InputError(`${about} not in the cache, and the Hub is out of reach: ${why}${way}`);
  };
  if (/^(1|true|yes|on)$/i.test(env("HF_HUB_OFFLINE") ?? "")) {
    return await cached("HF_HUB_OFFLINE is set");
  }
  let reply: Response;
  try {
    const path = `/api/${kind}s/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
    reply = await askHub(path, context);
    if (reply.status >= 500) {
      await reply.body?.cancel();
      throw new Error(`it answers ${reply.status}`);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof Deno.errors.NotCapable) return await cached("this task has no network");
    const found = await cached(messageOf(error));
    log(`${name}: the hub is out of reach; using the revision in the cache`);
    return found;
  }
  if (!reply.ok) {
    await reply.body?.cancel();
    const gated = reply.status === 401 || reply.status === 403;
    throw new InputError(
      `${about} the Hub answers ${reply.status} for it at ${revision}` +
        (gated ? " (HF_TOKEN may be needed)" : ""),
    );
  }
  const info = RepoInfo.safeParse(await reply.json().catch(() => null));
  if (!info.success) throw new InputError(`${about} the Hub's answer cannot be read`);
  const { sha, siblings } = info.data;
  const all = siblings.length < MOST_LISTED ? siblings : await listed(wanted, sha, context);
  return { ...at(sha), files: all.filter(isPlain), isCached: false };
}

/** Asks the Hub (HF_ENDPOINT) with the token in HF_TOKEN. */
export function askHub(
  path: string,
  { env, fetch, signal }: HubContext,
  more: Record<string, string> = {},
): Promise<Response> {
  const token = env("HF_TOKEN");
  const headers = { ...more, ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(hubAddress(env) + path, { headers, signal });
}

/** The Hub's address. */
export function hubAddress(env: StageContext["env"]): string {
  return (env("HF_ENDPOINT") || "https://huggingface.co").replace(/\/$/, "");
}

async function listed(
  { kind: type, name }: RepoName,
  revision: string,
  { env, fetch }: HubContext,
): Promise<RepoFile[]> {
  // Loaded for the few repositories that are so large.
  const { listFiles } = await import("@huggingface/hub");
  const hub = { hubUrl: hubAddress(env), accessToken: env("HF_TOKEN"), fetch };
  const files: RepoFile[] = [];
  for await (
    const file of listFiles({ repo: { type, name }, revision, recursive: true, ...hub })
  ) {
    if (file.type !== "file") continue;
    const lfs = file.lfs === undefined ? undefined : { sha256: file.lfs.oid };
    files.push({ rfilename: file.path, size: file.size, lfs });
  }
  return files;
}

/** A path and a hash that stay within their folders as names, whatever a hub answers. */
function isPlain({ rfilename, lfs }: RepoFile): boolean {
  return /^[0-9a-f]{64}$/.test(lfs?.sha256 ?? "0".repeat(64)) && !/^\/|[\\\0]/.test(rfilename) &&
    rfilename.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** The files of a snapshot, its folders' too. */
function filesUnder(folder: string, within = ""): RepoFile[] {
  return [...Deno.readDirSync(join(folder, within))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesUnder(folder, `${within}${name}/`) : [{ rfilename: within + name }]
  );
}
