/** Shares as people read them. */

/** A share in per cent: `91.2%`; a dash for a share of nothing. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)}%` : "–";
}
