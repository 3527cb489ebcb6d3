/** What of a file changes whenever its content does, told without reading it. */

/**
 * A file's size, times and inode as one text; null where there is no file. The time of its last
 * change (ctime) is the system's own: a copy that keeps dates and size is seen too.
 */
export function stampOf(path: string): string | null {
  try {
    const { size, mtime, ctime, ino, isFile } = Deno.statSync(path);
    return isFile ? [size, mtime?.getTime(), ctime?.getTime(), ino].join(":") : null;
  } catch {
    return null;
  }
}
