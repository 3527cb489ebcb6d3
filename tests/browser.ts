/** A real browser for tests: the system's Chromium. */
import { type Browser, chromium } from "playwright-core";
import { programAt, whyNo } from "./installed.ts";

/** Why there is none. */
export const noBrowser = whyNo("chromium");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: programAt("chromium"), args: [...FLAGS, ...QUIET] });
}
