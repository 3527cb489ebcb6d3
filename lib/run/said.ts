/** What a run says of itself beside its progress: its first line and its last. */
import { join } from "node:path";
import type { Counts, Manifest } from "../core/manifest.ts";
import { byCount, malformedLine, malformedOf, wholePercent } from "./quality.ts";

const number = (value: number) => value.toLocaleString("en");

/** Before work begins: what is done already and what is left. */
export function firstLine(stage: string, out: string, { input, kept, rejected }: Counts): string {
  const done = kept + rejected;
  const left = `${number(input - done)} left`;
  return done === 0
    ? `${stage}: ${number(input)} prompts to do, to ${out}`
    : `${stage}: ${number(done)} done, ${left}, to ${out}`;
}

/** How a run ended. */
export type Ending = "nothing to do" | "done" | "stopped";

/**
 * What a run, or a shard of it, came to, what went badly in it, and where to look; `whole` is the
 * run's own manifest. A page is made at the end of the last shard, where nothing stopped it.
 */
export function lastLine(
  ending: Ending,
  out: string,
  manifest: Manifest,
  whole: Manifest,
): string {
  const { stage, counts, extra } = manifest;
  const { input, kept, rejected, pending, set_aside, rejected_by_reason } = counts;
  const why = rejected > 0 ? ` (${byCount(rejected_by_reason)})` : "";
  const parts = [
    ending === "nothing to do"
      ? `${stage}: nothing to do: ${out} has all ${number(input)} prompts`
      : `${stage}: ${ending}: ${number(input)} prompts`,
    `${number(kept)} kept`,
    `${number(rejected)} rejected${why}`,
  ];
  if (whole.shards) {
    const { count, done } = whole.shards;
    parts.push(`shard ${manifest.shard.index}/${count}, ${done.length} of ${count} done`);
  }
  if (pending > 0) parts.push(`${number(pending)} left: run the same command again to go on`);
  const malformed = malformedLine(malformedOf(extra ?? {}));
  if (malformed) parts.push(malformed);
  const unread = unreadLine(extra ?? {});
  if (unread) parts.push(unread);
  if (set_aside) parts.push(`${number(set_aside)} set aside, of prompts not in this input`);
  const places = [kept > 0 ? "records" : "", rejected > 0 ? "rejects" : ""].filter(Boolean);
  if (whole.status === "done" && ending !== "stopped") places.push("report.html");
  if (places.length > 0) parts.push(places.map((name) => join(out, name)).join(", "));
  return parts.join(" · ");
}

/** `12 of 80 answers unread by the reward (15%)`; undefined where none is. */
function unreadLine(extra: Record<string, unknown>): string | undefined {
  const unread = Number(extra.unread_answers ?? 0);
  if (unread === 0) return undefined;
  const all = Number(extra.scored_replies ?? 0) + Number(extra.unscored_answers ?? 0);
  return `${number(unread)} of ${number(all)} answers unread by the reward (${
    wholePercent(unread, all)
  })`;
}

/** Why a run that kept nothing is no success; `first` is the first reject's own words. */
export function nothingKept({ counts }: Manifest, rejects: string, first: string): string {
  return `nothing was kept: all ${number(counts.input)} prompts were rejected ` +
    `(${byCount(counts.rejected_by_reason)}); the first: ${shown(first)}; see ${rejects}`;
}

/** A detail may hold a model's words: what a terminal would act on is left out. */
function shown(detail: string): string {
  const text = detail.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
