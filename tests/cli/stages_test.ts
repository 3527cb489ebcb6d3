import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { commandOf, helpOf, readCommandLine } from "../../lib/cli/command.ts";
import { InputError } from "../../lib/core/errors.ts";
import { LaunchOptions } from "../../lib/launch/launch_options.ts";
import { planLaunch } from "../../lib/launch/launch_plan.ts";
import { reportOf } from "../../lib/report/stage.ts";
import { makers, report, stages, verify } from "../../lib/stages.ts";
import { verifyOf } from "../../lib/verify/stage.ts";
import { packagedTasks } from "../../lib/package/tasks.ts";
import { formatsPage } from "../../scripts/write_formats.ts";
import { scriptOf, scriptText, withRows, withTasks } from "../../scripts/write_tasks.ts";
import { inFolder, runTask } from "../cli.ts";
import { dropLong } from "../toy_stage.ts";

const REPLY = { thought: null, malformed: null, finish_reason: "stop", completion_tokens: 3 };

/** Three prompts with replies of 2, 20 and 200 characters; of the last, the long one alone. */
function replies(): string {
  return ["a", "b", "c"].map((id) => {
    const lengths = id === "c" ? [200] : [2, 20, 200];
    const responses = lengths.map((length, index) => {
      const text = "x".repeat(length);
      return { index, text, answer: text, ...REPLY };
    });
    const prompt = [{ role: "user", content: `question ${id}` }];
    return JSON.stringify({ id, source: "s", prompt, format: "chat", model: "m", responses });
  }).join("\n") + "\n";
}

/** A run of the toy stage, which the toolkit's own list does not name. */
const withToyRun = (test: (out: string, root: string) => Promise<void>) =>
  inFolder(async (root) => {
    await Deno.writeTextFile(join(root, "replies.jsonl"), replies());
    const out = join(root, "runs", "short");
    await dropLong(
      { in: join(root, "replies.jsonl"), out, maxCharacters: 50 },
      { context: { log: () => {}, env: () => undefined } },
    );
    await test(out, root);
  });

Deno.test("a stage that is defined is found by the command line, launch, and the documents", async () => {
  const help = helpOf(commandOf(dropLong));
  assert.match(help, /^drop-long: drops replies whose answers are longer/);
  assert.match(help, /--max-characters N +characters an answer at most \(default 500\)/);
  assert.match(help, /--from MANIFEST/);
  assert.match(help, /deno task drop-long --in runs\/policy/);
  const { options } = await readCommandLine(commandOf(dropLong), [
    ...["--in", "x", "--out", "y", "--max-characters", "9"],
  ]);
  assert.equal(options.maxCharacters, 9);

  const known = [...stages, dropLong];
  const launch = LaunchOptions.parse({ out: "/o", stage: "sample-policy", shards: 4 });
  const [, planned] = await planLaunch(launch, [
    ...["--prompts", "p", "--model", "embedded", "--format", "chat"],
    ...["--then", "drop-long", "--max-characters", "9"],
  ], known);
  assert.deepEqual([planned!.shards, ...planned!.flags], [
    ...[4, "--out", "/o-drop-long", "--in", "/o", "--max-characters", "9"],
  ]);
  assert.match(formatsPage(known), /`too_few_responses` \| [^|]*`drop-long`[^|]* \|/);
});

Deno.test("verify counts the records of a stage that is defined again, and report shows them", () =>
  withToyRun(async (out, root) => {
    const { ok, findings } = await verifyOf([...makers, dropLong])({ in: [root] });
    const whats = findings.map(({ what }) => what);
    assert.ok(ok, whats.join("\n"));
    assert.ok(whats.includes("3 prompts = 2 kept + 1 rejected + 0 pending"));
    assert.ok(whats.includes("counts of the stage"));

    const page = join(root, "report.html");
    const { subjects } = await reportOf([...makers, dropLong])({
      in: [join(root, "runs")],
      out: page,
    });
    assert.deepEqual(subjects.map(({ kind }) => kind), ["policy"]);
    assert.match(Deno.readTextFileSync(page), /policy replies/);

    const records = join(out, "records/part-00000-of-00001.jsonl");
    const text = Deno.readTextFileSync(records);
    Deno.writeTextFileSync(records, text.replace('"index":0', '"index":-1'));
    const changed = await verifyOf([...makers, dropLong])({ in: [root] });
    assert.match(
      changed.findings.filter((each) => !each.ok).map(({ what }) => what).join("\n"),
      /responses\[0\]\.index: must be at least 0/,
    );
  }));

Deno.test("verify and report fail on a stage that they do not know, and name it (75)", () =>
  withToyRun(async (out, root) => {
    const { ok, findings } = await verify({ in: [root] });
    assert.equal(ok, false);
    const wrong = findings.filter((each) => !each.ok);
    assert.deepEqual(wrong.map(({ what }) => what), [
      "made by drop-long, a stage that is not known here: its records were not checked",
    ]);
    const asTask = await runTask("verify", ["--in", root]);
    assert.equal(asTask.code, 1);
    assert.match(asTask.stdout, /FAIL .*made by drop-long/);

    for (const path of [out, join(root, "runs")]) {
      await assert.rejects(report({ in: [path], out: join(root, "page.html") }), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(
          error.message,
          /runs\/short: made by drop-long, a stage that is not known here/,
        );
        return true;
      });
    }
  }));

const WRITE = "run deno task write-formats";

/** Tasks that run a script of the project and leave no run, no dataset and no page of them. */
const TOOLS = [
  ...["bench", "demo", "download", "init", "launch", "notebook", "pack", "prove", "round"],
  ...["run-notebook", "thinkset", "write-formats"],
];

/** Of these the README tells elsewhere. */
const UNLISTED = ["bench", "demo", "init", "pack", "thinkset", "write-formats"];

Deno.test("every stage has a script and a task, and every other task is a tool", () => {
  const tasks: Record<string, string> = config.tasks;
  for (const stage of stages) {
    const { name, examples, summary } = stage;
    const command = ` ${scriptOf(stage)}`;
    assert.ok(tasks[name]?.endsWith(command), `${name}: no task${command}: ${WRITE}`);
    assert.ok(existsSync(scriptOf(stage)), `${name}: no ${scriptOf(stage)}: ${WRITE}`);
    assert.ok(
      examples.length > 0 && examples.every((line) => line.startsWith(`${name} `)),
      `${name}: its examples have to be command lines that begin with "${name} "`,
    );
    assert.match(
      summary,
      /^[a-z].*[^.]$/,
      `${name}: its summary begins small and has no full stop`,
    );
  }
  const listed = stages.map(({ name }) => name);
  for (const [task, command] of Object.entries(tasks)) {
    if (!/ scripts\/\w+\.ts$/.test(command) || TOOLS.includes(task)) continue;
    assert.ok(
      listed.includes(task),
      `${task}: add its stage to lib/stage_list.ts, or name it among the tools of this test`,
    );
  }
});

Deno.test("every file of a stage is in the list of stages, and CHANGELOG.md tells of each", () => {
  const changes = Deno.readTextFileSync("CHANGELOG.md");
  for (const { name } of stages) {
    assert.ok(changes.includes(name), `CHANGELOG.md: a sentence on ${name} is lacking`);
  }
  const list = Deno.readTextFileSync("lib/stage_list.ts") + Deno.readTextFileSync("lib/stages.ts");
  for (const entry of Deno.readDirSync("lib")) {
    const folders = entry.name === "dataset"
      ? [...Deno.readDirSync("lib/dataset")].map(({ name }) => `dataset/${name}`)
      : [entry.name];
    for (const folder of folders) {
      const path = `./${folder}/stage.ts`;
      if (!existsSync(join("lib", path))) continue;
      assert.ok(
        list.includes(`"${path}"`),
        `lib/stage_list.ts: add the line export * from "${path}";`,
      );
    }
  }
});

Deno.test("every stage is run by tests beside those of the command line and of documents", () => {
  const tests = [...Deno.readDirSync("tests")]
    .filter(({ name, isDirectory }) => isDirectory && !["cli", "docs", "fixtures"].includes(name))
    .flatMap(({ name }) =>
      [...Deno.readDirSync(`tests/${name}`)].map((file) => `tests/${name}/${file.name}`)
    )
    .filter((path) => path.endsWith("_test.ts"))
    .map((path) => Deno.readTextFileSync(path));
  for (const { name } of stages) {
    const called = name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const runs = new RegExp(`\\b${called}\\(|"${name}"`);
    assert.ok(tests.some((text) => runs.test(text)), `${name}: no test in tests calls ${called}`);
  }
});

Deno.test("a stage that has neither script nor task gets them, narrow ones, and others keep theirs", () => {
  const tasks: Record<string, string> = config.tasks;
  const made = withTasks(tasks, [...stages.filter(({ name }) => name in tasks), dropLong]);
  assert.deepEqual(
    Object.keys(made).filter((name) => made[name] !== tasks[name]),
    ["drop-long"],
  );
  assert.match(made["drop-long"]!, /^deno run -RWES "--allow-ffi=[^"]*" .*scripts\/drop_long\.ts$/);
  assert.ok("drop-long" in packagedTasks(made));
  assert.equal(
    scriptText(dropLong, "drop_long/stage.ts"),
    "// deno task drop-long --in runs/policy --out runs/short --max-characters 200\n" +
      'import { runStageCommand } from "../lib/cli/command.ts";\n' +
      'import { dropLong } from "../lib/drop_long/stage.ts";\n\n' +
      "if (import.meta.main) await runStageCommand(dropLong);\n",
  );
});

Deno.test("the README's table of stages has a row for each task, and gets one for a new stage", () => {
  const readme = Deno.readTextFileSync("README.md");
  assert.equal(withRows(readme, stages), readme, `README.md: ${WRITE}`);
  for (const tool of TOOLS.filter((name) => !UNLISTED.includes(name))) {
    assert.match(readme, new RegExp(`^\\|[^|]*\\|[^|]*\`${tool}\``, "m"), `README.md: ${tool}`);
  }
  const lines = withRows(readme, [...stages, dropLong]).split("\n");
  assert.deepEqual(lines.filter((line) => !readme.includes(line)), [
    `| | \`drop-long\` | a run or dataset | ${dropLong.summary} |`,
  ]);
  const at = lines.findIndex((line) => line.includes("drop-long"));
  assert.deepEqual([lines[at - 1]![0], lines[at + 1]], ["|", ""], "it ends the table");
});

Deno.test("the examples of every stage's help are command lines that it takes", async () => {
  for (const stage of stages) {
    for (const example of stage.examples) {
      const words = example.split(" ").slice(1);
      // An earlier run's manifest is not there to be read.
      if (words.includes("--from")) continue;
      await readCommandLine(commandOf(stage), words);
    }
  }
});
