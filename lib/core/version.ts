/** Versions for manifests: ours, the runtime's, and those of the packages that deno.json pins. */
import config from "../../deno.json" with { type: "json" };

/** thinkset's own version. */
export const VERSION: string = config.version;

/**
 * A package that deno.json lists.
 *
 * @internal
 */
export type PackageName = keyof typeof config.imports;

/** `{ deno, thinkset, … }`: the versions of what did the work, `names` as in deno.json's imports. */
export function packageVersions(...names: PackageName[]): Record<string, string> {
  const versions: Record<string, string> = { deno: Deno.version.deno, thinkset: VERSION };
  for (const name of names) {
    versions[name] = /@([^@/]+)$/.exec(config.imports[name])?.[1] ?? "unknown";
  }
  return versions;
}
