/** What a test needs and a plain machine may lack; without it the test is skipped by name. */

/** A test's name, with why it is skipped where something is missing. */
export function unless(missing: string | null, name: string): { name: string; ignore: boolean } {
  if (missing === null) return { name, ignore: false };
  return { name: `${name} [skipped: ${missing}]`, ignore: true };
}

/** Says which of the programs PATH does not have; null where it has all. */
export function whyNo(...programs: string[]): string | null {
  const missing = programs.filter((name) => programAt(name) === undefined);
  return missing.length === 0 ? null : `no ${missing.join(", ")}`;
}

/** Where PATH has a program. */
export function programAt(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => `${folder}/${name}`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
