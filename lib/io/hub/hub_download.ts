/** One file of the Hub, into its place, checked, with what a person wants to know meanwhile. */
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { writeAll } from "../../core/disk.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { namesIn, statOf } from "../disk/folder.ts";
import { hashFile } from "../disk/hash_file.ts";
import { DownloadProgress, megabytes } from "./download_progress.ts";
import { askHub, type HubContext, type Repo, type RepoFile } from "./hub_repo.ts";

/**
 * The place of a file in the cache; fetched in a folder of parts, held against size and hash, and
 * renamed. One that is there in its size is left alone, and of processes that want it at once one
 * fetches it.
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
  repo: Repo,
  file: RepoFile,
  { path, name }: { path: string; name: string },
  context: HubContext,
): Promise<void> {
  const { size, lfs } = file, isKept = lfs?.sha256 !== undefined;
  context.log(`downloading ${name}${size === undefined ? "" : ` (${megabytes(size)})`}`);
  const part = join(repo.folder, "parts", lfs?.sha256 ?? "part");
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await removeParts(repo);
    for (;;) {
      const begun = (await statOf(part))?.size ?? 0;
      if (begun > 0) context.log(`${name}: going on after ${megabytes(begun)}`);
      const told = new DownloadProgress(name, begun, size, context);
      const fault = await fill(part, repo, file, told, context);
      if (fault === null) return await Deno.rename(part, path);
      await Deno.remove(part);
      // What an earlier process left may be at fault.
      if (begun === 0) throw new Error(fault);
    }
  } catch (error) {
    if (!isKept) await Deno.remove(part).catch(() => {});
    context.signal.throwIfAborted();
    throw new InputError(`${name}: cannot be downloaded: ${messageOf(error)}`);
  }
}

/**
 * Makes the folder of parts, and takes away what no file of the repository goes on from: those that
 * the Hub tells a SHA-256 of are called by it. One process at a time is here.
 */
async function removeParts({ folder, files }: Repo): Promise<void> {
  const parts = join(folder, "parts");
  await Deno.mkdir(parts, { recursive: true });
  const wanted = new Set(files.map(({ lfs }) => lfs?.sha256));
  for (const name of await namesIn(parts)) {
    if (!wanted.has(name)) await Deno.remove(join(parts, name));
  }
}

/**
 * Fetches what a part lacks, or all of it where the server gives no ranges, and tells what is wrong
 * with it. Its SHA-256 says whether it fits what was there: ETags of the Hub are not those of the
 * store that it sends one to, so there is none to ask If-Range with.
 */
async function fill(
  part: string,
  repo: Repo,
  { rfilename, size, lfs }: RepoFile,
  told: DownloadProgress,
  context: HubContext,
): Promise<string | null> {
  if (told.bytes === 0 || told.bytes !== size) {
    const base = repo.kind === "model" ? `/${repo.name}` : `/datasets/${repo.name}`;
    const isMore = told.bytes > 0;
    const path = `${base}/resolve/${repo.commit}/${encoded(rfilename)}`;
    const range = isMore ? { range: `bytes=${told.bytes}-` } : undefined;
    const reply = await askHub(path, context, range);
    if (!reply.ok || reply.body === null) {
      await reply.body?.cancel();
      if (isMore && reply.status === 416) return "it has no such range";
      throw new Error(`the hub answers ${reply.status}`);
    }
    using out = await Deno.open(part, { create: true, append: true });
    if (reply.status !== 206) {
      await out.truncate();
      told.bytes = 0;
    }
    for await (const chunk of reply.body) {
      told.add(chunk.length);
      if (size !== undefined && told.bytes > size) return `more than ${size} bytes came`;
      writeAll(out, chunk);
    }
    if (size !== undefined && told.bytes < size) {
      throw new Error(`${told.bytes} bytes came, not ${size}`);
    }
    await out.sync();
  }
  const isSound = lfs?.sha256 === undefined || await hashFile(part, context) === lfs.sha256;
  return isSound ? null : "its SHA-256 is not the hub's";
}

const encoded = (path: string) => path.split("/").map(encodeURIComponent).join("/");
