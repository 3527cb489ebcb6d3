/** Programs that a test needs and a plain machine may lack. */

/** Those of the programs that PATH does not have. */
export function missingPrograms(...names: string[]): string[] {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return names.filter((name) => !folders.some((folder) => isFile(`${folder}/${name}`)));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
