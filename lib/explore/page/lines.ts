/// <reference lib="dom" />
/** Charts that are not brushed: lines, two histograms over each other, a heat map. */
import UPlot from "uplot";
import { axes, chartCard, compact, ink, Plot } from "./chart.ts";
import { type Child, h } from "./dom.ts";

/** A chart that can be drawn again. */
interface Drawn {
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
  const plot = new Plot(`${title}: ${note}`);
  const draw = () => {
    const colors = ink(), paints = [colors.some, colors.other];
    plot.draw(
      {
        height: 190,
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
      },
      [x, ...lines.map(({ values }) => values)],
    );
  };
  const foot = lines.length > 1 && h(
    "div",
    { class: "legend" },
    lines.map(({ name }, at) => h("span", { class: at === 0 ? "a" : "b" }, name)),
  );
  return { element: chartCard(title, note, plot, { foot }), draw };
}

/** How many rows lie in each field of a grid. */
export interface Heat {
  columns: number;
  rows: number;
  counts: Float32Array;
  x: { from: number; to: number; label: string };
  y: { from: number; to: number; label: string };
}

export class HeatMap implements Drawn {
  readonly element: HTMLElement;
  readonly #plot: Plot;
  #heat: Heat | undefined;

  constructor(title: string, note: string, tools?: Child) {
    this.#plot = new Plot(`${title}: ${note}`);
    this.element = chartCard(title, note, this.#plot, { tools });
  }

  show(heat: Heat, said: string): void {
    this.#heat = heat;
    this.#plot.place.setAttribute("aria-label", said);
    this.draw();
  }

  draw(): void {
    const heat = this.#heat;
    if (heat === undefined || this.#plot.place.clientWidth === 0) return;
    const colors = ink();
    const { x, y } = heat;
    this.#plot.draw(
      {
        height: 240,
        scales: { x: { time: false, range: [x.from, x.to] }, y: { range: [y.from, y.to] } },
        axes: axes(colors, { x: x.label, y: y.label }).map((axis, at) => (
          at === 0 ? { ...axis, values: (_: UPlot, ticks: number[]) => ticks.map(compact) } : axis
        )),
        cursor: { show: false },
        series: [{}, { paths: () => null, points: { show: false } }],
        hooks: { draw: [(plot: UPlot) => paint(plot, heat, colors.some)] },
      },
      [[x.from, x.to], [y.from, y.to]],
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
