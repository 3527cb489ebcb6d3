/** What a model's folder holds, by content: hashed once, and remembered for as long as it stays. */
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { sha256 } from "../../core/canonical.ts";
import { InputError } from "../../core/errors.ts";
import { isFolder } from "../../core/file_kind.ts";
import { userCache } from "../../core/user_cache.ts";
import { fileError } from "./bytes.ts";
import { stampOf } from "./file_stamp.ts";
import { hashFile } from "./hash_file.ts";
import { WEIGHT_FILES } from "./weight_files.ts";

/** Files of a model's folder that nothing is loaded from. */
const NOT_LOADED = /^(?:\.|manifest\.json$|lineage\.json$|report\.html$|LICEN[CS]E)|\.md$/i;

/** A folder's content. Folders of equal files are equal, wherever they lie. */
export interface FolderIdentity {
  /** SHA-256 over the lines `HASH  PATH` of all files that may be loaded, by path. */
  sha256: string;
  /** The same over the files that hold weights alone; null where there are none. */
  weights: string | null;
  files: { path: string; size: number; sha256: string }[];
}

/** What hashing takes from its surroundings. */
export interface IdentityContext {
  env?: (name: string) => string | undefined;
  log?: (line: string) => void;
  signal?: AbortSignal;
}

/** Smaller files are hashed each time: that takes less than asking whether one may be trusted. */
const REMEMBERED_BYTES = 4_000_000;
/** A file that was changed a moment ago may change again under the same time. */
const SETTLED_MS = 2_000;
/** From here on, hashing takes long enough that somebody should be told. */
const TOLD_BYTES = 1e9;

/**
 * Hashes every file of a folder that a model may be loaded from, links followed. Hashes of large
 * files are kept in the user's cache (`XDG_CACHE_HOME/thinkset/hashes.json`), by path, size, times
 * and inode, so that weights are read once; where that cannot be written they are read each time.
 *
 * @throws {InputError} where the folder or a file cannot be read.
 */
export async function folderIdentity(
  dir: string,
  context: IdentityContext = {},
): Promise<FolderIdentity> {
  const known = new KnownHashes(context.env ?? ((name) => Deno.env.get(name)));
  const paths = filesUnder(dir, "", 0).sort();
  const unread = paths.reduce(
    (sum, { size, stamp, path }) =>
      sum + (size > REMEMBERED_BYTES && known.of(path, stamp) === undefined ? size : 0),
    0,
  );
  if (unread > TOLD_BYTES) {
    context.log?.(`${dir}: reading its weights once, to know them again (${gigabytes(unread)})`);
  }
  const files: FolderIdentity["files"] = [];
  for (const { name, path, size, stamp } of paths.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const hash = known.of(path, stamp) ?? await hashFile(path, context);
    if (size > REMEMBERED_BYTES) known.add(path, stamp, hash);
    files.push({ path: name, size, sha256: hash });
  }
  known.save();
  const weights = files.filter(({ path }) => WEIGHT_FILES.test(path));
  return {
    sha256: sumOf(files),
    weights: weights.length > 0 ? sumOf(weights) : null,
    files,
  };
}

/** As `sha256sum FILE … | sha256sum` prints it, over paths within the folder. */
function sumOf(files: readonly { path: string; sha256: string }[]): string {
  return sha256(files.map((file) => `${file.sha256}  ${file.path}\n`).join(""));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

interface FoundFile {
  name: string;
  path: string;
  size: number;
  stamp: string;
}

function filesUnder(dir: string, within: string, depth: number): FoundFile[] {
  if (depth > 8) throw new InputError(`${dir}: folders within folders without an end`);
  const found: FoundFile[] = [];
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(dir)];
  } catch (error) {
    throw fileError(dir, error);
  }
  for (const { name } of entries) {
    if (NOT_LOADED.test(name)) continue;
    const path = join(dir, name), stamp = stampOf(path);
    if (stamp === null) {
      if (isFolder(path)) found.push(...filesUnder(path, `${within}${name}/`, depth + 1));
    } else {
      const real = Deno.realPathSync(path);
      found.push({ name: `${within}${name}`, path: real, size: Deno.statSync(path).size, stamp });
    }
  }
  return found;
}

const Hashes = z.record(z.string(), z.object({ stamp: z.string(), sha256: z.string() }));

/** Hashes of large files from earlier processes. */
class KnownHashes {
  readonly #file: string;
  readonly #hashes: z.infer<typeof Hashes>;
  #changed = false;

  constructor(env: (name: string) => string | undefined) {
    this.#file = join(userCache(env), "thinkset/hashes.json");
    this.#hashes = this.#read();
  }

  of(path: string, stamp: string): string | undefined {
    const known = this.#hashes[resolve(path)];
    return known?.stamp === stamp ? known.sha256 : undefined;
  }

  /** Remembers the hash of a file that is as it was when it was read, and has been for a while. */
  add(path: string, stamp: string, hash: string): void {
    if (this.of(path, stamp) !== undefined || stampOf(path) !== stamp) return;
    const { mtime, ctime } = Deno.statSync(path);
    const changed = Math.max(mtime?.getTime() ?? 0, ctime?.getTime() ?? 0);
    if (Date.now() - changed < SETTLED_MS) return;
    this.#hashes[resolve(path)] = { stamp, sha256: hash };
    this.#changed = true;
  }

  /** Leaves it for the next process; where that is not allowed, it reads the files again. */
  save(): void {
    if (!this.#changed) return;
    const temporary = `${this.#file}.${Deno.pid}.tmp`;
    try {
      Deno.mkdirSync(dirname(this.#file), { recursive: true });
      Deno.writeTextFileSync(temporary, JSON.stringify({ ...this.#read(), ...this.#hashes }));
      Deno.renameSync(temporary, this.#file);
      this.#changed = false;
    } catch { /* said where it matters: the next start takes longer */ }
  }

  #read(): z.infer<typeof Hashes> {
    try {
      return Hashes.parse(JSON.parse(Deno.readTextFileSync(this.#file)));
    } catch {
      return {};
    }
  }
}
