/// <reference lib="dom" />
/** Charts by uPlot: what they have in common, by day and by night. */
import UPlot from "uplot";
import { card, type Child, h } from "./dom.ts";

/** Colours of the style sheet, as a canvas needs them. */
interface Ink {
  text: string;
  grid: string;
  all: string;
  some: string;
  other: string;
}

export function ink(): Ink {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("muted"),
    grid: of("line"),
    all: of("ghost"),
    some: of("accent"),
    other: of("second"),
  };
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", sans-serif';

/** Axes with few words. */
export function axes(colors: Ink, { x = "", y = "" } = {}): UPlot.Axis[] {
  const common = {
    stroke: colors.text,
    font: FONT,
    labelFont: FONT,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { stroke: colors.grid, width: 1, size: 4 },
    gap: 3,
    labelSize: 16,
    labelGap: 0,
  };
  return [
    { ...common, space: 56, size: 24, grid: { show: false }, ...(x === "" ? {} : { label: x }) },
    {
      ...common,
      space: 26,
      size: 44,
      values: (_, ticks) => ticks.map((tick) => compact(tick)),
      ...(y === "" ? {} : { label: y }),
    },
  ];
}

/** `12k`: numbers for an axis. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(6)));
}

/** A place in the page, and the chart that was drawn there last. */
export class Plot {
  readonly place: HTMLElement;
  drawn: UPlot | undefined;

  constructor(label = "") {
    this.place = h("div", { class: "plot", role: "img", "aria-label": label });
  }

  /** Draws anew at the width of the place. */
  draw(options: Partial<UPlot.Options>, data: UPlot.AlignedData): UPlot {
    this.drawn?.destroy();
    const width = Math.max(160, this.place.clientWidth);
    const all = { legend: { show: false }, padding: [8, 8, 0, 0], width, ...options };
    return this.drawn = new UPlot(all as UPlot.Options, data, this.place);
  }
}

/** The picture of a chart with its title, as a file for the reader. */
function savePicture(plot: UPlot, title: string): void {
  const { canvas } = plot.ctx;
  const ratio = devicePixelRatio, room = 30 * ratio;
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height + room;
  const context = picture.getContext("2d")!;
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue("--card").trim();
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = style.getPropertyValue("--ink").trim();
  context.font = `600 ${13 * ratio}px system-ui, sans-serif`;
  context.fillText(title, 10 * ratio, 19 * ratio);
  context.drawImage(canvas, 0, room);
  picture.toBlob((blob) => {
    if (blob === null) return;
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: `${title.replace(/\W+/g, "-")}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
}

/** A card around a chart: title, what belongs beside it, and a button for its picture. */
export function chartCard(
  title: string,
  note: string,
  plot: Plot,
  { tools, foot }: { tools?: Child; foot?: Child } = {},
): HTMLElement {
  const save = h("button", {
    class: "quiet",
    title: "Save the picture",
    "aria-label": `Save the picture: ${title}`,
    onclick: () => plot.drawn && savePicture(plot.drawn, title),
  }, "⤓");
  return card(title, { beside: [h("small", note), tools, save] }, plot.place, foot);
}
