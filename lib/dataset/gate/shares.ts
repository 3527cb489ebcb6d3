/** Shares, and how they are said. */

/** A share; 0 of nothing. */
export function share(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}

/** In per cent. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
