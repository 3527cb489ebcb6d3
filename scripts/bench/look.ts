/**
 * A page of charts as a person uses it: how long until the first picture, and how long after each move
 * of a brush. The mouse is moved by the browser; the times are the page's own.
 */
import type { Page } from "playwright-core";
import { launchBrowser } from "../../tests/browser.ts";

/** What it took, in milliseconds. */
export interface Looked {
  /** From the address to the first chart. */
  firstMs: number;
  /** Of each move, until the frame in which the number of rows that remain had followed. */
  counted: number[];
  /** Of each move, until the frame after the page's last change: all that it does for it is done. */
  atRest: number[];
}

/** Where things stand in a page. */
export interface Where {
  /** CSS for the chart that is brushed; the first picture is there when it is. */
  chart: string;
  /** JavaScript for the element whose text says how many rows remain. */
  counts: string;
  moves: number;
}

/** A page that nothing changed for so long is at rest. */
const QUIET_MS = 400;

/** Opens a page and brushes its chart; `then` is what else is to be done with it. */
export async function look(
  url: string,
  where: Where,
  then: (page: Page) => Promise<void> = async () => {},
): Promise<Looked> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const opened = performance.now();
    await page.goto(url);
    await page.locator(where.chart).first().waitFor();
    await page.evaluate(NEXT_FRAME);
    const firstMs = performance.now() - opened;
    const brushed = await brush(page, where);
    await then(page);
    return { firstMs, ...brushed };
  } finally {
    await browser.close();
  }
}

/** Resolves after the next frame was made. */
const NEXT_FRAME =
  "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

/** Drags over a chart and moves on, so many times, each after the page came to rest. */
async function brush(page: Page, { chart: selector, counts, moves }: Where) {
  await page.evaluate(WATCH(counts));
  await page.evaluate(`watch.begin(${QUIET_MS})`);
  const chart = (await page.locator(selector).first().boundingBox())!;
  const at = (share: number) =>
    [chart.x + chart.width * share, chart.y + chart.height / 2] as const;
  await page.mouse.move(...at(0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.4), { steps: 4 });
  const brushed: Pick<Looked, "counted" | "atRest"> = { counted: [], atRest: [] };
  for (let move = 0; move < moves; move++) {
    await page.evaluate(`watch.begin(${QUIET_MS})`);
    await page.mouse.move(...at(0.4 + 0.5 * Math.abs(((move * 7) % 50) / 25 - 1)));
    const [counted, atRest] = await page.evaluate(`watch.rest(${QUIET_MS})`) as [number, number];
    brushed.counted.push(counted);
    brushed.atRest.push(atRest);
  }
  await page.mouse.up();
  return brushed;
}

/** What stands in the page: the debugger may put it there, whatever the page's policy is. */
const WATCH = (counts: string) => `
  globalThis.watch = (() => {
    let moved = 0, counted = 0, last = performance.now(), text = "";
    const shown = () => ${counts}?.textContent;
    addEventListener("pointermove", () => moved ||= performance.now(), { capture: true });
    const after = (done) => requestAnimationFrame(() => setTimeout(done));
    new MutationObserver(() => {
      const changed = moved > 0 && counted === 0 && shown() !== text;
      after(() => {
        last = performance.now();
        if (changed) counted ||= last;
      });
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const pause = () => new Promise((done) => setTimeout(done, 20));
    const still = async (quiet) => {
      // Work that keeps the page from looking at its clock ends before the next frame.
      while (performance.now() - last < quiet) {
        await pause();
        await new Promise(after);
      }
    };
    return {
      begin: async (quiet) => {
        await still(quiet);
        moved = counted = 0;
        text = shown();
      },
      rest: async (quiet) => {
        for (let tries = 0; counted === 0 && tries < 500; tries++) await pause();
        await still(quiet);
        return [counted - moved, last - moved];
      },
    };
  })()`;
