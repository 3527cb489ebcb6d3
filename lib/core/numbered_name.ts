/** Names of the parts that a file is cut into, as the Hub has them. */

/** `data-00000-of-00001`; without a count, where it is not known yet, `data-00000`. */
export function numberedName(prefix: string, index: number, count?: number): string {
  const of = count === undefined ? "" : `-of-${fiveDigits(count)}`;
  return `${prefix}-${fiveDigits(index)}${of}`;
}

function fiveDigits(value: number): string {
  return String(value).padStart(5, "0");
}
