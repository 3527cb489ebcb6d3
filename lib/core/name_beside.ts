/** Names of temporary files beside one that may have the longest name there is. */
import { shortHash } from "./canonical.ts";

/** Bytes of a name at most, on nearly all file systems. */
const LONGEST = 255;
/** What those who use this put before and after the stem, with room to spare. */
const AROUND = 40;

/** A name itself, or a hash of it where what is put around it would make it too long. */
export function stemBeside(name: string): string {
  const bytes = new TextEncoder().encode(name).length;
  return bytes + AROUND <= LONGEST ? name : shortHash(name);
}
