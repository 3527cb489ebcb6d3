/** What a path is, where nothing there, or nothing that may be looked at, is an answer too. */

/** Whether a file stands at the path, or a link to one. */
export function isFile(path: string): boolean {
  return statOf(path)?.isFile ?? false;
}

/** Whether a folder stands at the path, or a link to one. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory ?? false;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}
