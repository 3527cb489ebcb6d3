/** What tasks may do, and what hostile ids, texts, templates and tokenizers cannot make them do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { inFolder, runTask, taskArgs } from "../cli.ts";
import { scoredRecord, teacherRecord } from "../dataset/records.ts";

const part = "records/part-00000-of-00001.jsonl";
const quiet = { log: () => {} };
const json = (value: unknown) => JSON.stringify(value);

/** Native code is loaded from where Deno keeps packages, on Linux, macOS and Windows, and nowhere else. */
const FFI = '"--allow-ffi=$DENO_DIR/npm,$XDG_CACHE_HOME/deno/npm,$HOME/.cache/deno/npm,' +
  '$HOME/Library/Caches/deno/npm,$LOCALAPPDATA/deno/npm"';

/** The permissions of each task's command: what users are told that it can do. */
const PERMISSIONS: Record<string, string> = {
  "create-prompted-model": "-RWEN --allow-sys=homedir",
  "sample-teacher": "-RWESN FFI",
  "build-sft": "-RWES FFI",
  "sample-policy": "-RWESN FFI",
  "score-responses": "-RWESN FFI",
  "build-dpo": "-RWES FFI",
  "build-rl": "-RWES FFI",
  "report": "-RWES FFI",
  "verify": "-RES FFI",
  "demo": "-RWES FFI",
};

Deno.test("tasks that prepare data have no more than the listed permissions; none runs programs", () => {
  for (const [task, permissions] of Object.entries(PERMISSIONS)) {
    const command = config.tasks[task as keyof typeof config.tasks];
    // Neither lets a task do more: one is for memory, one lets it deny things to its workers.
    const plain = command.replace(/ --v8-flags=\S+/, "").replace(" --unstable-worker-options", "");
    const allowed = permissions.replace("FFI", () => FFI);
    assert.equal(plain, `deno run ${allowed} scripts/${task.replaceAll("-", "_")}.ts`);
  }
  for (const [task, command] of Object.entries(config.tasks)) {
    // Benchmarks are the developers': they start peers and measure whole processes.
    if (command.startsWith("deno run") && task !== "bench") {
      assert.ok(!/ -A| --allow-all/.test(command), task);
      assert.ok(!/--allow-ffi(?!=)/.test(command), `${task}: native code from anywhere`);
    }
  }
});

Deno.test("a task cannot load the system's own library and run programs by it", () =>
  inFolder(async (folder) => {
    const mark = join(folder, "ran"), script = join(folder, "evil.ts");
    await Deno.writeTextFile(
      script,
      `const { symbols } = Deno.dlopen("libc.so.6", {
        system: { parameters: ["buffer"], result: "i32" },
      });
      symbols.system(new TextEncoder().encode(${json(`touch ${mark}\0`)}));`,
    );
    for (const task of Object.keys(PERMISSIONS) as (keyof typeof config.tasks)[]) {
      const args = taskArgs(task, []).slice(0, -1);
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [args[0]!, "--no-prompt", ...args.slice(1), script],
        env: { NO_COLOR: "1" },
      }).output();
      assert.equal(code, 1, task);
      assert.match(new TextDecoder().decode(stderr), /NotCapable: Requires ffi access/, task);
    }
    await assert.rejects(Deno.stat(mark), Deno.errors.NotFound);
  }));

Deno.test("with the network denied, models are made, datasets are built, reported and verified", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const write = (name: string, rows: object[]) =>
      Deno.writeTextFileSync(at(name), rows.map((row) => json(row) + "\n").join(""));
    write("teacher.jsonl", [teacherRecord("a")]);
    write("scored.jsonl", [scoredRecord("a", [1, 2], {}, "prompted-nothink")]);
    const format = ["--format", "prompted-nothink", "--min-responses", "2"];
    const lines: [keyof typeof config.tasks, string[]][] = [
      ["create-prompted-model", [
        ...["--model", EMBEDDED_POLICY, "--variant", "nothink", "--out", at("model")],
      ]],
      ["build-sft", [
        ...["--in", at("teacher.jsonl"), "--tokenizer", at("model"), "--variant", "nothink"],
        ...["--out", at("sft"), "--save-to-disk"],
      ]],
      ["build-dpo", [
        ...["--in", at("scored.jsonl"), "--tokenizer", at("model"), "--out", at("dpo"), ...format],
      ]],
      ["build-rl", [
        ...["--prompts", at("scored.jsonl"), "--data-source", "made", "--out", at("rl")],
      ]],
      ["report", ["--in", at("dpo"), "--out", at("page.html")]],
      ["verify", ["--in", folder]],
    ];
    for (const [task, args] of lines) {
      const [run, ...rest] = taskArgs(task, args);
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [run!, "--deny-net", "--deny-run", "--no-prompt", ...rest],
      }).output();
      assert.equal(code, 0, `${task}: ${new TextDecoder().decode(stderr)}`);
    }
  }));

const HOSTILE_IDS = [
  "../../escaped",
  "/etc/passwd",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "; rm -rf ~ #",
  "$(touch /tmp/owned)",
  "--out",
  "two\nlines\r\u2028",
  "nul\0and\u001b[2Jescape",
  "__proto__",
  "constructor",
  "{{ 7 * 7 }}",
  "ß".normalize("NFD") + "\u202Eevil",
  "x".repeat(20_000),
];

Deno.test("hostile ids and texts go through every stage as they are, and nowhere else", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const write = (name: string, rows: object[]) =>
      Deno.writeTextFileSync(at(name), rows.map((row) => json(row) + "\n").join(""));
    const model = { model: EMBEDDED_POLICY, out: at("model"), variant: "nothink" } as const;
    await createPromptedModel(model, { context: quiet });
    const content = (id: string) =>
      `${id.slice(0, 99)} <script>alert(2)</script> </query> {% raw %}`;
    const prompts = HOSTILE_IDS.map((id) => ({ id, source: id, prompt: content(id) }));
    write("prompts.jsonl", prompts);
    write(
      "replies.jsonl",
      HOSTILE_IDS.map((id) => {
        const record = scoredRecord(id, [1, 2], { source: id }, "prompted-nothink");
        const text = (n: number) => `<response> ${n} <script>alert(3)</script> </response>`;
        return {
          ...record,
          prompt: [{ role: "user", content: content(id) }],
          responses: record.responses.map((reply) => ({ ...reply, text: text(reply.index) })),
        };
      }),
    );
    write("recorded.jsonl", HOSTILE_IDS.map((id) => teacherRecord(id, { source: id })));
    const format = ["--format", "prompted-nothink"];
    const lines: [keyof typeof config.tasks, string[]][] = [
      ["sample-policy", [
        ...["--prompts", at("prompts.jsonl"), "--model", `replay/${at("replies.jsonl")}`],
        ...["--n", "2", ...format, "--out", at("policy")],
      ]],
      ["score-responses", [
        "--in",
        at("policy"),
        "--reward-model",
        "embedded",
        "--out",
        at("scored"),
      ]],
      ["build-dpo", [
        ...["--in", at("scored"), "--tokenizer", at("model"), "--min-responses", "2", ...format],
        ...["--out", at("dpo")],
      ]],
      ["sample-teacher", [
        ...["--prompts", at("prompts.jsonl"), "--model", `replay/${at("recorded.jsonl")}`],
        ...["--out", at("teacher")],
      ]],
      ["build-sft", [
        ...["--in", at("teacher"), "--tokenizer", `../../x=${at("model")}`, "--variant", "nothink"],
        ...["--out", at("sft")],
      ]],
      ["report", [
        ...["--in", at("scored"), "--in", at("dpo"), "--in", at("teacher"), "--in", at("sft")],
        ...["--out", at("page.html")],
      ]],
      ["verify", ["--in", folder]],
    ];
    for (const [task, args] of lines) {
      const ended = await runTask(task, args);
      if (task === "build-sft") {
        // A tokenizer's name is a folder's name: this one would be outside of OUT.
        assert.equal(ended.code, 2, ended.stderr);
        args[args.indexOf(`../../x=${at("model")}`)] = at("model");
        assert.equal((await runTask(task, args)).code, 0);
        continue;
      }
      assert.equal(ended.code, 0, `${task}: ${ended.stdout.slice(-2000)}${ended.stderr}`);
    }
    for (const stage of ["policy", "scored", "teacher"]) {
      const lines = Deno.readTextFileSync(join(at(stage), part)).trimEnd().split("\n");
      assert.deepEqual(lines.map((line) => JSON.parse(line).id), HOSTILE_IDS);
    }
    const made = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(made, [
      ...["dpo", "model", "page.html", "policy", "prompts.jsonl", "recorded.jsonl"],
      ...["replies.jsonl", "scored", "sft", "teacher"],
    ]);
    const pages = [
      at("page.html"),
      join(at("policy"), "report.html"),
      join(at("dpo"), "report.html"),
    ];
    for (const page of pages) {
      const html = Deno.readTextFileSync(page);
      assert.ok(!/<script>alert|<img src=x/i.test(html), page);
    }
    const { stdout, code } = await runTask("verify", [
      "--in",
      at("scored"),
      "--trace",
      "../../escaped",
    ]);
    assert.ok(code === 0 && stdout.includes("kept: 2 replies"), stdout);
  }));

const HOSTILE_TEMPLATES: [string, string][] = [
  ["endless", "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"],
  ["huge", "{{ messages[0].content * 99999999 }}"],
  ["recursive", "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}"],
  ["deep", "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}"],
  ["prying", "{{ messages.__class__.__mro__[1].__subclasses__() }}"],
  ["constructed", "{{ messages.constructor.constructor('return Deno')().exit(7) }}"],
  ["broken", "{% for %}"],
  ["raising", "{{ raise_exception('no\nthanks') }}"],
];

Deno.test("a template from an untrusted folder is stopped by a limit, in one line, in every stage", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    Deno.writeTextFileSync(at("teacher.jsonl"), json(teacherRecord("a")) + "\n");
    const scored = scoredRecord("a", [1, 2], {}, "prompted-nothink");
    Deno.writeTextFileSync(at("scored.jsonl"), json(scored) + "\n");
    for (const [name, template] of HOSTILE_TEMPLATES) {
      const model = at(name), file = at(`${name}.jinja`);
      await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant: "nothink" }, {
        context: quiet,
      });
      Deno.writeTextFileSync(join(model, "chat_template.jinja"), template);
      Deno.writeTextFileSync(file, template);
      const out = ["--out", at("out")];
      const lines: [keyof typeof config.tasks, string[]][] = [
        ["create-prompted-model", [
          ...["--model", EMBEDDED_POLICY, "--variant", "think", "--template", file, ...out],
        ]],
        ["build-sft", [
          ...["--in", at("teacher.jsonl"), "--tokenizer", model, "--variant", "nothink", ...out],
        ]],
        ["build-dpo", [
          ...["--in", at("scored.jsonl"), "--tokenizer", model, "--format", "prompted-nothink"],
          ...["--min-responses", "2", "--max-length", "20", ...out],
        ]],
      ];
      for (const [task, args] of lines) {
        const began = performance.now();
        const { code, stderr } = await runTask(task, args);
        const shown = `${name}, ${task}: exit ${code}: ${stderr.slice(0, 2000)}`;
        assert.equal(code, 2, shown);
        assert.ok(!stderr.trimEnd().includes("\n") && stderr.length < 2000, shown);
        assert.ok(performance.now() - began < 60_000, shown);
        assert.throws(() => Deno.statSync(at("out")), Deno.errors.NotFound);
      }
    }
  }));

Deno.test("a tokenizer that is none, or is broken, is refused in one line by every stage", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    Deno.writeTextFileSync(at("teacher.jsonl"), json(teacherRecord("a")) + "\n");
    Deno.writeTextFileSync(at("prompts.jsonl"), json({ id: "a", prompt: "x" }) + "\n");
    const files: Record<string, string[]> = {
      "tokenizer_config.json": ["", "[]", "null", '{"chat_template": 7}', "{".repeat(100_000)],
      "tokenizer.json": ["", "{}", "[]", '{"model": {"type": "BPE"}}', '{"__proto__": {"x": 1}}'],
      "config.json": ["", "[]", '{"model_type": "__proto__"}', '{"model_type": "constructor"}'],
    };
    for (const [file, contents] of Object.entries(files)) {
      for (const [index, content] of contents.entries()) {
        const model = at(`${file}-${index}`);
        await createPromptedModel(
          { model: EMBEDDED_POLICY, out: model, variant: "nothink" },
          { context: quiet },
        );
        if (file === "tokenizer_config.json" && content.includes("chat_template")) {
          Deno.removeSync(join(model, "chat_template.jinja"));
        }
        Deno.writeTextFileSync(join(model, file), content);
        const lines: [keyof typeof config.tasks, string[]][] = [
          ["create-prompted-model", ["--model", model, "--variant", "think", "--out", at("out")]],
          ["sample-policy", [
            ...["--prompts", at("prompts.jsonl"), "--model", `local/${model}`, "--format", "chat"],
            ...["--out", at("run")],
          ]],
        ];
        for (const [task, args] of lines) {
          if (task === "create-prompted-model" && content.includes("chat_template")) continue;
          const { code, stderr } = await runTask(task, args);
          const shown = `${file} = ${content.slice(0, 40)}, ${task}: exit ${code}: ${stderr}`;
          assert.equal(code, 2, shown.slice(0, 2000));
          assert.ok(!stderr.trimEnd().includes("\n"), shown.slice(0, 2000));
        }
      }
    }
  }));
