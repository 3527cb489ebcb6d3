/** What a test needs and a plain machine may lack; without it the test is skipped by name. */

/** A test's name, with why it is skipped where something is missing. */
export function unless(missing: string | null, name: string): { name: string; ignore: boolean } {
  if (missing === null) return { name, ignore: false };
  return { name: `${name} [skipped: ${missing}]`, ignore: true };
}

/** Says which of the programs neither PATH nor `folders` have; null where all are there. */
export function whyNo(programs: string | readonly string[], folders: string[] = []): string | null {
  const missing = [programs].flat().filter((name) => programAt(name, folders) === undefined);
  return missing.length === 0 ? null : `no ${missing.join(", ")}`;
}

/** Where PATH, or one of the folders before it, has a program. */
export function programAt(name: string, folders: string[] = []): string | undefined {
  const all = [...folders, ...(Deno.env.get("PATH") ?? "").split(":")];
  return all.map((folder) => `${folder}/${name}`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
