/** A small tournament: every reply to a prompt meets every other, in both orders. Pure. */

/** What was said of two replies, the first one shown as A; null where it could not be read. */
export type Said = "A" | "B" | "tie" | null;

/** One meeting: `first` and `second` by index, and what was said in either order. */
export interface Meeting {
  first: number;
  second: number;
  /** With `first` shown as A. */
  forth: Said;
  /** With `second` shown as A. */
  back: Said;
}

/** How a meeting ended, for `first`: 1, 0, or 0.5 for a tie; null where it could not be read. */
export function pointsOf({ forth, back }: Meeting): number | null {
  if (forth === null || back === null) return null;
  const points = (said: Said, own: "A" | "B") => said === "tie" ? 0.5 : said === own ? 1 : 0;
  const [one, two] = [points(forth, "A"), points(back, "B")];
  // What depends on the order alone says nothing of the replies.
  if (isFlip({ forth, back })) return 0.5;
  return (one + two) / 2;
}

/** Whether the winner was the one that stood in a certain place. */
export function isFlip({ forth, back }: Pick<Meeting, "forth" | "back">): boolean {
  return forth !== null && forth !== "tie" && forth === back;
}

/** Every two of `count`. */
export function pairings(count: number): [number, number][] {
  const all: [number, number][] = [];
  for (let first = 0; first < count; first++) {
    for (let second = first + 1; second < count; second++) all.push([first, second]);
  }
  return all;
}

/** Each reply's share of the points in its meetings that could be read; null where none could. */
export function standings(count: number, meetings: readonly Meeting[]): (number | null)[] {
  const points = new Float64Array(count), played = new Uint32Array(count);
  for (const meeting of meetings) {
    const got = pointsOf(meeting);
    if (got === null) continue;
    points[meeting.first]! += got;
    points[meeting.second]! += 1 - got;
    played[meeting.first]!++;
    played[meeting.second]!++;
  }
  return Array.from(points, (sum, at) => played[at] === 0 ? null : sum / played[at]!);
}
