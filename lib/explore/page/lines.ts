/// <reference lib="dom" />
/** Charts that are not brushed: lines, two histograms over each other, a heat map. */
import UPlot from "uplot";
import { axes, chartCard, compact, ink, QUIET } from "./chart.ts";
import { h } from "./dom.ts";

/** A chart that can be drawn again. */
export interface Drawn {
  element: HTMLElement;
  draw: () => void;
}

/** Lines over one x; a null is a gap. */
export function lineChart(
  title: string,
  note: string,
  { x, lines, axis, steps = false }: {
    x: number[];
    lines: { name: string; values: (number | null)[] }[];
    axis: string;
    steps?: boolean;
  },
): Drawn {
  const place = h("div", { class: "plot", role: "img", "aria-label": `${title}: ${note}` });
  let plot: UPlot | undefined;
  const draw = () => {
    plot?.destroy();
    const colors = ink(), paints = [colors.some, colors.other];
    plot = new UPlot(
      {
        ...QUIET,
        width: Math.max(160, place.clientWidth),
        height: 190,
        padding: [8, 8, 0, 0],
        scales: { x: { time: false } },
        axes: axes(colors, { x: axis }),
        cursor: { y: false },
        series: [
          {},
          ...lines.map(({ name }, at) => ({
            label: name,
            stroke: paints[at % 2]!,
            width: 2,
            fill: steps ? `${paints[at % 2]}30` : undefined,
            paths: steps ? UPlot.paths.stepped!({ align: 1 }) : undefined,
            points: { show: !steps, size: 5, fill: paints[at % 2]! },
          })),
        ],
      } as UPlot.Options,
      [x, ...lines.map(({ values }) => values)] as UPlot.AlignedData,
      place,
    );
  };
  const legend = lines.length < 2 ? undefined : h(
    "div",
    { class: "legend" },
    ...lines.map(({ name }, at) => h("span", { class: at === 0 ? "a" : "b" }, name)),
  );
  return { element: chartCard(title, note, place, { plot: () => plot, foot: legend }), draw };
}

/** How many rows lie in each field of a grid. */
export interface Heat {
  columns: number;
  rows: number;
  counts: Float32Array;
  x: { from: number; to: number; label: string };
  y: { from: number; to: number; label: string };
}

/** A heat map. */
export class HeatMap implements Drawn {
  readonly element: HTMLElement;
  readonly #place = h("div", { class: "plot", role: "img" });
  #plot: UPlot | undefined;
  #heat: Heat | undefined;

  constructor(title: string, note: string, tools: Node[] = []) {
    this.#place.setAttribute("aria-label", `${title}: ${note}`);
    this.element = chartCard(title, note, this.#place, { plot: () => this.#plot, tools });
  }

  show(heat: Heat, said: string): void {
    this.#heat = heat;
    this.#place.setAttribute("aria-label", said);
    this.draw();
  }

  draw(): void {
    this.#plot?.destroy();
    const heat = this.#heat;
    if (heat === undefined || this.#place.clientWidth === 0) return;
    const colors = ink();
    const { x, y } = heat;
    this.#plot = new UPlot(
      {
        ...QUIET,
        width: Math.max(160, this.#place.clientWidth),
        height: 240,
        padding: [8, 8, 0, 0],
        scales: { x: { time: false, range: [x.from, x.to] }, y: { range: [y.from, y.to] } },
        axes: axes(colors, { x: x.label, y: y.label }).map((axis, at) => (
          at === 0 ? { ...axis, values: (_: UPlot, ticks: number[]) => ticks.map(compact) } : axis
        )),
        cursor: { show: false },
        series: [{}, { paths: () => null, points: { show: false } }],
        hooks: { draw: [(plot: UPlot) => paint(plot, heat, colors.some)] },
      } as UPlot.Options,
      [[x.from, x.to], [y.from, y.to]],
      this.#place,
    );
  }
}

function paint(plot: UPlot, { columns, rows, counts, x, y }: Heat, color: string): void {
  let most = 0;
  for (const value of counts) most = Math.max(most, value);
  if (most === 0) return;
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = color;
  const left = (at: number) => plot.valToPos(x.from + (x.to - x.from) * at / columns, "x", true);
  const top = (at: number) => plot.valToPos(y.from + (y.to - y.from) * at / rows, "y", true);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const value = counts[column * rows + row]!;
      if (value === 0) continue;
      // Few replies are to be seen too.
      ctx.globalAlpha = 0.12 + 0.88 * Math.sqrt(value / most);
      const [from, to] = [Math.round(left(column)), Math.round(left(column + 1))];
      const [low, high] = [Math.round(top(row)), Math.round(top(row + 1))];
      ctx.fillRect(from, high, to - from, low - high);
    }
  }
  ctx.restore();
}
