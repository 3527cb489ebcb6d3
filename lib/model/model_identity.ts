/** What tells one model from another of the same name. */
import type { ModelIdentity } from "../core/manifest.ts";
import { folderIdentity, type IdentityContext } from "../io/disk/folder_identity.ts";
import { hubRevision } from "../io/hub/hub_model.ts";
import { parseSpec } from "./spec.ts";

/** What a model says of itself to be known again. */
export interface Identified {
  readonly name: string;
  readonly version?: string;
  /** The folder that it was loaded from. */
  readonly folder?: string;
}

/**
 * The identity of a model that was opened for a SPEC: of a folder its content, else what it says of
 * itself: a recording's hash, a server's own words. A provider's is known by its SPEC alone.
 */
export async function identityOf(
  spec: string,
  model: Identified,
  context: IdentityContext = {},
): Promise<ModelIdentity> {
  const { provider, name } = parseSpec(spec);
  const folder = model.folder ?? (provider === "local" ? name : undefined);
  if (folder === undefined) return { name: spec, version: model.version ?? null };
  const { sha256: version, weights, files } = await folderIdentity(folder, context);
  const revision = hubRevision(folder);
  return { name: spec, version, ...(revision ? { revision } : {}), weights, files };
}

/** Made up for objects that name no version; never that of another object. */
const madeUp = new WeakMap<object, string>();

/**
 * The identity of a model that a caller gave: the content of the folder that it was loaded from, or
 * its own `version`. Without either nobody can know whether its code is that of an earlier run, so
 * it matches none.
 */
export async function givenIdentity(
  model: Identified,
  { log, ...context }: IdentityContext & { log: (line: string) => void },
): Promise<ModelIdentity> {
  const { name, version, folder } = model;
  if (folder !== undefined) {
    const { sha256, weights, files } = await folderIdentity(folder, context);
    return { name, version: sha256, weights, files };
  }
  if (version !== undefined) return { name, version };
  let own = madeUp.get(model);
  if (own === undefined) {
    madeUp.set(model, own = `unversioned-${crypto.randomUUID()}`);
    log(
      `${name}: given without a version: a later run cannot tell whether it is the same, and will ` +
        `not go on with this OUT (give it a version, and raise it with its code)`,
    );
  }
  return { name, version: own };
}

/** What of an identity affects records: equal for a folder and its copy elsewhere. */
export function identityKey({ name, version, files }: ModelIdentity): string {
  if (files !== undefined && version !== null) return version;
  return version === null ? name : `${name}@${version}`;
}
