/** Stage 1 on a made-up model of 2 GB, against `cp -r` with a flush, and against transformers. */
import { join } from "node:path";
import { measured, task, type Usage } from "./measured.ts";
import { inTurn, median, medianOf, type Row, type Setup } from "./row.ts";
import { writeBlocks } from "./write_file.ts";

const MEMORY = 200;

export async function prompted({ pairs, quick, folder, python }: Setup): Promise<Row[]> {
  const model = join(folder, "model"), out = join(folder, "out");
  const bytes = await makeModel(model, quick ? 1 : 15);
  const size = `${(bytes / 1e9).toFixed(1)} GB`;
  const make = (weights: string) =>
    timed(out, [
      ...task("create-prompted-model", "--model", model, "--out", out),
      ...["--variant", "think", "--weights", weights],
    ]);

  const copied = await inTurn(
    pairs,
    () => make("copy"),
    // Stage 1 has its files on the disk before the folder gets its name.
    () => timed(out, ["sh", "-c", 'cp -r "$0" "$1" && sync "$1"/* "$1"', model, out]),
  );
  const linked: Usage[] = [];
  for (let turn = 0; turn < pairs; turn++) linked.push(await make("hardlink"));
  const cp = copied.ours.map((run, at) => run.wall_s / copied.theirs[at]!.wall_s);
  const peak = Math.max(...copied.ours.map((run) => run.peak_mb));
  const seconds = median(linked.map((run) => run.wall_s));
  const rows: Row[] = [
    {
      what: `prompted model of ${size}, copied`,
      ours: shown(copied.ours),
      peer: `\`cp -r\` and sync: ${shown(copied.theirs)}`,
      ratios: cp,
      unit: "of cp's time",
      target: { text: "at most 1.1, under 200 MB", met: median(cp) <= 1.1 && peak < MEMORY },
      headline: true,
    },
    {
      what: `prompted model of ${size}, linked`,
      ours: shown(linked),
      peer: `\`cp -r\` and sync: ${shown(copied.theirs)}`,
      ratios: linked.map((run, at) => run.wall_s / copied.theirs[at]!.wall_s),
      unit: "of cp's time",
      target: { text: "under 1 s", met: seconds < 1 },
      headline: true,
    },
  ];
  if (python === undefined) return rows;

  const template = join(folder, "template.jinja");
  await Deno.writeTextFile(template, "{{ messages[0]['content'] }}");
  const script = join(import.meta.dirname!, "prompted_transformers.py");
  const saved = await inTurn(
    Math.min(pairs, 2),
    () => make("copy"),
    () => timed(out, [python, script, model, out, template]),
  );
  rows.push({
    what: `prompted model of ${size}, against a loaded one`,
    ours: shown(saved.ours),
    peer: `transformers, loaded and saved: ${shown(saved.theirs)}`,
    ratios: saved.theirs.map((run, at) => run.wall_s / saved.ours[at]!.wall_s),
    unit: "times as fast",
    note: "The model is a Llama of random weights in bfloat16.",
  });
  return rows;
}

const shown = (runs: Usage[]) =>
  `${medianOf(runs, (run) => run.wall_s, 2)} s, ${medianOf(runs, (run) => run.peak_mb, 0)} MB`;

/** Measures a command that makes `out`; what earlier runs left to write is written first. */
async function timed(out: string, command: string[]): Promise<Usage> {
  await new Deno.Command("sync").output();
  const usage = await measured(command);
  await Deno.remove(out, { recursive: true });
  return usage;
}

/** A Llama of random weights with the embedded policy's tokenizer; the bytes of its weights. */
async function makeModel(folder: string, layers: number): Promise<number> {
  const embedded = join(import.meta.dirname!, "../../lib/embedded/policy");
  await Deno.mkdir(folder);
  for (const name of ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]) {
    await Deno.copyFile(join(embedded, name), join(folder, name));
  }
  const width = 2048, ffn = 8192;
  const base = JSON.parse(await Deno.readTextFile(join(embedded, "config.json")));
  const config = {
    ...base,
    hidden_size: width,
    intermediate_size: ffn,
    num_hidden_layers: layers,
    num_attention_heads: 32,
    num_key_value_heads: 32,
    head_dim: 64,
    dtype: "bfloat16",
  };
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(config));

  const shapes: [string, number[]][] = [
    ["model.embed_tokens.weight", [base.vocab_size, width]],
    ["model.norm.weight", [width]],
  ];
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}.`;
    for (const part of ["q", "k", "v", "o"]) {
      shapes.push([`${at}self_attn.${part}_proj.weight`, [width, width]]);
    }
    shapes.push([`${at}mlp.gate_proj.weight`, [ffn, width]]);
    shapes.push([`${at}mlp.up_proj.weight`, [ffn, width]]);
    shapes.push([`${at}mlp.down_proj.weight`, [width, ffn]]);
    shapes.push([`${at}input_layernorm.weight`, [width]]);
    shapes.push([`${at}post_attention_layernorm.weight`, [width]]);
  }
  return writeSafetensors(join(folder, "model.safetensors"), shapes);
}

/** A safetensors file of random bfloat16 numbers; the bytes of its tensors. */
function writeSafetensors(path: string, shapes: [string, number[]][]): number {
  let total = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  for (const [name, shape] of shapes) {
    const bytes = 2 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: "BF16", shape, data_offsets: [total, total + bytes] };
    total += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  writeBlocks(
    path,
    function* () {
      yield length;
      yield json;
      const block = new Uint8Array(2 ** 20);
      for (let left = total; left > 0; left -= block.length) {
        const part = block.subarray(0, Math.min(left, block.length));
        for (let at = 0; at < part.length; at += 65_536) {
          crypto.getRandomValues(part.subarray(at, at + 65_536));
        }
        yield part;
      }
    }(),
  );
  return total;
}
