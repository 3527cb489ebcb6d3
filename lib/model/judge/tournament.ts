/** A small tournament of the replies to a prompt, each meeting in both orders. Pure. */

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

/**
 * Who meets whom, by rising numbers: each of `count` replies meets so many others, by the circle
 * method of round robins; all others where there are no more. Of an odd count one waits in each
 * round.
 */
export function pairings(count: number, rounds: number): [number, number][] {
  // An odd count has one more, whom nobody meets.
  const even = count + count % 2, all: [number, number][] = [];
  const circle = even - 1, played = Math.min(circle, rounds + count % 2);
  for (let round = 0; round < played; round++) {
    for (let at = 0; at < even / 2; at++) {
      // The last one stays, the others move on by one place a round.
      const one = at === 0 ? circle : (round + at) % circle;
      const other = (round - at + circle) % circle;
      if (one < count && other < count) all.push([Math.min(one, other), Math.max(one, other)]);
    }
  }
  return all.sort(([a, b], [c, d]) => a - c || b - d);
}

/** Each reply's share of the points in its meetings that could be read; null where none could. */
export function pointShares(count: number, meetings: readonly Meeting[]): (number | null)[] {
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
