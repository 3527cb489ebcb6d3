/** A small histogram as SVG, for dataset cards: the same values give the same bytes. */

const BINS = 24;
const WIDTH = 640, HEIGHT = 240, LEFT = 56, BOTTOM = 40, TOP = 32;

/** Takes numbers one by one, eight bytes each, and draws how they are spread. */
export class CardPlot {
  #values = new Float64Array(1024);
  #count = 0;

  /** Numbers so far. */
  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const longer = new Float64Array(2 * this.#count);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.#count++] = value;
  }

  /** The picture; `title` and `label` are the code's own texts. */
  svg(title: string, label: string): string {
    const values = this.#values.subarray(0, this.#count);
    const { low, step, counts } = bins(values);
    const most = Math.max(...counts, 1);
    const bar = (WIDTH - LEFT - 16) / BINS, room = HEIGHT - TOP - BOTTOM;
    const text = (x: number, y: number, anchor: string, words: string) =>
      `<text x="${short(x)}" y="${y}" text-anchor="${anchor}">${words}</text>`;
    const bars = counts.map((count, index) => {
      const height = room * count / most;
      return `<rect x="${short(LEFT + index * bar)}" y="${short(TOP + room - height)}" ` +
        `width="${short(bar - 1)}" height="${short(height)}"/>`;
    });
    const right = LEFT + BINS * bar;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
      `font-family="sans-serif" font-size="12" role="img" aria-label="${title}">`,
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
      `<g fill="#4269d0">${bars.join("")}</g>`,
      `<path d="M${LEFT} ${TOP + room}H${short(right)}" stroke="#444"/>`,
      `<g fill="#222">`,
      text(LEFT, 20, "start", title),
      text(LEFT - 6, TOP + 8, "end", String(most)),
      text(LEFT - 6, TOP + room, "end", "0"),
      text(LEFT, HEIGHT - 22, "start", short(low)),
      text(right, HEIGHT - 22, "end", short(low + BINS * step)),
      text((LEFT + right) / 2, HEIGHT - 8, "middle", label),
      "</g></svg>",
    ].join("\n") + "\n";
  }
}

function bins(values: Float64Array): { low: number; step: number; counts: number[] } {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (values.length === 0) low = high = 0;
  const step = (high - low) / BINS || 1 / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - low) / step))]!++;
  return { low, step, counts };
}

/** A number with at most four digits that tell something. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
