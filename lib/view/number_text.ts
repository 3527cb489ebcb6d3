/** Numbers as a page or a chart's title shows them. */

/** Thousands set apart; two digits after the point where it has any; a dash where there is none. */
export function count(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : decimal(value);
}

/** A number with two digits after the point; a dash where there is none. */
export function decimal(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "–";
}
