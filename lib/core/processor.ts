/** What of a processor changes the last bits of a model's numbers. */
import { cpus } from "node:os";

/** Features by which numeric libraries choose their code, as Linux names them. */
const FEATURES = new Set([
  ...["sse4_1", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512vl"],
  ...["avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16"],
  ...["asimd", "asimdhp", "asimddp", "sve", "sve2", "i8mm", "bf16"],
]);

/** A kind of processor: equal inputs give equal bytes on one kind. */
export interface Processor {
  /** `x86_64`, `aarch64`. */
  arch: string;
  /** As the system calls it; null where it does not tell. */
  model: string | null;
  /** Of a known list, sorted; null where they may not be read: Deno lets tasks read no /proc. */
  features: string[] | null;
}

let own: Processor | undefined;

/** This machine's processor, as far as it may be asked: by its name, and by /proc/cpuinfo. */
export function thisProcessor(): Processor {
  return own ??= { arch: Deno.build.arch, model: modelName(), features: featuresIn(cpuinfo()) };
}

/** The features that /proc/cpuinfo lists; null where it lists none. */
export function featuresIn(text: string): string[] | null {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1];
  return line === undefined ? null : line.split(/\s+/).filter((name) => FEATURES.has(name)).sort();
}

/** How a kind of processor differs from another, in words; null where it does not, as far as known. */
export function processorDifference(one: Processor, other: Processor): string | null {
  if (one.arch !== other.arch) return `${one.arch} and ${other.arch}`;
  if (one.features === null || other.features === null) {
    const known = one.model && other.model;
    return known && one.model !== other.model ? `${one.model} and ${other.model}` : null;
  }
  const alone = (a: string[], b: string[]) => a.filter((name) => !b.includes(name));
  const [first, second] = [
    alone(one.features, other.features),
    alone(other.features, one.features),
  ];
  const parts = [
    first.length > 0 ? `${first.join(", ")} on the one alone` : "",
    second.length > 0 ? `${second.join(", ")} on the other alone` : "",
  ].filter(Boolean);
  return parts.length === 0 ? null : parts.join("; ");
}

function modelName(): string | null {
  try {
    return cpus()[0]?.model.trim() || null;
  } catch {
    return null;
  }
}

function cpuinfo(): string {
  try {
    return Deno.readTextFileSync("/proc/cpuinfo");
  } catch {
    return "";
  }
}
