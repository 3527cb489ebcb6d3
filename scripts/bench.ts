// deno task bench [--quick] [--only ROW,ROW] [--pairs N]
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "../lib/cli/command.ts";
import { InputError, messageOf, RunError } from "../lib/core/errors.ts";
import { python } from "../tests/python.ts";
import { build } from "./bench/build.ts";
import { explore } from "./bench/explore.ts";
import { prompted } from "./bench/prompted.ts";
import type { Row, Setup, WithPython } from "./bench/row.ts";
import { runner } from "./bench/runner.ts";
import { sampling } from "./bench/sampling.ts";
import { scoring } from "./bench/scoring.ts";
import { servers } from "./bench/servers.ts";
import { insertBetween, renderTable } from "./bench/table.ts";
import { teacher } from "./bench/teacher.ts";
import { tricks } from "./bench/tricks.ts";
import { training } from "./bench/training.ts";

const rows: Record<string, (setup: Setup) => Promise<Row[]>> = {
  prompted,
  teacher,
  servers,
  runner,
  build: withPython("build", build),
  sampling: withPython("sampling", sampling),
  scoring: withPython("scoring", scoring),
  explore,
  training,
  tricks,
};

const Options = z.object({
  only: z.string().optional().describe(`rows by name: ${Object.keys(rows).join(", ")}`),
  quick: z.boolean().default(false).describe("small sizes, to see that all of it works"),
  pairs: z.coerce.number().int().min(1).default(3).describe("pairs of runs of each row"),
});

const root = join(import.meta.dirname!, "..");

/** Runs the rows; all of them in full are written to docs/benchmarks.md and the README. */
async function bench({ only, quick, pairs }: z.output<typeof Options>): Promise<void> {
  const names = only?.split(",") ?? Object.keys(rows);
  const unknown = names.find((name) => !(name in rows));
  if (unknown !== undefined) {
    throw new InputError(`--only ${unknown}: the rows are ${Object.keys(rows).join(", ")}`);
  }
  const interpreter = await benchPython();
  const before = loadavg()[0]!;
  const done: Row[] = [], failed: string[] = [];
  for (const name of names) {
    const folder = await Deno.makeTempDir();
    try {
      const made = await rows[name]!({ pairs, quick, folder, python: interpreter });
      done.push(...made);
      console.error(`${name}: done\n${renderTable(made, { notes: false })}`);
    } catch (error) {
      // The others took long, and stand without it.
      failed.push(`${name}: ${messageOf(error)}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  const where = `${machine()}; load average ${before.toFixed(1)} before, ` +
    `${loadavg()[0]!.toFixed(1)} after; ${pairs} pair${pairs === 1 ? "" : "s"}.`;
  console.log(`${where}\n\n${renderTable(done, { notes: true })}`);
  if (failed.length > 0) throw new RunError(`not measured: ${failed.join("; ")}`);
  if (only !== undefined || quick) return;
  const headlines = renderTable(done.filter((row) => row.headline), { notes: false });
  await write("docs/benchmarks.md", `${where}\n\n${renderTable(done, { notes: true })}`);
  await write("README.md", `${where}\n\n${headlines}`);
}

/** Puts a table into a document and formats it as `deno task check` wants it. */
async function write(name: string, text: string): Promise<void> {
  const path = join(root, name);
  await Deno.writeTextFile(path, insertBetween(await Deno.readTextFile(path), "bench", text));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", path], cwd: root }).output();
}

/** The Python of tests/requirements-bench.txt, with a torch that needs no CUDA libraries. */
async function benchPython(): Promise<string | undefined> {
  try {
    const interpreter = await python("bench");
    const stubs = join(root, "lib/prove/cuda_stubs.py");
    const made = await new Deno.Command(interpreter, { args: [stubs] }).output();
    if (made.success) return interpreter;
    console.error("no torch: lib/prove/cuda_stubs.py failed (it needs gcc and binutils)");
  } catch (error) {
    console.error(`no Python with the peers' packages: ${messageOf(error).split("\n")[0]}`);
  }
  return undefined;
}

function withPython(name: string, row: (setup: WithPython) => Promise<Row[]>) {
  return async (setup: Setup): Promise<Row[]> => {
    const { python } = setup;
    if (python !== undefined) return await row({ ...setup, python });
    console.error(`skipped: ${name} (its peer needs Python)`);
    return [];
  };
}

function machine(): string {
  const date = new Date().toISOString().slice(0, 10);
  const cores = availableParallelism(), memory = Math.round(totalmem() / 2 ** 30);
  return `${date}, Deno ${Deno.version.deno}, ${cores} cores of ${cpus()[0]?.model.trim()}, ` +
    `${memory} GiB`;
}

if (import.meta.main) {
  await runCommand({
    name: "bench",
    summary: "Measures thinkset side by side with its peers, as processes of their own, in turn.",
    examples: ["bench", "bench --only sampling,scoring", "bench --quick"],
    options: Options,
    run: bench,
  });
}
