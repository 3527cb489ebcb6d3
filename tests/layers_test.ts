import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** What each folder of lib may import, besides itself. What `above` names stands over them all. */
const allowed: Record<string, string[]> = {
  core: [],
  reply: ["core"],
  io: ["core", "reply"],
  run: ["core", "io"],
  model: ["core", "reply", "io", "run", "embedded"],
  view: ["core", "reply", "io", "run"],
  prompted: ["core", "reply", "io", "run", "view"],
  teacher: ["core", "reply", "io", "run", "model", "view", "report"],
  policy: ["core", "reply", "io", "run", "model", "view", "report"],
  reward: ["core", "reply", "io", "run", "model", "view", "report", "evaluate"],
  dataset: ["core", "reply", "io", "run", "view", "report"],
  embedded: ["core", "reply", "io"],
  check_reward: ["core", "reply", "io", "run", "model", "view", "evaluate", "reward"],
  evaluate: ["core", "reply", "io", "run", "model", "view"],
  report: ["core", "reply", "io", "run", "view", "evaluate"],
  training: ["core", "reply", "io", "run", "dataset"],
  prove: [
    ...["core", "io", "run", "model", "view", "prompted", "policy", "reward", "dataset"],
    ...["evaluate", "report", "notebook", "round"],
  ],
  round: ["core", "io", "run", "policy", "reward", "dataset", "evaluate"],
  verify: ["core", "io", "run"],
  explore: ["core", "reply", "io", "run", "view", "report", "dataset", "training", "launch"],
  cli: ["core", "io", "run"],
  lab: ["core"],
  launch: ["core", "io", "run", "cli"],
  notebook: ["core", "io", "run"],
};

/** What a folder with a stage may import that has no row of its own. */
const aStage = ["core", "reply", "io", "run", "model", "view", "report"];

/** Of lib/model, stages may know the ports, calls, prices, and the one place that opens SPECs. */
const ports =
  /^lib\/model\/(open|spec|model_identity|given_model|chat_model|text_model|reward_model|providers\/(providers|local_options)|(batch|call|paid|prices)\/\w+)\.ts$/;
const samplers = ["teacher", "policy", "reward"];

interface Import {
  from: string;
  to: string;
}

function importsOf(folder: string): Import[] {
  const found: Import[] = [];
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...importsOf(path));
    if (!entry.name.endsWith(".ts")) continue;
    const code = Deno.readTextFileSync(path).replace(/^\s*(\*|\/\/).*$/gm, "");
    for (const [, specifier] of code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)) {
      found.push({ from: path, to: normalize(join(dirname(path), specifier!)) });
    }
  }
  return found;
}

/** Files that may import any folder. */
const above = [
  ...["lib/mod.ts", "lib/stages.ts", "lib/stage_list.ts"],
  ...[...Deno.readDirSync("lib/public")].map(({ name }) => `lib/public/${name}`),
];

const layerOf = (path: string) => path.split("/")[1]!;

const isNewStage = (folder: string) =>
  allowed[folder] === undefined && existsSync(`lib/${folder}/stage.ts`);

const mayImport = (folder: string) => isNewStage(folder) ? aStage : allowed[folder] ?? [];

Deno.test("arrows between the folders of lib go one way", () => {
  const wrong: string[] = [];
  for (const { from, to } of importsOf("lib")) {
    if (above.includes(from) || !to.startsWith("lib/") || !to.endsWith(".ts")) continue;
    const here = layerOf(from), there = layerOf(to);
    if (here !== there && !mayImport(here).includes(there)) wrong.push(`${from} imports ${to}`);
  }
  assert.deepEqual(wrong, [], `not among what the folder may import (see above): ${wrong}`);
});

Deno.test("stages know the model ports, never an adapter", () => {
  const wrong = importsOf("lib").filter(({ from, to }) =>
    (samplers.includes(layerOf(from)) || isNewStage(layerOf(from))) &&
    to.startsWith("lib/model/") && !ports.test(to)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("the engine of local models is known by its face alone", () => {
  const inside = (path: string) => path.startsWith("lib/model/local/");
  const wrong = importsOf("lib").filter(({ from, to }) =>
    inside(to) && !inside(from) && to !== "lib/model/local/local.ts"
  );
  assert.deepEqual(wrong, []);
});

Deno.test("nothing in a folder of lib imports a script or what stands above the folders", () => {
  const wrong = importsOf("lib").filter(({ from, to }) =>
    !above.includes(from) && above.includes(to) || to.startsWith("scripts")
  );
  assert.deepEqual(wrong, []);
});

Deno.test("no files of lib import each other in a circle, types counted", () => {
  const next = Map.groupBy(importsOf("lib"), ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (file: string, path: string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(" -> "));
    if (at >= 0 || done.has(file)) return;
    for (const { to } of next.get(file) ?? []) follow(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) follow(file, []);
  assert.deepEqual(circles, []);
});
