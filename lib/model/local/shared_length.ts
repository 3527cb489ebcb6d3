/** What two prompts have in common need not be read twice. */

/** How many first tokens two prompts have in common; at least one is left to be read. */
export function sharedLength(one: readonly number[], other: readonly number[]): number {
  const most = Math.min(one.length, other.length - 1);
  let length = 0;
  while (length < most && one[length] === other[length]) length++;
  return length;
}
