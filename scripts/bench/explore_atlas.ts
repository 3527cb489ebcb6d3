/** Embedding Atlas on a run's replies, its server and DuckDB beside it, without a projection. */
import { DuckDBInstance } from "@duckdb/node-api";
import { dirname, join } from "node:path";
import { messageOf } from "../../lib/core/errors.ts";
import { python } from "../../tests/python.ts";
import { look, type Looked } from "./look.ts";

/** What it took. */
export interface AtlasMeasured extends Looked {
  version: string;
  /** From the start of its command until it answers. */
  readS: number;
}

/** As version 0.26.0 draws them: the first histogram, which is of the rewards, and the rows that remain. */
const WHERE = {
  chart: 'svg[style*="left: -4px"]',
  counts: `[...document.querySelectorAll("span")].find((span) =>
    span.textContent.endsWith("points"))?.parentElement`,
};

/** Measures it as the explorer is; null where it cannot be installed. */
export async function measureAtlas(path: string, moves: number): Promise<AtlasMeasured | null> {
  let interpreter: string;
  try {
    interpreter = await python("atlas");
  } catch (error) {
    console.error(`explore: without Embedding Atlas: ${messageOf(error)}`);
    return null;
  }
  const table = join(dirname(path), "replies.parquet");
  await writeTable(path, table);
  const started = performance.now();
  await using server = await startAtlas(join(dirname(interpreter), "embedding-atlas"), table);
  const readS = (performance.now() - started) / 1000;
  const looked = await look(server.url, { ...WHERE, moves });
  return { ...looked, readS, version: server.version };
}

/** A row a reply; what is a prompt's own number stands beside each of its replies. */
async function writeTable(path: string, table: string): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`COPY (
    SELECT id, source, prompt, r.answer, r.thought, r.score AS reward,
      length(r.answer) AS answer_length, length(r.thought) AS thought_length,
      r.completion_tokens AS tokens, r.malformed, r.finish_reason AS finish,
      max(r.score) OVER p - min(r.score) OVER p AS spread, max(r.score) OVER p AS best,
      min(r.score) OVER p AS worst, avg(r.score) OVER p AS mean, length(prompt) AS prompt_length
    FROM (
      SELECT id, source, prompt[1].content AS prompt, unnest(responses) AS r
      FROM read_json('${path}', format = 'newline_delimited')
    ) WINDOW p AS (PARTITION BY id)
  ) TO '${table}' (FORMAT parquet)`);
  connection.closeSync();
}

async function startAtlas(command: string, table: string) {
  const flags = ["--disable-projection", "--text", "answer", "--duckdb", "server"];
  const child = new Deno.Command(command, {
    args: [table, ...flags, "--port", "5055", "--auto-port"],
    env: { HF_HUB_OFFLINE: "1", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = [child.stdout, child.stderr].map((stream) =>
    stream.pipeThrough(new TextDecoderStream())
  );
  let printed = "";
  const address = Promise.withResolvers<string>();
  const reading = said.map(async (lines) => {
    for await (const part of lines) {
      const url = /URL:\W*(http:\/\/[\w.:]+)/.exec((printed += part).replace(COLOURS, ""))?.[1];
      if (url !== undefined) address.resolve(url);
    }
    address.reject(new Error(printed.slice(-1000)));
  });
  const url = await address.promise;
  return {
    url,
    version: /Atlas\W+v([\d.]+)/.exec(printed.replace(COLOURS, ""))?.[1] ?? "",
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await Promise.allSettled([...reading, child.status]);
    },
  };
}

// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[\d*m/g;
