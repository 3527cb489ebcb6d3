/** An OUT holds one run: whatever differs from what is there already is named and refused. */
import { canonicalJson, type Json } from "../core/canonical.ts";
import { InputError } from "../core/errors.ts";
import type { Manifest, ModelIdentity } from "../core/manifest.ts";
import { readManifest } from "../io/records/manifest_file.ts";
import { type RunFiles, runFiles } from "./run_files.ts";
import { partName } from "./shard.ts";
import type { StageRun } from "./stage_run.ts";

/** What of a run tells it from another. */
export type RunIdentity = Pick<
  // deno-lint-ignore no-explicit-any -- the items and records of a run do not matter here
  StageRun<any, any>,
  "stage" | "out" | "options" | "affects" | "identities" | "shard"
>;

/** False for a run that ended before its first record: it binds nobody to its options. */
export function holdsWork({ records, rejects }: RunFiles): boolean {
  return [records, rejects].some((path) => {
    try {
      return Deno.statSync(path).size > 0;
    } catch {
      return false;
    }
  });
}

/** @throws {InputError} naming what differs from the run that a manifest tells of. */
export function checkSameRun(run: RunIdentity, fingerprint: string, before: Manifest): void {
  if (before.stage !== run.stage) {
    throw new InputError(`${run.out}: holds a ${before.stage} run: choose another --out`);
  }
  if (before.fingerprint === fingerprint) return;
  throw new InputError(
    `${run.out}: holds a run with ${differences(run, before)}: choose another --out, or remove it`,
  );
}

/** The same for the other shards: one OUT holds one run, whoever made its parts. */
export function checkOtherShards(run: RunIdentity, fingerprint: string): void {
  const { index: own, count } = run.shard;
  for (let index = 0; index < count; index++) {
    if (index === own) continue;
    const files = runFiles(run.out, { index, count });
    if (!holdsWork(files)) continue;
    const part = readManifest(files.manifest);
    if (part === undefined || part.fingerprint === fingerprint) continue;
    throw new InputError(
      `${run.out}: its shard ${index}/${count} (${partName(part.shard)}) was made with ` +
        `${differences(run, part)}: give the same options, or choose another --out`,
    );
  }
}

function differences(run: RunIdentity, before: Manifest): string {
  const now = run.options;
  const options = Object.keys(run.affects).filter((name) =>
    (name in before.options || name in now) &&
    canonicalJson((before.options[name] ?? null) as Json) !== canonicalJson(now[name] ?? null)
  );
  const what = options.map((name) =>
    `${name} ${JSON.stringify(before.options[name] ?? null)} (now ${
      JSON.stringify(now[name] ?? null)
    })`
  );
  for (const [name, identity] of Object.entries(run.identities ?? {})) {
    const earlier = before.identities?.[name];
    if (options.includes(name) || versionsOf(earlier) === versionsOf(identity)) continue;
    const names = [identity].flat().map((each) => each.name).join(", ");
    what.push(`another ${name} under the same name (${names}: its files or its version changed)`);
  }
  return what.length === 0 ? "other settings" : what.join(", ");
}

function versionsOf(identity: ModelIdentity | ModelIdentity[] | undefined): string {
  return JSON.stringify([identity ?? []].flat().map(({ version }) => version));
}
